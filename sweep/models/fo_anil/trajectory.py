"""From a start and a list of questions to the replies: the compiled integrator behind one call."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from sweep.models.fo_anil.differences import differences, from_differences
from sweep.models.fo_anil.dynamics import (
    ErrorFunction,
    Memory,
    Problem,
    Resolution,
    RightHandSide,
    generalization_error,
    memory,
    resolution,
    right_hand_side,
    student_matrix,
)
from sweep.models.fo_anil.finite_p import finite_p_size
from sweep.models.fo_anil.finite_p_dynamics import finite_p_error, finite_p_right_hand_side
from sweep.models.fo_anil.linear import linear_error, linear_right_hand_side
from sweep.models.fo_anil.relu import (
    relu_error,
    relu_resolution,
    relu_right_hand_side,
    relu_size,
)
from sweep.ode.arrays import Floats, Index
from sweep.ode.compiled import Pointer, compile_for, direct
from sweep.ode.events import Questions, Replies
from sweep.ode.integrator import MAX_STEPS, Outcome, integrate
from sweep.ode.steps import advance, buffers, linearize

Rewrite = Callable[[Floats, int, int], Floats]
"""States (… × n) of K student and M teacher units, written in another way."""


def _nothing(K: int, M: int) -> int:  # noqa: ARG001
    return 0


def _as_it_is(states: Floats, K: int, M: int) -> Floats:  # noqa: ARG001
    return states


class Equations(NamedTuple):
    """The compiled equations of one kind of problem, and how much memory they need of their own.

    encode, decode: the usual states (see `dynamics`) as those that the equations are for, and back.
    """

    right_hand_side: RightHandSide
    error: ErrorFunction
    resolution: Resolution
    extra: Callable[[int, int], int]
    encode: Rewrite = _as_it_is
    decode: Rewrite = _as_it_is


ERF = Equations(right_hand_side, generalization_error, resolution, _nothing)
ERF_FINITE_P = Equations(finite_p_right_hand_side, finite_p_error, resolution, finite_p_size)
LINEAR = Equations(linear_right_hand_side, linear_error, resolution, finite_p_size)
RELU = Equations(
    relu_right_hand_side, relu_error, relu_resolution, relu_size, differences, from_differences
)


class Solution(NamedTuple):
    """The replies, the last state y, how the integration ended, and what it cost.

    inner_rate: η_w λ_max(I_JJ) at the last state; where it is beyond 2 the inner loop diverges
    with the number of its steps, unless that is infinite (least squares). independence:
    λ_min(I_JJ) / λ_max(I_JJ); where it is 0 least squares has no one solution. Both are NaN for one
    inner step.
    """

    replies: Replies
    last: Floats
    outcome: Outcome
    evaluations: int
    inner_steps: float
    inner_rate: float
    independence: float


def equations_of(activation: str, P: float) -> Equations:
    """Which equations a problem has."""
    if activation == "erf":
        return ERF if np.isinf(P) else ERF_FINITE_P
    return {"linear": LINEAR, "relu": RELU}[activation]


def follow(
    y: Floats,
    questions: Questions,
    problem: Problem,
    T: Floats,
    *,
    equations: Equations = ERF,
    sigma_B: float = 0.0,
    rtol: float,
    atol: float,
    max_steps: int = MAX_STEPS,
) -> Solution:
    """Integrate from state y (n) with teacher overlaps T (M × M) until all is answered."""
    compiled = _compiled(equations)
    space = memory(problem.K, T, sigma_B, equations.extra(problem.K, problem.M))
    buffer = buffers(y.size)
    replies = _empty(len(questions.targets), len(questions.ends), y.size)
    last = np.array(equations.encode(y, problem.K, problem.M), dtype=np.float64)
    # Least squares amplify rounding by as much as the student units depend on one another, angles
    # near 0 by as much as they are small.
    probe = math.isinf(problem.inner_steps) or equations is RELU
    outcome = compiled.integrate(
        last, questions, replies, rtol, atol, max_steps, probe, compiled.right_hand_side,
        compiled.error, compiled.resolution, compiled.advance, compiled.linearize, problem, space,
        buffer,
    )  # fmt: skip
    evaluations = int(buffer.integers[-1])
    inner_rate, independence = np.nan, np.nan
    if problem.inner_steps != 1:
        equations.error(last, problem, space)
        smallest, largest = _range_of_eigenvalues(student_matrix(problem, space))
        inner_rate, independence = problem.eta_w * largest, smallest / largest if largest else 0.0
    for states in (replies.crossing_state, replies.end_state, last):
        states[:] = equations.decode(states, problem.K, problem.M)
    return Solution(
        replies, last, outcome, evaluations, problem.inner_steps, inner_rate, independence
    )


def ask(targets: Floats, ends: Floats) -> tuple[Questions, Index, Index]:
    """The questions of cells that want to know when ε falls to targets[i], until τ = ends[i].

    Returns also, for each cell, the position of its target and of its end among the questions.
    """
    distinct, target_of = np.unique(-targets, return_inverse=True)
    distinct_ends, end_of = np.unique(ends, return_inverse=True)
    latest = np.zeros(len(distinct))
    np.maximum.at(latest, target_of, ends)
    lowest = np.zeros(len(distinct_ends), dtype=np.int64)
    np.maximum.at(lowest, end_of, target_of)
    needed_until = np.maximum.accumulate(latest[::-1])[::-1].copy()
    questions = Questions(-distinct, needed_until, distinct_ends, lowest)
    return questions, target_of.astype(np.int64), end_of.astype(np.int64)


class _Compiled(NamedTuple):
    integrate: Callable[..., Outcome]
    right_hand_side: Pointer
    error: Pointer
    resolution: Pointer
    advance: Pointer
    linearize: Pointer


@cache
def _compiled(equations: Equations) -> _Compiled:
    """The integrator and these equations, compiled."""
    y, problem, space = _example()
    compile_for(equations.right_hand_side, y, y, problem, space)
    compile_for(equations.error, y, problem, space)
    compile_for(equations.resolution, y, y, y, problem, space)
    _compile_integrator()
    return _Compiled(
        direct(integrate),
        Pointer(equations.right_hand_side),
        Pointer(equations.error),
        Pointer(equations.resolution),
        Pointer(advance),
        Pointer(linearize),
    )


@cache
def _compile_integrator() -> None:
    """For any equations, since all are of the types of these."""
    y, problem, space = _example()
    buffer = buffers(y.size)
    f = compile_for(right_hand_side, y, y, problem, space)
    error = compile_for(generalization_error, y, problem, space)
    rounding = compile_for(resolution, y, y, y, problem, space)
    compile_for(advance, False, y, 1.0, buffer.rows, y, f, problem, space, buffer)
    compile_for(linearize, y, f, problem, space, buffer)
    questions, _, _ = ask(np.ones(1), np.ones(1))
    compile_for(
        integrate, y, questions, _empty(1, 1, y.size), 1.0, 1.0, 1, False, f, error, rounding,
        advance, linearize, problem, space, buffer,
    )  # fmt: skip


def _range_of_eigenvalues(matrix: Floats) -> tuple[float, float]:
    if not np.isfinite(matrix).all():
        return np.nan, np.nan
    spectrum = np.linalg.eigvalsh(matrix)
    return float(spectrum[0]), float(spectrum[-1])


def _empty(targets: int, ends: int, n: int) -> Replies:
    return Replies(
        np.full(targets, np.nan),
        np.full((targets, n), np.nan),
        np.full((ends, n), np.nan),
        np.full(ends, np.nan),
    )


def _example() -> tuple[Floats, Problem, Memory]:
    """Arguments of the types that the kernels are compiled for."""
    problem = Problem(1, 1, 1.0, 1.0, np.inf, 0.0, 0.0, 1.0, 0.0)
    return np.array([0.5, 0.1]), problem, memory(1, np.eye(1))
