"""Three, and four, readouts of erf units that share one training sample.

With y = Σ_m u_m g_m + σ_y ζ and s = σ_u² Σ_m g_m² + σ_y², averaged over u, ζ and all fields:

    E[(η_w y)³ u_m g_k g_l g_p] = 3 η_w³ σ_u² E[s g_m <g_k g_l g_p>],
    E[(η_w y)⁴ g_k g_l g_p g_q] = 3 η_w⁴ E[s² <g_k g_l g_p g_q>],

<·> at given fields ν of the teacher, E on the right over ν. These have six and eight factors, and
no closed form; two approximations make them cheap. Given ν the fields of the students are normal
with mean R T⁻¹ ν and covariance Σ = Q - R T⁻¹ Rᵀ: before the units have learned the mean is small,
afterwards Σ is. So the g_k at given ν are taken to be normal too, with their true means ḡ_k and
the covariances c_kl = Σ_kl <g'_k> <g'_l>, exact to first order in Σ:

    <g_k g_l g_p> = Σ ḡ_k (c_lp + ḡ_l ḡ_p / 3), over the three choices of k,
    <g_k g_l g_p g_q> = Σ (c_kl + ḡ_k ḡ_l) (c_pq + ḡ_p ḡ_q) - ⅔ ḡ_k ḡ_l ḡ_p ḡ_q, three pairings.

And the average over ν = T^(1/2) x is a product rule with few nodes in each x_m ~ N(0, 1), made for
polynomials of erf(x/2). Nodes of opposite signs contribute the same; one of two is kept.

The diffusion N comes out right to 0.01 % at P = 100, 0.2 % at 20 and 2 % at 5, or better, in all
cases that were compared with quadratures over all fields. Without three and four readouts that
share a sample, and without two pairs that do, its trace would be too small by 3 %, 18 % and more
where two units have learned (K = M = 2, η_w = 3): y - f is small at P = ∞ there, so that what few
samples add counts most. There is no rule for more than six teacher units.
"""

from __future__ import annotations

import math
from itertools import product
from typing import NamedTuple

import numpy as np

from sweep.models.fo_anil.averages import TWO_OVER_PI
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel, inlined_kernel

ROOT_HALF = math.sqrt(0.5)
ROOT_TWO_OVER_PI = math.sqrt(TWO_OVER_PI)

POINTS = (6, 6, 4, 4, 3, 3)
"""In each dimension, for M = 1, 2, … teacher units."""

RULES = {
    3: ([0.0, 1.3835324797985], [0.521024699349464, 0.239487650325268]),
    4: ([0.532419476118940, 1.731866635282146], [0.375049556540143, 0.124950443459857]),
    6: (
        [0.383771142212644, 1.196175190352699, 2.203047503177717],
        [0.286994231709410, 0.169986560130642, 0.043019208159948],
    ),
}
"""Gauss's rules in t = erf(x/2) for x ~ N(0, 1): nodes x ≥ 0 and their weights."""


class Nodes(NamedTuple):
    """n nodes, the last axis of all arrays but the first, and what is averaged over them.

    inverse: M × M, T⁻¹. dual: M × n, T⁻¹ ν. three: M × n, 3 σ_u² s g_m, and four: 3 s², times the
    weight of the node. mean, slope: K × n, ḡ_k and <g'_k>. For every student pair (k ≤ l)
    thirds: c + ḡḡ/3, seconds: c + ḡḡ, squares: ḡḡ. row: spare.
    """

    inverse: Floats
    dual: Floats
    three: Floats
    four: Floats
    mean: Floats
    slope: Floats
    thirds: Floats
    seconds: Floats
    squares: Floats
    row: Floats


