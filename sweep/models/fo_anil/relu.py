"""The dynamics of rectified linear units, g(z) = max(0, z), at V = P = ∞.

With v_i the variance of field i, cos φ = C_ij/√(v_i v_j) and Δ = v_i v_j - C_ij² (Cho & Saul,
Advances in Neural Information Processing Systems 22, 2009):

    I2(i, j) = <g_i g_j> = [√Δ + (π - φ) C_ij] / (2π),
    I3(i, j, k) = <g'_i z_j g_k> = C_ij √Δ_ik / (2π v_i) + C_jk (π - φ_ik) / (2π),

the latter by Stein's lemma. In matrix form D = G C + diag(h) C with G_kq = Z_kq (π - φ_kq)/(2π) and
h_k = Σ_q Z_kq √Δ_kq/(2π v_k). The fourfold averages of finite V and P have no closed form.

Unlike erf units these have a mean, so from R = 1e-12 all units acquire the same R of order one, and
it is differences of 1e-12 that grow and decide. So everything is kept as a reference, what it would
be if all units were like the first one and the first two (Q_kk = q, Q_kl = c, R_kn = r_n), and the
deviation from it, and the deviations of results are made of deviations alone: nothing of order one
is ever subtracted. The state is that of `differences`.
"""

from __future__ import annotations

import math

from sweep.models.fo_anil.differences import differences as in_differences
from sweep.models.fo_anil.differences import from_differences
from sweep.models.fo_anil.kind import Activation, Kind
from sweep.models.fo_anil.readout import mean_readouts, mean_square
from sweep.models.fo_anil.relu_angles import (
    Deviations,
    Reference,
    deviations,
    measure,
    relu_size,
    unpack_differences,
)
from sweep.models.fo_anil.state import Memory, Problem, Work, flat_size, views
from sweep.ode.arrays import Floats
from sweep.ode.compiled import kernel, precise_kernel
from sweep.ode.equations import Equations, differences, unresolved

TWO_PI, PER_TURN = 2 * math.pi, 0.5 / math.pi


@kernel
def relu_right_hand_side(y: Floats, dy: Floats, problem: Problem, memory: Memory) -> None:
    """dy/dτ at y, both in differences."""
    work = views(problem, memory)
    dev = deviations(problem.K, problem.M, memory.flat[flat_size(problem.K, problem.M) :])
    reference = unpack_differences(y, problem, work, dev)
    _inner_loop(reference, problem, work, dev)
    _weigh(reference, problem, work, dev)
    _deviate(problem, work, dev)
    _write(dy, reference, problem, work, dev)


@kernel
def relu_error(y: Floats, problem: Problem, memory: Memory) -> float:
    """The meta-generalization error ε of state y, in differences."""
    work = views(problem, memory)
    dev = deviations(problem.K, problem.M, memory.flat[flat_size(problem.K, problem.M) :])
    reference = unpack_differences(y, problem, work, dev)
    _inner_loop(reference, problem, work, dev)
    teacher = 0.0
    for m in range(problem.K, problem.K + problem.M):
        teacher += 0.5 * (work.d[m] - 1.0)
    return mean_square(teacher, problem, work)


@precise_kernel
def _inner_loop(reference: Reference, problem: Problem, work: Work, dev: Deviations) -> None:
    """JB, JJ, A and W, and the deviations of A."""
    K, M = problem.K, problem.M
    measure(reference, problem, work, dev)
    _multiply(reference, problem, work, dev)
    _read_out(reference, problem, work, dev)
    variance = problem.sigma_u * problem.sigma_u
    for k in range(K):
        for m in range(M):
            work.A[k * M + m] = dev.A[0, m] + dev.A[k + 1, m]
    for k in range(K):
        for j in range(K):
            total = 0.0
            for m in range(M):
                total += work.A[k * M + m] * work.A[j * M + m]
            work.W[k, j] = variance * total


