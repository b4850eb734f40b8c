"""`sweep diff`: what differs between two results, and where."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.models.base import Answers, Trajectory
from sweep.models.status import DIVERGED
from tests.cli.shell import sweep
from tests.faults.laboratory import text_of
from tests.faults.model import FaultyModel

AXES = "x = [1, 2]\ny = [1, 2, 3]\ntarget_error = [0.1, 0.01]"

Said = pytest.CaptureFixture[str]


@pytest.fixture
def grid(here: Path) -> Path:
    """A grid whose 12 cells are computed in `results`."""
    path = here / "grid.toml"
    path.write_text(text_of(AXES))
    assert sweep("run", path) == 0
    return path


@pytest.fixture
def other(grid: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said) -> Path:
    """The same grid by another version of the model: one cell diverges, others are a bit later."""
    whole = FaultyModel.solve

    def solve(self: FaultyModel, trajectory: Trajectory, solver: Any) -> Answers:
        answers = whole(self, trajectory, solver)
        if (trajectory.shared["x"], trajectory.shared["y"]) == (2.0, 1):
            answers.status = np.where(trajectory.varying["target_error"] < 0.05, DIVERGED, 0)
            answers.time_to_target[answers.status == DIVERGED] = np.nan
        elif trajectory.shared["y"] == 3:
            answers.time_to_target *= 1 + 1e-6 * trajectory.shared["x"]  # type: ignore[operator]
            answers.lists["Q"][0, 1] += 1e-3
        answers.rhs_evaluations = 8
        return answers

    with monkeypatch.context() as changed:
        changed.setattr(FaultyModel, "version", 2)
        changed.setattr(FaultyModel, "solve", solve)
        assert sweep("run", grid, "--results", "others") == 0
    capsys.readouterr()
    return Path("others/grid")


def facts(capsys: Said, *words: object, code: int = 1) -> Any:
    capsys.readouterr()
    assert sweep("diff", *words, "--json") == code
    return json.loads(capsys.readouterr().out)


def test_the_same_results_do_not_differ(grid: Path, capsys: Said) -> None:
    found = facts(capsys, grid, "results/grid", code=0)
    assert (found["differ"], found["cells"], found["by_parameters"]) == (False, 12, 0)
    assert all(column["largest"] == 0 for column in found["columns"].values())


def test_another_version_is_compared_by_the_parameters(
    grid: Path, other: Path, capsys: Said
) -> None:
    found = facts(capsys, grid, other)
    assert (found["cells"], found["by_parameters"]) == (12, 12)
    assert found["only_a"] == found["only_b"] == []
    (group,) = found["status"]
    assert (group["a"], group["b"], group["number"]) == ("reached", "diverged", 1)
    assert group["cells"] == [{"x": 2, "y": 1, "target_error": 0.01}]
    times = found["columns"]["time_to_target"]
    assert (times["compared"], times["beyond"]) == (11, 4)
    assert times["largest"] == pytest.approx(2e-6, rel=1e-4)
    assert times["b"] / times["a"] == pytest.approx(1 + 2e-6, rel=1e-12)
    assert (times["where"]["x"], times["where"]["y"]) == (2, 3)
    overlaps = found["columns"]["Q"]
    assert overlaps["largest"] == pytest.approx(1e-3), "of the largest entry, which is 1"
    assert found["columns"]["error_final"]["largest"] == 0
    costs = found["columns"]["rhs_evaluations"]
    assert (costs["beyond"], costs["counts"]) == (11, False)
    assert [type(costs[side]) for side in "ab"] == [int, int]


def test_small_differences_may_be_tolerated(grid: Path, other: Path, capsys: Said) -> None:
    bounds = "y = [2, 3]\nx = [1]\ntarget_error = [0.1]"
    grid.write_text(text_of(bounds))
    found = facts(capsys, grid, grid, "--rtol", "1e-2", code=0)
    assert found["cells"] == 2
    (Path("others") / "grid.toml").write_text(text_of(bounds))
    assert facts(capsys, grid, other, "--rtol", "1e-9")["columns"]["Q"]["counts"]
    found = facts(capsys, grid, other, "--rtol", "1e-2")
    assert not found["columns"]["Q"]["counts"]
    assert len(found["only_b"]) == 10, "which is a difference too"


def test_the_difference_in_words(grid: Path, other: Path, capsys: Said) -> None:
    grid.write_text(text_of(AXES.replace("[1, 2]", "[1, 2, 7]").replace(", 3]", "]")))
    assert sweep("run", grid) == 0
    capsys.readouterr()
    assert sweep("diff", grid, other) == 1
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert [line.split()[-1] for line in lines[:5]] == ["8", "8", "4", "4", "1"]
    assert "\nonly in grid.toml, 4 cells\n  x = 7, y = 1, target_error = 0.1\n" in out
    assert "\nreached → diverged, 1 cell\n  x = 2, y = 1, target_error = 0.01\n" in out
    assert err == ""
    assert next(line for line in lines if "rhs_evaluations" in line).split()[1:4] == [
        *("7", "7", "0.12"),
    ]


def test_rows_that_cannot_be_told_apart_are_left_out_said_and_not_taken_for_alike(
    grid: Path, other: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FaultyModel, "version", 3)
    assert sweep("run", grid) == 0
    capsys.readouterr()
    assert sweep("diff", "results/grid", other, "--json") == 1
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["left_out"], found["cells"], found["differ"]) == (36, 0, True)
    assert "left out are 36 rows with the parameters of another row" in err
    assert facts(capsys, grid, other)["cells"] == 12, "a grid file has one row a cell"


def test_a_cell_that_has_a_number_on_one_side_only_differs(
    grid: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = FaultyModel.solve

    def solve(self: FaultyModel, *given: Any) -> Answers:
        answers = whole(self, *given)
        answers.error_final = np.full(len(answers.status), np.nan)
        return answers

    monkeypatch.setattr(FaultyModel, "solve", solve)
    assert sweep("run", grid, "--results", "others") == 0
    column = facts(capsys, grid, "others/grid", "--rtol", 1)["columns"]["error_final"]
    assert (column["one_sided"], column["counts"]) == (12, True)


@pytest.mark.usefixtures("grid")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("grid.toml", "grid.toml", "--rtol", "nan"), "Invalid value for '--rtol': found nan; al"),
        (("results", "grid.toml"), "results: holds no results of a grid; name one of those in it"),
        (("nowhere", "grid.toml"), "nowhere: is not there; allowed is a folder of results or a"),
        (("grid.toml", "none.toml"), "none.toml: "),
        (("grid.toml", "grid.toml", "--results", "none"), "none/grid: no results yet, nor such"),
    ],
)
def test_what_there_is_not_is_one_line(words: tuple[str, ...], said: str, capsys: Said) -> None:
    capsys.readouterr()
    assert sweep("diff", *words) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert err.startswith(f"sweep: {said}")


STEPS = """
from sweep.models import Process, real

def run(p):
    yield 0, p.a

MODEL = Process("steps", parameters=(real("a", 1.0),), run=run, time="steps")
"""


def test_results_of_models_that_tell_no_cells_apart_are_not_alike(grid: Path, capsys: Said) -> None:
    Path("steps.py").write_text(STEPS)
    axes = "[axes]\na = [1, 2, 3]\ntarget_error = [0.1, 0.01]\n"
    Path("steps.toml").write_text(f'model = "steps.py"\n{axes}')
    assert sweep("run", "steps.toml", "--backend", "sequential") == 0
    capsys.readouterr()
    assert sweep("diff", grid, "steps.toml") == 1
    err = capsys.readouterr().err
    assert "left out are 18 rows with the parameters of another row of their side, as far as" in err
    assert "name the grid file" not in err
