"""What the weights of a run can do, on unseen tasks.

All functions are of a cell's parameters, and of weights that a run has come by; they return arrays.
A function of x is an array over the pool, whose inputs are `features.inputs`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sweep.models.fourier.cell import integer
from sweep.models.fourier.evaluation import Evaluation, unseen_tasks
from sweep.models.fourier.features import Points, features
from sweep.models.fourier.regression import minimum_norm
from sweep.models.fourier.tasks import TRUE_FEATURES, unseen_coefficients, unseen_points
from sweep.models.parameters import Value
from sweep.ode.arrays import Floats


@dataclass(frozen=True)
class Prediction:
    """An unseen task and two regressions of it from the same points, as functions on the pool.

    meta_learned: closed form with the learned weights; closed_form: with weights 1. At `points`,
    indices into the pool, both were given the truth.
    """

    points: Points
    truth: Floats
    meta_learned: Floats
    closed_form: Floats


@dataclass(frozen=True)
class ShotCurves:
    """Test error E against the number of points of an unseen task; each of shape (shots,).

    direct: weights 1. oracle: the true features alone. Predicting zero scores 1.
    """

    shots: Points
    meta_learned: Floats
    direct: Floats
    oracle: Floats


def unseen_functions(parameters: Mapping[str, Value]) -> Floats:
    """The unseen tasks as functions on the pool, shape (tasks, pool)."""
    pool = integer(parameters, "pool")
    truth = features(np.arange(pool), TRUE_FEATURES, pool)
    return unseen_coefficients(integer(parameters, "seed")) @ truth.T


def predict(parameters: Mapping[str, Value], weights: Floats, task: int = 0) -> Prediction:
    """One of the unseen tasks, learned from its n_shot points with and without the weights."""
    D, pool = integer(parameters, "D"), integer(parameters, "pool")
    points = unseen_points(
        integer(parameters, "seed"), pool=pool, n_shot=integer(parameters, "n_shot")
    )
    truth = unseen_functions(parameters)[task]
    phi = features(np.arange(pool), D, pool)
    labels = truth[points, None]
    return Prediction(
        points=points,
        truth=truth,
        meta_learned=phi @ minimum_norm(phi[points], weights, labels)[:, 0],
        closed_form=phi @ minimum_norm(phi[points], np.ones(D), labels)[:, 0],
    )


def few_shot(parameters: Mapping[str, Value], weights: Floats, shots: Sequence[int]) -> ShotCurves:
    """Test error against shots, on the unseen tasks; `n_shot` of the parameters is not used."""
    D, pool = integer(parameters, "D"), integer(parameters, "pool")
    curves = np.empty((3, len(shots)))
    for i, n_shot in enumerate(shots):
        unseen = unseen_tasks(integer(parameters, "seed"), D=D, pool=pool, n_shot=n_shot)
        true_features = Evaluation(unseen.features[:, :TRUE_FEATURES], unseen.coefficients)
        curves[:, i] = (
            unseen.error(weights),
            unseen.error(np.ones(D)),
            true_features.error(np.ones(TRUE_FEATURES)),
        )
    return ShotCurves(np.array(shots), *curves)
