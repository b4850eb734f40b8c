"""A simulation as a stream of stretches: the test errors and overlaps of many tasks at a time.

Time: the test error of task t belongs to the state after t - 1 tasks, the overlaps to that after t.

Random numbers come from the seed alone, in three streams: one for the samples that move J, one for
the test sets, whose size so leaves the trajectory as it is, and one for all else. Cells that differ
in other parameters draw the same numbers, as far as they use equally many a task.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sweep.models.fo_anil.simulation.normals import lanes
from sweep.models.fo_anil.simulation.reduced import advance
from sweep.models.fo_anil.simulation.setting import Setting, frame
from sweep.ode.arrays import Floats
from sweep.ode.compiled import kernel

LONGEST_STRETCH = 256
"""Tasks a stretch: enough to make the work between stretches small beside the tasks' own."""

STRETCH_NUMBERS = 2**18
"""Overlaps a stretch may hold, which shortens it for very wide networks."""

TRAINING, TESTING, MOVING = range(3)


@dataclass(frozen=True)
class Start:
    """The overlaps at α = 0: Q (K × K), R (K × M), T (M × M)."""

    Q: Floats
    R: Floats
    T: Floats


@dataclass(frozen=True)
class Stretch:
    """n tasks after the first `done`. errors, shape (n,): of each task's test set. means, (n,):
    of the errors of the last `window` tasks (of all so far, while these are fewer).
    Q, (n, K, K), and R, (n, K, M): after each task.
    """

    done: int
    errors: Floats
    means: Floats
    Q: Floats
    R: Floats


def stretches(
    start: Start, setting: Setting, test_size: int, window: int, seed: int, tasks: int
) -> Iterator[Stretch]:
    """Simulate `tasks` tasks; the stream ends before them where a result is no longer finite."""
    K, M = start.R.shape
    now = frame(start.Q, start.R, start.T)
    moving = np.random.Generator(np.random.SFC64(seeds(seed, MOVING)))
    training, testing = lanes(seeds(seed, TRAINING)), lanes(seeds(seed, TESTING))
    recent = np.zeros(window)
    length = min(LONGEST_STRETCH, max(1, STRETCH_NUMBERS // (K * (K + M))))
    done = 0
    while done < tasks:
        n = min(length, tasks - done)
        errors, means = np.empty(n), np.empty(n)
        Q, R = np.empty((n, K, K)), np.empty((n, K, M))
        finite = advance(now, setting, test_size, moving, training, testing, errors, Q, R)
        moving_means(errors[:finite], recent, done, means)
        yield Stretch(done, errors[:finite], means[:finite], Q[:finite], R[:finite])
        if finite < n:
            return
        done += n


def seeds(seed: int, purpose: int) -> np.random.SeedSequence:
    """For the random numbers for one purpose, independent of those for others and of R0's."""
    return np.random.SeedSequence(seed, spawn_key=(purpose,))


@kernel
def moving_means(values: Floats, recent: Floats, done: int, means: Floats) -> None:
    """means[i]: of the last len(recent) values up to values[i], or of all while they are fewer.

    recent: a ring of the last values, zeros at first, moved along. done: how many came before.
    """
    # Added up anew each time, so that rounding does not pile up over a long run.
    total = np.sum(recent)
    for i in range(values.size):
        place = (done + i) % recent.size
        total += values[i] - recent[place]
        recent[place] = values[i]
        means[i] = total / min(done + i + 1, recent.size)
