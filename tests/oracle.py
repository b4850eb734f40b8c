"""The slow, obvious mathematics of first-order ANIL, independent of the package.

Student fields λ_k = J_k·x/√N, teacher fields ν_m = B_m·x/√N; order parameters Q (K × K),
R (K × M), T (M × M); g(z) = erf(z/√2), or z, or max(0, z); time is α = t/N, t the number of tasks.
The averages of erf units over Gaussian fields follow Saad & Solla, Phys. Rev. E 52, 4225 (1995).
Everything is written out as sums over indices, one average at a time, and integrated with SciPy's
DOP853.

Three kinds of field are averaged: the students, the teachers of a task (B + σ_B Ξ, Ξ fresh), and
the mean teachers B, along which R is measured; `fields` gives their joint covariance.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations, combinations_with_replacement, product

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.special import erf, erfinv, ndtr

Floats = NDArray[np.float64]

INF = math.inf
TWO_PI = 2 * math.pi
NODES, WEIGHTS = np.polynomial.legendre.leggauss(200)


def fields(Q: ArrayLike, R: ArrayLike, T: ArrayLike, sigma_B: float = 0.0) -> Floats:
    """The covariance (K + 2M square) of students, teachers of a task, mean teachers."""
    Q, R, T = np.asarray(Q, float), np.asarray(R, float), np.asarray(T, float)
    varied = T + sigma_B**2 * np.eye(len(T))
    return np.block([[Q, R, R], [R.T, varied, T], [R.T, T, T]])


def I2(C: Floats, i: int, j: int) -> float:
    """<g_i g_j>."""
    return 2 / math.pi * math.asin(C[i, j] / math.sqrt((1 + C[i, i]) * (1 + C[j, j])))


def I3(C: Floats, i: int, j: int, k: int) -> float:
    """<g'_i z_j g_k>."""
    d_i, d_k = 1 + C[i, i], 1 + C[k, k]
    root = math.sqrt(d_i * d_k - C[i, k] ** 2)
    return float(2 / math.pi * (C[j, k] * d_i - C[i, j] * C[i, k]) / (d_i * root))


def slopes(C: Floats, i: int, j: int) -> float:
    """<g'_i g'_j>; for i = j two factors of the same field."""
    return 2 / math.pi / math.sqrt((1 + C[i, i]) * (1 + C[j, j]) - C[i, j] ** 2)


def I4(C: Floats, i: int, j: int, a: int, b: int) -> float:
    """<g'_i g'_j g_a g_b>."""
    d_i, d_j, c = 1 + C[i, i], 1 + C[j, j], C[i, j]

    def H(p: int, q: int) -> float:
        """The covariance left when the densities that g'_i and g'_j bring are multiplied in."""
        across = (
            d_j * C[p, i] * C[i, q]
            - c * (C[p, i] * C[j, q] + C[p, j] * C[i, q])
            + d_i * C[p, j] * C[j, q]
        )
        return float(C[p, q] - across / (d_i * d_j - c * c))

    angle = math.asin(H(a, b) / math.sqrt((1 + H(a, a)) * (1 + H(b, b))))
    return slopes(C, i, j) * 2 / math.pi * angle


def factor_correlations(C: Floats, factors: Sequence[int]) -> Floats:
    """r_ij = C_ij/√(d_i d_j); a repeated index is two factors, with r = C_ii/d_i."""
    scale = np.sqrt(1 + np.diag(C)[list(factors)])
    return np.asarray(C[np.ix_(factors, factors)] / np.outer(scale, scale))


def switched_on(r: Floats, i: int, j: int, phi: Floats) -> Floats:
    """The arcsine of the correlation of the other pair given i and j, at τ = sin φ / r_ij."""
    k, l = (other for other in range(4) if other not in (i, j))
    tau = np.sin(phi) / r[i, j]
    ij, kl, ki, kj, li, lj = (
        tau * r[pair] for pair in [(i, j), (k, l), (k, i), (k, j), (l, i), (l, j)]
    )
    free = 1 - ij**2
    across = kl * free - ki * li - kj * lj + ij * (ki * lj + kj * li)
    var_k = free - ki**2 - kj**2 + 2 * ij * ki * kj
    var_l = free - li**2 - lj**2 + 2 * ij * li * lj
    return np.asarray(np.arcsin(across / np.sqrt(var_k * var_l)))


