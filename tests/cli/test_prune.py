"""`sweep prune`: rows of cells that the grid no longer has."""

from __future__ import annotations

import errno
import fcntl
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sweep.store.compaction import Compaction
from sweep.store.folder import Folder
from sweep.store.lock import locked
from tests.cli.shell import sweep
from tests.faults.laboratory import text_of
from tests.faults.model import FaultyModel

AXES = "x = [1, 2]\ny = [1, 2, 3]\ntarget_error = [0.1, 0.01]"
FEWER = AXES.replace("[1, 2, 3]", "[1, 3]")

Said = pytest.CaptureFixture[str]


@pytest.fixture
def grid(here: Path) -> Path:
    """A grid of 8 cells, and the rows of 12."""
    path = here / "grid.toml"
    path.write_text(text_of(AXES))
    assert sweep("run", path) == 0
    path.write_text(text_of(FEWER))
    return path


def rows() -> pd.DataFrame:
    return pd.read_parquet("results/grid").sort_values("cell_id", ignore_index=True)


def facts(capsys: Said, *words: object) -> Any:
    capsys.readouterr()
    assert sweep("prune", *words, "--json") == 0
    return json.loads(capsys.readouterr().out)


def test_nothing_is_dropped_without_yes(grid: Path, capsys: Said) -> None:
    before = {file: file.read_bytes() for file in Path("results").rglob("*") if file.is_file()}
    capsys.readouterr()
    assert sweep("prune", grid) == 0
    out, err = capsys.readouterr()
    assert [line.split() for line in out.splitlines()] == [
        ["rows", "12"],
        ["kept", "8"],
        ["dropped", "4"],
        ["y", "is", "not", "on", "the", "grid", "4"],
    ]
    assert err == "sweep: nothing is dropped yet; --yes does\n"
    assert {f: f.read_bytes() for f in Path("results").rglob("*") if f.is_file()} == before


def test_rows_of_other_cells_are_dropped_and_the_others_stay_as_they_are(
    grid: Path, capsys: Said
) -> None:
    before = rows()
    found = facts(capsys, grid, "--yes")
    assert (found["rows"], found["dropped"], found["off"], found["done"]) == (12, 4, {"y": 4}, True)
    kept = before[before["y"] != 2].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows(), kept, check_exact=True)
    assert facts(capsys, grid)["dropped"] == 0
    assert sweep("run", grid) == 0
    assert "computed 0 in" in capsys.readouterr().err
    assert sweep("info", grid, "--json") == 0
    (made,) = json.loads(capsys.readouterr().out)["made"]
    assert made["grid"] == text_of(AXES), "who made the rows that stay is still known"


def test_rows_of_another_version_are_told_apart(
    grid: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FaultyModel, "version", 2)
    found = facts(capsys, grid)
    assert (found["dropped"], found["off"], found["alike"]) == (12, {"y": 4}, 8)


def test_a_pruning_that_is_killed_is_finished_or_was_none(
    grid: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> None:
        raise Killed

    for step, left in (("replace", 12), ("_go_on", 8)):  # before and after the journal is written
        with monkeypatch.context() as killed:
            killed.setattr(Compaction, step, die)
            with pytest.raises(Killed):
                sweep("prune", grid, "--yes")
        assert facts(capsys, grid)["rows"] == left
    assert sweep("run", grid) == 0
    assert "computed 0 in" in capsys.readouterr().err
    assert len(rows()) == 8


def test_nobody_prunes_what_another_is_writing(grid: Path, capsys: Said) -> None:
    before = rows()
    folder = Folder(Path("results"), "grid")
    folder.prepare()
    capsys.readouterr()
    with locked(folder.aside, None, pytest.fail):
        assert sweep("prune", grid, "--yes") == 2
    err = capsys.readouterr().err
    assert err.startswith("sweep: another run of grid is at work")
    pd.testing.assert_frame_equal(rows(), before)


def test_where_there_are_no_locks_nothing_is_dropped(
    grid: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    def flock(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", flock)
    capsys.readouterr()
    assert sweep("prune", grid, "--yes") == 2
    assert "nothing is dropped where others cannot be kept from writing" in capsys.readouterr().err
    assert len(rows()) == 12


def test_without_results_nothing_is_made(grid: Path, capsys: Said) -> None:
    capsys.readouterr()
    assert sweep("prune", grid, "--results", "none", "--yes") == 2
    assert "no results yet, nor such a folder" in capsys.readouterr().err
    assert not Path("none").exists()


REFINED = text_of("x = { lin = [0, 1], n = 3 }\ny = { int = [1, 4] }\ntarget_error = [0.1, 0.01]")
SECTION = '[refine]\nlevels = 2\naxes = ["x"]\nby = "time_to_target"\nlevel = 5.0\nprobes = 0\n'


def test_of_a_refined_grid_all_on_the_finest_axes_stays(grid: Path, capsys: Said) -> None:
    finest = "x = { lin = [0, 1], n = 9 }\ny = { int = [1, 4] }\ntarget_error = [0.1, 0.01]"
    grid.write_text(text_of(finest))
    assert sweep("run", grid, "--results", "fine") == 0
    grid.write_text(REFINED + SECTION)
    assert facts(capsys, grid, "--results", "fine")["dropped"] == 0
    grid.write_text(REFINED + SECTION + '[grid]\nexclude = ["y == 2"]\n')
    found = facts(capsys, grid, "--results", "fine")
    assert (found["dropped"], found["alike"]) == (18, 18)
    grid.write_text(REFINED.replace("[1, 4]", "[1, 3]") + SECTION)
    assert facts(capsys, grid, "--results", "fine")["off"] == {"y": 18}


def test_what_a_search_that_is_not_done_may_yet_ask_for_stays(grid: Path, capsys: Said) -> None:
    sharp = REFINED + SECTION + "tolerance = "
    computed = []
    for results, pruned in (("whole", False), ("pruned", True)):
        grid.write_text(sharp + "1e-3\n")
        assert sweep("run", grid, "--results", results) == 0
        grid.write_text(sharp + "1e-6\n")
        if pruned:
            assert sweep("prune", grid, "--results", results, "--yes") == 0
        capsys.readouterr()
        assert sweep("run", grid, "--results", results, "--json") == 0
        computed.append(json.loads(capsys.readouterr().out)["computed"])
    assert computed[0] == computed[1] > 0
    assert facts(capsys, grid, "--results", "pruned")["dropped"] > 0, "and goes when it is done"
