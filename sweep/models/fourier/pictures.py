"""The pictures of single runs, and what they show: runs, few-shot errors, closed forms, tasks.

`sweep.plots.fourier` draws what is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np

from sweep.models.base import COURSE, Picture
from sweep.models.fourier.cell import Cell, integer, training
from sweep.models.fourier.detail import Prediction, ShotCurves, few_shot, predict
from sweep.models.fourier.features import Points, features
from sweep.models.fourier.run import Run
from sweep.models.fourier.tasks import TRUE_FEATURES
from sweep.ode.arrays import Floats

FEATURES = (0, 1, 2, 3, 4, 9, 40)  # and the last one
FINE = 16  # points a period of the last feature, to draw it without beats
TASKS = 4
UNSEEN_TASK = 0
SHOTS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)


class Learner(Protocol):
    """What runs are made by. method: its name among researchers."""

    method: ClassVar[str]

    def run(self, cell: Cell, /) -> Run: ...


@dataclass(frozen=True)
class Runs:
    """A run for every cell. method: what they have in common, such as "first-order MAML"."""

    method: str
    cells: Sequence[Cell]
    runs: Sequence[Run]


@dataclass(frozen=True)
class LearnedTask:
    """One run, and an unseen task learned with the weights that it ends with."""

    of: Runs
    task: Prediction


@dataclass(frozen=True)
class SomeFeatures:
    """Some of D features, as functions on a pool that is fine enough; values: (pool, chosen)."""

    D: int
    chosen: Sequence[int]
    values: Floats


@dataclass(frozen=True)
class Tasks:
    """Tasks of the first outer step: functions on the pool, shape (TASKS, pool)."""

    points: Points
    coefficients: Floats
    functions: Floats


@dataclass(frozen=True)
class ClosedForm:
    """An unseen task, regressed on all D features alike."""

    D: int
    task: Prediction


@dataclass(frozen=True)
class Shots:
    """Few-shot errors of the weights that every run ends with."""

    of: Runs
    curves: Sequence[ShotCurves]


def runs(model: Learner, cells: Sequence[Cell]) -> Runs:
    """The runs of the cells, one after the other."""
    return Runs(_method(model, cells), cells, [model.run(cell) for cell in cells])


def learned_task(model: Learner, cells: Sequence[Cell]) -> LearnedTask:
    """Of one cell."""
    of = runs(model, cells)
    return LearnedTask(of, predict(cells[0], _last_weights(of.runs[0]), UNSEEN_TASK))


def some_features(model: Learner, cells: Sequence[Cell]) -> SomeFeatures:  # noqa: ARG001
    """The true ones, the first false ones, some of the many others, and the last."""
    D = integer(cells[0], "D")
    chosen = sorted({*(j for j in FEATURES if j < D), D - 1})
    return SomeFeatures(D, chosen, features(np.arange(FINE * D), D, FINE * D)[:, chosen])


def tasks(model: Learner, cells: Sequence[Cell]) -> Tasks:  # noqa: ARG001
    """A task does not depend on how many there are: a run that has fewer shows as many."""
    pool = integer(cells[0], "pool")
    batch = training({**cells[0], "tasks": TASKS}, n_val=0).batch()
    functions = batch.coefficients @ features(np.arange(pool), TRUE_FEATURES, pool).T
    return Tasks(batch.train, batch.coefficients, functions)


def closed_form(model: Learner, cells: Sequence[Cell]) -> ClosedForm:  # noqa: ARG001
    """It depends on no run."""
    D = integer(cells[0], "D")
    return ClosedForm(D, predict(cells[0], np.ones(D), UNSEEN_TASK))


def shots(model: Learner, cells: Sequence[Cell]) -> Shots:
    """With as many points of an unseen task as the pool has, at most."""
    of = runs(model, cells)
    curves = [
        few_shot(cell, _last_weights(run), [n for n in SHOTS if n <= integer(cell, "pool")])
        for cell, run in zip(cells, of.runs, strict=True)
    ]
    return Shots(of, curves)


PICTURES: Mapping[str, Picture] = {
    "run": Picture(
        "test error, feature weights, and an unseen task, of one run", None, learned_task
    ),
    "features": Picture("some of the features against x", ("D",), some_features),
    "tasks": Picture("several tasks and their labels", ("pool", "n_train", "seed"), tasks),
    "closed-form": Picture(
        "the closed form at the training points and between",
        ("D", "pool", "n_shot", "seed"),
        closed_form,
    ),
    "weights": Picture("feature weights before, during and after, and errors", ("D",), runs),
    "shots": Picture(
        "test error against the points of an unseen task", ("D", "pool", "seed"), shots
    ),
    **COURSE,
}


def _method(model: Learner, cells: Sequence[Cell]) -> str:
    first_order = {cell.get("order") for cell in cells} == {1}
    return f"first-order {model.method}" if first_order else model.method


def _last_weights(run: Run) -> Floats:
    last: Floats = run.weights[run.last_sound()]
    return last
