"""`sweep plot --watch`."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.cli import watch
from tests.cli.shell import GRID, sweep, write_grid

SMALL = GRID.replace("[3, 6, 12]", "[3, 6]").replace("[0.01, 0.02]", "[0.02]")


def test_the_picture_is_drawn_as_rows_come_until_all_are_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    grid, results = write_grid(tmp_path, SMALL), tmp_path / "results"
    picture = results / "some.png"
    (tmp_path / "begun").mkdir()
    begun = write_grid(tmp_path / "begun", SMALL.replace("seed = [0, 1]", "seed = [0]"))
    pictures: list[bytes | None] = []

    def meanwhile(_: float) -> None:
        pictures.append(picture.read_bytes() if picture.exists() else None)
        if len(pictures) != 2:  # nothing new, and so nothing to be drawn
            assert sweep("run", begun if len(pictures) == 1 else grid, "--results", results) == 0

    monkeypatch.setattr(watch, "sleep", meanwhile)
    assert sweep("plot", grid, "--results", results, "--watch") == 0
    said = [line for line in capsys.readouterr().err.splitlines() if " cells" not in line[:24]]
    assert f"sweep: {results}/some: waiting for the first rows" in said
    drawn = [line for line in said if "picture: " in line]
    assert drawn == [
        f"sweep: picture: {picture}; 4 of 8 cells",
        f"sweep: picture: {picture}; 8 of 8 cells",
    ]
    assert pictures[0] is None
    assert pictures[1] == pictures[2] != picture.read_bytes()


def test_ctrl_c_ends_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(watch, "sleep", interrupted)
    grid = write_grid(tmp_path)
    assert sweep("plot", grid, "--results", tmp_path / "results", "--watch") == 130
