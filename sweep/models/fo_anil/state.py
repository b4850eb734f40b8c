"""The state of FO-ANIL's dynamics, its constants, and the arrays that the equations write to.

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

from sweep.ode.arrays import Floats, Index
from sweep.ode.compiled import inlined_kernel, inner_kernel

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
    row. What lies where is said by `name_parts` and by `diffusion.pair_rows`.
    """

    units: Floats
    pairs: Floats
    flat: Floats


class Work(NamedTuple):
    """Views into a Memory. S = K + M.

    C: S × S covariance of the fields, its diagonal without σ_B²; d = 1 + variance of each field;
    scale = 1/√d. W: E[w wᵀ], in the first K columns of K × S. G, D: K × S (see `drift`). zz: S × S
    (see `diffusion`). These are the first columns of longer rows, in C with zeros behind. By rows
    in one dimension: JB and A, K × M, and JJ, K × K (see `readout`).
    """

    C: Floats
    W: Floats
    G: Floats
    D: Floats
    zz: Floats
    d: Floats
    scale: Floats
    JB: Floats
    A: Floats
    JJ: Floats
    spare: Floats


def memory(K: int, T: Floats, sigma_B: float = 0.0, extra: int = 0) -> Memory:
    """Memory for K student units, with what depends on the teacher alone filled in.

    extra: how many numbers the equations need at the end of `flat` for themselves.
    """
    M = len(T)
    S = K + M
    space = Memory(
        units=np.zeros((2 * S + 3 * K + 2, _filled(S))),
        pairs=np.zeros((5 * S + 3, _filled(K * (K + 1) // 2))),
        flat=np.zeros(flat_size(K, M) + extra),
    )
    work = name_parts(K, M, space)
    work.C[K:, K:S] = T
    work.d[K:S] = 1.0 + np.diag(T) + sigma_B**2
    work.scale[K:S] = 1.0 / np.sqrt(work.d[K:S])
    return space


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
    return name_parts(problem.K, problem.M, memory).JJ.reshape(problem.K, problem.K)


@cache
def _upper(K: int) -> tuple[Index, Index]:
    """Where the upper triangle is; cached, since NumPy takes longer than a short integration."""
    return np.triu_indices(K)


def name_parts(K: int, M: int, memory: Memory) -> Work:
    """Name the parts of the memory, which lie one after the other."""
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


_parts = inner_kernel(name_parts)


@inner_kernel
def views(problem: Problem, memory: Memory) -> Work:
    """The parts of the memory, by name."""
    return _parts(problem.K, problem.M, memory)


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