def J4(C: Floats, a: int, b: int, c: int, d: int) -> float:
    """<g_a g_b g_c g_d>: the six correlations are switched on together, τ from 0 to 1.

    One integral over φ from 0 to asin r_ij for each of the six pairs, by Gauss–Legendre:
    exact to 1e-12 for variances up to 100, where 16 nodes leave errors of 1e-4.
    """
    r = factor_correlations(C, (a, b, c, d))
    total = 0.0
    for i, j in combinations(range(4), 2):
        if r[i, j] != 0:
            end = math.asin(r[i, j])
            total += end / 2 * float(WEIGHTS @ switched_on(r, i, j, end * (NODES + 1) / 2))
    return 4 / math.pi**2 * total


def linear_I2(C: Floats, i: int, j: int) -> float:
    """<z_i z_j>."""
    return float(C[i, j])


def linear_I3(C: Floats, i: int, j: int, k: int) -> float:  # noqa: ARG001
    """<1 z_j z_k>."""
    return float(C[j, k])


def linear_slopes(C: Floats, i: int, j: int) -> float:  # noqa: ARG001
    """<1 · 1>."""
    return 1.0


def linear_I4(C: Floats, i: int, j: int, a: int, b: int) -> float:  # noqa: ARG001
    """<1 · 1 z_a z_b>."""
    return float(C[a, b])


def linear_J4(C: Floats, a: int, b: int, c: int, d: int) -> float:
    """<z_a z_b z_c z_d>."""
    return float(C[a, b] * C[c, d] + C[a, c] * C[b, d] + C[a, d] * C[b, c])


def positive_half(variance: float) -> tuple[Floats, Floats]:
    """Nodes and weights for the average of what a normal variable's positive half gives."""
    width = math.sqrt(variance)
    z = 6 * width * (NODES + 1)
    return z, 6 * width * WEIGHTS * np.exp(-((z / width) ** 2) / 2) / (width * math.sqrt(TWO_PI))


def relu_mean(mean: Floats, variance: float) -> tuple[Floats, Floats]:
    """The averages of max(0, z) and of its slope over z ~ N(mean, variance)."""
    if variance < 1e-14:
        return np.maximum(mean, 0), (mean > 0).astype(float)
    width = math.sqrt(variance)
    density = np.exp(-(mean**2) / (2 * variance)) / math.sqrt(TWO_PI)
    return mean * ndtr(mean / width) + width * density, ndtr(mean / width)


def relu_I2(C: Floats, i: int, j: int) -> float:
    """<g_i g_j>: over z_i > 0 by quadrature, over z_j given z_i."""
    z, weight = positive_half(C[i, i])
    left, _ = relu_mean(C[i, j] / C[i, i] * z, C[j, j] - C[i, j] ** 2 / C[i, i])
    return float(weight @ (z * left))


def relu_I3(C: Floats, i: int, j: int, k: int) -> float:
    """<g'_i z_j g_k>: over z_i > 0 by quadrature, over z_j and z_k given z_i.

    Given z_i, z_j = mean + (what is correlated with z_k) + (what is not), so that
    <z_j g_k> = mean <g_k> + covariance <g'_k>.
    """
    z, weight = positive_half(C[i, i])
    covariance = C[j, k] - C[i, j] * C[i, k] / C[i, i]
    left, slope = relu_mean(C[i, k] / C[i, i] * z, C[k, k] - C[i, k] ** 2 / C[i, i])
    return float(weight @ (C[i, j] / C[i, i] * z * left + covariance * slope))


def _unknown(*_: object) -> float:
    raise ValueError("relu is known at P = V = inf only")


@dataclass(frozen=True)
class Averages:
    """The averages over the fields that the equations consist of, for one activation."""

    I2: Callable[[Floats, int, int], float]
    I3: Callable[[Floats, int, int, int], float]
    slopes: Callable[[Floats, int, int], float]
    I4: Callable[[Floats, int, int, int, int], float]
    J4: Callable[[Floats, int, int, int, int], float]


AVERAGES = {
    "erf": Averages(I2, I3, slopes, I4, J4),
    "linear": Averages(linear_I2, linear_I3, linear_slopes, linear_I4, linear_J4),
    "relu": Averages(relu_I2, relu_I3, _unknown, _unknown, _unknown),
}


