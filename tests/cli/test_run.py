"""`sweep run`, `plan`, `status` and `export`: what they print, where, and how they end."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sweep import __version__
from sweep.grid import Shard, read_grid
from sweep.models.base import Answers
from sweep.runner.run import run
from sweep.store.folder import Folder
from sweep.store.lock import locked
from tests.cli.shell import sweep
from tests.faults import model
from tests.faults.laboratory import text_of
from tests.faults.model import FaultyModel

AXES = "x = [1, 2]\ny = [1, 2, 3]\ntarget_error = [0.1, 0.01]"


@pytest.fixture
def grid(here: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A grid of 12 cells, in the folder that is the current one."""
    monkeypatch.delenv("SLURM_ARRAY_TASK_ID", raising=False)
    path = here / "grid.toml"
    path.write_text(text_of(AXES))
    return path


Said = pytest.CaptureFixture[str]


def test_run_computes_what_is_missing_and_reports_on_stderr(grid: Path, capsys: Said) -> None:
    assert sweep("run", grid) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("sweep: grid: 12 cells, 12 reached; computed 12 in ")
    assert said.err.count("\n") == 1
    assert sweep("run", grid) == 0
    assert "computed 0 in" in capsys.readouterr().err


def test_results_go_where_they_are_told_to(grid: Path) -> None:
    assert sweep("run", grid, "--results", "deep/elsewhere") == 0
    assert len(pd.read_parquet("deep/elsewhere/grid")) == 12
    assert not Path("results").exists()


@pytest.mark.parametrize("backend", ["loky", "threading", "sequential"])
def test_every_backend_gives_the_same_rows(grid: Path, backend: str) -> None:
    assert sweep("run", grid, "--jobs", 2, "--backend", backend) == 0
    found = pd.read_parquet("results/grid").sort_values("cell_id", ignore_index=True)
    assert sweep("run", grid, "--jobs", 1, "--results", "others") == 0
    others = pd.read_parquet("others/grid").sort_values("cell_id", ignore_index=True)
    pd.testing.assert_frame_equal(
        found.drop(columns="wall_s"), others.drop(columns="wall_s"), check_exact=True
    )


def test_a_failed_cell_is_exit_code_1(grid: Path, capsys: Said) -> None:
    grid.write_text(text_of(AXES, behaviour="raise", bad=2))
    assert sweep("run", grid) == 1
    said = capsys.readouterr().err
    assert "12 cells, 8 reached, 4 failed; computed 12" in said
    assert "--retry-failed runs them again" in said
    assert sweep("status", grid, "--check") == 1
    assert sweep("run", grid, "--retry-failed") == 1
    assert "computed 4 in" in capsys.readouterr().err


def test_an_incomplete_run_is_exit_code_3(grid: Path, capsys: Said) -> None:
    grid.write_text(text_of(AXES, seconds=0.3))
    assert sweep("run", grid, "--max-time", "0.4s", "--backend", "sequential") == 3
    assert "missing; computed" in capsys.readouterr().err
    assert sweep("status", grid, "--check") == 3
    assert sweep("run", grid, "--jobs", 12) == 0
    assert sweep("status", grid, "--check") == 0


def test_a_run_that_computes_nothing_has_no_picture(grid: Path, capsys: Said) -> None:
    grid.write_text(text_of(AXES, seconds=0.3))
    assert sweep("run", grid, "--plot", "--max-time", "0.0001s", "--backend", "sequential") == 3
    assert "sweep: no picture, as all cells are missing" in capsys.readouterr().err
    assert not Path("results/grid.png").exists()


