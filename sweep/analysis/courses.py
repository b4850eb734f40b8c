"""The courses of all cells of a grid: one a trajectory, at as few times as a picture needs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sweep.analysis.thinning import thinned
from sweep.analysis.trajectory import BEYOND
from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.models.base import Model, Series, Trace
from sweep.models.cells import Cells, group_by
from sweep.models.status import REACHED, StatusCodes
from sweep.ode.arrays import Floats, Index

POINTS = 401
"""The times at which a course is known before it is thinned, within one window."""

FINER = 8.0
"""The start of a course is known again within windows that are so many times shorter."""

TOLERANCE, MOST = 0.003, 160
"""How far a thinned course may be off, in heights of its panel, and how many points it may have."""

NONE = -1
"""The number of the course of a cell that has none."""


@dataclass(frozen=True)
class Course:
    """One trajectory. time: that of its cells, times their clock. series: see `Trace`."""

    time: Floats
    series: Mapping[str, Floats]


@dataclass(frozen=True)
class Courses:
    """of: for every cell the number of its course, or NONE. clock: see `Model.clock`."""

    of: Index
    clock: Floats
    courses: Sequence[Course]


@dataclass(frozen=True)
class Ends:
    """What the rows say of every cell; NaN where there is no time."""

    status: StatusCodes
    time_to_target: Floats
    time_final: Floats

    def until(self, window: Floats) -> Floats:
        """How far each cell is followed: somewhat beyond its target, or to its end."""
        ended = np.where(self.time_final > 0, self.time_final, window)
        reached = (self.status == REACHED) & (self.time_to_target > 0)
        return np.where(reached, np.minimum(BEYOND * self.time_to_target, window), ended)


def trajectories(model: Model, cells: Cells) -> Index:
    """For every cell the number of the course that it has, at its own clock."""
    alike = {"target_error", model.window, *model.clocked_by} & {*model.answered_together}
    keys = [codes for name, codes in cells.codes.items() if name not in alike]
    return group_by([*keys, *model.dynamics_keys(cells)])[0]


def courses_of(grid: Grid, cells: Cells, ends: Ends, wanted: Index) -> Courses:
    """The courses of the cells that are wanted, each as far as one of them goes."""
    label, clock = trajectories(grid.model, cells), grid.model.clock(cells)
    until = clock * ends.until(cells.numbers(grid.model.window))
    of = np.full(len(cells), NONE, dtype=np.int64)
    courses: list[Course] = []
    order = wanted[np.argsort(label[wanted], kind="stable")]
    groups = np.split(order, np.flatnonzero(np.diff(label[order])) + 1) if len(order) else []
    for group in groups:
        longest = group[np.argmax(until[group])]
        course = _course(grid, cells, int(longest), float(clock[longest]), until[group])
        if course is not None:
            of[group] = len(courses)
            courses.append(course)
    return Courses(of, clock, courses)


def _course(grid: Grid, cells: Cells, at: int, clock: float, until: Floats) -> Course | None:
    """By the cell that goes furthest. None where it has no course."""
    cell = cells.cell(at)
    window = next(p for p in grid.model.parameters if p.name == grid.model.window)
    found: Trace | None = None
    for end in _windows(float(until.min()), float(until.max())):
        last = end / clock
        last = float(math.ceil(last)) if window.kind == "integer" else last
        try:
            trace = grid.model.trace(cell, grid.solver, last, POINTS)
        except UsageError:
            raise
        except Exception:  # whatever a model of one's own raises here, `sweep cell` tells
            return None
        found = trace if found is None else _joined(found, trace)
    return None if found is None or len(found.time) < 2 else thin(grid.model, found, clock)


def _windows(shortest: float, longest: float) -> list[float]:
    """From the shortest on, so that its cell has a course as fine as the others."""
    windows = [longest]
    while windows[-1] > FINER * shortest:
        windows.append(windows[-1] / FINER)
    return windows[::-1]


def _joined(early: Trace, late: Trace) -> Trace:
    """The first trace, and what the second has after its end."""
    if not len(early.time):
        return late
    after = late.time > early.time[-1]
    series = {
        name: np.concatenate([values, late.series[name][after]])
        for name, values in early.series.items()
    }
    return Trace(np.concatenate([early.time, late.time[after]]), series)


def thin(model: Model, trace: Trace, clock: float = 1.0) -> Course:
    """A course that looks like the trace, in the heights of its panels."""
    heights = [
        _heights(values.reshape(len(values), -1), log=model.series.get(name, Series()).log)
        for name, values in trace.series.items()
    ]
    kept = thinned(trace.time, np.column_stack(heights), TOLERANCE, MOST)
    return Course(trace.time[kept] * clock, {name: v[kept] for name, v in trace.series.items()})


def _heights(curves: Floats, *, log: bool) -> Floats:
    """The curves of one panel, from 0 to 1."""
    finite = np.isfinite(curves) & ((curves > 0) | (not log))
    if not finite.any():
        return np.zeros_like(curves)
    least = curves[finite].min()
    with np.errstate(all="ignore"):
        shown = np.where(finite, curves, least)
        shown = np.log(shown) if log else shown
        heights: Floats = (shown - shown.min()) / (np.ptp(shown) or 1.0)
    return heights
