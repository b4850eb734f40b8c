"""Readouts that share one training sample, against quadrature over all fields of a sample."""

from __future__ import annotations

from math import erf

import numpy as np
import pytest

from sweep.models.fo_anil import coincidences
from sweep.models.fo_anil.simulation.cell import setting_of, start_of
from sweep.models.fo_anil.simulation.model import MODEL as SIMULATION
from sweep.models.fo_anil.simulation.reduced import POPULATION
from sweep.models.fo_anil.simulation.run import stretches
from tests import oracle
from tests.models.fo_anil.cases import Case, known, random_case
from tests.models.fo_anil.option_cases import NOISES, agree, option
from tests.models.fo_anil.test_model import cell, solve

GRADED = np.diag([1.0, 2.0])

LEARNED = Case(np.diag([1.32, 1.11]), np.array([[0, 1.55], [1.01, 0]]), GRADED)
PARTLY = Case(np.array([[1.2, 0.04], [0.04, 0.43]]), np.array([[0, 1.49], [0, 0.09]]), GRADED)
SPARE = Case(
    np.array([[1.07, 0, 0], [0, 0.1, 0.02], [0, 0.02, 0.1]]),
    np.array([[1.45], [0], [0.05]]),
    np.array([[2.0]]),
)
SHORT = Case(np.diag([0.83, 0.83]), np.array([[0.49, 0], [0, -0.49]]), 0.3 * np.eye(2))
SKEW = Case(
    np.array([[1.38, 0.05], [0.05, 0.81]]),
    np.array([[1.33, 0.88], [-0.18, 0.54]]),
    np.array([[1.5, 0.8], [0.8, 1.0]]),
)


CLOSE = [
    (100.0, {}, 2e-4),
    (20.0, {}, 3e-3),
    (20.0, {"sigma_u": 0.8, "sigma_y": 0.5, "sigma_B": 0.5}, 3e-3),
    (5.0, {}, 3e-2),
]


@pytest.mark.parametrize("case", [LEARNED, PARTLY, SPARE, SHORT, SKEW, known()])
@pytest.mark.parametrize(("P", "noises", "close"), CLOSE)
def test_the_diffusion_is_nearly_exact(
    case: Case, P: float, noises: dict[str, float], close: float
) -> None:
    found = option(case, P=P, **noises).diffusion()
    exact = oracle.exact_diffusion(case.Q, case.R, case.T, case.eta_w, P, **noises, nodes=14)
    np.testing.assert_allclose(found, exact, rtol=0, atol=close * np.abs(exact).max())


@pytest.mark.parametrize("P", [1.0, 30.0])
@pytest.mark.parametrize(("K", "M"), [(2, 4), (1, 5), (1, 6)])
def test_more_units_of_the_teacher_agree_with_plain_sums(K: int, M: int, P: float) -> None:
    agree(option(random_case(K, M, seed=M, size=0.4, V=5.0, **NOISES), P=P))


def test_for_seven_units_of_the_teacher_terms_of_second_order_are_left_out() -> None:
    agree(option(random_case(2, 7, seed=1, size=0.3, V=5.0, **NOISES), P=40.0))


@pytest.mark.parametrize("points", sorted(coincidences.RULES))
def test_the_rules_average_polynomials_of_erf(points: int) -> None:
    x, weight = (np.array(side) for side in coincidences.RULES[points])
    both = np.where(x > 0, 2, 1) * weight
    t = np.array([erf(each / 2) for each in x])
    normal = 9 * oracle.NODES
    density = 9 * oracle.WEIGHTS * np.exp(-(normal**2) / 2) / np.sqrt(2 * np.pi)
    for power in range(0, 2 * points, 2):
        exact = density @ np.array([erf(each / 2) for each in normal]) ** power
        assert both @ t**power == pytest.approx(exact, abs=1e-14)


def test_the_error_is_that_of_the_algorithm() -> None:
    start = {"R0": [[0.3, 0.1], [0.1, 0.4]], "alpha_max": 16, "target_error": 0}
    named = {"K": 2, "M": 2, "eta_w": 3, "P": 20, "V": 20, "eta_J": 10, **start}
    simulated = {p.name: named.get(p.name, p.default) for p in SIMULATION.parameters}
    N, simulated["N"] = 8000, 8000
    run = stretches(start_of(simulated), setting_of(simulated), POPULATION, 1, 0, 16 * N)
    errors = np.concatenate([stretch.errors for stretch in run])
    theory = solve(cell(**named)).error_final[0]
    assert errors[6 * N :].mean() == pytest.approx(theory, rel=0.03)