@precise_kernel
def _multiply(reference: Reference, problem: Problem, work: Work, dev: Deviations) -> None:
    """I2 of every student unit with every unit, the reference and deviations, and JJ and JB."""
    K, M = problem.K, problem.M
    C, X = work.C, dev.X
    for j in range(K + M):
        before = reference.c if j < K else C[0, j]
        angle_0 = dev.angle[0, j]
        product = (dev.root[0, j] + (math.pi - angle_0) * before) * PER_TURN
        dev.product[0, j] = product
        for k in range(K):
            if j == k:
                dev.product[k + 1, j] = 0.5 * X[k, k]
                work.JJ[k * K + k] = 0.5 * C[k, k]
                continue
            further = dev.angle[k + 1, j]
            deviation = (
                dev.root[k + 1, j] + (math.pi - angle_0 - further) * X[k, j] - further * before
            ) * PER_TURN
            dev.product[k + 1, j] = deviation
            if j < K:
                work.JJ[k * K + j] = product + deviation
            else:
                work.JB[k * M + j - K] = product + deviation


@precise_kernel
def _read_out(reference: Reference, problem: Problem, work: Work, dev: Deviations) -> None:
    """The matrix A after the inner loop (see `readout`): its reference and its deviations.

    With all units alike every row of I_JJ sums up to the same number, and A to the same row.
    """
    K, M = problem.K, problem.M
    alike = 0.5 * reference.q + (K - 1) * dev.product[0, 0] if K > 1 else 0.5 * reference.q
    for m in range(M):
        dev.A[0, m] = problem.eta_w * dev.product[0, K + m]
        if math.isinf(problem.inner_steps):
            dev.A[0, m] = dev.product[0, K + m] / alike
        for k in range(K):
            dev.A[k + 1, m] = problem.eta_w * dev.product[k + 1, K + m]
    if problem.inner_steps == 1.0:
        return
    if math.isinf(problem.inner_steps):
        _remain(problem, work, dev)
        mean_readouts(
            problem.eta_w, problem.inner_steps, work.JJ, dev.residual,
            dev.A[1:].reshape(K * M), work.spare, K, M,
        )  # fmt: skip
        return
    for _ in range(1, int(problem.inner_steps)):
        _remain(problem, work, dev)
        for k in range(K):
            for m in range(M):
                for l in range(K):
                    dev.residual[k * M + m] -= work.JJ[k * K + l] * dev.A[l + 1, m]
        for m in range(M):
            dev.A[0, m] += problem.eta_w * (dev.product[0, K + m] - alike * dev.A[0, m])
            for k in range(K):
                dev.A[k + 1, m] += problem.eta_w * dev.residual[k * M + m]


@precise_kernel
def _remain(problem: Problem, work: Work, dev: Deviations) -> None:  # noqa: ARG001
    """residual = the deviations of I_JB - I_JJ A for the reference of A."""
    K, M = problem.K, problem.M
    for k in range(K):
        row = 0.0
        for l in range(K):
            row += dev.product[k + 1, l]
        for m in range(M):
            dev.residual[k * M + m] = dev.product[k + 1, K + m] - row * dev.A[0, m]


@precise_kernel
def _weigh(reference: Reference, problem: Problem, work: Work, dev: Deviations) -> None:
    """G and its deviations, and h (in `scale`) and its deviations.

    Z = [-W, σ_u² A]; row 0 of G is that of two different units, and -W_11/2 that of a unit with
    itself.
    """
    K, M = problem.K, problem.M
    variance = problem.sigma_u * problem.sigma_u
    q = reference.q
    alike = 0.0
    for m in range(M):
        alike += dev.A[0, m] * dev.A[0, m]
    alike *= -variance
    for j in range(K + M):
        weight = alike if j < K else variance * dev.A[0, j - K]
        dev.G[0, j] = weight * (math.pi - dev.angle[0, j]) * PER_TURN
    moment = (K - 1) * alike * dev.root[0, 0] if K > 1 else 0.0
    for m in range(M):
        moment += variance * dev.A[0, m] * dev.root[0, K + m]
    # a unit without length has no overlap, and it does not matter which way it turns
    dev.h[0] = moment / (TWO_PI * q) if moment != 0.0 else 0.0
    for k in range(K):
        total, own = 0.0, 0.0
        for j in range(K + M):
            if j < K:
                weight, further = alike, 0.0
                for m in range(M):
                    further -= (
                        dev.A[0, m] * (dev.A[k + 1, m] + dev.A[j + 1, m])
                        + dev.A[k + 1, m] * dev.A[j + 1, m]
                    )
                further *= variance
            else:
                weight = variance * dev.A[0, j - K]
                further = variance * dev.A[k + 1, j - K]
            if j == k:
                dev.G[k + 1, j] = 0.5 * further
                work.G[k, j] = 0.5 * (weight + further)
                continue
            angle = dev.angle[0, j] + dev.angle[k + 1, j]
            dev.G[k + 1, j] = (
                further * (math.pi - angle) - weight * dev.angle[k + 1, j]
            ) * PER_TURN
            work.G[k, j] = dev.G[0, j] + dev.G[k + 1, j]
            root = dev.root[0, j] + dev.root[k + 1, j]
            total += (weight + further) * root
            own += further * root + weight * dev.root[k + 1, j]
        length = work.C[k, k]
        work.scale[k] = total / (TWO_PI * length) if total != 0.0 else 0.0
        further = own - TWO_PI * dev.h[0] * dev.X[k, k]
        dev.h[k + 1] = further / (TWO_PI * length) if further != 0.0 else 0.0


