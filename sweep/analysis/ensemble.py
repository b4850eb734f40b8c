"""The runs of one cell of the simulation, from one start, and what theory says of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from joblib import Parallel, delayed

from sweep import models
from sweep.analysis.theory import THEORIES, THEORY, limits_of, refuse_others, theory_cell
from sweep.analysis.z_scores import standard_error
from sweep.errors import ParameterError, UsageError
from sweep.grid import Grid
from sweep.models.base import Trace
from sweep.models.cells import Cells
from sweep.models.fo_anil.simulation.cell import tasks_until, window_of
from sweep.models.fo_anil.simulation.theory import course
from sweep.models.parameters import Value, number, shown
from sweep.ode.arrays import Floats

MOST_POINTS = 2001
SMOOTH = 300  # points of a theory, at least
LATE = 0.5
"""From this part of the window on, a stage counts as late."""


@dataclass(frozen=True)
class Course:
    """The runs of a cell, and by the name of the theory (see `compare`) its course.

    Both errors are averaged over the same windows.
    """

    cell: Mapping[str, Value]
    runs: Sequence[Trace]
    theory: Mapping[str, Trace]


@dataclass(frozen=True)
class Late:
    """The mean error from α = `since` on: of the runs, with its standard error, and of theory."""

    since: float
    simulation: float
    se: float
    theory: Mapping[str, float]


def follow_runs(grid: Grid, cells: Cells, jobs: int) -> Course:
    """Simulate the runs, `jobs` at a time, and integrate both theories.

    cells: of the simulation; they must differ in the seed alone, and share their start. Points are
    a window of the moving average apart, so that their errors are independent (but for the first
    and the last, whose windows lie within the run). Raises UsageError.
    """
    refuse_others(grid)
    _refuse_several(grid, cells)
    cell = cells.cell(0)
    until = number(cell["alpha_max"])
    points = _points(until, number(grid.solver["window"]))
    theory: dict[str, Trace] = {
        name: _theory(grid, cell, limits_of(name), until, _finer(points)) for name in THEORIES
    }
    grid.model.warm_up(grid.model.alone(cell))
    runs = Parallel(n_jobs=jobs, backend="threading")(
        delayed(grid.model.trace)(cells.cell(i), grid.solver, until, points)
        for i in range(len(cells))
    )
    return Course(cell, runs, theory)


def late(course: Course) -> Late:
    """How large the error is in the end."""
    since = LATE * number(course.cell["alpha_max"])
    means = np.array([_mean_error(run, since) for run in course.runs])
    times = max((run.time for run in course.runs), key=len)
    theory = {name: _mean_error(_at(trace, times), since) for name, trace in course.theory.items()}
    return Late(since, float(means.mean()), standard_error(means), theory)


def _mean_error(trace: Trace, since: float) -> float:
    """NaN for a trace that broke off before."""
    errors = trace.series["error"][trace.time >= since]
    return float(errors.mean()) if len(errors) else math.nan


def _theory(
    grid: Grid, cell: Mapping[str, Value], limits: Mapping[str, Value], until: float, points: int
) -> Trace:
    model = models.load(THEORY)
    found = theory_cell(model, cell, limits)
    solver = {setting.name: setting.default for setting in model.solver}
    try:
        for constraint in model.constraints:
            constraint.check(found)
    except ParameterError as error:
        raise UsageError(f"{grid.place}: theory has no such cell: {error}") from None
    N = int(number(cell["N"]))
    window = window_of(grid.solver, N)
    return course(found, solver, N, window, tasks_until(until, N), points)


def _at(trace: Trace, times: Floats) -> Trace:
    """The error of a theory at those of its times that the runs have."""
    if not len(trace.time):
        return trace
    times = times[times <= trace.time[-1] * (1 + 1e-12)]
    errors: Floats = np.interp(times, trace.time, trace.series["error"])
    return Trace(times, {"error": errors})


def _finer(points: int) -> int:
    """So many evenly spaced points, with the given ones among them, that a curve is smooth."""
    return (points - 1) * math.ceil(SMOOTH / (points - 1)) + 1


def _points(until: float, window: float) -> int:
    return int(np.clip(round(until / window) + 1 if window else MOST_POINTS, 2, MOST_POINTS))


def _refuse_several(grid: Grid, cells: Cells) -> None:
    several = [name for name in cells.values if name != "seed" and len(cells.values[name]) > 1]
    if several:
        example = " ".join(f"{name}={shown(cells.values[name][0])}" for name in several)
        raise UsageError(
            f"{grid.place}: {', '.join(several)}: several values are left; choose, as in {example}"
        )
    if not isinstance(cells.cell(0)["R0"], tuple):
        raise UsageError(
            f"{grid.place}: R0: found {shown(cells.cell(0)['R0'])}, which gives every seed a start "
            "of its own; allowed is a K × M matrix, from which all runs start"
        )