@fast_kernel
def nodes_size(K: int, M: int) -> int:
    """How many numbers the nodes take."""
    return M * M + (2 * M + 2 * K + 3 * (K * (K + 1) // 2) + 2) * node_count(M)


@fast_kernel
def node_count(M: int) -> int:
    """n, which is 0 where there is no rule."""
    return (POINTS[M - 1] ** M + 1) // 2 if len(POINTS) >= M else 0


@fast_kernel
def nodes_views(K: int, M: int, flat: Floats) -> Nodes:
    """The arrays, one after the other in `flat`."""
    n, pairs = node_count(M), K * (K + 1) // 2
    rows = flat[M * M : nodes_size(K, M)].reshape((2 * M + 2 * K + 3 * pairs + 2, n))
    students = 2 * M + 1
    of_pairs = students + 2 * K
    return Nodes(
        flat[: M * M].reshape((M, M)),
        rows[:M],
        rows[M : 2 * M],
        rows[2 * M],
        rows[students : students + K],
        rows[students + K : of_pairs],
        rows[of_pairs : of_pairs + pairs],
        rows[of_pairs + pairs : of_pairs + 2 * pairs],
        rows[of_pairs + 2 * pairs : of_pairs + 3 * pairs],
        rows[of_pairs + 3 * pairs],
    )


def fill_nodes(T: Floats, sigma_u: float, sigma_y: float, nodes: Nodes) -> None:
    """Fill in what depends on the teacher alone, the covariance T (M × M) of its fields."""
    if not node_count(len(T)):
        return
    variances, axes = np.linalg.eigh(T)
    x, weight = _rule(len(T))
    fields = axes * np.sqrt(variances) @ x
    g = np.vectorize(math.erf)(ROOT_HALF * fields)
    square = sigma_u**2 * (g * g).sum(axis=0) + sigma_y**2
    nodes.inverse[:] = axes / variances @ axes.T
    nodes.dual[:] = nodes.inverse @ fields
    nodes.three[:] = 3 * sigma_u**2 * square * g * weight
    nodes.four[:] = 3 * square * square * weight


def _rule(M: int) -> tuple[Floats, Floats]:
    """Nodes (M × n) and weights (n), which add up to 1, of half the product rule."""
    right, weights = (np.array(side) for side in RULES[POINTS[M - 1]])
    left = slice(None, 0 if right[0] == 0 else None, -1)
    x, weight = np.r_[-right[left], right], np.r_[weights[left], weights]
    n = node_count(M)
    places = np.array(list(product(range(x.size), repeat=M))).T[:, :n]
    both = 2 * weight[places].prod(axis=0)
    if x.size % 2:
        both[-1] /= 2  # the origin is its own opposite
    return x[places], both


@fast_kernel
def coincidences(
    eta_w: float, C: Floats, nodes: Nodes, triples: Floats, quadruples: Floats
) -> None:
    """Write triples (M × K × pairs) and quadruples (pairs × pairs), each to be summed over choices.

    E[(η_w y)³ u_m g_k g_l g_p] is the sum of triples[m, k, lp] over the three choices of k, and
    E[(η_w y)⁴ g_k g_l g_p g_q] that of quadruples[kl, pq] over the three pairings.
    """
    _students(C, nodes)
    M, K, pairs = triples.shape
    n = nodes.row.size
    for m in range(M):
        for k in range(K):
            for j in range(n):
                nodes.row[j] = nodes.three[m, j] * nodes.mean[k, j]
            for i in range(pairs):
                total = 0.0
                for j in range(n):
                    total += nodes.row[j] * nodes.thirds[i, j]
                triples[m, k, i] = eta_w**3 * total
    for a in range(pairs):
        for b in range(a, pairs):
            total = 0.0
            for j in range(n):
                gaussian = nodes.seconds[a, j] * nodes.seconds[b, j]
                square = nodes.squares[a, j] * nodes.squares[b, j]
                total += nodes.four[j] * (gaussian - (2.0 / 3.0) * square)
            quadruples[a, b] = eta_w**4 * total
            quadruples[b, a] = quadruples[a, b]


@fast_kernel
def _students(C: Floats, nodes: Nodes) -> None:
    """ḡ_k, <g'_k> and what is made of them, at the nodes."""
    K, M = nodes.mean.shape[0], nodes.inverse.shape[0]
    n = nodes.row.size
    for k in range(K):
        scale = 1.0 / math.sqrt(1.0 + _left(C, k, k, K, nodes.inverse))
        for j in range(n):
            mean = 0.0
            for m in range(M):
                mean += C[k, K + m] * nodes.dual[m, j]
            mean *= scale
            nodes.mean[k, j] = math.erf(mean * ROOT_HALF)
            nodes.slope[k, j] = ROOT_TWO_OVER_PI * scale * math.exp(-0.5 * mean * mean)
    i = 0
    for k in range(K):
        for l in range(k, K):
            left = _left(C, k, l, K, nodes.inverse)
            for j in range(n):
                square = nodes.mean[k, j] * nodes.mean[l, j]
                covariance = left * nodes.slope[k, j] * nodes.slope[l, j]
                nodes.squares[i, j] = square
                nodes.seconds[i, j] = covariance + square
                nodes.thirds[i, j] = covariance + square / 3.0
            i += 1


@inlined_kernel
def _left(C: Floats, k: int, l: int, K: int, inverse: Floats) -> float:
    """Σ_kl, the covariance of two students' fields given the teacher's."""
    left: float = C[k, l]
    for m in range(inverse.shape[0]):
        for n in range(inverse.shape[0]):
            left -= C[k, K + m] * inverse[m, n] * C[l, K + n]
    return left
