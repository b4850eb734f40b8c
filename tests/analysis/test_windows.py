"""The windows in which runs are judged, what is simulated for them, and the errors there."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from sweep.analysis.theory import theory_grid
from sweep.analysis.windows import (
    END,
    Followed,
    beside_theory,
    follow_to_windows,
    paired,
    with_errors,
)
from sweep.analysis.z_scores import TIME, WINDOW_ERROR, WINDOW_STATUS, WINDOW_TIME
from sweep.grid import Grid
from sweep.grid.read import parse_grid
from sweep.models.fo_anil.simulation.curves import curves
from sweep.runner.session import Settings, run
from sweep.store.parquet import metadata_of

GRID = """
title = "Some cells"
model = "fo-anil-simulation"
[fixed]
K = 2
M = 2
N = 100
P = 20
V = 20
eta_J = 6.0
eta_w = 4.0
R0 = 0.3
alpha_max = 3.0
[axes]
target_error = [0.3, 0.25, 0.01]
seed = [0, 1, 2]
[solver]
window = 0.2
n_test = inf
"""

Compared = tuple[Grid, Path, pd.DataFrame, Followed]


def complete(grid: Grid, results: Path) -> None:
    report = run(grid, Settings(results, "threading", 1), Console(file=StringIO()), print)
    assert report.complete


def compared(text: str, results: Path) -> Compared:
    """A grid, its results, and its runs with their errors in the windows."""
    grid = parse_grid(Path("some.toml"), text)
    ideal = theory_grid(grid, "finite")
    complete(ideal, results)
    complete(grid, results)
    runs = beside_theory(grid, ideal, results, 1, print)
    followed = follow_to_windows(grid, runs)
    if len(followed.grid.cells()):
        complete(followed.grid, results)
    return grid, results, with_errors(runs, followed, results, print), followed


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Compared:
    return compared(GRID, tmp_path_factory.mktemp("windows"))


def test_theory_alone_says_in_which_window_a_run_is_judged(usual: Compared) -> None:
    """Every start has a theory of its own; the last window belongs to a target out of reach."""
    _, _, runs, _ = usual
    reached = runs["status_theory"] == "reached"
    assert reached.tolist() == [True] * 6 + [False] * 3
    assert (runs[END][~reached] == 300).all()
    assert runs[END][reached].nunique() == 6
    assert (runs[f"{WINDOW_ERROR}_theory"][reached] <= runs["target_error"][reached]).all()
    np.testing.assert_allclose(runs[WINDOW_TIME], (runs[END] - 10.5) / 100)
    np.testing.assert_allclose(runs[WINDOW_TIME][reached], runs[f"{TIME}_theory"][reached])


def test_runs_have_the_error_of_that_window_wherever_they_end(usual: Compared) -> None:
    grid, _, runs, followed = usual
    cells = grid.cells()
    assert (runs[WINDOW_STATUS].isin(["reached", "not_reached"])).all()
    for i in range(len(runs)):
        single = curves({**cells.cell(i), "alpha_max": 4.0}, {**grid.solver, "window": 0.0}, 401)
        end = int(runs[END][i])
        expected = single.error[end - 20 : end].mean()
        assert runs[WINDOW_ERROR][i] == pytest.approx(expected, rel=1e-12)
    ended = (runs["time_final"] * 100).round() == runs[END]
    np.testing.assert_array_equal(followed.place >= 0, ~ended)


def test_nothing_is_simulated_for_runs_that_end_there(usual: Compared) -> None:
    grid, _, runs, followed = usual
    ended = np.flatnonzero(followed.place < 0)
    assert set(ended) >= {6, 7, 8}
    assert len(follow_to_windows(grid, runs.iloc[ended].reindex(runs.index)).grid.cells()) == 0


def test_rows_that_are_followed_say_what_they_are(usual: Compared) -> None:
    grid, results, _, followed = usual
    (file,) = (results / "some-judged").glob("*.parquet")
    rows = pd.read_parquet(file)
    assert len(rows) == len(followed.grid.cells()) == len(set(rows["cell_id"]))
    assert (rows["target_error"] == 0).all()
    np.testing.assert_array_equal(rows["time_final"], rows["alpha_max"])
    text = metadata_of(file)["grid"]
    assert text.startswith(
        "# Runs of some.toml, whose text follows, up to the window in which they"
    )
    assert text.endswith(grid.text)


def test_targets_that_share_a_window_share_a_row(tmp_path: Path) -> None:
    """None of both is met by theory, and both by noise: one window, one trajectory."""
    text = GRID.replace("[0.3, 0.25, 0.01]", "[0.06, 0.061]").replace("n_test = inf", "n_test = 1")
    _, _, runs, followed = compared(text.replace("window = 0.2", "window = 0.02"), tmp_path)
    assert (runs["status_theory"] == "not_reached").all()
    assert (runs["status"] == "reached").all()
    assert len(followed.grid.cells()) == 3
    np.testing.assert_array_equal(followed.place, [0, 1, 2, 0, 1, 2])
    assert runs[WINDOW_ERROR][:3].tolist() == runs[WINDOW_ERROR][3:].tolist()


def test_a_run_that_breaks_off_before_has_no_error_there(tmp_path: Path) -> None:
    text = GRID.replace("[fixed]", "[fixed]\nweight_decay = 1e6")
    _, _, runs, followed = compared(text, tmp_path)
    assert (runs[WINDOW_STATUS] == "diverged").all()
    assert runs[WINDOW_ERROR].isna().all()
    assert len(followed.grid.cells()) == 0


def test_every_run_stands_beside_its_own_theory() -> None:
    runs = pd.DataFrame({"N": [10, 20, 10, 20], "seed": [0, 0, 1, 1], "status": list("abcd")})
    theory = pd.DataFrame({"seed": [1, 0], "status": ["y", "x"]})
    beside = paired(runs, theory, ["seed"], ["status", "time_to_target"])
    assert list(beside["status"]) == list("abcd")
    assert list(beside["status_theory"]) == list("xxyy")
    assert beside["time_to_target_theory"].isna().all()
    assert list(paired(runs, theory[:1], [], ["status"])["status_theory"]) == list("yyyy")
