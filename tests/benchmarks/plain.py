"""First-order ANIL's equations at P = ∞ as one first writes them in NumPy, in matrix form.

No loop over units, but nothing prepared outside the right-hand side either; `reference` is the
same, tuned. Integrated by SciPy's DOP853 with a terminal event at the target.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

Floats = NDArray[np.float64]

TWO_OVER_PI = 2 / np.pi


@dataclass
class Plain:
    """One cell at P = ∞, σ_u = 1. noise = η_J/V; time is τ = η_J α."""

    T: Floats
    eta_w: float
    noise: float = 0.0

    def fields(self, y: Floats) -> tuple[Floats, int]:
        """The covariance C of the fields of state y = (upper Q, R), and K."""
        M = len(self.T)
        K = int(np.sqrt((2 * M + 1) ** 2 / 4 + 2 * y.size) - M - 0.5 + 1e-9)
        upper = np.triu_indices(K)
        Q = np.zeros((K, K))
        Q[upper] = y[: len(upper[0])]
        Q.T[upper] = Q[upper]
        R = y[len(upper[0]) :].reshape(K, M)
        return np.block([[Q, R], [R.T, self.T]]), K

    def derivative(self, tau: float, y: Floats) -> Floats:  # noqa: ARG002
        """dy/dτ."""
        C, K = self.fields(y)
        d = 1 + np.diag(C)
        A = self.eta_w * TWO_OVER_PI * np.arcsin(C[:K, K:] / np.sqrt(np.outer(d[:K], d[K:])))
        W = A @ A.T
        G = np.hstack([-W, A]) * TWO_OVER_PI / np.sqrt(np.outer(d[:K], d) - C[:K] ** 2)
        D = G @ C
        D -= (np.diagonal(D) / d[:K])[:, None] * C[:K]
        dQ = D[:, :K] + D[:, :K].T
        if self.noise:
            dQ = dQ + self.noise * self.diffusion(C, d, A)
        return np.concatenate([dQ[np.triu_indices(K)], D[:, K:].ravel()])

    @staticmethod
    def diffusion(C: Floats, d: Floats, A: Floats) -> Floats:
        """N (K × K); all pairs k ≤ l and all pairs p ≤ q at once."""
        K, M = A.shape
        z = np.vstack([A, -np.eye(M)])
        B = z @ z.T
        k, l = np.triu_indices(K)
        p, q = np.triu_indices(K + M)
        delta = d[k] * d[l] - C[k, l] ** 2
        along = C[:, k] / np.sqrt(d[k])
        across = (C[:, l] - C[k, l] / d[k] * C[:, k]) * np.sqrt(d[k] / delta)
        left = np.diag(C)[:, None] - along**2 - across**2
        H = C[p, q][:, None] - along[p] * along[q] - across[p] * across[q]
        angle = np.arcsin(H / np.sqrt((1 + left[p]) * (1 + left[q])))
        wick = B[k, l] * B[p, q][:, None] + B[p][:, k] * B[q][:, l] + B[q][:, k] * B[p][:, l]
        twice = np.where(p == q, 1.0, 2.0)
        N = np.zeros((K, K))
        N[k, l] = TWO_OVER_PI**2 / np.sqrt(delta) * (twice @ (wick * angle))
        N[l, k] = N[k, l]
        return N

    def error(self, y: Floats) -> float:
        """ε."""
        C, K = self.fields(y)
        scale = np.sqrt(1 + np.diag(C))
        I2 = TWO_OVER_PI * np.arcsin(C / np.outer(scale, scale))
        A = self.eta_w * I2[:K, K:]
        teacher = np.trace(I2[K:, K:]) - 2 * np.sum(A * I2[:K, K:])
        return float(teacher + np.sum((A @ A.T) * I2[:K, :K])) / 2

    def time_to_target(
        self, y: Floats, target: float, tau_max: float, rtol: float = 1e-9, atol: float = 1e-20
    ) -> float:
        """τ at which ε first falls to the target; NaN where it does not."""

        def below(tau: float, y: Floats) -> float:  # noqa: ARG001
            return self.error(y) - target

        below.terminal = True  # type: ignore[attr-defined]
        solution = solve_ivp(
            self.derivative, (0, tau_max), y, "DOP853", events=below, rtol=rtol, atol=atol
        )
        found = solution.t_events[0]
        return float(found[0]) if len(found) else float("nan")
