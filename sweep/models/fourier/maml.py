"""MAML: feature weights follow the gradient of the loss after the inner loop.

w ← w - β · (mean over tasks of ∇_w of the validation loss after S inner steps from c = 0), β the
outer rate. Of order 2 the gradient is the full derivative through the inner steps, of order 1
(first-order MAML) it leaves out that of the inner steps.

The inner loop is stable only for α < 2/λ_max, λ_max the largest eigenvalue of (2/n) WΦᵀΦW. Cells
near the edge of divergence are chaotic.
"""

from __future__ import annotations

from collections.abc import Mapping

from sweep.models.fourier import model
from sweep.models.fourier.cell import integer, real, training
from sweep.models.fourier.metagradient import meta_gradient
from sweep.models.fourier.model import FourierModel, Step
from sweep.models.parameters import Parameter, Value
from sweep.ode.arrays import Floats

UNSTABLE = 0.6
"""From about this α D/n_train on the inner loop is unstable from the start; runs soon diverge."""

SLOW = 20.0
"""From ones the target is met after about this many steps, times D/(n_shot β)."""

NEVER = 0.05
"""The part of the runs there that do not meet it."""


class Maml(FourierModel):
    """Gradients counted: S inner ones and the meta-gradient, for every task."""

    name = "fourier-maml"
    meaning = "MAML of feature weights, over too many Fourier features"
    method = "MAML"
    parameters = (
        *model.declared(tasks=5, inner_rate=0.01, outer_rate=3.0, max_steps=300),
        Parameter("order", "integer", 2, "2: MAML, 1: first-order MAML", low=1, high=2),
    )
    constraints = model.CONSTRAINTS

    def outer_step(self, parameters: Mapping[str, Value]) -> Step:
        stream = training(parameters, integer(parameters, "n_val"))
        outer_rate = real(parameters, "outer_rate")

        def step(weights: Floats) -> Floats:
            return weights - outer_rate * meta_gradient(
                weights,
                stream.batch(),
                pool=integer(parameters, "pool"),
                inner_rate=real(parameters, "inner_rate"),
                inner_steps=integer(parameters, "inner_steps"),
                order=integer(parameters, "order"),
            )

        return step

    def gradients(self, parameters: Mapping[str, Value]) -> int:
        return integer(parameters, "tasks") * (integer(parameters, "inner_steps") + 1)

    def steps_made(self, parameters: Mapping[str, Value], most: float) -> float:
        """Where it does not diverge the time goes as D/β; from uniform weights it is shorter."""
        D, n_shot = integer(parameters, "D"), integer(parameters, "n_shot")
        if n_shot >= D:
            return super().steps_made(parameters, most)
        if real(parameters, "inner_rate") * D > UNSTABLE * integer(parameters, "n_train"):
            return 0.02 * most
        steps = SLOW * D / (n_shot * real(parameters, "outer_rate"))
        steps *= 1.0 if parameters["init"] == "ones" else 0.2
        return min(most, NEVER * most + steps)

    def step_cost(self, parameters: Mapping[str, Value]) -> float:
        n_train = integer(parameters, "n_train")
        products = self.gradients(parameters) * n_train * min(n_train, integer(parameters, "D"))
        return 7e-5 + 5e-10 * products


MODEL = Maml()
