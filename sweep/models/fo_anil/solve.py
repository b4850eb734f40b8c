"""From a start and a list of questions to the replies, for every kind of FO-ANIL's equations."""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

import numpy as np

from sweep.models.fo_anil.kind import Kind, natural_sizes, space_of
from sweep.models.fo_anil.state import Problem, student_matrix
from sweep.ode.arrays import Floats
from sweep.ode.events import Questions
from sweep.ode.integrator import MAX_STEPS
from sweep.ode.solve import Solution, solve


class InnerLoop(NamedTuple):
    """How far the inner loop of several steps is from its limits at the last state.

    rate: η_w λ_max(I_JJ); where it is beyond 2 the inner loop diverges with the number of its
    steps, unless that is infinite (least squares). independence: λ_min(I_JJ) / λ_max(I_JJ); where
    it is 0 least squares has no one solution. Both are NaN for one inner step.
    """

    steps: float
    rate: float
    independence: float


def follow(
    y: Floats,
    questions: Questions,
    problem: Problem,
    T: Floats,
    *,
    kind: Kind,
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
        probe=probe, sizes=partial(natural_sizes, kind, K, T), max_steps=max_steps,
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
