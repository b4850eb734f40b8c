"""The Rosenbrock method Rodas5P: order 5, L-stable, with an error estimate of order 4.

For stiff stretches, where an explicit method must step at the pace of modes that have long died
out. Steinebach, BIT Numer. Math. 63, 27 (2023); form of the stages after Hairer & Wanner, Solving
Ordinary Differential Equations II, §IV.7:

    (I/(γh) - J) k_s = f(y + Σ_j a_sj k_j) + Σ_j (c_sj/h) k_j,   J = ∂f/∂y.

The last three stages add whole increments: y_7 = y_6 + k_6, y_8 = y_7 + k_7, y_new = y_8 + k_8,
and k_8 is the error estimate.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from sweep.ode.arrays import Floats
from sweep.ode.compiled import inlined_kernel, inner_kernel
from sweep.ode.equations import Constants, Memory, Slope
from sweep.ode.vectors import copy

STAGES = 8
EXPONENT = -1 / 5
"""The step grows as the error norm to this power."""

GAMMA = 0.21193756319429014
# fmt: off
A = np.array([
    [0.0, 0.0, 0.0, 0.0, 0.0],
    [3.0, 0.0, 0.0, 0.0, 0.0],
    [2.849394379747939, 0.45842242204463923, 0.0, 0.0, 0.0],
    [-6.954028509809101, 2.489845061869568, -10.358996098473584, 0.0, 0.0],
    [2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641, 0.0],
    [-7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256,
     0.030198172008377946],
])
C = np.array([
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [-14.155112264123755, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    [-17.97296035885952, -2.859693295451294, 0.0, 0.0, 0.0, 0.0, 0.0],
    [147.12150275711716, -1.41221402718213, 71.68940251302358, 0.0, 0.0, 0.0, 0.0],
    [165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306, 0.0, 0.0, 0.0],
    [24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125,
     -0.6610691825249471, 0.0, 0.0],
    [30.91273214028599, -3.1208243349937974, 77.79954646070892, 34.28646028294783,
     -19.097331116725623, -28.087943162872662, 0.0],
    [37.80277123390563, -3.2571969029072276, 112.26918849496327, 66.9347231244047,
     -40.06618937091002, -54.66780262877968, -9.48861652309627],
])
# fmt: on
TABLEAU = np.zeros((A.shape[0] + C.shape[0], C.shape[1]))
"""A, then C. Kernels get it as an argument: constants would be unrolled into ten times the code."""

TABLEAU[: A.shape[0], : A.shape[1]] = A
TABLEAU[A.shape[0] :] = C
STATE_STAGES = A.shape[0]


@inner_kernel
def rosenbrock_step(
    tableau: Floats,
    slope: Slope,
    y: Floats,
    h: float,
    f: Floats,
    J: Floats,
    increments: Floats,
    factors: Floats,
    pivots: NDArray[np.int64],
    f_stage: Floats,
    y_new: Floats,
    constants: Constants,
    memory: Memory,
) -> None:
    """One step of size h from y into y_new, f = f(y), J its Jacobian; increments is 8 × n."""
    n = y.size
    for i in range(n):
        for j in range(n):
            factors[i, j] = -J[i, j]
        factors[i, i] += 1.0 / (GAMMA * h)
    factorize(factors, pivots)
    copy(y, y_new)
    for s in range(STAGES):
        if s < STATE_STAGES:
            copy(y, y_new)
            for j in range(s):
                for i in range(n):
                    y_new[i] += tableau[s, j] * increments[j, i]
        else:
            for i in range(n):
                y_new[i] += increments[s - 1, i]
        if s == 0:
            copy(f, f_stage)
        else:
            slope(y_new, f_stage, constants, memory)
        for j in range(s):
            weight = tableau[STATE_STAGES + s, j] / h
            for i in range(n):
                f_stage[i] += weight * increments[j, i]
        substitute(factors, pivots, f_stage)
        copy(f_stage, increments[s])
    for i in range(n):
        y_new[i] += increments[STAGES - 1, i]


@inlined_kernel
def rosenbrock_error(
    y: Floats, y_new: Floats, increments: Floats, rtol: float, atol: Floats
) -> float:
    """The error of a step as a multiple of the tolerance: root mean square over the components."""
    total = 0.0
    for i in range(y.size):
        scale = atol[i] + rtol * max(abs(y[i]), abs(y_new[i]))
        total += (increments[STAGES - 1, i] / scale) ** 2
    return math.sqrt(total / y.size)


@inlined_kernel
def factorize(matrix: Floats, pivots: NDArray[np.int64]) -> None:
    """LU factors of a small matrix, in place, with partial pivoting (LAPACK would allocate)."""
    n = matrix.shape[0]
    for k in range(n):
        pivot = k
        for i in range(k + 1, n):
            if abs(matrix[i, k]) > abs(matrix[pivot, k]):
                pivot = i
        pivots[k] = pivot
        if pivot != k:
            for j in range(n):
                matrix[k, j], matrix[pivot, j] = matrix[pivot, j], matrix[k, j]
        inverse = 1.0 / matrix[k, k]
        for i in range(k + 1, n):
            factor = matrix[i, k] * inverse
            matrix[i, k] = factor
            for j in range(k + 1, n):
                matrix[i, j] -= factor * matrix[k, j]


@inlined_kernel
def substitute(factors: Floats, pivots: NDArray[np.int64], b: Floats) -> None:
    """Solve with the factors of `factorize`; b becomes the solution."""
    n = b.size
    for k in range(n):
        pivot = pivots[k]
        if pivot != k:
            b[k], b[pivot] = b[pivot], b[k]
    for i in range(n):
        total = b[i]
        for j in range(i):
            total -= factors[i, j] * b[j]
        b[i] = total
    for i in range(n - 1, -1, -1):
        total = b[i]
        for j in range(i + 1, n):
            total -= factors[i, j] * b[j]
        b[i] = total / factors[i, i]
