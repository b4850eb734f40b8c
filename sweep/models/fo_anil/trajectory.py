"""From a start and a list of questions to the replies: the compiled integrator behind one call."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from sweep.cells import Index
from sweep.models.base import Floats
from sweep.models.compiled import compile_for
from sweep.models.fo_anil.dynamics import (
    ErrorFunction,
    Memory,
    Problem,
    RightHandSide,
    generalization_error,
    memory,
    right_hand_side,
)
from sweep.models.fo_anil.integrator import Outcome, Questions, Replies, integrate
from sweep.models.fo_anil.steps import advance, buffers, linearize


class Equations(NamedTuple):
    """The compiled equations of one kind of problem."""

    right_hand_side: RightHandSide
    error: ErrorFunction


class Solution(NamedTuple):
    """The replies, the last state y, how the integration ended, and what it cost."""

    replies: Replies
    last: Floats
    outcome: Outcome
    evaluations: int


@cache
def equations() -> Equations:
    """The equations, compiled."""
    y, problem, space = _example()
    compile_for(right_hand_side, y, y, problem, space)
    compile_for(generalization_error, y, problem, space)
    return Equations(right_hand_side, generalization_error)


def follow(
    y: Floats,
    questions: Questions,
    problem: Problem,
    T: Floats,
    *,
    sigma_B: float = 0.0,
    rtol: float,
    atol: float,
) -> Solution:
    """Integrate from state y (n) with teacher overlaps T (M × M) until all is answered."""
    kind = equations()
    buffer = buffers(y.size)
    replies = _empty(len(questions.targets), len(questions.ends), y.size)
    last = y.copy()
    outcome = _integrator()(
        last, questions, replies, rtol, atol, *kind, advance, linearize, problem,
        memory(problem.K, T, sigma_B), buffer,
    )  # fmt: skip
    return Solution(replies, last, outcome, int(buffer.integers[-1]))


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


@cache
def _integrator() -> Callable[..., Outcome]:
    y, problem, space = _example()
    kind, buffer = equations(), buffers(y.size)
    compile_for(
        advance, False, y, 1.0, buffer.rows, y, kind.right_hand_side, problem, space, buffer
    )
    compile_for(linearize, y, kind.right_hand_side, problem, space, buffer)
    questions, _, _ = ask(np.ones(1), np.ones(1))
    compiled: Any = compile_for(
        integrate, y, questions, _empty(1, 1, y.size), 1.0, 1.0, *kind, advance, linearize, problem,
        space, buffer,
    )  # fmt: skip
    return compiled  # type: ignore[no-any-return]


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
