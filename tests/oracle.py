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
from itertools import combinations, combinations_with_replacement, product

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.special import erf, ndtr

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
    """N_kl = <(y - f)² w_k w_l g'_k g'_l> (K × K), to first order in 1/P."""
    C, g = fields(Q, R, T, sigma_B), AVERAGES[activation]
    K, M = np.shape(R)
    S = K + M
    W = readout_moment(Q, R, T, eta_w, P, inner_steps, sigma_u, sigma_y, sigma_B, activation)
    # v = a u, for the readouts w of the students and the readouts u of the teachers alike
    a = np.vstack([inner_map(Q, R, T, eta_w, inner_steps, sigma_B, activation), np.eye(M)])
    sign = [1] * K + [-1] * M

    same_sample: dict[tuple[int, int], Floats] = {}
    if P != INF:
        for k in range(K):
            for l in range(k, K):
                phi = [[eta_w**2 * g.J4(C, K + m, K + n, k, l) for n in range(M)] for m in range(M)]
                same_sample[k, l] = same_sample[l, k] = np.array(phi)

    def wick(k: int, l: int, p: int, q: int) -> float:
        return float(
            (a[k] @ a[l]) * (a[p] @ a[q])
            + (a[k] @ a[p]) * (a[l] @ a[q])
            + (a[k] @ a[q]) * (a[l] @ a[p])
        )

    def X(k: int, l: int, b: int, c: int) -> float:
        """The moment when w_k and w_l use the same training sample; b and c are the other two."""
        phi = same_sample[k, l]
        signal = np.trace(phi) * (a[b] @ a[c]) + 2 * a[b] @ phi @ a[c]
        noise = sigma_u**2 * sigma_y**2 * eta_w**2 * g.I2(C, k, l) * (a[b] @ a[c])
        return float(sigma_u**4 * signal + noise)

    def moment(k: int, l: int, p: int, q: int) -> float:
        """E[w_k w_l v_p v_q]."""
        distinct = sigma_u**4 * wick(k, l, p, q)
        if P == INF:
            return distinct
        index = [k, l, p, q]
        students = [at for at in range(4) if index[at] < K]
        pairs = list(combinations(students, 2))
        coinciding = 0.0
        for i, j in pairs:
            b, c = (index[at] for at in range(4) if at not in (i, j))
            coinciding += X(index[i], index[j], b, c)
        return (1 - len(pairs) / P) * distinct + coinciding / P

    N = np.zeros((K, K))
    for k in range(K):
        for l in range(K):
            for p in range(S):
                for q in range(S):
                    N[k, l] += sign[p] * sign[q] * moment(k, l, p, q) * g.I4(C, k, l, p, q)
            N[k, l] += sigma_y**2 * W[k, l] * g.slopes(C, k, l)
    return N


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


def shared_samples(means: dict[tuple[int, ...], float], units: tuple[int, ...], P: float) -> float:
    """E[Π w | u]: a product of means for every way in which the readouts share samples."""
    total = 0.0
    for groups in partitions(units):
        chance = math.perm(int(P), len(groups)) / P ** len(units)
        total += chance * math.prod(means[tuple(sorted(group))] for group in groups)
    return total


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
    """N_kl (K × K) of erf units to all orders in 1/P, for few units.

    The means of what readouts make of one sample, η_w y g each, are quadratures over all S fields;
    16 nodes for each are good to 2e-3 for variances of 1 to 2. All is then averaged over u.
    """
    C = fields(Q, R, T, sigma_B)
    K, M = np.shape(R)
    S = K + M
    values, weight = hermite(nodes, S)
    g = erf(values @ np.linalg.cholesky(C[:S, :S]).T / math.sqrt(2))
    N = np.zeros((K, K))
    for normal, chance in zip(*hermite(5, M), strict=True):
        u = sigma_u * normal
        signal, noise = g[:, K:] @ u, sigma_y**2
        y = {  # its powers, averaged over the label noise
            1: signal,
            2: signal**2 + noise,
            3: signal**3 + 3 * noise * signal,
            4: signal**4 + 6 * noise * signal**2 + 3 * noise**2,
        }
        means = {
            units: float(weight @ (eta_w**n * y[n] * g[:, units].prod(axis=1)))
            for n in y
            for units in combinations_with_replacement(range(K), n)
        }
        for k in range(K):
            for l in range(K):
                N[k, l] += chance * noise * shared_samples(means, (k, l), P) * slopes(C, k, l)
                for p in range(S):
                    for q in range(S):
                        students = tuple(unit for unit in (p, q) if unit < K)
                        teachers = math.prod(-u[unit - K] for unit in (p, q) if unit >= K)
                        moment = shared_samples(means, (k, l, *students), P) * teachers
                        N[k, l] += chance * moment * I4(C, k, l, p, q)
    return N


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
