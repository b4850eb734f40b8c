"""The course of one simulation, thinned to as many points as a picture can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sweep.models.base import Floats
from sweep.models.cells import Index
from sweep.models.fo_anil.simulation.cell import (
    n_test_of,
    number,
    seed_of,
    setting_of,
    start_of,
    tasks_until,
    window_of,
)
from sweep.models.fo_anil.simulation.run import stretches
from sweep.models.parameters import Value


@dataclass(frozen=True)
class Curves:
    """time: n values of α. error: (n,), the test errors averaged over a window of Δα around each
    (over what there is of it, at both ends). Q: (n, K, K) and R: (n, K, M) at these times.
    """

    time: Floats
    error: Floats
    Q: Floats
    R: Floats


def curves(cell: Mapping[str, Value], solver: Mapping[str, Value], points: int) -> Curves:
    """Simulate the cell up to its alpha_max, whatever its target, and keep about `points` times.

    The times are evenly spaced, from 0 on; they end early where the simulation diverges.
    """
    setting, start = setting_of(cell), start_of(cell)
    tasks = tasks_until(number(cell["alpha_max"]), setting.N)
    window = window_of(solver, setting.N)
    steps = np.unique(np.linspace(0, tasks, points).round().astype(np.int64))
    first = steps - window // 2
    low = np.clip(first, 0, tasks - 1)
    high = np.minimum(first + window, tasks)
    sums = _PartialSums(np.union1d(low, high))
    Q = np.empty((len(steps), *start.Q.shape))
    R = np.empty((len(steps), *start.R.shape))
    Q[0], R[0] = start.Q, start.R
    done = 0
    for stretch in stretches(start, setting, n_test_of(solver), window, seed_of(cell), tasks):
        done = stretch.done + len(stretch.errors)
        here = (steps > stretch.done) & (steps <= done)
        Q[here] = stretch.Q[steps[here] - stretch.done - 1]
        R[here] = stretch.R[steps[here] - stretch.done - 1]
        sums.add(stretch.done, stretch.errors)
    kept = np.maximum(steps, high) <= done
    error = (sums.at(high) - sums.at(low)) / (high - low)
    return Curves(steps[kept] / setting.N, error[kept], Q[kept], R[kept])


class _PartialSums:
    """The sums of the first n test errors, for the n asked for alone."""

    def __init__(self, counts: Index) -> None:
        """counts: ascending."""
        self._counts = counts
        self._sums = np.zeros(len(counts))
        self._total = 0.0

    def add(self, done: int, errors: Floats) -> None:
        """Take in the next errors, those after the first `done`."""
        totals = self._total + np.cumsum(errors)
        here = (self._counts > done) & (self._counts <= done + len(errors))
        self._sums[here] = totals[self._counts[here] - done - 1]
        self._total = totals[-1] if len(errors) else self._total

    def at(self, counts: Index) -> Floats:
        """The sums of the first n errors for each n, which must be among those asked for."""
        return self._sums[np.searchsorted(self._counts, counts)]
