"""Linear units: against plain sums, matrix calculus, and exact moments of Gaussian variables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from math import perm, prod

import numpy as np
import pytest

from tests.models.fo_anil.cases import known, random_case
from tests.models.fo_anil.option_cases import NOISES, OptionCase, agree, option
from tests.oracle import INF, Floats, partitions, wick


def linear(K: int, M: int, seed: int = 0, **constants: float) -> OptionCase:
    P = constants.pop("P", INF)
    return option(random_case(K, M, seed, 0.5, **constants), P=P, activation="linear")


SAMPLES = [(1.0, INF, INF), (3.0, INF, 4.0), (INF, INF, 4.0), (1.0, 6.0, INF), (1.0, 6.0, 4.0)]


@pytest.mark.parametrize(("K", "M"), [(1, 1), (1, 3), (3, 1), (3, 3)])
@pytest.mark.parametrize(("inner_steps", "P", "V"), SAMPLES)
def test_derivatives_and_error_agree_with_plain_sums(
    K: int, M: int, inner_steps: float, P: float, V: float
) -> None:
    case = linear(K, M, K + M, inner_steps=inner_steps, P=P, V=V, eta_w=0.7, **NOISES)
    agree(case, rtol=1e-9 if inner_steps == INF else 1e-10)


def weights(case: OptionCase) -> tuple[Floats, Floats]:
    """J and B, divided by √N, in as many dimensions as there are units."""
    root = np.linalg.cholesky(np.block([[case.Q, case.R], [case.R.T, case.T]]))
    return root[: case.K], root[case.K :]


def readouts(case: OptionCase, J: Floats, B: Floats) -> Floats:
    """A with w = A u, by gradient descent on ½ |Jᵀw - Bᵀu|²."""
    if case.inner_steps == INF:
        return np.asarray(np.linalg.lstsq(J.T, B.T)[0])
    A = np.zeros((case.K, case.M))
    for _ in range(int(case.inner_steps)):
        A = A - case.eta_w * J @ (J.T @ A - B.T)
    return A


@pytest.mark.parametrize("inner_steps", [1.0, 4.0, INF])
def test_without_noise_the_weights_go_down_the_gradient(inner_steps: float) -> None:
    case = linear(2, 3, inner_steps=inner_steps, eta_w=0.4, sigma_u=1.3)
    J, B = weights(case)
    A = readouts(case, J, B)
    # the mean over u of w (uᵀB - wᵀJ), the gradient of ½ |Jᵀw - Bᵀu|² along J
    dJ = case.eta_J * case.sigma_u**2 * A @ (B - A.T @ J)
    dQ, dR = case.derivative()
    np.testing.assert_allclose(dQ, dJ @ J.T + J @ dJ.T, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(dR, dJ @ B.T, rtol=1e-10, atol=1e-12)
    missed = case.sigma_u * (B - A.T @ J)
    assert case.error() == pytest.approx(np.sum(missed**2) / 2, rel=1e-12)


def test_least_squares_moves_no_unit_along_the_units() -> None:
    # what is left of the teacher is orthogonal to them, so that Q stays as it is
    dQ, _ = linear(3, 2, inner_steps=INF).derivative()
    np.testing.assert_allclose(dQ, 0, atol=1e-12)


class Exact:
    """Exact moments of w_k = (η_w/P) Σ_μ y^μ λ_k^μ, y^μ = Σ_m u_m ν_m^μ + σ_y ζ^μ."""

    def __init__(self, case: OptionCase) -> None:
        self.case = case
        S = case.K + case.M
        self.fields = np.eye(S + 1)  # students, teachers of the task, ζ
        self.fields[:S, :S] = np.block([[case.Q, case.R], [case.R.T, case.T]])
        self.fields[case.K : S, case.K : S] += case.sigma_B**2 * np.eye(case.M)

    def of_u(self, units: Sequence[int]) -> float:
        """The mean of a product of the u_m; unit M is the label noise, of constant weight."""
        M = self.case.M
        weight = self.case.sigma_y ** sum(unit == M for unit in units)
        variance = self.case.sigma_u**2 * np.eye(M)
        return float(weight * wick(variance, [unit for unit in units if unit < M]))

    def moment(self, *units: int) -> float:
        """E[Π v], v = w for the students and u for the teachers."""
        case = self.case
        students = [unit for unit in units if unit < case.K]
        teachers = [unit - case.K for unit in units if unit >= case.K]
        total = 0.0
        for sources in product(range(case.M + 1), repeat=len(students)):
            weight = self.of_u([*sources, *teachers])
            if weight == 0:
                continue
            for groups in partitions(tuple(range(len(students)))):
                total += weight * self.choices(len(groups), len(students)) * prod(
                    wick(
                        self.fields,
                        [unit for i in group for unit in (students[i], case.K + sources[i])],
                    )
                    for group in groups
                )  # fmt: skip
        return case.eta_w ** len(students) * total

    def choices(self, distinct: int, readouts: int) -> float:
        """How many choices of so many distinct samples, out of all choices."""
        return float(perm(int(self.case.P), distinct) / self.case.P**readouts)

    def diffusion(self) -> Floats:
        """N_kl = E[(y - f)² w_k w_l]."""
        case = self.case
        K, S = case.K, case.K + case.M
        N = np.zeros((K, K))
        for k, l in product(range(K), repeat=2):
            N[k, l] = case.sigma_y**2 * self.moment(k, l)
            for p, q in product(range(S), repeat=2):
                sign = -1 if (p < K) != (q < K) else 1
                N[k, l] += sign * self.moment(k, l, p, q) * self.fields[p, q]
        return N


@pytest.mark.parametrize("P", [1.0, 2.0, 9.0])
def test_the_error_is_exact_at_any_number_of_samples(P: float) -> None:
    case = replace(linear(2, 2, sigma_y=0.6, sigma_B=0.4, sigma_u=0.8), P=P)
    exact, K, S = Exact(case), case.K, case.K + case.M
    error = 0.0
    for p, q in product(range(S), repeat=2):
        sign = -1 if (p < K) != (q < K) else 1
        error += sign * exact.moment(p, q) * exact.fields[p, q] / 2
    assert case.error() == pytest.approx(error, rel=1e-11)


@pytest.mark.parametrize("P", [1.0, 2.0, 9.0])
@pytest.mark.parametrize(("K", "M"), [(1, 1), (1, 2), (2, 1), (2, 2)])
def test_the_diffusion_is_exact_at_any_number_of_samples(K: int, M: int, P: float) -> None:
    case = option(random_case(K, M, 3, size=1.0, **NOISES), activation="linear", P=P)
    exact = Exact(case).diffusion()
    np.testing.assert_allclose(case.diffusion(), exact, rtol=1e-10, atol=1e-12)


def test_units_without_a_direction_do_not_move() -> None:
    case = option(known(V=5.0), activation="linear", P=4.0)
    still = replace(case, Q=0 * case.Q, R=0 * case.R)
    assert all(np.all(part == 0) for part in still.derivative())
