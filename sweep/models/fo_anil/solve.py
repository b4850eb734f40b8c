"""From a start and a list of questions to the replies, for every kind of FO-ANIL's equations."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sweep.models.fo_anil.differences import differences as in_differences
from sweep.models.fo_anil.differences import from_differences
from sweep.models.fo_anil.erf import (
    erf_error,
    erf_error_at_finite_p,
    erf_right_hand_side,
    erf_right_hand_side_at_finite_p,
)
from sweep.models.fo_anil.finite_p import finite_p_size, place_nodes
from sweep.models.fo_anil.linear import linear_error, linear_right_hand_side
from sweep.models.fo_anil.relu import relu_error, relu_right_hand_side, relu_size
from sweep.models.fo_anil.resolution import resolution
from sweep.models.fo_anil.state import Memory, Problem, flat_size, memory, student_matrix
from sweep.ode.arrays import Floats
from sweep.ode.equations import Equations, differences, unresolved
from sweep.ode.events import Questions
from sweep.ode.integrator import MAX_STEPS
from sweep.ode.solve import Solution, solve

Rewrite = Callable[[Floats, int, int], Floats]
"""States (… × n) of K student and M teacher units, written in another way."""


def _nothing(K: int, M: int) -> int:  # noqa: ARG001
    return 0


def _as_it_is(states: Floats, K: int, M: int) -> Floats:  # noqa: ARG001
    return states


Place = Callable[[Problem, Floats, Floats], None]
"""Writes into its last argument; the one before is the covariance (M × M) of a task's teacher."""


def _not_at_all(problem: Problem, T: Floats, flat: Floats) -> None:
    pass


class Kind(NamedTuple):
    """The equations of one kind of problem, and how much memory they need of their own.

    place: writes into that what depends on the teacher alone.
    encode, decode: the usual states (see `dynamics`) as those that the equations are for, and back.
    probe: whether they do not know what rounding does to a slope.
    """

    equations: Equations
    extra: Callable[[int, int], int] = _nothing
    place: Place = _not_at_all
    encode: Rewrite = _as_it_is
    decode: Rewrite = _as_it_is
    probe: bool = False


ERF = Kind(Equations(erf_right_hand_side, erf_error, resolution, differences))
ERF_FINITE_P = Kind(
    Equations(erf_right_hand_side_at_finite_p, erf_error_at_finite_p, resolution, differences),
    finite_p_size,
    place_nodes,
)
LINEAR = Kind(
    Equations(linear_right_hand_side, linear_error, resolution, differences), finite_p_size
)
RELU = Kind(
    Equations(relu_right_hand_side, relu_error, unresolved, differences),
    relu_size,
    encode=in_differences,
    decode=from_differences,
    probe=True,
)


class InnerLoop(NamedTuple):
    """How far the inner loop of several steps is from its limits at the last state.

    rate: η_w λ_max(I_JJ); where it is beyond 2 the inner loop diverges with the number of its
    steps, unless that is infinite (least squares). independence: λ_min(I_JJ) / λ_max(I_JJ); where
    it is 0 least squares has no one solution. Both are NaN for one inner step.
    """

    steps: float
    rate: float
    independence: float


def kind_of(activation: str, P: float) -> Kind:
    """Which equations a problem has."""
    if activation == "erf":
        return ERF if np.isinf(P) else ERF_FINITE_P
    return {"linear": LINEAR, "relu": RELU}[activation]


def space_of(kind: Kind, problem: Problem, T: Floats, sigma_B: float) -> Memory:
    """The memory for equations of a kind."""
    K, M = problem.K, problem.M
    space = memory(K, T, sigma_B, kind.extra(K, M))
    kind.place(problem, T + sigma_B**2 * np.eye(M), space.flat[flat_size(K, M) :])
    return space


def follow(
    y: Floats,
    questions: Questions,
    problem: Problem,
    T: Floats,
    *,
    kind: Kind = ERF,
    sigma_B: float = 0.0,
    rtol: float,
    atol: float,
    max_steps: int = MAX_STEPS,
) -> tuple[Solution, InnerLoop]:
    """Integrate in τ from the usual state y (n) with teacher overlaps T (M × M)."""
    K, M = problem.K, problem.M
    space = space_of(kind, problem, T, sigma_B)
    # Least squares amplify rounding by as much as the student units depend on one another.
    probe = kind.probe or math.isinf(problem.inner_steps)
    solution = solve(
        kind.equations, kind.encode(y, K, M), questions, problem, space, rtol=rtol, atol=atol,
        probe=probe, max_steps=max_steps,
    )  # fmt: skip
    inner = InnerLoop(problem.inner_steps, np.nan, np.nan)
    if problem.inner_steps != 1:
        kind.equations.observable(solution.last, problem, space)
        smallest, largest = _range_of_eigenvalues(student_matrix(problem, space))
        independence = smallest / largest if largest else 0.0
        inner = InnerLoop(problem.inner_steps, problem.eta_w * largest, independence)
    for states in (solution.replies.crossing_state, solution.replies.end_state, solution.last):
        states[:] = kind.decode(states, K, M)
    return solution, inner


def _range_of_eigenvalues(matrix: Floats) -> tuple[float, float]:
    if not np.isfinite(matrix).all():
        return np.nan, np.nan
    spectrum = np.linalg.eigvalsh(matrix)
    return float(spectrum[0]), float(spectrum[-1])
