"""Trajectories of a case by the integrator, and by SciPy on the same equations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from sweep.models.fo_anil.erf import ERF
from sweep.models.fo_anil.solve import follow
from sweep.ode.integrator import MAX_STEPS
from sweep.ode.solve import Solution, ask
from tests.models.fo_anil.cases import Case
from tests.oracle import Floats


def solve(
    case: Case,
    targets: Sequence[float],
    until: float | Sequence[float],
    rtol: float = 1e-9,
    atol: float = 1e-20,
    max_steps: int = MAX_STEPS,
) -> tuple[Solution, Floats, Floats]:
    """The solution, and for each question (target, τ) the crossing time and the error at τ."""
    asked, ends = np.broadcast_arrays(np.array(targets, float), np.array(until, float))
    questions, target_of, end_of = ask(asked, ends)
    solution, _ = follow(
        case.y, questions, case.problem, case.T, kind=ERF, sigma_B=case.sigma_B, rtol=rtol,
        atol=atol, max_steps=max_steps,
    )  # fmt: skip
    crossing = solution.replies.crossing[target_of]
    return solution, crossing, solution.replies.end_value[end_of]


def sampled(case: Case, times: Floats, rtol: float = 1e-9) -> tuple[Floats, Floats]:
    """States and errors at these τ, by the integrator."""
    questions, _, _ = ask(np.full(len(times), -1.0), times)
    solution, _ = follow(
        case.y,
        questions,
        case.problem,
        case.T,
        kind=ERF,
        sigma_B=case.sigma_B,
        rtol=rtol,
        atol=1e-20,
    )
    return solution.replies.end_state, solution.replies.end_value


def scipy_path(
    case: Case, until: float, y: Floats | None = None, start: float = 0.0, **options: Any
) -> Any:
    """SciPy's solution at tolerances far below ours."""
    options = {"method": "DOP853", "rtol": 1e-12, "atol": 1e-22, **options}
    y = case.y if y is None else y
    return solve_ivp(lambda _, y: case.slope(np.ascontiguousarray(y)), (start, until), y, **options)


def scipy_crossing(case: Case, target: float, until: float, **options: Any) -> float:
    """τ at which ε first falls to the target, by SciPy; NaN where it does not.

    From the state before the crossing on by integration, since SciPy's dense output is less
    accurate than its steps.
    """

    def excess(_: float, y: Floats) -> float:
        return case.error(np.ascontiguousarray(y)) - target

    excess.terminal = True  # type: ignore[attr-defined]
    path = scipy_path(case, until, events=excess, **options)
    if path.status != 1:
        return np.nan
    before, y = path.t[-2], path.y[:, -2]

    def later(tau: float) -> float:
        return excess(tau, scipy_path(case, tau, y, before, rtol=1e-13).y[:, -1])

    for beyond in (0.0, 1e-9, 1e-6, 1e-3):
        after = path.t[-1] + beyond * (path.t[-1] - before)
        if later(after) <= 0:
            return float(brentq(later, before, after, xtol=1e-13, rtol=1e-14))
    return float(path.t[-1])
