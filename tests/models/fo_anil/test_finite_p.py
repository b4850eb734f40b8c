"""The moments of the readouts and the diffusion at finite P, against plain sums."""

from __future__ import annotations

import math

import numpy as np
import pytest

from sweep.models.fo_anil.activations import kind_of
from sweep.models.fo_anil.kind import space_of
from sweep.models.fo_anil.state import Problem, name_parts, state
from tests import oracle
from tests.oracle import Floats

C = np.array([[0.8, 0.1, 0.3, -0.2], [0.1, 0.6, 0.05, 0.4], [0.3, 0.05, 1, 0], [-0.2, 0.4, 0, 2]])
Q, R, T = C[:2, :2], C[:2, 2:], C[2:, 2:]


def moments(
    Q: Floats,
    R: Floats,
    T: Floats,
    P: float,
    eta_w: float,
    sigma_u: float = 1.0,
    sigma_y: float = 0.0,
    sigma_B: float = 0.0,
) -> tuple[Floats, Floats]:
    """W and N by the compiled equations, those of infinitely many samples for P = ∞."""
    K, M = R.shape
    n = K * (K + 1) // 2
    kind = kind_of("erf", P)
    slopes = []
    for noise in (1.0, 0.0):
        problem = Problem(K, M, eta_w, 1.0, P, noise, 0.0, sigma_u, sigma_y)
        space = space_of(kind, problem, T, sigma_B)
        dy = np.empty(n + K * M)
        kind.equations.slope(state(Q, R), dy, problem, space)
        slopes.append(dy[:n])
    return name_parts(K, M, space).W[:, :K], slopes[0] - slopes[1]


@pytest.mark.parametrize(("K", "M"), [(1, 1), (3, 2), (2, 3)])
@pytest.mark.parametrize(
    ("sigma_u", "sigma_y", "sigma_B"), [(1.0, 0.0, 0.0), (0.7, 0.4, 0.0), (1.2, 0.3, 0.6)]
)
def test_both_moments_agree_with_plain_sums(
    K: int, M: int, sigma_u: float, sigma_y: float, sigma_B: float
) -> None:
    normals = np.random.default_rng(10 * K + M).standard_normal((K + M, K + M)) / 2
    covariance = normals @ normals.T
    Q, R, T = covariance[:K, :K], covariance[:K, K:], covariance[K:, K:]
    noises = {"sigma_u": sigma_u, "sigma_y": sigma_y, "sigma_B": sigma_B}
    W, N = moments(Q, R, T, 7.0, 2.5, **noises)
    expected = oracle.readout_moment(Q, R, T, 2.5, 7.0, **noises)
    np.testing.assert_allclose(W, expected, rtol=1e-11, atol=1e-14)
    diffusion = oracle.diffusion(Q, R, T, 2.5, 7.0, **noises)[np.triu_indices(K)]
    np.testing.assert_allclose(N, diffusion, rtol=1e-11, atol=1e-14)


def test_the_diffusion_has_its_known_value() -> None:
    _, N = moments(Q, R, T, P=20.0, eta_w=3.0)
    noisy = np.array([-0.01269517054127, -0.06360326274336, 0.03036404042280])
    quiet = np.array([-0.06499717085941127, -0.05755758371744485, -0.02738229016542454])
    np.testing.assert_allclose(2.0**2 / 10 * N, noisy - quiet, rtol=1e-11)


def test_the_error_has_its_known_value() -> None:
    W, _ = moments(Q, R, T, P=20.0, eta_w=3.0)
    infinite = oracle.readout_moment(Q, R, T, 3.0)
    lifted = sum((W - infinite)[k, l] * oracle.I2(C, k, l) for k in range(2) for l in range(2)) / 2
    assert lifted == pytest.approx(0.3747404915261318 - 0.3486147081450977, rel=1e-12)


def test_many_samples_are_infinitely_many() -> None:
    W, N = moments(Q, R, T, P=1e15, eta_w=3.0, sigma_u=0.8, sigma_y=0.5)
    limit_W, limit_N = moments(Q, R, T, P=math.inf, eta_w=3.0, sigma_u=0.8, sigma_y=0.5)
    np.testing.assert_allclose(W, limit_W, rtol=1e-12)
    np.testing.assert_allclose(N, limit_N, rtol=1e-12)


def test_one_sample_of_one_unit_is_a_fourth_moment() -> None:
    # With P = 1, w = η_w y g exactly, so that W = η_w² <y² g²> needs no average over samples.
    W, _ = moments(Q[:1, :1], R[:1, :1], T[:1, :1], P=1.0, eta_w=2.0)
    assert W[0, 0] == pytest.approx(4 * oracle.J4(C, 0, 0, 2, 2), rel=1e-12)


def test_identical_units_share_their_moments() -> None:
    alike = np.array([[1.0, 1.0, 0.5], [1.0, 1.0, 0.5], [0.5, 0.5, 1.0]])
    W, N = moments(alike[:2, :2], alike[:2, 2:], alike[2:, 2:], P=5.0, eta_w=2.0)
    np.testing.assert_allclose(W, W[0, 0], rtol=1e-13)
    np.testing.assert_allclose(N, N[0], rtol=1e-13)


def test_what_is_no_covariance_gives_nan() -> None:
    W, N = moments(np.eye(1), np.full((1, 1), 1.7), np.eye(1), P=5.0, eta_w=2.0)
    assert math.isnan(W[0, 0])
    assert math.isnan(N[0])
