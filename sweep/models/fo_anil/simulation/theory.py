"""Theory as a simulation shows it: through the window over which test errors are averaged.

The test error of task t belongs to the state after t - 1 tasks, so that of theory is ε at
α = (t - 1)/N. Averages, passages and times are those of `passage`: with theory's errors in the
place of a run's, the answers are the same.

ε is taken at so many times as polynomials through them need, all in one integration, and not at
every task's, of which a window may have a million.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.polynomial.chebyshev import chebval, chebvander

from sweep.models.base import Answers, Trace, Trajectory
from sweep.models.fo_anil.model import MODEL
from sweep.models.fo_anil.simulation.cell import tasks_until
from sweep.models.fo_anil.simulation.curves import steps_shown, window_ends
from sweep.models.parameters import Value, number
from sweep.models.status import NOT_REACHED, REACHED
from sweep.ode.arrays import Floats, Index

NODES = 16
"""Times a piece, at which ε determines its polynomial, of degree NODES - 1."""

TOLERANCE = 1e-7
"""A piece is halved while its last coefficients are larger, relative to its largest value."""

MOST_HALVINGS = 8

_ANGLES = np.pi * (np.arange(NODES)[::-1] + 0.5) / NODES
_PLACES = np.cos(_ANGLES)
"""Of the nodes within (-1, 1), ascending: those of Chebyshev."""

_COEFFICIENTS = (
    chebvander(_PLACES, NODES - 1).T * (np.where(np.arange(NODES), 2, 1) / NODES)[:, None]
)
"""From the values at the nodes to the coefficients of the polynomial."""

ErrorsAt = Callable[[Floats], Floats]


@dataclass(frozen=True)
class Averaged:
    """What theory says of a cell's moving average. NaN: no value.

    status: as a run's. time_to_target: the middle of the first window whose average is at or below
    the target. error: the average over this window, else over the last one of the cell. end: the
    last task of that window.
    """

    status: int
    time_to_target: float
    error: float
    end: int


def averaged(
    cell: Mapping[str, Value], solver: Mapping[str, Value], N: int, window: int, crossing: float
) -> Averaged:
    """Follow the average of theory's error over `window` tasks until it meets the cell's target.

    cell, solver: of theory. crossing: when ε itself meets the target (NaN: never), and before which
    no average can.
    """
    errors = partial(errors_at, cell, solver)
    last = tasks_until(number(cell["alpha_max"]), N)
    if not math.isnan(crossing):
        first = max(window, math.floor(crossing * N))
        found = first_passage(errors, number(cell["target_error"]), N, window, first, last)
        if found is not None:
            end, error = found
            return Averaged(REACHED, (end - (window + 1) / 2) / N, error, end)
    (error,) = window_means(errors, N, min(window, last), np.array([last]))
    status = NOT_REACHED if math.isfinite(error) else _broken(cell, solver)
    return Averaged(status, math.nan, float(error), last)


def first_passage(
    errors: ErrorsAt, target: float, N: int, window: int, first: int, last: int
) -> tuple[int, float] | None:
    """The last task, and the average, of the first window at or below the target that ends with
    one of the tasks from `first` to `last`.

    first: at least `window`. Where ε goes on to fall, the passage is at most a window away; where
    it does not, ever longer stretches are searched.
    """
    length = window + 1
    while first <= last:
        ends = np.arange(first, min(first + length, last) + 1)
        means = window_means(errors, N, window, ends)
        below = np.flatnonzero(means <= target)
        if len(below):
            return int(ends[below[0]]), float(means[below[0]])
        first, length = first + len(ends), 2 * length
    return None


def window_means(errors: ErrorsAt, N: int, window: int, ends: Index) -> Floats:
    """Of the windows that end with these tasks; NaN where theory broke off before."""
    low, high = int(ends.min()) - window, int(ends.max())
    sums = np.concatenate([[0.0], np.cumsum(_at_states(errors, N, low, high))])
    means: Floats = (sums[ends - low] - sums[ends - low - window]) / window
    return means


def course(
    cell: Mapping[str, Value],
    solver: Mapping[str, Value],
    N: int,
    window: int,
    tasks: int,
    points: int,
) -> Trace:
    """What `curves` shows of a run of so many tasks, as theory has it: the error, Q and R."""
    steps = steps_shown(tasks, points)
    errors = partial(errors_at, cell, solver)
    error = window_means(errors, N, min(window, tasks), window_ends(steps, window, tasks))
    answers = _answers_at(cell, solver, steps / N)
    kept = (answers.status == NOT_REACHED) & np.isfinite(error)
    K, M = int(number(cell["K"])), int(number(cell["M"]))
    Q, R = (
        answers.lists[name].reshape(-1, K, columns)[kept] for name, columns in (("Q", K), ("R", M))
    )
    return Trace(steps[kept] / N, {"error": error[kept], "Q": Q, "R": R})


def errors_at(cell: Mapping[str, Value], solver: Mapping[str, Value], alpha: Floats) -> Floats:
    """ε at these times, by one integration; NaN where it broke off before."""
    answers = _answers_at(cell, solver, alpha)
    return np.where(answers.status == NOT_REACHED, answers.error_final, np.nan)


def _answers_at(cell: Mapping[str, Value], solver: Mapping[str, Value], alpha: Floats) -> Answers:
    """Of the cell, whatever its target, with windows that end at these times."""
    alone = MODEL.alone(cell)
    varying = {name: np.repeat(value, len(alpha)) for name, value in alone.varying.items()}
    varying |= {"target_error": np.zeros(len(alpha)), "alpha_max": alpha}
    return MODEL.solve(Trajectory(np.arange(len(alpha)), alone.shared, varying), solver)


def _broken(cell: Mapping[str, Value], solver: Mapping[str, Value]) -> int:
    """How theory ends that does not get to the end of the cell's window."""
    return int(_answers_at(cell, solver, np.array([number(cell["alpha_max"])])).status[0])