def inner_map(
    Q: ArrayLike,
    R: ArrayLike,
    T: ArrayLike,
    eta_w: float,
    inner_steps: float = 1,
    sigma_B: float = 0.0,
    activation: str = "erf",
) -> Floats:
    """The matrix 𝒜 (K × M) with w = 𝒜 u after the inner loop at P = ∞; inf: least squares."""
    C, g = fields(Q, R, T, sigma_B), AVERAGES[activation]
    K, M = np.shape(R)
    JJ = np.array([[g.I2(C, k, l) for l in range(K)] for k in range(K)])
    JB = np.array([[g.I2(C, k, K + m) for m in range(M)] for k in range(K)])
    if inner_steps == INF:
        return np.linalg.solve(JJ, JB)
    A = np.zeros((K, M))
    for _ in range(int(inner_steps)):
        A = A + eta_w * (JB - JJ @ A)
    return A


def _check_inner_loop(P: float, inner_steps: float) -> None:
    if P != INF and inner_steps != 1:
        raise ValueError("finite P is known for one inner step only")


def readout_moment(
    Q: ArrayLike,
    R: ArrayLike,
    T: ArrayLike,
    eta_w: float,
    P: float = INF,
    inner_steps: float = 1,
    sigma_u: float = 1.0,
    sigma_y: float = 0.0,
    sigma_B: float = 0.0,
    activation: str = "erf",
) -> Floats:
    """W_kl = E[w_k w_l] (K × K), exact in P."""
    _check_inner_loop(P, inner_steps)
    C, g = fields(Q, R, T, sigma_B), AVERAGES[activation]
    K, M = np.shape(R)
    A = inner_map(Q, R, T, eta_w, inner_steps, sigma_B, activation)
    W = np.zeros((K, K))
    for k in range(K):
        for l in range(K):
            W[k, l] = sigma_u**2 * sum(A[k, m] * A[l, m] for m in range(M))
            if P != INF:
                same_sample = sigma_u**2 * sum(g.J4(C, K + m, K + m, k, l) for m in range(M))
                same_sample += sigma_y**2 * g.I2(C, k, l)
                W[k, l] = (1 - 1 / P) * W[k, l] + eta_w**2 / P * same_sample
    return W


def error(
    Q: ArrayLike,
    R: ArrayLike,
    T: ArrayLike,
    eta_w: float,
    P: float = INF,
    inner_steps: float = 1,
    sigma_u: float = 1.0,
    sigma_y: float = 0.0,
    sigma_B: float = 0.0,
    activation: str = "erf",
) -> float:
    """The meta-generalization error ε: half the mean squared distance to the clean teacher."""
    C, g = fields(Q, R, T, sigma_B), AVERAGES[activation]
    K, M = np.shape(R)
    A = inner_map(Q, R, T, eta_w, inner_steps, sigma_B, activation)
    W = readout_moment(Q, R, T, eta_w, P, inner_steps, sigma_u, sigma_y, sigma_B, activation)
    teacher = sum(sigma_u**2 * g.I2(C, K + m, K + m) for m in range(M))
    cross = sum(sigma_u**2 * A[k, m] * g.I2(C, k, K + m) for k in range(K) for m in range(M))
    student = sum(W[k, l] * g.I2(C, k, l) for k in range(K) for l in range(K))
    return float(teacher - 2 * cross + student) / 2


def partitions(items: tuple[int, ...]) -> Iterator[list[tuple[int, ...]]]:
    """All ways to split items into groups: which readouts meet in the same sample."""
    if not items:
        yield []
        return
    for groups in partitions(items[1:]):
        yield [(items[0],), *groups]
        for i in range(len(groups)):
            yield [*groups[:i], (items[0], *groups[i]), *groups[i + 1 :]]


def hermite(count: int, dimensions: int) -> tuple[Floats, Floats]:
    """Product Gauss–Hermite nodes (a row each) and weights for independent N(0, 1)."""
    x, weight = np.polynomial.hermite_e.hermegauss(count)
    nodes = np.array(list(product(x, repeat=dimensions)))
    return nodes, np.array(list(product(weight / weight.sum(), repeat=dimensions))).prod(axis=1)


def chance(P: float, readouts: int, samples: int, M: int) -> float:
    """That so many readouts use so many different samples, shared in one given way."""
    if P == INF:
        return float(samples == readouts)
    if M > 6:  # to first order in 1/P
        return {readouts: 1 - math.comb(readouts, 2) / P, readouts - 1: 1 / P}.get(samples, 0.0)
    return math.perm(int(P), samples) / P**readouts


Means = dict[tuple[int, ...], Floats]
"""By a group of students that share a sample: the mean of Π η_w y g over it, for every u."""