def test_where_no_picture_can_be_written_nothing_is_computed(
    grid: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sweep("run", grid) == 0
    grid.write_text(text_of(AXES.replace("3]", "3, 4]")))
    access, closed = os.access, Path("results").absolute()
    monkeypatch.setattr(os, "access", lambda path, mode: path != closed and access(path, mode))
    capsys.readouterr()
    assert sweep("run", grid, "--plot") == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("sweep: results/grid.png: cannot be written (Permission denied")
    assert len(pd.read_parquet("results/grid")) == 12
    assert sweep("run", grid) == 0


def test_a_shard_is_complete_when_its_share_is(grid: Path, capsys: Said) -> None:
    codes = [sweep("run", grid, "--shard", f"{i}/2") for i in (1, 2)]
    assert codes == [0, 0]
    first, others, second = capsys.readouterr().err.splitlines()
    assert "missing" in first
    assert others.startswith("sweep: missing: part 2 (")
    assert "12 cells, 12 reached; computed" in second
    assert "part" not in second


def test_a_shard_that_ends_says_whose_part_is_missing(grid: Path, capsys: Said) -> None:
    def told() -> dict[int, int]:
        last = capsys.readouterr().err.splitlines()[-1]
        parts = re.findall(r"part (\d) \((\d+) cells?([^)]*)\)", last)
        assert {state for *_, state in parts} <= {""}
        return {int(number): int(cells) for number, cells, _ in parts}

    assert sweep("run", grid, "--shard", "3/4") == 0
    first = told()
    assert first.keys() == {1, 2, 4} or first.keys() < {1, 2, 4}
    missing = json_of("status", grid, capsys)["missing"]
    assert sum(first.values()) == missing > 0
    one = min(first)
    assert sweep("run", grid, "--shard", f"{one}/4") == 0
    assert told() == {number: cells for number, cells in first.items() if number != one}


def test_a_part_that_another_is_at_is_said_to_be(grid: Path, capsys: Said) -> None:
    folder = Folder(Path("results"), "grid")
    folder.prepare()
    with locked(folder.aside, Shard(1, 2), pytest.fail):
        assert sweep("run", grid, "--shard", "2/2") == 0
    said = capsys.readouterr().err
    assert re.search(r"^sweep: missing: part 1 \(\d+ cells, at work\)$", said, re.MULTILINE)


def test_a_shard_that_ends_counts_what_others_have_saved(
    grid: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, others = FaultyModel.solve, []

    def solve(self: FaultyModel, *given: Any) -> Answers:
        if not others:  # while the first part is at work, the second begins and ends
            others.append(0)
            run(read_grid(grid), shard=(2, 2), backend="sequential")
        return real(self, *given)

    monkeypatch.setattr(FaultyModel, "solve", solve)
    assert sweep("run", grid, "--shard", "1/2", "--backend", "sequential") == 0
    said = capsys.readouterr().err.splitlines()
    assert said[-1].startswith("sweep: grid: 12 cells, 12 reached; computed ")


def json_of(command: str, grid: Path, capsys: Said) -> Any:
    sweep(command, grid, "--json")
    return json.loads(capsys.readouterr().out)


def test_status_counts(grid: Path, capsys: Said) -> None:
    assert sweep("status", grid) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[-1] == "missing      12"
    assert said.err.startswith("sweep: results/grid: no results yet, nor such a folder; `sweep run")
    assert said.err.count("\n") == 1
    assert sweep("status", grid, "--check") == 3
    assert not Path("results").exists()
    sweep("run", grid)
    capsys.readouterr()
    assert sweep("status", grid, "--json") == 0
    said = capsys.readouterr()
    assert json.loads(said.out) == {
        "grid": "grid",
        "cells": 12,
        "reached": 12,
        "not_reached": 0,
        "diverged": 0,
        "failed": 0,
        "missing": 0,
    }
    assert said.err == ""


def test_plan_says_what_run_would_do(grid: Path, capsys: Said) -> None:
    assert sweep("plan", grid, "--json") == 0
    said = capsys.readouterr()
    before = json.loads(said.out)
    assert said.err.startswith("sweep: results/grid: no results yet, nor such a folder; `sweep run")
    assert said.err.count("\n") == 1
    assert (
        before.items()
        >= {
            "cells": 12,
            "trajectories": 6,
            "done": 0,
            "failed": 0,
            "pending": 12,
            "pending_trajectories": 6,
        }.items()
    )
    assert not Path("results").exists()
    sweep("run", grid)
    grid.write_text(text_of(AXES.replace("[1, 2, 3]", "[1, 2, 3, 4]"), behaviour="well"))
    capsys.readouterr()
    assert sweep("plan", grid, "--jobs", 3) == 0
    said = capsys.readouterr()
    facts = dict(line.rsplit("  ", 1) for line in said.out.splitlines())
    assert {name.strip(): value.strip() for name, value in facts.items()} == {
        "cells": "16",
        "trajectories": "8",
        "done": "12",
        "failed": "0",
        "missing": "4",
        "missing trajectories": "2",
        "expected time on 3 cores": "0.0 s",
    }
    assert said.err == ""


def test_plan_says_where_nothing_is_known_of_the_time(
    grid: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model.FaultyModel, "knows_costs", False)
    assert sweep("plan", grid, "--jobs", 2) == 0
    assert "2 cores  not known before the first trajectories\n" in capsys.readouterr().out
    assert sweep("plan", grid, "--json") == 0
    assert json.loads(capsys.readouterr().out)["expected_s"] is None
    assert sweep("run", grid, "--max-time", "0.0001s", "--backend", "sequential") == 3
    said = capsys.readouterr().err
    assert said.endswith("no trajectory was finished in that time; give more\n")
    assert sweep("run", grid) == 0
    assert sweep("plan", grid, "--json") == 0
    grid.write_text(text_of(AXES.replace("[1, 2, 3]", "[1, 2, 3, 4]")))
    capsys.readouterr()
    assert sweep("plan", grid, "--json") == 0
    assert 0 < json.loads(capsys.readouterr().out)["expected_s"] < 10


def test_what_a_user_has_beside_the_grid_stays_where_it_is(grid: Path, capsys: Said) -> None:
    theirs = grid.parent / "grid" / "main.tex"
    theirs.parent.mkdir()
    theirs.write_text("theirs")
    assert sweep("run", grid, "--results", ".") == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.startswith("sweep: grid: is where the results would be, but holds files (main.tex)")
    assert theirs.read_text() == "theirs"
    assert sorted(grid.parent.rglob("*")) == [theirs.parent, theirs, grid]


@pytest.mark.parametrize("name", ["...toml", "..toml", ".sweep.toml", ".SWEEP.toml", "a\nb.toml"])
@pytest.mark.parametrize("command", ["run", "status", "plot"])
def test_a_grid_needs_a_name_for_its_results(
    grid: Path, capsys: Said, name: str, command: str
) -> None:
    results = grid.parent / "results"
    (results / "others").mkdir(parents=True)
    renamed = grid.rename(grid.with_name(name))
    assert sweep(command, f"./{name}") == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "rename the file, as in fig5.toml" in said
    assert set(grid.parent.rglob("*")) == {renamed, results, results / "others"}


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
def test_export_writes_the_finished_cells_in_the_grid_s_order(
    grid: Path, capsys: Said, name: str
) -> None:
    assert sweep("export", grid, name) == 2
    assert "no results yet" in capsys.readouterr().err
    sweep("run", grid)
    grid.write_text(text_of("y = [3, 9, 1]\nx = [2]"))
    sweep("run", grid, "--max-time", "0.0001s")
    capsys.readouterr()
    assert sweep("export", grid, name) == 0
    assert capsys.readouterr().err == f"sweep: 2 rows in {name}\n"
    rows = pd.read_csv(name) if name.endswith("csv") else pd.read_parquet(name)
    assert rows["y"].tolist() == [3, 1]
    assert rows["x"].tolist() == [2.0, 2.0]


def test_export_refuses_other_formats(grid: Path, capsys: Said) -> None:
    sweep("run", grid)
    capsys.readouterr()
    assert sweep("export", grid, "rows.xlsx") == 2
    assert "allowed is .csv, .parquet or .nc" in capsys.readouterr().err
    assert not Path("rows.xlsx").exists()


def test_export_leaves_the_results_alone(grid: Path, capsys: Said) -> None:
    assert sweep("run", grid) == 0
    (part,) = Path("results", grid.stem).iterdir()
    before = part.read_bytes()
    for target in (part, part.with_name("more.parquet"), f"results/../{part}"):
        assert sweep("export", grid, target) == 2
        assert "lies among the results" in capsys.readouterr().err
    assert [path.read_bytes() for path in part.parent.iterdir()] == [before]


def test_a_grid_without_commands_shows_the_help(capsys: Said) -> None:
    assert sweep() == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Usage: sweep" in said.err


def test_the_version_is_data(capsys: Said) -> None:
    assert sweep("--version") == 0
    assert capsys.readouterr().out == f"sweep, version {__version__}\n"


@pytest.mark.parametrize("words", [["rum"], ["run"], ["run", "a", "b"], ["--colour"]])
def test_wrong_words_are_one_line(words: list[str], capsys: Said) -> None:
    assert sweep(*words) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.count("\n") == 1
    assert "--help" in said.err


@pytest.mark.parametrize(
    "shard", ["3/99999999999999999999", f"1/{5000 * '9'}", "0/4", "5/4", "1/2/3"]
)
def test_a_shard_that_is_none_is_one_line(grid: Path, shard: str, capsys: Said) -> None:
    assert sweep("run", grid, "--shard", shard) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "is no shard; allowed is I/N with 1 ≤ I ≤ N ≤ 1,000,000" in said


def test_a_time_that_went_by_before_anything_was_computed_is_told_as_that(
    grid: Path, capsys: Said
) -> None:
    assert sweep("run", grid, "--max-time", "0.00001s") == 3
    assert capsys.readouterr().err.endswith(
        "sweep: --max-time: no trajectory was finished in that time, which went by in getting "
        "ready; give more\n"
    )


def test_one_cell_is_one(grid: Path, capsys: Said) -> None:
    grid.write_text(text_of("x = [1]"))
    assert sweep("run", grid) == 0
    assert "grid: 1 cell, 1 reached" in capsys.readouterr().err
