"""The order-parameter dynamics of first-order ANIL, dQ/dτ and dR/dτ, for erf units at P = ∞.

Model: student f = Σ_k w_k g(J_k·x/√N), teacher y = Σ_m u_m g(B_m·x/√N) + σ_y ζ, x ~ N(0, I_N),
fresh u ~ N(0, σ_u² I) a task; w from the inner loop of step size η_w on the task, J from one outer
step of size η_J a task (Wang, Yip & Li, arXiv 2408.12545; technique of Saad & Solla, 1995).

Overlaps: Q_kl = J_k·J_l/N (K × K), R_kn = J_k·B_n/N (K × M), T_mn = B_m·B_n/N (M × M).
Time: α = tasks/N; the code integrates in τ = η_J α, in which the drift is free of η_J.
State: a vector y of the upper triangle of Q by rows, then R by rows.

With task variability each task's teacher is B + σ_B Ξ: the fields' variances are T_mm + σ_B²,
while T remains the covariance with the directions B.

An invalid state (one that is no covariance) gives NaN, never a clipped value.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sweep.models.fo_anil.averages import TWO_OVER_PI, arcsine, mean_products
from sweep.models.fo_anil.diffusion import add_diffusion
from sweep.models.fo_anil.inner_loop import adapt
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel, inlined_kernel, inner_kernel

LANES = 8
"""Rows are as long as a multiple of this, so that no remainder of a vectorized loop is left to be
done one by one; what is beyond their own entries is of no consequence."""


class Problem(NamedTuple):
    """The constants of one trajectory.

    noise = η_J/V, decay = κ/η_J (weight decay per unit of τ). inner_steps is math.inf for least
    squares, P is math.inf for infinitely many training samples.
    """

    K: int
    M: int
    eta_w: float
    inner_steps: float
    P: float
    noise: float
    decay: float
    sigma_u: float
    sigma_y: float


class Memory(NamedTuple):
    """The arrays that the equations write to, three only, since each is passed by value.

    units: rows of S = K + M entries, pairs: of K(K+1)/2, both up to a multiple of LANES. flat: one
    row. What lies where is said by `views` and by the modules that use `pairs`.
    """

    units: Floats
    pairs: Floats
    flat: Floats


class Work(NamedTuple):
    """Views into a Memory. S = K + M.

    C: S × S covariance of the fields, its diagonal without σ_B²; d = 1 + variance of each field;
    scale = 1/√d. W: E[w wᵀ], in the first K columns of K × S. G, D: K × S. These are the first
    columns of longer rows, in C with zeros behind. By rows in one dimension: JB and A, K × M, and
    JJ, K × K (see `inner_loop`).
    """

    C: Floats
    W: Floats
    G: Floats
    D: Floats
    B: Floats
    d: Floats
    scale: Floats
    JB: Floats
    A: Floats
    JJ: Floats
    spare: Floats


ROUNDING = 64 * 2.0**-52
"""What rounding does to a slope, and so to an error estimate, relative to the terms it sums up."""

RESOLVED = 1e-15
"""Q_kl is resolved to this times √(Q_kk Q_ll): where it vanishes, that much of it is rounding."""


def memory(K: int, T: Floats, sigma_B: float = 0.0, extra: int = 0) -> Memory:
    """Memory for K student units, with what depends on the teacher alone filled in.

    extra: how many numbers the equations need at the end of `flat` for themselves.
    """
    M = len(T)
    S = K + M
    units = np.zeros((2 * S + 3 * K + 2, _filled(S)))
    units[K:S, K:S] = T
    d = 1.0 + np.diag(T) + sigma_B**2
    units[-2, K:S] = d
    units[-1, K:S] = 1.0 / np.sqrt(d)
    return Memory(
        units=units,
        pairs=np.zeros((5 * S + 3, _filled(K * (K + 1) // 2))),
        flat=np.zeros(flat_size(K, M) + extra),
    )


def _filled(length: int) -> int:
    return -(-length // LANES) * LANES


@inlined_kernel
def flat_size(K: int, M: int) -> int:
    """How much of `flat` the views take: JB, A, JJ and the inner loop's spare numbers."""
    return 3 * K * M + 2 * K * K


def state(Q: Floats, R: Floats) -> Floats:
    """The vector y of overlaps Q (K × K) and R (K × M)."""
    return np.concatenate([Q[_upper(len(Q))], R.ravel()])


def overlaps_of(states: Floats, K: int, M: int) -> tuple[Floats, Floats]:
    """Q (… × K × K) and R (… × K × M) of one or more vectors y (… × n)."""
    pairs = K * (K + 1) // 2
    Q = np.empty((*states.shape[:-1], K, K))
    rows, columns = _upper(K)
    Q[..., rows, columns] = states[..., :pairs]
    Q[..., columns, rows] = states[..., :pairs]
    return Q, states[..., pairs:].reshape(*states.shape[:-1], K, M)


