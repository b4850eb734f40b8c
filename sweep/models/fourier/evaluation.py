"""Few-shot evaluation of feature weights on fixed unseen tasks (our choice).

Twenty unseen tasks share n_shot points. Each is regressed in closed form with the weights w:
u = w ∘ (minimum-norm least squares of ΦW c = y). The test error is

    E = Σ_tasks ‖u - β*‖² / Σ_tasks ‖β*‖²,

the dense mean-squared error relative to that of predicting zero, which scores 1.

The regression is linear in the labels, and the labels of all tasks are combinations of the true
features at the points: these three are regressed, whatever the number of tasks.
"""

from __future__ import annotations

from dataclasses import dataclass

from sweep.models.fourier.features import Points, features
from sweep.models.fourier.regression import minimum_norm
from sweep.models.fourier.tasks import TRUE_FEATURES, unseen_coefficients, unseen_points
from sweep.ode.arrays import Floats


@dataclass(frozen=True)
class Evaluation:
    """Φ at the shared points, shape (n_shot, D), and β*_0..β*_2 of the tasks, shape (tasks, 3)."""

    features: Floats
    coefficients: Floats

    def error(self, weights: Floats) -> float:
        """E with the feature weights w, shape (D,)."""
        deviation = minimum_norm(self.features, weights, self.features[:, :TRUE_FEATURES])
        for j in range(TRUE_FEATURES):
            deviation[j, j] -= 1
        moments = self.coefficients.T @ self.coefficients
        return float(((deviation.T @ deviation) * moments).sum() / moments.trace())


def evaluation(points: Points, coefficients: Floats, D: int, pool: int) -> Evaluation:
    """Evaluation of D weights at given points of the pool and for given tasks."""
    return Evaluation(features(points, D, pool), coefficients)


def unseen_tasks(seed: int, *, D: int, pool: int, n_shot: int) -> Evaluation:
    """The evaluation that a seed stands for."""
    return evaluation(
        unseen_points(seed, pool=pool, n_shot=n_shot), unseen_coefficients(seed), D, pool
    )
