"""The course of one cell, for those who call from Python."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sweep.analysis.trajectory import look_into, table
from sweep.errors import LOG, UsageError
from sweep.grid import Grid
from sweep.grid.plain import plain
from sweep.models.base import Model
from sweep.models.cells import Cells
from sweep.models.parameters import as_integer, shown

if TYPE_CHECKING:
    import pandas as pd


def follow(
    of: str | Path | Model | Grid,
    /,
    *,
    until: float | None = None,
    points: int = 1001,
    solver: Mapping[str, object] | None = None,
    **values: object,
) -> pd.DataFrame:
    """Integrate one cell, and tell its course at about `points` evenly spaced times.

    of: a model, as of `Grid`, whose parameters have these `values` or their defaults; or a grid, of
    whose cells they single out one. until: the end of the window, and how far to follow; by
    default that is the cell's, or 1.5 times the time to its target where that is sooner. solver:
    settings of the model, as rtol; those of a grid are its own.

    The first column is the time, `alpha` for the FO-ANIL models. Then comes a column for each
    number that the course holds, with indices from 1, as error, Q_11, Q_12, …, R_11; of a symmetric
    matrix the upper triangle. What the cell comes to is in `attrs`: status, time_to_target (NaN
    unless reached), error_initial, error_final, time_final, rhs_evaluations and message.

    Raises UsageError, also for a model that shows no course of a cell.

    >>> course = follow("fo-anil", K=3, eta_w=3.0, eta_J=3.0, points=4)
    >>> course[["alpha", "error", "Q_11"]].round(3)
       alpha  error   Q_11
    0    0.0  0.669  0.500
    1   15.0  0.602  0.500
    2   30.0  0.010  1.050
    3   45.0  0.008  1.074
    >>> course.attrs["status"], round(course.attrs["time_to_target"], 3)
    ('reached', 29.864)
    """
    count = _at_least_two(points)
    end = _positive(until)
    given = {name: plain(value) for name, value in values.items()}
    if isinstance(of, Grid):
        if solver is not None:
            raise UsageError("solver: belongs to a grid; make another, with these settings")
        grid = of
        cells = grid.selected({name: [value] for name, value in given.items()})
        _refuse_several(grid, cells)
    else:
        grid = Grid(of, fixed=given, solver=solver, name="follow")
        cells = grid.cells()
    for line in grid.model.warnings(cells):
        LOG.warning(line)
    looks = look_into(grid, cells, end)
    course = table(grid, looks, count)
    course.attrs.update(looks[0].outcome())
    return course


def _refuse_several(grid: Grid, cells: Cells) -> None:
    if len(cells) == 1:
        return
    several = [name for name in grid.axes if len(set(cells.codes[name].tolist())) > 1]
    example = ", ".join(f"{name}={shown(cells.values[name][0])}" for name in several)
    raise UsageError(
        f"{grid.place}: {len(cells):,} cells are left, of which one is followed; choose, as in "
        f"follow(grid, {example})"
    )


def _at_least_two(points: object) -> int:
    count = as_integer(plain(points))
    if count is None or count < 2:
        raise UsageError(f"points: found {points!r}; allowed is an integer ≥ 2")
    return count


def _positive(until: object) -> float | None:
    end = plain(until)
    if end is None:
        return None
    if isinstance(end, bool) or not isinstance(end, int | float) or not 0 < end < float("inf"):
        raise UsageError(f"until: found {until!r}; allowed is a number > 0")
    return float(end)
