"""What the results stand on: whose it is, and for whom."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sweep.store import ground
from sweep.store.folder import Folder
from sweep.store.ground import whose


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
