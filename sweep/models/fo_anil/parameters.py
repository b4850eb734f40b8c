"""The parameters of FO-ANIL in the teacher–student setting, and the overlaps a cell starts from.

Shapes: Q is K × K, R is K × M, T is M × M; together they are the covariance [[Q, R], [Rᵀ, T]] of
the students' and the teacher's fields, which must be positive semidefinite.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sweep.errors import ParameterError
from sweep.models.base import Constraint
from sweep.models.parameters import Parameter, Value, number, shown
from sweep.ode.arrays import Floats

ROUNDING = 1e-12
"""An eigenvalue of a covariance may be negative by this much, relative to the largest."""

LARGEST = 1e6
"""No overlap may be larger at the start: rounding would drown what the equations subtract."""

PARAMETERS = (
    Parameter("K", "integer", 3, "hidden units of the student", "K", low=1, high=1000),
    Parameter("M", "integer", 3, "hidden units of the teacher", "M", low=1, high=1000),
    Parameter("eta_w", "real", 3.0, "inner learning rate", r"\eta_w", low=0, open_low=True),
    Parameter("eta_J", "real", 3.0, "outer learning rate", r"\eta_J", low=0, open_low=True),
    Parameter(
        "P", "real", np.inf, "training samples a task", "P", low=1, whole=True, infinite=True
    ),
    Parameter(
        "V", "real", np.inf, "validation samples a task", "V", low=1, whole=True, infinite=True
    ),
    Parameter(
        "inner_steps",
        "real",
        1.0,
        "steps of the inner loop; inf is least squares",
        low=1,
        whole=True,
        infinite=True,
    ),
    Parameter(
        "teacher",
        "matrix",
        "graded",
        "T: graded (T_mn = m δ_mn), identity, t (t·I), or an M × M matrix",
        "T",
        low=0,
        high=LARGEST,
        open_low=True,
        choices=("graded", "identity"),
    ),
    Parameter(
        "Q0",
        "matrix",
        0.5,
        "Q at the start: q (q·I) or a K × K matrix",
        "Q_0",
        low=0,
        high=LARGEST,
    ),
    Parameter(
        "R0",
        "matrix",
        1e-12,
        "R at the start: r (r times uniform numbers drawn from the seed) or a K × M matrix",
        "R_0",
        low=-LARGEST,
        high=LARGEST,
    ),
    Parameter("seed", "integer", 0, "seed of the start", r"\mathrm{seed}", low=0),
    Parameter(
        "sigma_u", "real", 1.0, "spread of the task vectors", r"\sigma_u", low=0, open_low=True
    ),
    Parameter("sigma_y", "real", 0.0, "label noise", r"\sigma_y", low=0),
    Parameter(
        "sigma_B", "real", 0.0, "variability of the teacher from task to task", r"\sigma_B", low=0
    ),
    Parameter("weight_decay", "real", 0.0, "decay of J per unit α", r"\kappa", low=0),
    Parameter("target_error", "real", 0.01, "the error to reach", r"\varepsilon", low=0),
    Parameter(
        "alpha_max", "real", 450.0, "the end of the window", r"\alpha_{\max}", low=0, open_low=True
    ),
)

ACTIVATION = Parameter(
    "activation", "word", "erf", "of all units", "g", choices=("erf", "linear", "relu")
)


def start_overlaps(cell: Mapping[str, Value]) -> tuple[Floats, Floats, Floats]:
    """Q, R, T at the start of a cell, from K, M, teacher, Q0, R0 and seed.

    Raises ParameterError where a matrix has the wrong shape or too large an entry, Q0 or T is no
    covariance, T is singular, or the whole is no covariance.
    """
    K, M = int(number(cell["K"])), int(number(cell["M"]))
    T, smallest_T = _teacher(cell["teacher"], M)
    Q, smallest_Q = _students(cell["Q0"], K)
    R0 = cell["R0"]
    R = _student_teacher(R0, K, M, int(number(cell["seed"])))
    # ‖R‖² ≤ λ_min(Q) λ_min(T) is enough, and no draw exceeds ‖R‖² = K M R0².
    if not (isinstance(R0, float) and smallest_Q * smallest_T >= K * M * R0 * R0):
        _check_covariance(Q, R, T)
    return Q, R, T


def _check_covariance(Q: Floats, R: Floats, T: Floats) -> None:
    spectrum = np.linalg.eigvalsh(np.block([[Q, R], [R.T, T]]))
    if spectrum[0] < -ROUNDING * spectrum[-1]:
        raise ParameterError(
            "R0",
            "the start [[Q0, R0], [R0ᵀ, T]] is no covariance: its smallest eigenvalue is "
            f"{spectrum[0]:.3g}; allowed is ≥ 0, so make R0 smaller or Q0 larger",
        )


def interchangeable_units(Q: Floats, R: Floats) -> tuple[int, int] | None:
    """Two student units whose exchange leaves Q and R as they are, or None."""
    K = len(Q)
    for k in range(K):
        for other in range(k + 1, K):
            swap = np.arange(K)
            swap[[k, other]] = other, k
            if np.array_equal(R[k], R[other]) and np.array_equal(Q[np.ix_(swap, swap)], Q):
                return k, other
    return None


def _check_start(cell: Mapping[str, Value]) -> None:
    start_overlaps(cell)


START = Constraint(("K", "M", "teacher", "Q0", "R0", "seed"), _check_start)


def _teacher(value: Value, M: int) -> tuple[Floats, float]:
    """T and its smallest eigenvalue."""
    if value == "graded":
        return np.diag(np.arange(1.0, M + 1)), 1.0
    if value == "identity":
        return np.eye(M), 1.0
    if isinstance(value, int | float):
        return value * np.eye(M), value
    T = _symmetric("teacher", value, M)
    spectrum = np.linalg.eigvalsh(T)
    if spectrum[0] <= ROUNDING * spectrum[-1]:
        raise ParameterError(
            "teacher",
            f"found {shown(value)}, whose smallest eigenvalue is {spectrum[0]:.3g}; "
            "allowed is a symmetric positive definite matrix",
        )
    return T, float(spectrum[0])


def _students(value: Value, K: int) -> tuple[Floats, float]:
    """Q and its smallest eigenvalue."""
    if isinstance(value, int | float):
        return value * np.eye(K), value
    Q = _symmetric("Q0", value, K)
    spectrum = np.linalg.eigvalsh(Q)
    if spectrum[0] < -ROUNDING * spectrum[-1]:
        raise ParameterError(
            "Q0",
            f"found {shown(value)}, whose smallest eigenvalue is {spectrum[0]:.3g}; "
            "allowed is a symmetric positive semidefinite matrix",
        )
    return Q, float(spectrum[0])


def _symmetric(name: str, value: Value, size: int) -> Floats:
    matrix = _matrix(name, value, (size, size))
    if not np.array_equal(matrix, matrix.T):
        raise ParameterError(name, f"found {shown(value)}; allowed is a symmetric matrix")
    return matrix


def _student_teacher(value: Value, K: int, M: int, seed: int) -> Floats:
    if isinstance(value, int | float):
        return float(value) * np.random.default_rng(seed).random((K, M))
    return _matrix("R0", value, (K, M))


def _matrix(name: str, value: Value, shape: tuple[int, int]) -> Floats:
    matrix = np.array(value, dtype=np.float64)
    if matrix.shape != shape:
        raise ParameterError(
            name,
            f"found a matrix of {matrix.shape[0]} × {matrix.shape[1]}; allowed is "
            f"{shape[0]} × {shape[1]} for this K and M",
        )
    largest = np.abs(matrix).max()
    if largest > LARGEST:
        raise ParameterError(
            name,
            f"found a matrix with an entry of {largest:.3g}; allowed are entries to {LARGEST:g}",
        )
    return matrix