def single_means(A: Floats, u: Floats) -> Means:
    """Of groups of one: w_k at P = ∞. u: a row for each."""
    return {(k,): u @ A[k] for k in range(len(A))}


def double_means(
    C: Floats, K: int, u: Floats, eta_w: float, sigma_y: float, activation: str
) -> Means:
    """Of groups of two."""
    g, M = AVERAGES[activation], u.shape[1]
    means = {}
    for k, l in combinations_with_replacement(range(K), 2):
        Phi = np.array([[g.J4(C, K + m, K + n, k, l) for n in range(M)] for m in range(M)])
        squares = np.einsum("im,mn,in->i", u, Phi, u)
        means[k, l] = eta_w**2 * (squares + sigma_y**2 * g.I2(C, k, l))
    return means


def larger_means(
    C: Floats, K: int, u: Floats, eta_w: float, sigma_y: float, activation: str
) -> Means:
    """Of groups of three and four, as far as the package knows them."""
    M = u.shape[1]
    if M > 6:
        return {}
    mean = conditional_mean if activation == "erf" else linear_mean
    return {
        units: eta_w**n * mean(C, K, u, sigma_y, units)
        for n in (3, 4)
        for units in combinations_with_replacement(range(K), n)
    }


def linear_mean(C: Floats, K: int, u: Floats, sigma_y: float, units: tuple[int, ...]) -> Floats:
    """<y^n Π z> for linear units: y is a field as well, of variance uᵀTu + σ_y²."""
    S = K + u.shape[1]
    found = np.zeros(len(u))
    for i, signal in enumerate(u):
        mixed = np.vstack([np.eye(S), np.concatenate([np.zeros(K), signal])])
        covariance = mixed @ C[:S, :S] @ mixed.T
        covariance[-1, -1] += sigma_y**2
        found[i] = wick(covariance, (*units, *[S] * len(units)))
    return found


def wick(covariance: Floats, indices: Sequence[int]) -> float:
    """The mean of a product of Gaussian variables: all ways to pair them."""
    if not indices:
        return 1.0
    first, rest = indices[0], indices[1:]
    return sum(
        covariance[first, rest[i]] * wick(covariance, (*rest[:i], *rest[i + 1 :]))
        for i in range(len(rest))
    )


@cache
def gauss_rule(n: int) -> tuple[Floats, Floats]:
    """Nodes and weights for averages over x ~ N(0, 1) of polynomials of t = erf(x/2)."""
    x = 9 * NODES
    density = 9 * WEIGHTS * np.exp(-(x**2) / 2) / math.sqrt(TWO_PI)
    root = np.sqrt(density)
    powers = np.vander(erf(x / 2), n, increasing=True) * root[:, None]
    basis, _ = np.linalg.qr(powers)  # polynomials that are orthogonal
    t, vectors = np.linalg.eigh(basis.T @ (erf(x / 2)[:, None] * basis))
    return 2 * erfinv(t), (vectors.T @ (basis.T @ root)) ** 2


def conditional_mean(
    C: Floats, K: int, u: Floats, sigma_y: float, units: tuple[int, ...]
) -> Floats:
    """<y^n Π g> for erf units, by the approximation of the package.

    At given fields of the teacher, the students' g are taken to be normal variables with their
    means, and covariances to first order in those of their fields.
    """
    M = u.shape[1]
    Q, R, T = C[:K, :K], C[:K, K : K + M], C[K : K + M, K : K + M]
    left = Q - R @ np.linalg.solve(T, R.T)
    scale = np.sqrt(1 + np.diag(left))
    variances, axes = np.linalg.eigh(T)
    x, weight = gauss_rule({1: 6, 2: 6, 3: 4, 4: 4, 5: 3, 6: 3}[M])
    total = np.zeros(len(u))
    for places in product(range(len(x)), repeat=M):
        at = list(places)
        fields = axes @ (np.sqrt(variances) * x[at])
        means = R @ np.linalg.solve(T, fields) / scale
        g = erf(means / math.sqrt(2))
        slope = np.sqrt(2 / math.pi) / scale * np.exp(-(means**2) / 2)
        covariance = left * np.outer(slope, slope)
        moment = normal_moment(g, covariance, units)
        y = noisy_power(u @ erf(fields / math.sqrt(2)), sigma_y, len(units))
        total += weight[at].prod() * moment * y
    return total


