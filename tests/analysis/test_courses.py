from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from sweep.analysis.courses import NONE, Ends, courses_of, trajectories
from sweep.analysis.thinning import thinned
from sweep.grid import Grid
from sweep.models.base import Trace
from sweep.models.fo_anil.model import FoAnil
from sweep.models.parameters import Value, number
from sweep.models.status import MISSING, NOT_REACHED, REACHED

TIME = np.linspace(0.0, 10.0, 401)


def test_thinned_curves_look_like_the_curves() -> None:
    curves = np.column_stack([np.tanh(5 * (TIME - 3)), np.exp(-TIME), np.zeros_like(TIME)])
    kept = thinned(TIME, curves, 0.003, 160)
    assert 10 < len(kept) < 60
    assert (kept[0], kept[-1]) == (0, 400)
    for curve in curves.T:
        between = np.interp(TIME, TIME[kept], curve[kept])
        assert np.abs(between - curve).max() <= 0.003


def test_no_more_points_are_kept_than_there_is_room_for() -> None:
    kept = thinned(TIME, np.sin(40 * TIME)[:, None], 0.003, 50)
    assert len(kept) == 50


def test_straight_lines_need_their_ends_alone() -> None:
    assert [*thinned(TIME, 2 * TIME[:, None], 1e-9, 160)] == [0, 400]


@pytest.fixture(scope="module")
def grid() -> Grid:
    axes = {"eta_w": [2.0, 3.0], "eta_J": [1.0, 30.0], "target_error": [0.01, 0.02]}
    fixed = {"K": 2, "M": 2, "R0": 0.1, "alpha_max": 30.0}
    return Grid("fo-anil", fixed=fixed, axes=axes, solver={"rtol": 1e-6})


def test_one_trajectory_gives_the_courses_of_all_its_cells(grid: Grid) -> None:
    cells = grid.cells()
    assert len(set(trajectories(grid.model, cells))) == 2
    nothing = np.full(8, np.nan)
    ends = Ends(np.full(8, NOT_REACHED), nothing, np.full(8, 30.0))
    found = courses_of(grid, cells, ends, np.arange(8))
    assert len(found.courses) == 2
    for i in range(8):
        course, clock = found.courses[found.of[i]], found.clock[i]
        own = grid.model.trace(cells.cell(i), grid.solver, 30.0, 61)
        error = np.interp(own.time, course.time / clock, np.log(course.series["error"]))
        span = np.ptp(np.log(course.series["error"]))
        assert np.abs(error - np.log(own.series["error"])).max() < 0.01 * span


def test_cells_at_finite_V_have_trajectories_of_their_own() -> None:
    grid = Grid("fo-anil", fixed={"V": 100}, axes={"eta_J": [1.0, 2.0], "target_error": [0.1, 0.2]})
    assert len(set(trajectories(grid.model, grid.cells()))) == 2


def test_only_the_cells_that_are_wanted_have_courses(grid: Grid) -> None:
    status = np.full(8, MISSING)
    status[2] = REACHED
    time = np.where(status == REACHED, 4.0, np.nan)
    found = courses_of(grid, grid.cells(), Ends(status, time, time), np.array([2]))
    assert [*found.of] == [NONE, NONE, 0, *[NONE] * 5]
    last = found.courses[0].time[-1] / found.clock[2]
    assert last == pytest.approx(6.0)  # half as long again as it takes to the target


class Breaks(FoAnil):
    """Follows cells up to some rate alone."""

    def trace(
        self, cell: Mapping[str, Value], solver: Mapping[str, Value], until: float, points: int
    ) -> Trace:
        if number(cell["eta_w"]) > 2:
            raise ZeroDivisionError
        return super().trace(cell, solver, until, points)


def test_a_trajectory_that_cannot_be_followed_has_no_course(grid: Grid) -> None:
    ends = Ends(np.full(8, NOT_REACHED), np.full(8, np.nan), np.full(8, 1.0))
    found = courses_of(grid.replaced(model=Breaks()), grid.cells(), ends, np.arange(8))
    assert [*found.of] == [0] * 4 + [NONE] * 4