@precise_kernel
def _deviate(problem: Problem, work: Work, dev: Deviations) -> None:
    """The deviations of D = G C + diag(h) C from its reference, in `D`."""
    K, S = problem.K, problem.K + problem.M
    D, h = work.D, work.scale
    for k in range(K):
        for j in range(S):
            D[k, j] = dev.h[k + 1] * dev.C[k, j] + h[k] * dev.X[k, j]
    for i in range(S):
        for k in range(K):
            further, weight = dev.G[k + 1, i], work.G[k, i]
            for j in range(S):
                D[k, j] += further * dev.C[i, j] + weight * dev.X[i, j]


@precise_kernel
def _write(dy: Floats, reference: Reference, problem: Problem, work: Work, dev: Deviations) -> None:
    """dQ/dτ = D + Dᵀ - 2 (κ/η_J) Q and dR/dτ = D - (κ/η_J) R, in differences."""
    K, M, D, C, X = problem.K, problem.M, work.D, work.C, dev.X
    q, c, s = reference
    decay, h = problem.decay, dev.h[0]
    own = 0.5 * dev.A[0, :] @ dev.A[0, :] * -(problem.sigma_u**2)
    other = dev.G[0, 0] if K > 1 else 0.0
    shared = 0.0
    for m in range(K, K + M):
        shared += dev.G[0, m] * C[0, m]
    i = 0
    for k in range(K):
        for l in range(k, K):
            if K == 1:
                dy[i] = 2.0 * ((own + h) * q + shared + D[0, 0]) - 2.0 * decay * q
            elif k == 0 and l == 0:
                apart = (own - other + h) * s
                dy[i] = 2.0 * apart + (2.0 * D[0, 0] - D[0, 1] - D[1, 0]) - 2.0 * decay * s
            elif k == 0 and l == 1:
                crossed = (own + (K - 2) * other + h) * c + other * q + shared
                dy[i] = 2.0 * crossed + (D[0, 1] + D[1, 0]) - 2.0 * decay * c
            elif k == l:
                dy[i] = 2.0 * (D[k, k] - D[0, 0]) - 2.0 * decay * X[k, k]
            else:
                further = (D[k, l] - D[0, 1]) + (D[l, k] - D[1, 0])
                dy[i] = further - 2.0 * decay * X[k, l]
            i += 1
    for k in range(K):
        for n in range(K, K + M):
            if k == 0:
                total = (own + (K - 1) * other + h) * C[0, n] + D[0, n]
                for m in range(K, K + M):
                    total += dev.G[0, m] * C[m, n]
                dy[i] = total - decay * C[0, n]
            else:
                dy[i] = D[k, n] - D[0, n] - decay * X[k, n]
            i += 1


RELU = Kind(
    Equations(relu_right_hand_side, relu_error, unresolved, differences),
    relu_size,
    encode=in_differences,
    decode=from_differences,
    probe=True,
)
RELU_UNITS = Activation(RELU, finite=None, noisy=False)
