"""What rounding does to the overlaps, which must not ask the integrator for shorter steps."""

from __future__ import annotations

import math

from sweep.models.fo_anil.state import Memory, Problem, views
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel

ROUNDING = 64 * 2.0**-52
"""What rounding does to a slope, and so to an error estimate, relative to the terms it sums up."""

RESOLVED = 1e-15
"""Q_kl is resolved to this times √(Q_kk Q_ll): where it vanishes, that much of it is rounding."""


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
