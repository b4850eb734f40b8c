"""First-order ANIL's equations at P = ∞ as one writes them in NumPy, in matrix form, with SciPy.

What the compiled code is measured against: no loop over units, indices prepared once, the
symmetry of the pairs used where it saves work.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

Floats = NDArray[np.float64]

TWO_OVER_PI = 2 / math.pi


class Reference:
    """The equations in τ = η_J α for K student units and teacher overlaps T, noise = η_J/V."""

    def __init__(self, K: int, T: Floats, eta_w: float, noise: float = 0.0) -> None:
        M = len(T)
        self.K, self.M, self.eta_w, self.noise = K, M, eta_w, noise
        self.C = np.zeros((K + M, K + M))
        self.C[K:, K:] = T
        self.rows, self.columns = np.triu_indices(K)
        self.p, self.q = np.triu_indices(K + M)
        self.twice = np.where(self.p == self.q, 1.0, 2.0)
        self.teacher = TWO_OVER_PI * np.arcsin(np.diag(T) / (1 + np.diag(T))).sum()

    def fields(self, y: Floats) -> tuple[Floats, Floats]:
        """The covariance of all fields, and 1 + the variances."""
        C, K = self.C, self.K
        pairs = len(self.rows)
        C[self.rows, self.columns] = y[:pairs]
        C[self.columns, self.rows] = y[:pairs]
        C[:K, K:] = y[pairs:].reshape(K, self.M)
        C[K:, :K] = C[:K, K:].T
        return C, 1 + np.diag(C)

    def readout(self, C: Floats, d: Floats) -> tuple[Floats, Floats]:
        """<g g> of students with teachers, and the matrix A of the readouts w = A u."""
        K = self.K
        JB = TWO_OVER_PI * np.arcsin(C[:K, K:] / np.sqrt(np.outer(d[:K], d[K:])))
        return JB, self.eta_w * JB

    def slope(self, _: float, y: Floats) -> Floats:
        """dy/dτ."""
        K = self.K
        C, d = self.fields(y)
        _, A = self.readout(C, d)
        G = np.hstack([-A @ A.T, A]) * TWO_OVER_PI / np.sqrt(np.outer(d[:K], d) - C[:K] ** 2)
        D = G @ C
        D -= (np.diag(D) / d[:K])[:, None] * C[:K]
        dQ = D[:, :K] + D[:, :K].T
        if self.noise:
            dQ[self.rows, self.columns] += self.noise * self.diffusion(C, d, A)
        return np.concatenate([dQ[self.rows, self.columns], D[:, K:].ravel()])

    def diffusion(self, C: Floats, d: Floats, A: Floats) -> Floats:
        """N_kl of the pairs k ≤ l."""
        k, l, p, q = self.rows, self.columns, self.p, self.q
        z = np.vstack([A, -np.eye(self.M)])
        B = z @ z.T
        root_k = 1 / np.sqrt(d[k])
        root_l = 1 / np.sqrt(d[l] - (C[k, l] * root_k) ** 2)
        U = C[k] * root_k[:, None]
        V = (C[l] - (C[k, l] * root_k)[:, None] * U) * root_l[:, None]
        scale = 1 / np.sqrt(d - U**2 - V**2)
        H = C[p, q] - U[:, p] * U[:, q] - V[:, p] * V[:, q]
        angles = np.arcsin(H * scale[:, p] * scale[:, q])
        Bk, Bl = B[k], B[l]
        moments = B[k, l][:, None] * B[p, q] + Bk[:, p] * Bl[:, q] + Bk[:, q] * Bl[:, p]
        sums = (moments * angles) @ self.twice
        return np.asarray(TWO_OVER_PI**2 * root_k * root_l * sums)

    def error(self, y: Floats) -> float:
        """ε."""
        K = self.K
        C, d = self.fields(y)
        JB, A = self.readout(C, d)
        JJ = TWO_OVER_PI * np.arcsin(C[:K, :K] / np.sqrt(np.outer(d[:K], d[:K])))
        return float(self.teacher - 2 * (A * JB).sum() + (A @ A.T * JJ).sum()) / 2

    def solve(self, y: Floats, target: float, until: float, **options: Any) -> Any:
        """SciPy's solution to the target or the end of the window."""

        def excess(_: float, y: Floats) -> float:
            return self.error(y) - target

        excess.terminal = True  # type: ignore[attr-defined]
        options = {"method": "DOP853", "rtol": 1e-9, "atol": 1e-20, **options}
        return solve_ivp(self.slope, (0.0, until), y, events=excess, **options)
