"""The dynamics of erf units, g(z) = erf(z/√2): dQ/dτ and dR/dτ, and the error ε.

The averages are those of `averages`. At a finite number P of training samples the second and fourth
moments of the readouts are those of `finite_p`.
"""

from __future__ import annotations

import math

from sweep.models.fo_anil.averages import TWO_OVER_PI, arcsine, mean_products
from sweep.models.fo_anil.diffusion import add_diffusion, pair_rows
from sweep.models.fo_anil.drift import correlate, weigh_units, write_drift
from sweep.models.fo_anil.finite_p import (
    add_finite_p_diffusion,
    finite_p_size,
    finite_p_views,
    place_nodes,
    second_moment,
)
from sweep.models.fo_anil.kind import Activation, Kind
from sweep.models.fo_anil.readout import mean_square, read_out
from sweep.models.fo_anil.resolution import resolution
from sweep.models.fo_anil.state import Memory, Problem, Work, flat_size, unpack, views
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel, inner_kernel
from sweep.ode.equations import Equations, differences


@fast_kernel
def erf_right_hand_side(y: Floats, dy: Floats, problem: Problem, memory: Memory) -> None:
    """dy/dτ at y: the drift and, at finite V, the diffusion (η_J/V) N."""
    work = views(problem, memory)
    unpack(y, problem, work)
    inner_loop(problem, work)
    drift(problem, work)
    write_drift(dy, problem, work)
    if problem.noise > 0.0:
        add_diffusion(problem, work, dy, pair_rows(problem.K + problem.M, memory.pairs))


@fast_kernel
def erf_error(y: Floats, problem: Problem, memory: Memory) -> float:
    """The meta-generalization error ε of state y.

    ε = ½ [σ_u² Σ_m I2(m, m) - 2 σ_u² Σ_km A_km I2(k, m) + Σ_kl W_kl I2(k, l)].
    """
    work = views(problem, memory)
    unpack(y, problem, work)
    inner_loop(problem, work)
    student_products(problem, work)
    return mean_square(teacher_square(problem, work), problem, work)


@fast_kernel
def erf_right_hand_side_at_finite_p(
    y: Floats, dy: Floats, problem: Problem, memory: Memory
) -> None:
    """dy/dτ at y."""
    work = views(problem, memory)
    finite = finite_p_views(problem.K, problem.M, memory.flat[flat_size(problem.K, problem.M) :])
    unpack(y, problem, work)
    inner_loop(problem, work)
    second_moment(problem, work, finite)
    drift(problem, work)
    write_drift(dy, problem, work)
    if problem.noise > 0.0:
        pairs = pair_rows(problem.K + problem.M, memory.pairs)
        add_finite_p_diffusion(problem, work, dy, pairs, finite)


@fast_kernel
def erf_error_at_finite_p(y: Floats, problem: Problem, memory: Memory) -> float:
    """The meta-generalization error ε of state y."""
    work = views(problem, memory)
    finite = finite_p_views(problem.K, problem.M, memory.flat[flat_size(problem.K, problem.M) :])
    unpack(y, problem, work)
    inner_loop(problem, work)
    second_moment(problem, work, finite)
    student_products(problem, work)
    return mean_square(teacher_square(problem, work), problem, work)


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
def teacher_square(problem: Problem, work: Work) -> float:
    """Σ_m I2(m, m) over the teacher's units."""
    total = 0.0
    for m in range(problem.K, problem.K + problem.M):
        total += TWO_OVER_PI * arcsine(1.0 - 1.0 / work.d[m])
    return total


ERF = Kind(Equations(erf_right_hand_side, erf_error, resolution, differences))
ERF_FINITE_P = Kind(
    Equations(erf_right_hand_side_at_finite_p, erf_error_at_finite_p, resolution, differences),
    finite_p_size,
    place_nodes,
)
ERF_UNITS = Activation(ERF, ERF_FINITE_P, noisy=True)