def student_matrix(problem: Problem, memory: Memory) -> Floats:
    """The K × K matrix I_JJ of the state at which ε was evaluated last."""
    K, M = problem.K, problem.M
    return memory.flat[2 * K * M : 2 * K * M + K * K].reshape(K, K)


@cache
def _upper(K: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the upper triangle is; cached, since NumPy takes longer than a short integration."""
    return np.triu_indices(K)


@inner_kernel
def views(problem: Problem, memory: Memory) -> Work:
    """Name the parts of the memory."""
    K, M = problem.K, problem.M
    S, KM, KK = K + M, K * M, K * K
    units, flat = memory.units, memory.flat
    return Work(
        units[:S],
        units[S : S + K],
        units[S + K : S + 2 * K],
        units[S + 2 * K : S + 3 * K],
        units[S + 3 * K : 2 * S + 3 * K],
        units[2 * S + 3 * K],
        units[2 * S + 3 * K + 1],
        flat[:KM],
        flat[KM : 2 * KM],
        flat[2 * KM : 2 * KM + KK],
        flat[2 * KM + KK : 3 * KM + 2 * KK],
    )


@inner_kernel
def unpack(y: Floats, problem: Problem, work: Work) -> None:
    """Write the state y into C, d and scale."""
    K, M, C = problem.K, problem.M, work.C
    i = 0
    for k in range(K):
        for j in range(k, K):
            C[k, j] = y[i]
            C[j, k] = y[i]
            i += 1
    for k in range(K):
        for m in range(M):
            C[k, K + m] = y[i]
            C[K + m, k] = y[i]
            i += 1
        work.d[k] = 1.0 + C[k, k]
        work.scale[k] = 1.0 / math.sqrt(work.d[k])


@inner_kernel
def inner_loop(problem: Problem, work: Work) -> None:
    """JB, and A with w = A u (JJ as well, where the inner loop has more than one step); then W."""
    teacher_products(problem, work)
    if problem.inner_steps != 1.0:
        student_products(problem, work)
    read_out(problem, work)


@inner_kernel
def teacher_products(problem: Problem, work: Work) -> None:
    """JB: I2 of student with teacher units."""
    K, M = problem.K, problem.M
    for k in range(K):
        for m in range(M):
            work.JB[k * M + m] = work.C[k, K + m] * work.scale[k] * work.scale[K + m]
    mean_products(work.JB, work.JB)


@inner_kernel
def read_out(problem: Problem, work: Work) -> None:
    """A and W = σ_u² A Aᵀ, from JB (and JJ, where the inner loop has more than one step)."""
    K, M = problem.K, problem.M
    if problem.inner_steps == 1.0:
        for i in range(K * M):
            work.A[i] = problem.eta_w * work.JB[i]
    else:
        adapt(problem.eta_w, problem.inner_steps, work.JJ, work.JB, work.A, work.spare, K, M)
    variance = problem.sigma_u * problem.sigma_u
    for k in range(K):
        for j in range(k, K):
            total = 0.0
            for m in range(M):
                total += work.A[k * M + m] * work.A[j * M + m]
            work.W[k, j] = variance * total
            work.W[j, k] = work.W[k, j]


@inner_kernel
def student_products(problem: Problem, work: Work) -> None:
    """JJ: I2 of the pairs of student units."""
    K = problem.K
    for k in range(K):
        for j in range(K):
            work.JJ[k * K + j] = work.C[k, j] * work.scale[k] * work.scale[j]
    mean_products(work.JJ, work.JJ)


@inner_kernel
def drift(problem: Problem, work: Work) -> None:
    """D = G C - diag((G C)_kk / d_k) C with G_kq = Z_kq (2/π)/√(d_k d_q - C_kq²).

    D_kq is the mean of (y - f) w_k g'(λ_k) times field q: the sum of the averages I3.
    """
    K, S = problem.K, problem.K + problem.M
    C, d, G, D = work.C, work.d, work.G, work.D
    weigh_units(problem, work)
    for k in range(K):
        for q in range(S):
            D[k, q] = d[k] * d[q] - C[k, q] * C[k, q]
    roots = D.reshape(D.size)
    for i in range(roots.size):  # in one loop, since rows are short
        roots[i] = TWO_OVER_PI / math.sqrt(roots[i])
    for k in range(K):
        for q in range(S):
            G[k, q] *= D[k, q]
    correlate(problem, work)
    for k in range(K):
        own = D[k, k] / d[k]
        for j in range(D.shape[1]):
            D[k, j] -= own * C[k, j]


@inner_kernel
def weigh_units(problem: Problem, work: Work) -> None:
    """G = Z = [-W, σ_u² A]: the mean of w_k times the weight of each unit in y - f."""
    K, M = problem.K, problem.M
    variance = problem.sigma_u * problem.sigma_u
    for k in range(K):
        for q in range(K):
            work.G[k, q] = -work.W[k, q]
        for m in range(M):
            work.G[k, K + m] = variance * work.A[k * M + m]


@inner_kernel
def correlate(problem: Problem, work: Work) -> None:
    """D = G C."""
    K, S = problem.K, problem.K + problem.M
    C, G, D = work.C, work.G, work.D
    width = D.shape[1]
    for k in range(K):
        for j in range(width):
            D[k, j] = 0.0
    for q in range(S):
        for k in range(K):
            weight = G[k, q]
            for j in range(width):
                D[k, j] += weight * C[q, j]


@inner_kernel
def write_drift(dy: Floats, problem: Problem, work: Work) -> None:
    """dQ/dτ = D + Dᵀ (student columns) - 2 (κ/η_J) Q, dR/dτ = D (teacher columns) - (κ/η_J) R."""
    K, M = problem.K, problem.M
    i = 0
    for k in range(K):
        for j in range(k, K):
            dy[i] = work.D[k, j] + work.D[j, k] - 2.0 * problem.decay * work.C[k, j]
            i += 1
    for k in range(K):
        for m in range(M):
            dy[i] = work.D[k, K + m] - problem.decay * work.C[k, K + m]
            i += 1


@fast_kernel
def right_hand_side(y: Floats, dy: Floats, problem: Problem, memory: Memory) -> None:
    """dy/dτ at y: the drift and, at finite V, the diffusion (η_J/V) N."""
    work = views(problem, memory)
    unpack(y, problem, work)
    inner_loop(problem, work)
    drift(problem, work)
    write_drift(dy, problem, work)
    if problem.noise > 0.0:
        add_diffusion(
            problem.noise, problem.sigma_u, problem.sigma_y, work.C, work.d, work.A, work.W, work.B,
            dy, memory.pairs,
        )  # fmt: skip


@fast_kernel
def resolution(y: Floats, floor: Floats, growth: Floats, problem: Problem, memory: Memory) -> None:
    """What rounding does to Q and R, at y and in a unit of τ.

    The entries of R grow from 1e-12 with all their digits, but where one vanishes among terms that
    cancel, Σ_q G_kq C_q,K+n, rounding is all that is left of it; so it is with the entries of Q,
    whose terms are of their own units' lengths.
    """
    K, M = problem.K, problem.M
    work = views(problem, memory)
    i = 0
    for k in range(K):
        own = i
        other = own
        for l in range(k, K):
            floor[i] = RESOLVED * math.sqrt(abs(y[own] * y[other]))
            growth[i] = 0.0
            other += K - l
            i += 1
    for k in range(K):
        for m in range(M):
            total = 0.0
            for q in range(K + M):
                total += abs(work.G[k, q] * work.C[q, K + m])
            floor[i] = 0.0
            growth[i] = ROUNDING * total
            i += 1


@fast_kernel
def generalization_error(y: Floats, problem: Problem, memory: Memory) -> float:
    """The meta-generalization error ε of state y.

    ε = ½ [σ_u² Σ_m I2(m, m) - 2 σ_u² Σ_km A_km I2(k, m) + Σ_kl W_kl I2(k, l)].
    """
    work = views(problem, memory)
    unpack(y, problem, work)
    inner_loop(problem, work)
    student_products(problem, work)
    return mean_square(teacher_square(problem, work), problem, work)


@inner_kernel
def teacher_square(problem: Problem, work: Work) -> float:
    """Σ_m I2(m, m) over the teacher's units."""
    total = 0.0
    for m in range(problem.K, problem.K + problem.M):
        total += TWO_OVER_PI * arcsine(1.0 - 1.0 / work.d[m])
    return total


@inner_kernel
def mean_square(teacher: float, problem: Problem, work: Work) -> float:
    """ε from A, W, JB, JJ and the teacher's Σ_m I2(m, m)."""
    K, M = problem.K, problem.M
    overlap = 0.0
    for i in range(K * M):
        overlap += work.A[i] * work.JB[i]
    student = 0.0
    for k in range(K):
        for j in range(K):
            student += work.W[k, j] * work.JJ[k * K + j]
    return 0.5 * (problem.sigma_u * problem.sigma_u * (teacher - 2.0 * overlap) + student)