def normal_moment(mean: Floats, covariance: Floats, units: tuple[int, ...]) -> float:
    """The mean of a product of normal variables with these means."""
    if not units:
        return 1.0
    first, rest = units[0], units[1:]
    paired = [
        covariance[first, rest[i]] * normal_moment(mean, covariance, rest[:i] + rest[i + 1 :])
        for i in range(len(rest))
    ]
    return float(mean[first] * normal_moment(mean, covariance, rest) + sum(paired))


def noisy_power(signal: Floats, sigma_y: float, n: int) -> Floats:
    """The mean of (signal + σ_y ζ)^n over ζ ~ N(0, 1)."""
    noise = sigma_y**2
    return {
        3: signal**3 + 3 * noise * signal,
        4: signal**4 + 6 * noise * signal**2 + 3 * noise**2,
    }[n]


def shared_samples(means: Means, units: tuple[int, ...], P: float, M: int) -> Floats | float:
    """E[Π w | u]: a product of means for every way in which the readouts share samples."""
    total: Floats | float = 0.0
    for groups in partitions(units):
        weight = chance(P, len(units), len(groups), M)
        if weight:
            total = total + weight * math.prod(means[tuple(sorted(group))] for group in groups)
    return total


def diffusion(
    Q: ArrayLike,
    R: ArrayLike,
    T: ArrayLike,
    eta_w: float,
    P: float = INF,
    inner_steps: float = 1,
    sigma_u: float = 1.0,
    sigma_y: float = 0.0,
    sigma_B: float = 0.0,
    activation: str = "erf",
) -> Floats:
    """N_kl = <(y - f)² w_k w_l g'_k g'_l> (K × K), as the package has it."""
    _check_inner_loop(P, inner_steps)
    C = fields(Q, R, T, sigma_B)
    K, M = np.shape(R)
    A = inner_map(Q, R, T, eta_w, inner_steps, sigma_B, activation)
    u, weight = hermite(5 if P != INF else 3, M)
    u = sigma_u * u
    means = single_means(A, u)
    if P != INF:
        means |= double_means(C, K, u, eta_w, sigma_y, activation)
        means |= larger_means(C, K, u, eta_w, sigma_y, activation)
    return averaged_diffusion(C, P, means, u, weight, sigma_y, AVERAGES[activation])


def averaged_diffusion(
    C: Floats, P: float, means: Means, u: Floats, weight: Floats, sigma_y: float, g: Averages
) -> Floats:
    """N_kl from the means over shared samples at every u."""
    M = u.shape[1]
    S = C.shape[0] - M
    K = S - M

    @cache
    def moment(students: tuple[int, ...], teachers: tuple[int, ...]) -> float:
        """E[Π w_k Π u_m]."""
        readouts = shared_samples(means, students, P, M)
        return float(weight @ (readouts * u[:, [m - K for m in teachers]].prod(axis=1)))

    N = np.zeros((K, K))
    for k in range(K):
        for l in range(K):
            N[k, l] += sigma_y**2 * moment(tuple(sorted((k, l))), ()) * g.slopes(C, k, l)
            for p in range(S):
                for q in range(S):
                    students = tuple(sorted((k, l, *(unit for unit in (p, q) if unit < K))))
                    teachers = tuple(sorted(unit for unit in (p, q) if unit >= K))
                    sign = (-1) ** len(teachers)
                    N[k, l] += sign * moment(students, teachers) * g.I4(C, k, l, p, q)
    return N


def exact_diffusion(
    Q: ArrayLike,
    R: ArrayLike,
    T: ArrayLike,
    eta_w: float,
    P: float,
    sigma_u: float = 1.0,
    sigma_y: float = 0.0,
    sigma_B: float = 0.0,
    nodes: int = 16,
) -> Floats:
    """N_kl of few erf units by quadrature over all S fields of a sample, for groups of any size.

    16 nodes for each field are good to 2e-3 for variances of 1 to 2, 24 to 2e-4.
    """
    C = fields(Q, R, T, sigma_B)
    K, M = np.shape(R)
    S = K + M
    values, weight = hermite(nodes, S)
    g = erf(values @ np.linalg.cholesky(C[:S, :S]).T / math.sqrt(2))
    u, chances = hermite(5, M)
    u = sigma_u * u
    means = single_means(inner_map(Q, R, T, eta_w, 1, sigma_B), u)
    means |= double_means(C, K, u, eta_w, sigma_y, "erf")
    for n in (3, 4):
        y = noisy_power(g[:, K:] @ u.T, sigma_y, n)
        for units in combinations_with_replacement(range(K), n):
            means[units] = eta_w**n * weight * g[:, units].prod(axis=1) @ y
    return averaged_diffusion(C, P, means, u, chances, sigma_y, AVERAGES["erf"])