def _at_states(errors: ErrorsAt, N: int, low: int, high: int) -> Floats:
    """ε at the states after `low`, …, high - 1 tasks."""
    edges, coefficients = _pieces(errors, low / N, high / N)
    alpha = np.arange(low, high) / N
    bounds = np.searchsorted(alpha, edges[1:-1])
    parts = zip(np.split(alpha, bounds), edges[:-1], edges[1:], coefficients, strict=True)
    return np.concatenate([chebval((2 * x - a - b) / (b - a), c) for x, a, b, c in parts])


def _pieces(errors: ErrorsAt, low: float, high: float) -> tuple[Floats, Floats]:
    """Pieces of ε between two times: their edges, ascending, and the coefficients of each.

    A piece in which theory breaks off has the coefficients NaN.
    """
    pieces: list[tuple[float, Floats]] = []
    left, right = np.array([low]), np.array([high])
    for halvings in range(MOST_HALVINGS + 1):
        nodes = (left + right)[:, None] / 2 + (right - left)[:, None] / 2 * _PLACES
        values = errors(nodes.ravel()).reshape(nodes.shape)
        coefficients = values @ _COEFFICIENTS.T
        rest = np.abs(coefficients[:, -2:]).max(axis=1)
        good = rest <= TOLERANCE * np.abs(values).max(axis=1)  # False for NaN
        if halvings == MOST_HALVINGS:
            good[:] = True
        pieces.extend(zip(left[good], coefficients[good], strict=True))
        if good.all():
            break
        middle = (left + right)[~good] / 2
        left = np.column_stack([left[~good], middle]).ravel()
        right = np.column_stack([middle, right[~good]]).ravel()
    starts, found = zip(*sorted(pieces, key=lambda piece: piece[0]), strict=True)
    return np.array([*starts, high]), np.array(found)
