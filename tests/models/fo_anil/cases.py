"""States and constants of the order-parameter equations, and the compiled equations at them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from sweep.models.fo_anil.erf import ERF
from sweep.models.fo_anil.state import Memory, Problem, memory, overlaps_of, state
from tests import oracle
from tests.oracle import INF, Floats

C = np.array([[0.8, 0.1, 0.3, -0.2], [0.1, 0.6, 0.05, 0.4], [0.3, 0.05, 1, 0], [-0.2, 0.4, 0, 2]])
"""Fields of two students and two teachers, for which the paper's averages are known numbers."""


@dataclass(frozen=True)
class Case:
    """A covariance of fields with the constants of the equations."""

    Q: Floats
    R: Floats
    T: Floats
    eta_w: float = 3.0
    eta_J: float = 2.0
    V: float = INF
    inner_steps: float = 1.0
    sigma_u: float = 1.0
    sigma_y: float = 0.0
    sigma_B: float = 0.0
    weight_decay: float = 0.0

    @property
    def K(self) -> int:
        return len(self.Q)

    @property
    def M(self) -> int:
        return len(self.T)

    @property
    def y(self) -> Floats:
        return state(self.Q, self.R)

    @property
    def problem(self) -> Problem:
        return Problem(
            K=self.K,
            M=self.M,
            eta_w=float(self.eta_w),
            inner_steps=float(self.inner_steps),
            P=INF,
            noise=self.eta_J / self.V,
            decay=self.weight_decay / self.eta_J,
            sigma_u=float(self.sigma_u),
            sigma_y=float(self.sigma_y),
        )

    @property
    def memory(self) -> Memory:
        return memory(self.K, self.T, self.sigma_B)

    def slope(self, y: Floats) -> Floats:
        """dy/dτ at y, by the compiled equations."""
        dy = np.empty_like(y)
        ERF.equations.slope(y, dy, self.problem, self.memory)
        return dy

    def derivative(self) -> tuple[Floats, Floats]:
        """dQ/dα and dR/dα, by the compiled equations."""
        return overlaps_of(self.eta_J * self.slope(self.y), self.K, self.M)

    def error(self, y: Floats | None = None) -> float:
        """ε, by the compiled equations."""
        return ERF.equations.observable(self.y if y is None else y, self.problem, self.memory)

    def expected_derivative(self) -> tuple[Floats, Floats]:
        """dQ/dα and dR/dα, by the oracle."""
        return oracle.derivative(
            self.Q, self.R, self.T, self.eta_w, self.eta_J, INF, self.V, self.inner_steps,
            self.sigma_u, self.sigma_y, self.sigma_B, self.weight_decay,
        )  # fmt: skip

    def expected_error(self) -> float:
        """ε, by the oracle."""
        return oracle.error(
            self.Q, self.R, self.T, self.eta_w, INF, self.inner_steps, self.sigma_u, self.sigma_y,
            self.sigma_B,
        )  # fmt: skip

    def with_units(self, order: Any) -> Case:
        """The same, with the student units in another order."""
        return replace(self, Q=self.Q[np.ix_(order, order)], R=self.R[order])

    def with_teacher(self, order: Any) -> Case:
        """The same, with the teacher units in another order."""
        return replace(self, R=self.R[:, order], T=self.T[np.ix_(order, order)])


def known(**constants: Any) -> Case:
    """The covariance C with η_w = 3 and η_J = 2, for which derivatives are known numbers."""
    return Case(C[:2, :2], C[:2, 2:], C[2:, 2:], **constants)


def random_case(K: int, M: int, seed: int, size: float = 0.6, **constants: Any) -> Case:
    """A case whose fields have a random covariance with variances of about (K + M) size²."""
    normals = size * np.random.default_rng(seed).standard_normal((K + M, K + M))
    covariance = normals @ normals.T
    return Case(covariance[:K, :K], covariance[:K, K:], covariance[K:, K:], **constants)


def graded(K: int, M: int, eta_w: float, seed: int = 0, **constants: Any) -> Case:
    """The paper's start: T_mn = m δ_mn, Q = ½ I, R of 1e-12."""
    R = 1e-12 * np.random.default_rng(seed).random((K, M))
    T = np.diag(np.arange(1.0, M + 1))
    return Case(np.eye(K) / 2, R, T, eta_w=eta_w, **{"eta_J": 3.0, **constants})


@st.composite
def cases(draw: st.DrawFn, largest: int = 4) -> Case:
    """Any shape, any covariance, any constants."""
    K, M = draw(st.integers(1, largest)), draw(st.integers(1, largest))
    return random_case(
        K,
        M,
        draw(st.integers(0, 2**31)),
        draw(st.sampled_from([0.05, 0.4, 0.9])),
        eta_w=draw(st.floats(0.1, 4.0)),
        eta_J=draw(st.floats(0.1, 10.0)),
        V=draw(st.sampled_from([1.0, 10.0, INF])),
        inner_steps=draw(st.sampled_from([1.0, 2.0, 5.0, math.inf])),
        sigma_u=draw(st.floats(0.2, 2.0)),
        sigma_y=draw(st.sampled_from([0.0, 0.7])),
        sigma_B=draw(st.sampled_from([0.0, 0.5])),
        weight_decay=draw(st.sampled_from([0.0, 0.3])),
    )


def exact(case: Case, tau: float) -> Floats:
    """The state a time τ after the case's, by the oracle's derivative and SciPy."""

    def slope(_: float, y: Floats) -> Floats:
        Q, R = overlaps_of(y, case.K, case.M)
        dQ, dR = replace(case, Q=Q, R=R).expected_derivative()
        return state(dQ, dR) / case.eta_J

    solution = solve_ivp(slope, (0.0, tau), case.y, method="DOP853", rtol=1e-13, atol=1e-16)
    return np.asarray(solution.y[:, -1])
