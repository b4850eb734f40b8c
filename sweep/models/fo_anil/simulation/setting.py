"""What the reference and the reduced simulation both start from: the constants and the geometry.

Model (Wang, Yip & Li, arXiv 2408.12545). Inputs x ~ N(0, I_N), g(z) = erf(z/√2), z or max(0, z)
(ours beyond erf). Each step is one task, with its own teacher
y = Σ_m u_m g((B + σ_B Ξ)_m·x/√N) + σ_y ζ, where u ~ N(0, σ_u² I) and Ξ ~ N(0, 1), of shape M × N,
are fresh for the task and ζ ~ N(0, 1) for the sample. Learner: f = Σ_k w_k g(J_k·x/√N).

- Inner loop, on P samples, from w = 0, `inner_steps` times:
  w ← w - η_w ∇_w (1/P) Σ ½ (f - y)². Infinitely many steps are the least squares on these samples
  (that of least norm, where several are equal), whatever η_w: the convention is ours.
- Outer loop, on V fresh samples, with this w held:
  J_k ← (1 - κ/N) J_k + (η_J/(√N V)) Σ (y - f) w_k g'(λ_k) x. The decay is ours: it gives
  dR/dα = -κ R and dQ/dα = -2κ Q for large N.

Time: α = t/N after t tasks. Overlaps: Q = J Jᵀ/N (K × K), R = J Bᵀ/N (K × M), T = B Bᵀ/N (M × M).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sweep.ode.arrays import Floats

ACTIVATIONS = ("erf", "linear", "relu")
ERF, LINEAR, RELU = range(3)
"""The activations by their positions, as kernels know them."""

LEAST_SQUARES_CUTOFF = 1e-12
"""Singular values of the features below this fraction of the largest are taken for zero."""


class Setting(NamedTuple):
    """The constants of one simulation; `inner_steps` is a whole number or infinity.

    activation: a position in ACTIVATIONS.
    """

    N: int
    P: int
    V: int
    eta_w: float
    eta_J: float
    inner_steps: float = 1.0
    sigma_u: float = 1.0
    sigma_y: float = 0.0
    sigma_B: float = 0.0
    weight_decay: float = 0.0
    activation: int = ERF


class Frame(NamedTuple):
    """J/√N and B/√N in an orthonormal basis whose first M vectors span B.

    parallel: K × M and orthogonal: K × K, the students' components along the first M vectors and
    along K further ones. teacher: M × M, lower triangular.
    So T = teacher teacherᵀ, R = parallel teacherᵀ, Q = parallel parallelᵀ + orthogonal orthogonalᵀ.
    """

    parallel: Floats
    orthogonal: Floats
    teacher: Floats


def frame(Q: Floats, R: Floats, T: Floats) -> Frame:
    """The frame with the overlaps Q, R and T, which must be those of a covariance.

    The teacher comes first, so that an R of 1e-12 keeps all its digits.
    """
    teacher = np.linalg.cholesky(T)
    parallel = np.linalg.solve(teacher, R.T).T
    values, vectors = np.linalg.eigh(Q - parallel @ parallel.T)
    orthogonal = vectors * np.sqrt(np.maximum(values, 0.0))
    return Frame(*(np.ascontiguousarray(part) for part in (parallel, orthogonal, teacher)))
