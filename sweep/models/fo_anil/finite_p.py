"""The second and fourth moments of the readouts when the inner loop sees P samples.

After one inner step w_k = (η_w/P) Σ_μ y^μ g_k^μ with y = Σ_m u_m g_m + σ_y ζ. Where two readouts
share a training sample the four-fold averages J4 enter (module `fourfold`):

    W_kl = E[w_k w_l]
         = (1 - 1/P) σ_u² (A Aᵀ)_kl + (η_w²/P) [σ_u² Σ_m J4(m, m, k, l) + σ_y² I2(k, l)].

E[w_k w_l v_p v_q], with v = (w, u), sums over all ways in which the readouts among k, l, p, q share
samples. Each has the chance (1 - 1/P) … (1 - (r-1)/P) / P^(n-r) that the n = 2, 3 or 4 readouts
have r different ones in that way. With a_k the rows of A and a_{K+m} = e_m, what comes with it is

    none shared: σ_u⁴ Wick(a_k, a_l, a_p, a_q),
    one by k and l: bᵀ Ψ^kl c, b and c being the a's of the two others,
        Ψ^kl = σ_u⁴ [tr Φ^kl + 2 Φ^kl] + σ_u² σ_y² η_w² I2(k, l),   Φ^kl_mn = η_w² J4(m, n, k, l),
    one by k and l, one by p and q:
        tr(Ψ^kl Φ^pq) + σ_y² η_w² I2(p, q) [σ_u² tr Φ^kl + σ_y² η_w² I2(k, l)],
    one by three or by four: see `coincidences`, and `linear` for linear units.

W is exact, and N too but for what `coincidences` approximates; where it has no rule, terms of 1/P²
are left out (module `shortfall` estimates what that does to ε). With these moments and label noise
the diffusion of module `diffusion` is

    N_kl = Σ_pq s_p s_q E[w_k w_l v_p v_q] I4(k, l, p, q) + σ_y² W_kl <g'_k g'_l>.

Shapes: W is K × K, A is K × M, S = K + M. Variances are taken from d = 1 + variance and scale =
1/√d, so that those of the teachers can hold σ_B². An invalid covariance gives NaN.
"""

from __future__ import annotations

from typing import NamedTuple

from sweep.models.fo_anil.averages import TWO_OVER_PI, arcsine
from sweep.models.fo_anil.coincidences import (
    Nodes,
    coincidences,
    fill_nodes,
    nodes_size,
    nodes_views,
)
from sweep.models.fo_anil.diffusion import Pairs, condition, lay_by_pair, multiply_readouts
from sweep.models.fo_anil.fourfold import (
    FOURS,
    JOINED,
    PRODUCTS,
    FourfoldWork,
    fourfold_averages,
    pair_index,
)
from sweep.models.fo_anil.state import Problem, Work
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel, inlined_kernel, uncompiled


class FinitePWork(NamedTuple):
    """Work arrays; the last axis is the student pair (k ≤ l), of length n = K(K+1)/2.

    J4, Psi, aa: a row for each m ≤ n; J4(m, n, k, l), Ψ^kl_mn, and a_k a_lᵀ folded onto m ≤ n.
    with_teacher: M × K × n, with_students: n × n, what shares samples of k, l, p and the teacher's
    m, or of k, l, p, q, times its chance; to be summed over three ways to take two of them.
    moments: S(S+1)/2 × n, s_p s_q E[w_k w_l v_p v_q] for p ≤ q. triples: M × K × n, quadruples:
    n × n, as `coincidences` has them.
    """

    fourfold: FourfoldWork
    J4: Floats
    Psi: Floats
    aa: Floats
    with_teacher: Floats
    with_students: Floats
    moments: Floats
    triples: Floats
    quadruples: Floats
    nodes: Nodes


def finite_p_size(K: int, M: int) -> int:
    """How many numbers the work arrays take."""
    S, pairs, teacher_pairs = K + M, K * (K + 1) // 2, M * (M + 1) // 2
    fourfold = S * S + (JOINED + 2 * M) * pairs + FOURS * (M * K) ** 2
    by_pair = 3 * teacher_pairs + 2 * M * K + 2 * pairs + S * (S + 1) // 2
    return fourfold + by_pair * pairs + nodes_size(K, M)


