"""The course of one cell from Python."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from sweep.analysis.follow import follow
from sweep.analysis.trajectory import look_into, table
from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.grid.read import parse_grid
from tests.faults.model import MODEL as WITHOUT_COURSE

AXES = {"K": [2, 3], "eta_w": [2.0, 3.0], "seed": [0, 1]}
GRID = Grid("fo-anil", fixed={"M": 2, "R0": 0.01}, axes=AXES, exclude=["K < M"], name="mine")


def test_it_is_what_the_command_shows() -> None:
    course = follow("fo-anil", K=2, M=2, eta_w=2.0, R0=np.full((2, 2), 0.01) + np.eye(2) / 9)
    of = parse_grid(
        Path("x.toml"),
        'model = "fo-anil"\nfixed = { K = 2, M = 2, eta_w = 2.0, '
        "R0 = [[0.121111111111, 0.01], [0.01, 0.121111111111]] }",
    )
    looks = look_into(of, of.cells())
    pd.testing.assert_frame_equal(course, table(of, looks, 1001), check_exact=True)
    assert list(course.columns[:3]) == ["alpha", "error", "Q_11"]
    assert course.attrs["time_to_target"] == looks[0].crossing
    assert course.attrs["error_initial"] == course["error"][0]


def test_values_single_out_a_cell_of_a_grid() -> None:
    course = follow(GRID, K=2, eta_w=np.float64(3), seed=1, until=2, points=5)
    assert course["alpha"].tolist() == [0.0, 0.5, 1.0, 1.5, 2.0]
    alone = follow("fo-anil", K=2, M=2, eta_w=3, seed=1, R0=0.01, until=2.0, points=np.int64(5))
    pd.testing.assert_frame_equal(course, alone, check_exact=True)
    np.testing.assert_equal(course.attrs, alone.attrs)
    assert course.attrs["status"] == "not_reached"
    assert math.isnan(course.attrs["time_to_target"])
    assert course.attrs["time_final"] == 2.0


def test_another_model_tells_another_time() -> None:
    course = follow("fourier-maml", D=5, n_train=8, n_val=8, n_shot=8, pool=16, max_steps=3)
    assert list(course.columns[:2]) == ["step", "error"]
    assert course.attrs["status"] in ("reached", "not_reached")


def test_solver_settings_count() -> None:
    loose, tight = (
        follow("fo-anil", until=1.0, points=2, solver={"rtol": rtol}).attrs["rhs_evaluations"]
        for rtol in (1e-4, 1e-12)
    )
    assert loose < tight


@pytest.mark.parametrize(
    ("of", "told", "message"),
    [
        ("fo-anil", {"eta_q": 3}, "follow: [fixed] eta_q: no such parameter of fo-anil"),
        ("fo-anil", {"eta_w": [1, 2]}, "[fixed] eta_w: found [1, 2]; allowed is a number > 0"),
        ("fo-anul", {}, "model: fo-anul: no such model; did you mean fo-anil?"),
        ("fo-anil", {"solver": {"rtl": 1}}, "[solver] rtl: no such solver setting"),
        ("fo-anil", {"points": 1}, "points: found 1; allowed is an integer ≥ 2"),
        ("fo-anil", {"until": -1}, "until: found -1; allowed is a number > 0"),
        ("fo-anil", {"until": math.nan}, "until: found nan; allowed is a number > 0"),
        (
            GRID,
            {"K": 3},
            "mine: 4 cells are left, of which one is followed; choose, as in "
            "follow(grid, eta_w=2, seed=0)",
        ),
        (GRID, {"K": 1, "eta_w": 3}, "[grid] exclude: leaves no such cell with K = 1"),
        (GRID, {"L": 3}, "L: no such parameter of fo-anil"),
        (GRID, {"K": 0}, "K: found 0; allowed is an integer ≥ 1"),
        (GRID, {"solver": {"rtol": 1e-3}}, "solver: belongs to a grid"),
        (WITHOUT_COURSE, {}, "model faulty: shows no course of a cell"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(of: Any, told: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        follow(of, **told)
    assert message in str(refusal.value)
