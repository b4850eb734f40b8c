"""The course of one simulation, thinned to as many points as a picture can show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

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
from sweep.ode.arrays import Floats


@dataclass(frozen=True)
class Curves:
    """time: n values of α. error: (n,), the test errors averaged over a window of Δα around each
    (see `window_ends`). Q: (n, K, K) and R: (n, K, M) at these times.
    """

    time: Floats
    error: Floats
    Q: Floats
    R: Floats


def curves(cell: Mapping[str, Value], solver: Mapping[str, Value], points: int) -> Curves:
    """Simulate the cell up to its alpha_max, whatever its target, and keep about `points` times.

    The times are evenly spaced, from 0 on; they end early where the simulation diverges, and the
    last window with them.
    """
    setting, start = setting_of(cell), start_of(cell)
    tasks = tasks_until(number(cell["alpha_max"]), setting.N)
    window = window_of(solver, setting.N)
    steps = steps_shown(tasks, points)
    ends = window_ends(steps, window, tasks)
    error = np.empty(len(steps))
    Q = np.empty((len(steps), *start.Q.shape))
    R = np.empty((len(steps), *start.R.shape))
    Q[0], R[0] = start.Q, start.R
    done = 0
    for stretch in stretches(start, setting, n_test_of(solver), window, seed_of(cell), tasks):
        n = len(stretch.errors)
        here, averaged = (_within(counts, stretch.done, n) for counts in (steps, ends))
        Q[here] = stretch.Q[steps[here] - stretch.done - 1]
        R[here] = stretch.R[steps[here] - stretch.done - 1]
        error[averaged] = stretch.means[ends[averaged] - stretch.done - 1]
        if n:
            error[ends > stretch.done + n] = stretch.means[-1]  # unless the run goes on
        done = stretch.done + n
    kept = steps <= done if done else np.zeros(len(steps), dtype=np.bool_)
    return Curves(steps[kept] / setting.N, error[kept], Q[kept], R[kept])


def steps_shown(tasks: int, points: int) -> Index:
    """After how many tasks a run of so many is looked at: about `points` times, from 0 on."""
    return np.unique(np.linspace(0, tasks, points).round().astype(np.int64))


def window_ends(steps: Index, window: int, tasks: int) -> Index:
    """The last task of the window around each step, in a run of so many tasks.

    Windows are whole: at both ends of the run, they are the first and the last one. So a curve
    begins and ends with the errors of the cell's row, and no point of it is noisier than the
    average that the target is compared with. A run shorter than a window is averaged as a whole.
    """
    return np.clip(steps - window // 2 + window, min(window, tasks), tasks)


def _within(counts: Index, done: int, n: int) -> Index:
    """Where counts are among the n that follow the first `done`."""
    return np.flatnonzero((counts > done) & (counts <= done + n))
