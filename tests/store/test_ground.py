"""What the results stand on: whose it is, for whom, and which folder a name is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sweep.errors import UsageError
from sweep.store import ground
from sweep.store.folder import Folder
from sweep.store.ground import refuse_other_capitals, whose


def test_whose_a_folder_is_that_is_not_there_the_one_above_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert whose(tmp_path / "not" / "there") == ""
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    owner = tmp_path.owner()
    assert whose(tmp_path / "not" / "there") == f"; {tmp_path} belongs to {owner}"


def test_a_user_without_a_name_is_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(user: int) -> object:
        raise KeyError(user)

    monkeypatch.setattr(ground.pwd, "getpwuid", nobody)
    monkeypatch.setattr(os, "geteuid", lambda: -1)
    assert whose(tmp_path).endswith(f"belongs to user {tmp_path.stat().st_uid}")


@pytest.mark.parametrize(
    ("results", "rows", "shared", "own"),
    [
        (0o2775, 0o2775, 0o775, 0o775),
        (0o2775, 0o2755, 0o775, 0o755),
        (0o777, 0o777, 0o777, 0o777),
        (0o755, 0o755, 0o755, 0o755),
    ],
)
def test_what_is_aside_is_for_all_who_may_write_where_the_results_are(
    tmp_path: Path, results: int, rows: int, shared: int, own: int
) -> None:
    """Another may run a grid of their own there, and this one where its folder is shared, too."""
    folder = Folder(tmp_path / "results", "grid")
    for path, mode in ((folder.results, results), (folder.path, rows)):
        path.mkdir()
        path.chmod(mode)
    before = os.umask(0o022)
    try:
        folder.prepare()
    finally:
        os.umask(before)
    assert folder.aside.parent.stat().st_mode & 0o777 == shared
    assert folder.aside.stat().st_mode & 0o777 == own
    folder.aside.chmod(0o700)
    folder.prepare()
    assert folder.aside.stat().st_mode & 0o777 == 0o700, "what was there is the user's to change"


def listed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Have a disk call the one file in a folder so, whatever it was called when it was made."""
    monkeypatch.setattr(Path, "iterdir", lambda folder: iter([folder / name]))


@pytest.mark.parametrize(("made", "kept"), [("a", "A"), ("straße", "STRASSE")])
def test_one_folder_is_not_for_two_grids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: str, kept: str
) -> None:
    (tmp_path / made).mkdir()
    listed(monkeypatch, kept)
    refusal = rf"{made}: is the folder of the grid {kept} already, since this disk does not tell"
    with pytest.raises(UsageError, match=refusal):
        refuse_other_capitals(tmp_path / made)


@pytest.mark.parametrize("kept", ["grün", "gru\u0308n"])
def test_a_disk_may_write_accents_in_its_own_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kept: str
) -> None:
    (tmp_path / "grün").mkdir()
    listed(monkeypatch, kept)
    refuse_other_capitals(tmp_path / "grün")
