"""The soft committee machine, learning online from a teacher of its own kind.

D. Saad & S. A. Solla, Phys. Rev. E 52, 4225 (1995); with label noise, S. Goldt, M. S. Advani,
A. M. Saxe, F. Krzakala & L. Zdeborová, NeurIPS 2019.

A student of K units, f = Σ_k g(J_k·x/√N), sees one fresh example a step, x ~ N(0, I_N), labelled
by a teacher of M units, y = Σ_m g(B_m·x/√N) + σ ζ, with g(z) = erf(z/√2) and ζ ~ N(0, 1), and takes
a step of gradient descent on ½ (f - y)²:

    ΔJ_k = (η/√N) (y - f) g'(λ_k) x,     λ_k = J_k·x/√N,     time α = steps/N.

For N → ∞ the overlaps Q_kl = J_k·J_l/N and R_kn = J_k·B_n/N follow ordinary differential equations,
given the teacher's T_mn = B_m·B_n/N. The fields (λ, ν) are Gaussian with covariance
C = [[Q, R], [Rᵀ, T]]. With s = -1 for student units and +1 for the teacher's, so that
y - f = Σ_p s_p g_p + σ ζ,

    dR_kn/dα = η Σ_p s_p I3(k, n, p) - κ R_kn,
    dQ_kl/dα = η Σ_p s_p [I3(k, l, p) + I3(l, k, p)] - 2κ Q_kl
               + η² [Σ_pq s_p s_q I4(k, l, p, q) + σ² J2(k, l)],

and the error without the label noise is ε = ½ Σ_pq s_p s_q I2(p, q).
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from sweep.models import Ode, integer, matrix, real
from sweep.models.averages import I2, I3, I4, J2


class Constants(NamedTuple):
    K: int
    T: np.ndarray
    signs: np.ndarray  # s_p, of the K students and the M teacher units
    eta: float
    sigma: float
    kappa: float


def teacher_overlaps(p):
    """T (M × M)."""
    named = {"graded": np.diag(np.arange(1.0, p.M + 1)), "identity": np.eye(p.M)}
    return named[p.teacher] if isinstance(p.teacher, str) else square(p.teacher, p.M)


def square(value, n):
    return value * np.eye(n) if np.ndim(value) == 0 else value.reshape(n, n)


def start(p):
    """The state: the upper triangle of Q by rows, then R by rows."""
    Q = square(p.Q0, p.K)
    random = np.random.default_rng(p.seed).random((p.K, p.M))
    R = p.R0 * random if np.ndim(p.R0) == 0 else p.R0.reshape(p.K, p.M)
    return np.concatenate([Q[np.triu_indices(p.K)], R.ravel()])


def constants(p):
    signs = np.repeat([-1.0, 1.0], [p.K, p.M])
    return Constants(p.K, teacher_overlaps(p), signs, p.eta, p.sigma, p.weight_decay)


@njit
def covariance(y, c):
    """C, from the state."""
    K, S = c.K, len(c.signs)
    C = np.empty((S, S))
    for m, n in np.ndindex(c.T.shape):
        C[K + m, K + n] = c.T[m, n]
    at = 0
    for k in range(K):
        for l in range(k, K):
            C[k, l] = C[l, k] = y[at]
            at += 1
    for k in range(K):
        for n in range(K, S):
            C[k, n] = C[n, k] = y[at]
            at += 1
    return C


@njit
def growth(C, c, k, q):
    """The mean of (y - f) g'(λ_k) z_q, with z_q the field of unit q."""
    total = 0.0
    for p in range(len(c.signs)):
        total += c.signs[p] * I3(C, k, q, p)
    return total


@njit
def noise(C, c, k, l):
    """The mean of (y - f)² g'(λ_k) g'(λ_l)."""
    total = c.sigma**2 * J2(C, k, l)
    for p in range(len(c.signs)):
        total += I4(C, k, l, p, p)
        for q in range(p):
            total += 2 * c.signs[p] * c.signs[q] * I4(C, k, l, p, q)
    return total


def slope(alpha, y, dy, c):
    C = covariance(y, c)
    at = 0
    for k in range(c.K):
        for l in range(k, c.K):
            drift = c.eta * (growth(C, c, k, l) + growth(C, c, l, k)) - 2 * c.kappa * C[k, l]
            dy[at] = drift + c.eta**2 * noise(C, c, k, l)
            at += 1
    for k in range(c.K):
        for n in range(c.K, len(c.signs)):
            dy[at] = c.eta * growth(C, c, k, n) - c.kappa * C[k, n]
            at += 1


def error(y, c):
    C = covariance(y, c)
    total = 0.0
    for p, q in np.ndindex(C.shape):
        total += c.signs[p] * c.signs[q] * I2(C, p, q)
    return total / 2


def series(p, y):
    """Q, R and the cosines between units, ρ_kn = R_kn / √(Q_kk T_nn)."""
    k, l = np.triu_indices(p.K)
    Q = np.empty((len(y), p.K, p.K))
    Q[:, k, l] = Q[:, l, k] = y[:, : len(k)]
    R = y[:, len(k) :].reshape(len(y), p.K, p.M)
    lengths = np.sqrt(np.einsum("tkk->tk", Q))[:, :, None] * np.sqrt(np.diag(teacher_overlaps(p)))
    return {"Q": Q, "R": R, "rho": R / lengths}


MODEL = Ode(
    "committee",
    parameters=(
        integer("K", 3, least=1, meaning="hidden units of the student"),
        integer("M", 3, least=1, meaning="hidden units of the teacher"),
        real("eta", 1.0, above=0, meaning="learning rate"),
        real("sigma", 0.0, least=0, meaning="label noise"),
        real("weight_decay", 0.0, least=0, meaning="decay of J per unit α", symbol=r"\kappa"),
        matrix("teacher", "graded", choices=("graded", "identity"), above=0, meaning="T"),
        matrix("Q0", 0.5, least=0, meaning="Q at the start: q (q·I) or a K × K matrix"),
        matrix("R0", 1e-3, meaning="R at the start: r times uniform numbers, or a K × M matrix"),
    ),
    start=start, constants=constants, slope=slope, error=error, series=series, time="alpha",
)  # fmt: skip