def place_nodes(problem: Problem, T: Floats, flat: Floats) -> None:
    """Write into `flat` what the work arrays hold of the teacher alone.

    T: M × M, the covariance of the teacher's fields in a task.
    """
    size = nodes_size(problem.K, problem.M)
    if size:  # the last of the work arrays
        nodes = uncompiled(nodes_views)(problem.K, problem.M, flat[flat.size - size :])
        fill_nodes(T, problem.sigma_u, problem.sigma_y, nodes)


@fast_kernel
def finite_p_views(K: int, M: int, flat: Floats) -> FinitePWork:
    """The work arrays, one after the other in `flat`."""
    S, pairs, teacher_pairs = K + M, K * (K + 1) // 2, M * (M + 1) // 2
    rows = JOINED + 2 * M
    sizes = (S * S, rows * pairs, FOURS * M * M * K * K, teacher_pairs * pairs)
    r = flat[: sizes[0]]
    at = sizes[0]
    by_pair = flat[at : at + sizes[1]]
    at += sizes[1]
    fours = flat[at : at + sizes[2]]
    at += sizes[2]
    J4 = flat[at : at + sizes[3]]
    at += sizes[3]
    Psi = flat[at : at + sizes[3]]
    at += sizes[3]
    aa = flat[at : at + sizes[3]]
    at += sizes[3]
    with_teacher = flat[at : at + M * K * pairs]
    at += M * K * pairs
    with_students = flat[at : at + pairs * pairs]
    at += pairs * pairs
    moments = flat[at : at + S * (S + 1) // 2 * pairs]
    at += S * (S + 1) // 2 * pairs
    triples = flat[at : at + M * K * pairs]
    at += M * K * pairs
    quadruples = flat[at : at + pairs * pairs]
    at += pairs * pairs
    return FinitePWork(
        FourfoldWork(
            r.reshape((S, S)), by_pair.reshape((rows, pairs)), fours.reshape((FOURS, M * M * K * K))
        ),
        J4.reshape((teacher_pairs, pairs)),
        Psi.reshape((teacher_pairs, pairs)),
        aa.reshape((teacher_pairs, pairs)),
        with_teacher.reshape((M, K, pairs)),
        with_students.reshape((pairs, pairs)),
        moments.reshape((S * (S + 1) // 2, pairs)),
        triples.reshape((M, K, pairs)),
        quadruples.reshape((pairs, pairs)),
        nodes_views(K, M, flat[at:]),
    )


@fast_kernel
def second_moment(problem: Problem, work: Work, finite: FinitePWork) -> None:
    """Write W, and leave J4 and I2(k, l) in `finite`."""
    fourfold_averages(work.C, work.scale, problem.K, finite.J4, finite.fourfold)
    moment_from_averages(problem, work, finite)


@fast_kernel
def moment_from_averages(problem: Problem, work: Work, finite: FinitePWork) -> None:
    """Write W, from J4 and I2(k, l) in `finite`."""
    K, M, A, W = problem.K, problem.M, work.A, work.W
    P, eta_w, sigma_u, sigma_y = problem.P, problem.eta_w, problem.sigma_u, problem.sigma_y
    i = 0
    for k in range(K):
        for l in range(k, K):
            distinct = 0.0
            same = sigma_y * sigma_y * finite.fourfold.pairs[PRODUCTS, i]
            for m in range(M):
                distinct += A[k * M + m] * A[l * M + m]
                same += sigma_u * sigma_u * finite.J4[pair_index(m, m, M), i]
            W[k, l] = (1.0 - 1.0 / P) * sigma_u * sigma_u * distinct + eta_w * eta_w / P * same
            W[l, k] = W[k, l]
            i += 1


@fast_kernel
def add_finite_p_diffusion(
    problem: Problem, work: Work, dy: Floats, pairs: Pairs, finite: FinitePWork
) -> None:
    """Add (η_J/V) N_kl, k ≤ l, to the first K(K+1)/2 entries of dy; `second_moment` goes before."""
    C, d = work.C, work.d
    K, S, n = problem.K, problem.K + problem.M, finite.moments.shape[1]
    on_k, on_l, scale, total = pairs.on_k, pairs.on_l, pairs.scale, pairs.total
    condition(C, d, K, pairs)
    complete = finite.nodes.row.size > 0
    if complete:
        coincidences(problem.eta_w, C, finite.nodes, finite.triples, finite.quadruples)
    fourth_moments(problem, complete, work, pairs, finite)
    total[:] = 0.0
    row = 0
    for p in range(S):
        for q in range(p, S):
            twice = 1.0 if p == q else 2.0
            C_pq = d[p] - 1.0 if p == q else C[p, q]
            for i in range(n):
                H = C_pq - on_k[p, i] * on_k[q, i] - on_l[p, i] * on_l[q, i]
                angle = arcsine(H * scale[p, i] * scale[q, i])
                total[i] += twice * finite.moments[row, i] * angle
            row += 1
    i = 0
    for k in range(K):
        for l in range(k, K):
            label_noise = problem.sigma_y * problem.sigma_y * work.W[k, l]
            dy[i] += problem.noise * pairs.weight[i] * (TWO_OVER_PI * total[i] + label_noise)
            i += 1


@fast_kernel
def fourth_moments(
    problem: Problem, complete: bool, work: Work, pairs: Pairs, finite: FinitePWork
) -> None:
    """Write finite.moments; `moment_from_averages` or `second_moment` goes before.

    complete: whether triples and quadruples are there; without them to first order in 1/P.
    """
    multiply_readouts(work.A, work.zz, problem.K, problem.M)
    lay_by_pair(work.zz, problem.K, pairs)
    _share(problem, work.A, finite)
    _with_teacher(problem.P, complete, work.A, finite)
    _with_students(problem, complete, work.A, finite)
    _distinct_samples(problem, complete, work.zz, pairs, finite.moments)
    _same_sample(problem.P, finite)


@inlined_kernel
def _chance(P: float, readouts: int, samples: int, complete: bool) -> float:
    """That so many readouts use so many different samples, in one given way to share them."""
    if not complete:
        if samples == readouts:
            return 1.0 - 0.5 * readouts * (readouts - 1) / P
        return 1.0 / P if samples == readouts - 1 else 0.0
    chance = 1.0
    for i in range(1, readouts):
        chance *= 1.0 - i / P if i < samples else 1.0 / P
    return chance


@fast_kernel
def _share(problem: Problem, A: Floats, work: FinitePWork) -> None:
    """Ψ^kl, and a_k a_lᵀ folded: its entries nm are added to those at mn."""
    M, K = problem.M, problem.K
    eta_w, sigma_u, sigma_y = problem.eta_w, problem.sigma_u, problem.sigma_y
    signal, noise = eta_w**2 * sigma_u**4, eta_w**2 * sigma_u**2 * sigma_y**2
    i = 0
    for k in range(K):
        for l in range(k, K):
            diagonal = noise * work.fourfold.pairs[PRODUCTS, i]
            for m in range(M):
                diagonal += signal * work.J4[pair_index(m, m, M), i]
            row = 0
            for m in range(M):
                for n in range(m, M):
                    shared = 2.0 * signal * work.J4[row, i]
                    once = A[k * M + m] * A[l * M + n]
                    work.Psi[row, i] = shared + (diagonal if m == n else 0.0)
                    work.aa[row, i] = once if m == n else once + A[k * M + n] * A[l * M + m]
                    row += 1
            i += 1


@fast_kernel
def _with_teacher(P: float, complete: bool, A: Floats, work: FinitePWork) -> None:
    """(Ψ^kl a_p)_m, and the triples, each times its chance."""
    M, K, pairs = work.with_teacher.shape
    two, three = _chance(P, 3, 2, complete), _chance(P, 3, 1, complete)
    for m in range(M):
        for p in range(K):
            for i in range(pairs):
                work.with_teacher[m, p, i] = three * work.triples[m, p, i]
            for n in range(M):
                mn, weight = pair_index(m, n, M), two * A[p * M + n]
                for i in range(pairs):
                    work.with_teacher[m, p, i] += work.Psi[mn, i] * weight


@fast_kernel
def _with_students(problem: Problem, complete: bool, A: Floats, work: FinitePWork) -> None:
    """All ways in which k and l, or p and q, share a sample, each times its chance."""
    M, K, pairs = work.with_teacher.shape
    P, eta_w, sigma_u, sigma_y = problem.P, problem.eta_w, problem.sigma_u, problem.sigma_y
    one_pair, three = _chance(P, 4, 3, complete), _chance(P, 4, 2, complete)
    two_pairs, four = 0.5 * three, 0.5 * _chance(P, 4, 1, complete)
    signal, noise = eta_w**2 * sigma_u**2, eta_w**2 * sigma_y**2
    half, products = work.with_students, work.fourfold.pairs[PRODUCTS]
    pq = 0
    for p in range(K):
        for q in range(p, K):
            once = two_pairs * noise * products[pq]
            for i in range(pairs):
                half[pq, i] = four * work.quadruples[pq, i] + once * noise * products[i]
            row = 0
            for m in range(M):
                weight_p, weight_q = three * A[p * M + m], three * A[q * M + m]
                for i in range(pairs):
                    half[pq, i] += once * signal * work.J4[pair_index(m, m, M), i]
                    half[pq, i] += weight_p * work.triples[m, q, i]
                    half[pq, i] += weight_q * work.triples[m, p, i]
                for n in range(m, M):
                    twice = 1.0 if m == n else 2.0
                    shared = two_pairs * twice * eta_w * eta_w * work.J4[row, pq]
                    weight = one_pair * work.aa[row, pq] + shared
                    for i in range(pairs):
                        half[pq, i] += weight * work.Psi[row, i]
                    row += 1
            pq += 1
    for i in range(pairs):
        for j in range(i, pairs):
            half[i, j] += half[j, i]
            half[j, i] = half[i, j]


@fast_kernel
def _distinct_samples(
    problem: Problem, complete: bool, zz: Floats, pairs: Pairs, moments: Floats
) -> None:
    """moments = σ_u⁴ Wick, times the chance that no two readouts share a sample."""
    K, S = problem.K, problem.K + problem.M
    zk, zl, zkl = pairs.zk, pairs.zl, pairs.zkl
    row = 0
    for p in range(S):
        for q in range(p, S):
            readouts = 2 + (p < K) + (q < K)
            distinct = _chance(problem.P, readouts, readouts, complete) * problem.sigma_u**4
            for i in range(moments.shape[1]):
                wick = zkl[i] * zz[p, q] + zk[p, i] * zl[q, i] + zk[q, i] * zl[p, i]
                moments[row, i] = distinct * wick
            row += 1


@fast_kernel
def _same_sample(P: float, work: FinitePWork) -> None:
    """Add s_p s_q times what readouts that share samples have, in all ways to share them."""
    M, K, pairs = work.with_teacher.shape
    moments = work.moments
    row = 0
    for p in range(K):
        for q in range(p, K):
            pq = pair_index(p, q, K)
            i = 0
            for k in range(K):
                kp, kq = pair_index(k, p, K), pair_index(k, q, K)
                for l in range(k, K):
                    lp, lq = pair_index(l, p, K), pair_index(l, q, K)
                    total = work.with_students[pq, i] + work.with_students[kp, lq]
                    moments[row, i] += total + work.with_students[kq, lp]
                    i += 1
            row += 1
        for m in range(M):
            i = 0
            for k in range(K):
                kp = pair_index(k, p, K)
                for l in range(k, K):
                    lp = pair_index(l, p, K)
                    total = work.with_teacher[m, p, i] + work.with_teacher[m, l, kp]
                    moments[row, i] -= total + work.with_teacher[m, k, lp]
                    i += 1
            row += 1
    for mn in range(work.Psi.shape[0]):
        for i in range(pairs):
            moments[row, i] += work.Psi[mn, i] / P
        row += 1