def derivative(
    Q: ArrayLike,
    R: ArrayLike,
    T: ArrayLike,
    eta_w: float,
    eta_J: float,
    P: float = INF,
    V: float = INF,
    inner_steps: float = 1,
    sigma_u: float = 1.0,
    sigma_y: float = 0.0,
    sigma_B: float = 0.0,
    weight_decay: float = 0.0,
    activation: str = "erf",
) -> tuple[Floats, Floats]:
    """(dQ/dα, dR/dα)."""
    Q, R = np.asarray(Q, float), np.asarray(R, float)
    C, g = fields(Q, R, T, sigma_B), AVERAGES[activation]
    K, M = R.shape
    A = inner_map(Q, R, T, eta_w, inner_steps, sigma_B, activation)
    W = readout_moment(Q, R, T, eta_w, P, inner_steps, sigma_u, sigma_y, sigma_B, activation)

    def drift(k: int, direction: int) -> float:
        """<(y - f) w_k g'_k z> for the field z along a direction."""
        teacher = sum(sigma_u**2 * A[k, m] * g.I3(C, k, direction, K + m) for m in range(M))
        student = sum(W[k, l] * g.I3(C, k, direction, l) for l in range(K))
        return float(teacher - student)

    dR = np.array([[eta_J * drift(k, K + M + n) for n in range(M)] for k in range(K)])
    dQ = np.array([[eta_J * (drift(k, l) + drift(l, k)) for l in range(K)] for k in range(K)])
    if V != INF:
        noise = diffusion(Q, R, T, eta_w, P, inner_steps, sigma_u, sigma_y, sigma_B, activation)
        dQ += eta_J**2 / V * noise
    return dQ - 2 * weight_decay * Q, dR - weight_decay * R


@dataclass(frozen=True)
class Outcome:
    """Where a trajectory ended: at the target ("reached") or at alpha_max ("not_reached")."""

    time: float
    status: str
    Q: Floats
    R: Floats
    error: float


def integrate(
    Q: ArrayLike,
    R: ArrayLike,
    T: ArrayLike,
    eta_w: float,
    eta_J: float,
    target: float,
    alpha_max: float,
    P: float = INF,
    V: float = INF,
    inner_steps: float = 1,
    sigma_u: float = 1.0,
    sigma_y: float = 0.0,
    sigma_B: float = 0.0,
    weight_decay: float = 0.0,
    rtol: float = 1e-10,
    atol: float = 1e-20,
    activation: str = "erf",
) -> Outcome:
    """Integrate until ε first falls to `target`, found on the dense output, or to `alpha_max`."""
    K, M = np.shape(R)
    upper = np.triu_indices(K)

    def pack(Q: ArrayLike, R: ArrayLike) -> Floats:
        return np.concatenate([np.asarray(Q, float)[upper], np.ravel(R)])

    def unpack(y: Floats) -> tuple[Floats, Floats]:
        Q = np.zeros((K, K))
        Q[upper] = y[: len(upper[0])]
        return Q + np.triu(Q, 1).T, y[len(upper[0]) :].reshape(K, M)

    def rhs(_: float, y: Floats) -> Floats:
        now = unpack(y)
        return pack(
            *derivative(
                *now,
                T,
                eta_w,
                eta_J,
                P,
                V,
                inner_steps,
                sigma_u,
                sigma_y,
                sigma_B,
                weight_decay,
                activation,
            )
        )

    def excess(_: float, y: Floats) -> float:
        now = unpack(y)
        return error(*now, T, eta_w, P, inner_steps, sigma_u, sigma_y, sigma_B, activation) - target

    def reached(alpha: float, y: Floats) -> float:
        return excess(alpha, y)

    reached.terminal = True  # type: ignore[attr-defined]

    start = pack(Q, R)
    if excess(0.0, start) <= 0:
        time, status, final = 0.0, "reached", start
    else:
        solution = solve_ivp(
            rhs, (0.0, alpha_max), start, method="DOP853", rtol=rtol, atol=atol, events=reached
        )
        if not solution.success:
            raise RuntimeError(solution.message)
        time, final = float(solution.t[-1]), solution.y[:, -1]
        status = "reached" if solution.status == 1 else "not_reached"
    return Outcome(time, status, *unpack(final), excess(time, final) + target)
