"""From a start and a list of questions to the replies: the compiled integrator behind one call."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from sweep.cells import Index
from sweep.models.base import Floats
from sweep.models.compiled import Pointer, compile_for, direct
from sweep.models.fo_anil.dynamics import (
    ErrorFunction,
    Memory,
    Problem,
    RightHandSide,
    generalization_error,
    memory,
    right_hand_side,
    student_matrix,
)
from sweep.models.fo_anil.events import Questions, Replies
from sweep.models.fo_anil.finite_p import finite_p_size
from sweep.models.fo_anil.finite_p_dynamics import finite_p_error, finite_p_right_hand_side
from sweep.models.fo_anil.integrator import MAX_STEPS, Outcome, integrate
from sweep.models.fo_anil.linear import linear_error, linear_right_hand_side
from sweep.models.fo_anil.relu import relu_error, relu_right_hand_side
from sweep.models.fo_anil.steps import advance, buffers, linearize


class Equations(NamedTuple):
    """The compiled equations of one kind of problem, and how much memory they need of their own."""

    right_hand_side: RightHandSide
    error: ErrorFunction
    extra: Callable[[int, int], int]


def _nothing(K: int, M: int) -> int:  # noqa: ARG001
    return 0


ERF = Equations(right_hand_side, generalization_error, _nothing)
ERF_FINITE_P = Equations(finite_p_right_hand_side, finite_p_error, finite_p_size)
LINEAR = Equations(linear_right_hand_side, linear_error, finite_p_size)
RELU = Equations(relu_right_hand_side, relu_error, _nothing)


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
    integrator, right_hand_side, error, advance, linearize = _compiled(equations)
    space = memory(problem.K, T, sigma_B, equations.extra(problem.K, problem.M))
    buffer = buffers(y.size)
    replies = _empty(len(questions.targets), len(questions.ends), y.size)
    last = np.array(y, dtype=np.float64)
    outcome = integrator(
        last, questions, replies, rtol, atol, max_steps, right_hand_side, error, advance, linearize,
        problem, space, buffer,
    )  # fmt: skip
    evaluations = int(buffer.integers[-1])
    inner_rate, independence = np.nan, np.nan
    if problem.inner_steps != 1:
        equations.error(last, problem, space)
        smallest, largest = _range_of_eigenvalues(student_matrix(problem, space))
        inner_rate, independence = problem.eta_w * largest, smallest / largest if largest else 0.0
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
    advance: Pointer
    linearize: Pointer


@cache
def _compiled(equations: Equations) -> _Compiled:
    """The integrator and these equations, compiled."""
    y, problem, space = _example()
    compile_for(equations.right_hand_side, y, y, problem, space)
    compile_for(equations.error, y, problem, space)
    _compile_integrator()
    return _Compiled(
        direct(integrate),
        Pointer(equations.right_hand_side),
        Pointer(equations.error),
        Pointer(advance),
        Pointer(linearize),
    )


@cache
def _compile_integrator() -> None:
    """For any equations, since all are of the types of these."""
    y, problem, space = _example()
    buffer = buffers(y.size)
    f, error = (
        compile_for(right_hand_side, y, y, problem, space),
        compile_for(generalization_error, y, problem, space),
    )
    compile_for(advance, False, y, 1.0, buffer.rows, y, f, problem, space, buffer)
    compile_for(linearize, y, f, problem, space, buffer)
    questions, _, _ = ask(np.ones(1), np.ones(1))
    compile_for(
        integrate, y, questions, _empty(1, 1, y.size), 1.0, 1.0, 1, f, error, advance,
        linearize, problem, space, buffer,
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
