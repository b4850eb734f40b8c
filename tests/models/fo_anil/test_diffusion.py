"""The diffusion term alone: known averages of four factors, and what it must be in law."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from sweep.models.fo_anil.averages import TWO_OVER_PI, arcsine
from sweep.models.fo_anil.diffusion import condition, pair_rows
from tests import oracle
from tests.models.fo_anil.cases import C, Case, cases, known, random_case
from tests.oracle import INF, Floats


def diffusion(case: Case) -> Floats:
    """N_kl of a case, by what finite V adds to the derivative of Q."""
    noisy = replace(case, V=1.0, eta_J=1.0).derivative()[0]
    return noisy - replace(case, V=INF, eta_J=1.0).derivative()[0]


KNOWN = [
    ((0, 1, 2, 3), 0.002501431506722311),
    ((0, 0, 2, 2), 0.12643197394725447),
    ((0, 1, 0, 3), -0.014753009619226966),
]


@pytest.mark.parametrize(("indices", "value"), KNOWN)
def test_the_average_of_two_slopes_and_two_units_has_its_known_value(
    indices: tuple[int, int, int, int], value: float
) -> None:
    k, l, p, q = indices
    pair = [(0, 0), (0, 1), (1, 1)].index((k, l))
    pairs = pair_rows(4, np.empty((23, 3)))
    condition(C, 1 + np.diag(C), 2, pairs)
    on_k, on_l, scale = (part[:, pair] for part in (pairs.on_k, pairs.on_l, pairs.scale))
    H = C[p, q] - on_k[p] * on_k[q] - on_l[p] * on_l[q]
    found = pairs.weight[pair] * TWO_OVER_PI * arcsine(H * scale[p] * scale[q])
    assert found == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (4, 1), (3, 3), (5, 2)])
def test_diffusion_agrees_with_plain_sums(shape: tuple[int, int]) -> None:
    noises = {"sigma_u": 0.8, "sigma_y": 0.6, "sigma_B": 0.4}
    case = random_case(*shape, seed=5, size=0.5, **noises)
    expected = oracle.diffusion(case.Q, case.R, case.T, case.eta_w, **noises)
    np.testing.assert_allclose(diffusion(case), expected, rtol=1e-10, atol=1e-12)


@settings(max_examples=50)
@given(cases())
def test_diffusion_is_a_covariance(case: Case) -> None:
    N = diffusion(case)
    spectrum = np.linalg.eigvalsh(N)
    drift = np.abs(replace(case, V=INF, eta_J=1.0).derivative()[0]).max()
    assert spectrum[0] >= -1e-12 * (spectrum[-1] + drift)


def test_label_noise_alone_moves_a_student_that_has_learned_all() -> None:
    # One unit along the one teacher direction, and the readout that least squares gives it.
    T = np.array([[2.0]])
    case = Case(T, T, T, inner_steps=INF, sigma_u=1.3)
    assert diffusion(case) == pytest.approx(0.0, abs=1e-14)
    noisy = diffusion(replace(case, sigma_y=0.7))
    assert noisy[0, 0] == pytest.approx(0.49 * 1.69 * oracle.slopes(np.full((2, 2), 2.0), 0, 1))


def test_a_unit_of_length_zero_without_a_readout_does_not_move() -> None:
    case = known(V=1.0)
    Q, R = case.Q.copy(), case.R.copy()
    Q[0], Q[:, 0], R[0] = 0, 0, 0
    dQ, dR = replace(case, Q=Q, R=R).derivative()
    assert np.all(dQ[0] == 0)
    assert np.all(dR[0] == 0)
