"""What is drawn at random: tasks, points and starts, each from a stream of its own.

A task is a function Σ_j β*_j φ_j with β*_0, β*_1, β*_2 ~ N(0, 1) (our choice of the variance) and
all other coefficients 0. The tasks of one outer step share their n_train training and n_val
validation points, drawn without replacement from the pool (our choice).

A stream depends on the seed and on what it is for, and on nothing else, so that cells with equal
seeds see the same luck (common random numbers). A permutation of the whole pool is drawn at each
step, whose beginning are the training points and whose end the validation points, and every task
has a stream of its own: a cell with more points or more tasks sees those of the others, and
further ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from sweep.models.fourier.features import Points
from sweep.ode.arrays import Floats

TRUE_FEATURES = 3
UNSEEN_TASKS = 20
INIT, TRAIN_POINTS, TRAIN_TASKS, TRAIN_START, UNSEEN_POINTS, UNSEEN_TASK = range(6)


@dataclass(frozen=True)
class Batch:
    """One outer step's data; coefficients: β*_0..β*_2 of every task, shape (tasks, 3)."""

    train: Points
    validation: Points
    coefficients: Floats


class Training:
    """The stream of batches of one trajectory."""

    def __init__(self, seed: int, *, pool: int, n_train: int, n_val: int, tasks: int) -> None:
        self._points = stream(seed, TRAIN_POINTS)
        self._tasks = [stream(seed, TRAIN_TASKS, t) for t in range(tasks)]
        self._pool, self._n_train, self._n_val = pool, n_train, n_val

    def batch(self) -> Batch:
        """The next outer step's."""
        order = self._points.permutation(self._pool)
        return Batch(
            train=order[: self._n_train],
            validation=order[self._pool - self._n_val :],
            coefficients=np.array([task.standard_normal(TRUE_FEATURES) for task in self._tasks]),
        )


def initial_weights(init: Literal["ones", "uniform"], D: int, seed: int) -> Floats:
    """Feature weights before the first outer step: all 1, or uniform on [0, 1) (our choice)."""
    return np.ones(D) if init == "ones" else stream(seed, INIT).random(D)


def unseen_points(seed: int, *, pool: int, n_shot: int) -> Points:
    """The points that all unseen tasks share; those of fewer shots are among those of more."""
    return stream(seed, UNSEEN_POINTS).permutation(pool)[:n_shot]


def unseen_coefficients(seed: int) -> Floats:
    """β*_0..β*_2 of the unseen tasks, shape (UNSEEN_TASKS, 3)."""
    return stream(seed, UNSEEN_TASK).standard_normal((UNSEEN_TASKS, TRUE_FEATURES))


def stream(seed: int, purpose: int, number: int = 0) -> np.random.Generator:
    """The generator for one purpose; `number` tells apart several for the same purpose."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(purpose, number)))
