"""The oracle itself, against quadrature, simulation and known numbers.

Averages: the trapezoidal rule over the fields (exponentially accurate for such integrands).
Dynamics: the definition of the algorithm, simulated with vectors of finite dimension.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from scipy.special import erf

from tests import oracle
from tests.oracle import INF, Floats

C = np.array([[0.8, 0.1, 0.3, -0.2], [0.1, 0.6, 0.05, 0.4], [0.3, 0.05, 1, 0], [-0.2, 0.4, 0, 2]])
Q, R, T = C[:2, :2], C[:2, 2:], C[2:, 2:]

Unit = Callable[[Floats], Floats]


def g(z: Floats) -> Floats:
    return np.asarray(erf(z / math.sqrt(2)))


def slope(z: Floats) -> Floats:
    return np.asarray(math.sqrt(2 / math.pi) * np.exp(-(z**2) / 2))


def field(z: Floats) -> Floats:
    return z


def quadrature(covariance: Floats, indices: Sequence[int], units: Sequence[Unit]) -> float:
    """<Π units(z_index)> by the trapezoidal rule over independent normals that span the fields."""
    distinct = sorted(set(indices))
    root = np.linalg.cholesky(covariance[np.ix_(distinct, distinct)])
    dimension = len(distinct)
    step = 0.1 if dimension < 3 else 0.35
    axis = np.arange(-8.4, 8.41, step)
    weight = step / math.sqrt(2 * math.pi) * np.exp(-(axis**2) / 2)
    normals = np.meshgrid(*[axis] * dimension, indexing="ij", sparse=True)
    total = np.ones([1] * dimension)
    for index, unit in zip(indices, units, strict=True):
        row = root[distinct.index(index)]
        # a field depends on the first normals only: evaluate it on the grid of these
        total = total * unit(sum(row[i] * normals[i] for i in range(dimension) if row[i] != 0))
    for _ in range(dimension):
        total = total @ weight
    return float(total)


@pytest.mark.parametrize(("i", "j"), [(0, 2), (1, 3), (0, 0), (3, 3)])
def test_I2_is_the_average_of_two_units(i: int, j: int) -> None:
    assert oracle.I2(C, i, j) == pytest.approx(quadrature(C, (i, j), (g, g)), abs=1e-13)


@pytest.mark.parametrize("indices", [(0, 1, 2), (0, 1, 0), (0, 0, 2), (1, 3, 3), (2, 2, 2)])
def test_I3_is_the_average_of_slope_field_and_unit(indices: tuple[int, int, int]) -> None:
    reference = quadrature(C, indices, (slope, field, g))
    assert oracle.I3(C, *indices) == pytest.approx(reference, abs=1e-13)


FOURFOLD = [(0, 1, 2, 3), (0, 0, 2, 2), (0, 1, 0, 3), (0, 1, 2, 2), (1, 1, 1, 3), (3, 3, 3, 3)]


@pytest.mark.parametrize("indices", FOURFOLD)
def test_I4_is_the_average_of_two_slopes_and_two_units(indices: tuple[int, ...]) -> None:
    reference = quadrature(C, indices, (slope, slope, g, g))
    assert oracle.I4(C, *indices) == pytest.approx(reference, abs=1e-13)


@pytest.mark.parametrize("indices", FOURFOLD)
def test_J4_is_the_average_of_four_units(indices: tuple[int, ...]) -> None:
    assert oracle.J4(C, *indices) == pytest.approx(quadrature(C, indices, (g,) * 4), abs=1e-13)


@pytest.mark.parametrize("indices", FOURFOLD)
def test_linear_averages_are_those_of_the_fields(indices: tuple[int, int, int, int]) -> None:
    i, j, a, b = indices
    linear = oracle.AVERAGES["linear"]

    def reference(*of: int) -> float:
        return quadrature(C, of, (field,) * len(of))

    assert linear.I2(C, i, j) == pytest.approx(reference(i, j), abs=1e-12)
    assert linear.I3(C, i, j, a) == pytest.approx(reference(j, a), abs=1e-12)
    assert linear.I4(C, i, j, a, b) == pytest.approx(reference(a, b), abs=1e-12)
    assert linear.J4(C, i, j, a, b) == pytest.approx(reference(i, j, a, b), abs=1e-12)


@pytest.mark.parametrize("indices", [(0, 1, 2), (0, 1, 0), (0, 0, 2), (1, 3, 3), (2, 2, 2)])
def test_rectified_linear_averages_are_those_of_many_draws(indices: tuple[int, int, int]) -> None:
    relu = oracle.AVERAGES["relu"]
    i, j, k = indices
    normals = np.random.default_rng(3).standard_normal((1_000_000, 4))
    z = normals @ np.linalg.cholesky(C).T
    for draws, found in [
        (np.maximum(z[:, i], 0) * np.maximum(z[:, k], 0), relu.I2(C, i, k)),
        ((z[:, i] > 0) * z[:, j] * np.maximum(z[:, k], 0), relu.I3(C, i, j, k)),
    ]:
        assert abs(draws.mean() - found) < 4 * draws.std() / 1000


def test_rectified_linear_averages_have_their_values_at_known_angles() -> None:
    # parallel: half the variance; orthogonal: the product of two means σ/√(2π); opposite: none
    relu = oracle.AVERAGES["relu"]
    for cosine, value in [(1.0, 0.5), (0.0, 1 / (2 * math.pi)), (-1.0, 0.0)]:
        pair = np.array([[4.0, 2 * cosine], [2 * cosine, 1.0]])
        assert relu.I2(pair, 0, 1) == pytest.approx(2 * value, abs=1e-13)


def test_the_averages_have_their_known_values() -> None:
    known = [
        (oracle.I2(C, 0, 2), 0.10108262410425989),
        (oracle.I3(C, 0, 1, 2), 0.011326749869448404),
        (oracle.I3(C, 0, 1, 0), 0.021934156805515352),
        (oracle.I4(C, 0, 1, 2, 3), 0.002501431506722311),
        (oracle.I4(C, 0, 0, 2, 2), 0.12643197394725447),
        (oracle.I4(C, 0, 1, 0, 3), -0.014753009619226966),
        (oracle.J4(C, 0, 1, 2, 3), 0.011088916839637718),
        (oracle.J4(C, 0, 1, 2, 2), 0.014249932376546724),
    ]
    for found, value in known:
        assert found == pytest.approx(value, abs=1e-15, rel=1e-12)


R_INFINITE_P = [0.17814054979460192, -0.14886683129967243, 0.04125416120691711, 0.35931528350470526]
R_FINITE_P = [0.16419168565616962, -0.1439665803052508, 0.03594769750406879, 0.3432575244691183]
DERIVATIVES = [
    (INF, INF, [0.00872000324845336, -0.03434301135792228, 0.02891220250662861], R_INFINITE_P),
    (INF, 100, [0.01122766160687569, -0.03529397483916326, 0.03221235365138151], R_INFINITE_P),
    (20, INF, [-0.06499717085941127, -0.05755758371744485, -0.02738229016542454], R_FINITE_P),
    (20, 10, [-0.01269517054127027, -0.06360326274336309, 0.03036404042279525], R_FINITE_P),
]


@pytest.mark.parametrize(("P", "V", "dQ", "dR"), DERIVATIVES)
def test_derivatives_have_their_known_values(
    P: float, V: float, dQ: list[float], dR: list[float]
) -> None:
    found = oracle.derivative(Q, R, T, eta_w=3, eta_J=2, P=P, V=V)
    np.testing.assert_allclose(found[0][np.triu_indices(2)], dQ, rtol=1e-11, atol=0)
    np.testing.assert_allclose(found[1].ravel(), dR, rtol=1e-12, atol=0)


def test_errors_have_their_known_values() -> None:
    assert oracle.error(Q, R, T, 3) == pytest.approx(0.3486147081450977, rel=1e-12)
    assert oracle.error(Q, R, T, 3, P=20) == pytest.approx(0.3747404915261318, rel=1e-12)


@pytest.mark.parametrize(("K", "eta_w", "time"), [(3, 3, 29.8644994), (4, 3, 28.783662)])
def test_times_to_target_have_their_known_values(K: int, eta_w: float, time: float) -> None:
    start = 1e-12 * np.random.default_rng(0).random((K, 3))
    outcome = oracle.integrate(
        np.eye(K) / 2, start, np.diag([1.0, 2.0, 3.0]), eta_w, 3, target=0.01, alpha_max=450
    )
    assert outcome.status == "reached"
    assert outcome.time == pytest.approx(time, abs=2e-6)
    assert outcome.error == pytest.approx(0.01, abs=1e-12)


def test_a_target_that_is_not_met_in_time_is_not_reached() -> None:
    outcome = oracle.integrate(Q, R, T, eta_w=3, eta_J=3, target=0.0, alpha_max=0.5)
    assert (outcome.status, outcome.time) == ("not_reached", 0.5)


def test_many_inner_steps_converge_to_least_squares() -> None:
    least_squares = oracle.inner_map(Q, R, T, eta_w=1.5, inner_steps=INF)
    many = oracle.inner_map(Q, R, T, eta_w=1.5, inner_steps=400)
    np.testing.assert_allclose(many, least_squares, rtol=0, atol=1e-14)
    # no other map of the task vector does better
    best = oracle.error(Q, R, T, eta_w=1.5, inner_steps=INF)
    assert best < oracle.error(Q, R, T, eta_w=1.5, inner_steps=3)


class Tasks:
    """The algorithm itself, one outer step at a time from fixed J and B, on vectors of size N."""

    def __init__(
        self, N: int, sigma_u: float, sigma_y: float, sigma_B: float, tasks: int, seed: int
    ) -> None:
        self.draw = np.random.default_rng(seed).standard_normal
        network = np.zeros((4, N))
        network[:, :4] = np.linalg.cholesky(C) * math.sqrt(N)
        self.J, self.B = network[:2], network[2:]
        self.N, self.tasks, self.sigma_y = N, tasks, sigma_y
        self.u = sigma_u * self.draw((tasks, 2))
        self.teacher = self.B + sigma_B * self.draw((tasks, 2, N))

    def samples(self, count: int, noise: float) -> tuple[Floats, Floats, Floats]:
        """Inputs (tasks × count × N), student fields and labels."""
        x = self.draw((self.tasks, count, self.N))
        nu = x @ self.teacher.swapaxes(1, 2) / math.sqrt(self.N)
        labels = (g(nu) @ self.u[..., None])[..., 0] + noise * self.draw((self.tasks, count))
        return x, x @ self.J.T / math.sqrt(self.N), labels

    def readouts(self, eta_w: float, P: int) -> Floats:
        _, fields, labels = self.samples(P, self.sigma_y)
        return eta_w / P * (labels[:, None] @ g(fields))[:, 0]

    def outer_step(self, w: Floats, eta_J: float, V: int) -> tuple[Floats, Floats]:
        """N ΔQ and N ΔR of every task."""
        x, fields, labels = self.samples(V, self.sigma_y)
        residual = labels - (g(fields) @ w[..., None])[..., 0]
        back = residual[..., None] * w[:, None] * slope(fields)
        dJ = eta_J / math.sqrt(self.N) / V * back.swapaxes(1, 2) @ x
        dQ = dJ @ self.J.T
        return dQ + dQ.swapaxes(1, 2) + dJ @ dJ.swapaxes(1, 2), dJ @ self.B.T


def deviations(samples: Floats, theory: Floats) -> Floats:
    """Between mean and theory, in standard errors."""
    return np.asarray((samples.mean(0) - theory) / (samples.std(0) / math.sqrt(len(samples))))


NOISES = {"sigma_u": 0.9, "sigma_y": 0.5, "sigma_B": 0.8}


def test_one_step_of_the_algorithm_moves_as_the_derivative_says() -> None:
    # At 1/N = 1/400 and 1/P² = 1/900 what the theory leaves out is below the sampling error.
    tasks = Tasks(N=400, **NOISES, tasks=3000, seed=1)
    w = tasks.readouts(eta_w=2.0, P=30)
    dQ, dR = tasks.outer_step(w, eta_J=3.0, V=1)
    theory = oracle.derivative(Q, R, T, 2.0, 3.0, P=30, V=1, **NOISES)
    moment = oracle.readout_moment(Q, R, T, 2.0, P=30, **NOISES)
    assert np.abs(deviations(dQ, theory[0])).max() < 4
    assert np.abs(deviations(dR, theory[1])).max() < 4
    assert np.abs(deviations(w[:, :, None] * w[:, None, :], moment)).max() < 4


def test_task_variability_enters_through_the_fields_not_the_directions() -> None:
    # Averaging T + σ_B² as if it were the overlap of the teachers that R refers to is wrong.
    tasks = Tasks(N=400, **NOISES, tasks=3000, seed=2)
    _, dR = tasks.outer_step(tasks.readouts(eta_w=2.0, P=10), eta_J=3.0, V=4)
    theory = oracle.derivative(Q, R, T, 2.0, 3.0, P=10, **NOISES)[1]
    wider = T + NOISES["sigma_B"] ** 2 * np.eye(2)
    wrong = oracle.derivative(Q, R, wider, 2.0, 3.0, P=10, sigma_u=0.9, sigma_y=0.5)[1]
    assert np.abs(deviations(dR, theory)).max() < 4
    assert np.abs(deviations(dR, wrong)).max() > 6


def test_weight_decay_shrinks_both_overlaps() -> None:
    plain = oracle.derivative(Q, R, T, 3, 2)
    decayed = oracle.derivative(Q, R, T, 3, 2, weight_decay=0.1)
    np.testing.assert_allclose(decayed[0], plain[0] - 0.2 * Q)
    np.testing.assert_allclose(decayed[1], plain[1] - 0.1 * R)


def test_finite_P_with_more_inner_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="one inner step"):
        oracle.derivative(Q, R, T, 3, 2, P=20, inner_steps=2)
