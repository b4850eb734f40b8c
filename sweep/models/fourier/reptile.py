"""Reptile: feature weights move towards those that plain training finds.

For every task, S full-batch gradient steps of the training loss L = (1/n)‖ΦWc - y‖² are taken
jointly in w and c; then w ← w + β · mean over tasks of (w_S - w), β the outer rate, and c is
discarded. c starts at c0_scale · N(0, 1) (our choice).

With g = (2/n) Φᵀ(ΦWc - y) a step is w ← w - α c ∘ g, c ← c - α w ∘ g, so that
(w² - c²)_{s+1} = (w² - c²)_s (1 - α²g²): w² - c² is nearly conserved, and from c = 0 false weights
hardly shrink. A small random start of c cures it.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sweep.models.fourier import model
from sweep.models.fourier.cell import integer, real, training
from sweep.models.fourier.features import features
from sweep.models.fourier.model import FourierModel, Step
from sweep.models.fourier.tasks import TRAIN_START, TRUE_FEATURES, stream
from sweep.models.fourier.vectors import loss_slope
from sweep.models.parameters import Parameter, Value
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel


class Reptile(FourierModel):
    """Gradients counted: S joint ones for every task.

    There is no validation: n_val is a parameter only so that one grid file serves both models,
    and cells that differ in it are answered by one run.
    """

    name = "fourier-reptile"
    meaning = "Reptile of feature weights, over too many Fourier features"
    method = "Reptile"
    parameters = (
        *model.declared(tasks=1, inner_rate=0.05, outer_rate=1.0, max_steps=400),
        Parameter("c0_scale", "real", 0.2, "spread of the coefficients at the start", "c_0", low=0),
    )
    constraints = model.CONSTRAINTS
    answered_together: tuple[str, ...] = (*FourierModel.answered_together, "n_val")

    def outer_step(self, parameters: Mapping[str, Value]) -> Step:
        D, pool = integer(parameters, "D"), integer(parameters, "pool")
        outer_rate, scale = real(parameters, "outer_rate"), real(parameters, "c0_scale")
        data = training(parameters, n_val=0)
        seed = integer(parameters, "seed")
        starts = [stream(seed, TRAIN_START, t) for t in range(integer(parameters, "tasks"))]

        def step(weights: Floats) -> Floats:
            batch = data.batch()
            phi = features(batch.train, D, pool)
            labels = batch.coefficients @ phi[:, :TRUE_FEATURES].T
            moved = np.zeros(D)
            for start, y in zip(starts, labels, strict=True):
                trained, _ = joint_descent(
                    weights,
                    scale * start.standard_normal(D),
                    phi,
                    y,
                    real(parameters, "inner_rate"),
                    integer(parameters, "inner_steps"),
                )
                moved += trained - weights
            return weights + outer_rate * moved / len(labels)

        return step

    def gradients(self, parameters: Mapping[str, Value]) -> int:
        return integer(parameters, "tasks") * integer(parameters, "inner_steps")

    def step_cost(self, parameters: Mapping[str, Value]) -> float:
        entries = integer(parameters, "n_train") * integer(parameters, "D")
        return 5e-5 + 3e-10 * self.gradients(parameters) * entries


@fast_kernel
def joint_descent(
    weights: Floats, coefficients: Floats, phi: Floats, y: Floats, rate: float, steps: int
) -> tuple[Floats, Floats]:
    """(w, c) after gradient steps of (1/n)‖Φ(w ∘ c) - y‖² in both.

    phi: shape (n, D); y: shape (n,); weights, coefficients: shape (D,).
    """
    w, c = weights.copy(), coefficients.copy()
    for _ in range(steps):
        change = (2 * rate / y.size) * loss_slope(phi, w * c, y)
        w, c = w - change * c, c - change * w
    return w, c


MODEL = Reptile()
