"""The compiled four-fold averages, against quadrature over the fields and the oracle's formula.

Three independent references: the trapezoidal rule over one or two underlying normals (any overlap,
covariances of rank one or two), and the oracle, whose integrals take another path between the
correlated and the uncorrelated fields, done by adaptive quadrature.
"""

from __future__ import annotations

import math
from itertools import combinations, combinations_with_replacement

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.integrate import quad, trapezoid
from scipy.special import erf

from sweep.models.fo_anil import fourfold
from tests import oracle
from tests.oracle import Floats

C = np.array([[0.8, 0.1, 0.3, -0.2], [0.1, 0.6, 0.05, 0.4], [0.3, 0.05, 1, 0], [-0.2, 0.4, 0, 2]])
ACCURACY = 1e-10


def averages(covariance: Floats, K: int) -> Floats:
    """J4(m, n, k, l) by the compiled code, a row for each m ≤ n and a column for each k ≤ l."""
    M = len(covariance) - K
    result = np.zeros((M * (M + 1) // 2, K * (K + 1) // 2))
    scale = 1 / np.sqrt(1 + np.diag(covariance))
    fourfold.fourfold_averages(covariance, scale, K, result, fourfold.fourfold_work(K, M))
    return result


def indices(K: int, M: int) -> list[list[tuple[int, int, int, int]]]:
    """The factors of each entry of the table of averages."""
    students = list(combinations_with_replacement(range(K), 2))
    teachers = list(combinations_with_replacement(range(K, K + M), 2))
    return [[(*teacher, *student) for student in students] for teacher in teachers]


def by_adaptive_quadrature(covariance: Floats, factors: tuple[int, int, int, int]) -> float:
    r = oracle.factor_correlations(covariance, factors)
    total = 0.0
    for i, j in combinations(range(4), 2):
        if r[i, j] != 0:

            def integrand(phi: float, i: int = i, j: int = j) -> float:
                return float(oracle.switched_on(r, i, j, np.array(phi)))

            end = math.asin(r[i, j])
            total += quad(integrand, 0, end, epsabs=1e-13, epsrel=1e-13, limit=200)[0]
    return 4 / math.pi**2 * total


def over_one_normal(sizes: Floats) -> float:
    """<Π g(a_i x)> over one normal x = sinh u / max |a|, so that steep units are resolved."""
    largest = float(np.abs(sizes).max())
    if largest == 0:
        return 0.0
    u = np.linspace(0, math.asinh(9 * largest), 20001)
    x = np.sinh(u) / largest
    density = np.exp(-(x**2) / 2) / math.sqrt(2 * math.pi) * np.cosh(u) / largest
    units = np.prod([erf(a * x / math.sqrt(2)) for a in sizes], axis=0)
    # even in u and negligible at the end: the trapezoidal rule converges exponentially
    return float(2 * trapezoid(density * units, u))


def over_two_normals(rows: Floats) -> float:
    """<Π g(a_i x + b_i y)> over two independent normals, by the trapezoidal rule."""
    axis = np.arange(-8.4, 8.41, 0.1)
    weight = 0.1 / math.sqrt(2 * math.pi) * np.exp(-(axis**2) / 2)
    x, y = np.meshgrid(axis, axis, indexing="ij")
    units = np.prod([erf((a * x + b * y) / math.sqrt(2)) for a, b in rows], axis=0)
    return float(weight @ units @ weight)


def factors_of_fields(rank: int, size: float) -> st.SearchStrategy[Floats]:
    """Four fields as combinations of `rank` normals: coefficients of every size, zero included."""
    coefficients = arrays(float, (4, rank), elements=st.floats(-1, 1, width=32))
    exponents = arrays(float, (4, 1), elements=st.floats(-2, 0))
    return st.builds(lambda G, e: size * G * 10**e, coefficients, exponents)


def test_the_averages_have_their_known_values() -> None:
    table = averages(C, 2)
    assert table[1, 1] == pytest.approx(0.011088916839637718, rel=1e-12)
    assert table[0, 1] == pytest.approx(0.014249932376546724, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(factors_of_fields(rank=1, size=1.0), st.floats(-1, 9))
def test_fields_that_are_multiples_of_one_another(sizes: Floats, exponent: float) -> None:
    sizes = sizes[:, 0] * 10 ** (exponent / 2)
    found = averages(np.outer(sizes, sizes), 2)
    for row, row_indices in zip(found, indices(2, 2), strict=True):
        for value, factors in zip(row, row_indices, strict=True):
            assert abs(value - over_one_normal(sizes[list(factors)])) < ACCURACY


@settings(max_examples=25, deadline=None)
@given(factors_of_fields(rank=2, size=1.4))
def test_fields_in_a_plane(rows: Floats) -> None:
    found = averages(rows @ rows.T, 2)
    for row, row_indices in zip(found, indices(2, 2), strict=True):
        for value, factors in zip(row, row_indices, strict=True):
            assert abs(value - over_two_normals(rows[list(factors)])) < ACCURACY


@settings(max_examples=25, deadline=None)
@given(factors_of_fields(rank=4, size=1.0), st.integers(1, 4), st.floats(-1, 3), st.booleans())
def test_random_covariances_singular_ones_included(
    normals: Floats, rank: int, exponent: float, identical: bool
) -> None:
    normals = normals[:, :rank] * 10 ** (exponent / 2)
    if identical:
        normals[1] = normals[0]
        normals[3] = normals[2]
    covariance = normals @ normals.T
    found = averages(covariance, 2)
    for row, row_indices in zip(found, indices(2, 2), strict=True):
        for value, factors in zip(row, row_indices, strict=True):
            assert abs(value - by_adaptive_quadrature(covariance, factors)) < ACCURACY


@pytest.mark.parametrize(("K", "M"), [(1, 1), (3, 2), (2, 4)])
def test_every_entry_of_the_table_is_in_its_place(K: int, M: int) -> None:
    normals = np.random.default_rng(K).standard_normal((K + M, K + M))
    covariance = normals @ normals.T / 4
    reference = [[oracle.J4(covariance, *factors) for factors in row] for row in indices(K, M)]
    np.testing.assert_allclose(averages(covariance, K), reference, rtol=0, atol=1e-13)


def test_uncorrelated_students_and_teachers_factorize() -> None:
    covariance = C.copy()
    covariance[:2, 2:] = covariance[2:, :2] = 0
    expected = [
        [oracle.I2(covariance, m, n) * oracle.I2(covariance, k, l) for m, n, k, l in row]
        for row in indices(2, 2)
    ]
    np.testing.assert_allclose(averages(covariance, 2), expected, rtol=0, atol=1e-16)


@pytest.mark.parametrize("size", [1.0, 1e2, 1e4, 1e7, 1e10])
def test_all_units_alike(size: float) -> None:
    found = averages(np.full((4, 4), size), 2)
    expected = over_one_normal(np.full(4, math.sqrt(size)))
    np.testing.assert_allclose(found, expected, rtol=0, atol=ACCURACY)


def test_the_diagonal_of_the_covariance_is_read_from_the_scale() -> None:
    without = C.copy()
    np.fill_diagonal(without, 0.0)
    result, work = np.zeros((3, 3)), fourfold.fourfold_work(2, 2)
    fourfold.fourfold_averages(without, 1 / np.sqrt(1 + np.diag(C)), 2, result, work)
    np.testing.assert_array_equal(result, averages(C, 2))


@pytest.mark.parametrize(
    "covariance",
    [
        [[1.0, 1.9], [1.9, 1.0]],
        [[1.0, 2.5], [2.5, 1.0]],
        [[-2.0, 0.1], [0.1, 1.0]],
        [[1.0, np.nan], [np.nan, 1.0]],
    ],
)
@pytest.mark.filterwarnings("ignore:invalid value")
def test_what_is_no_covariance_gives_nan(covariance: list[list[float]]) -> None:
    assert np.isnan(averages(np.array(covariance), 1)).all()


def test_a_student_pair_that_is_no_covariance_gives_nan() -> None:
    covariance = C.copy()
    covariance[0, 1] = covariance[1, 0] = 1.8
    assert np.isnan(averages(covariance, 2)).all()


def test_pairs_are_numbered_by_rows() -> None:
    for size in (1, 2, 5):
        pairs = list(combinations_with_replacement(range(size), 2))
        assert [fourfold.pair_index(i, j, size) for i, j in pairs] == list(range(len(pairs)))
        assert [fourfold.pair_index(j, i, size) for i, j in pairs] == list(range(len(pairs)))
