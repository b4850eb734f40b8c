"""The explicit Runge–Kutta pair DOP853: order 8, with error estimates of order 5 and 3.

Hairer, Nørsett & Wanner, Solving Ordinary Differential Equations I, 2nd ed., §II.5 and §II.10
(coefficients by Dormand and Prince). Vectors have the length n of the state.
"""

from __future__ import annotations

import math

import numpy as np

from sweep.ode.arrays import Floats
from sweep.ode.compiled import inlined_kernel, inner_kernel
from sweep.ode.equations import Constants, Memory, Slope
from sweep.ode.vectors import copy

STAGES = 12
EXPONENT = -1 / 8
"""The step grows as the error norm to this power."""

STABILITY_LIMIT = 6.1
"""Where the stability region ends on the negative real axis, in units of |λ| h."""

HONEST_LIMIT = 4.5
"""Up to this |λ| h the error estimates see all that a step does to a mode that has died out; from 5
to 6.2 it may do twenty times as much, and does not die out again."""

# The weights of earlier stages in each stage, in the solution and in the two error estimates;
# what is not listed is zero.
# fmt: off
STAGE_WEIGHTS: tuple[dict[int, float], ...] = (
    {},
    {0: 0.05260015195876773},
    {0: 0.0197250569845379, 1: 0.0591751709536137},
    {0: 0.02958758547680685, 2: 0.08876275643042054},
    {0: 0.2413651341592667, 2: -0.8845494793282861, 3: 0.924834003261792},
    {0: 0.037037037037037035, 3: 0.17082860872947386, 4: 0.12546768756682242},
    {0: 0.037109375, 3: 0.17025221101954405, 4: 0.06021653898045596, 5: -0.017578125},
    {0: 0.03709200011850479, 3: 0.17038392571223998, 4: 0.10726203044637328,
     5: -0.015319437748624402, 6: 0.008273789163814023},
    {0: 0.6241109587160757, 3: -3.3608926294469414, 4: -0.868219346841726, 5: 27.59209969944671,
     6: 20.154067550477894, 7: -43.48988418106996},
    {0: 0.47766253643826434, 3: -2.4881146199716677, 4: -0.590290826836843,
     5: 21.230051448181193, 6: 15.279233632882423, 7: -33.28821096898486,
     8: -0.020331201708508627},
    {0: -0.9371424300859873, 3: 5.186372428844064, 4: 1.0914373489967295, 5: -8.149787010746927,
     6: -18.52006565999696, 7: 22.739487099350505, 8: 2.4936055526796523, 9: -3.0467644718982196},
    {0: 2.273310147516538, 3: -10.53449546673725, 4: -2.0008720582248625, 5: -17.9589318631188,
     6: 27.94888452941996, 7: -2.8589982771350235, 8: -8.87285693353063, 9: 12.360567175794303,
     10: 0.6433927460157636},
)
SOLUTION_WEIGHTS = {0: 0.054293734116568765, 5: 4.450312892752409, 6: 1.8915178993145003,
    7: -5.801203960010585, 8: 0.3111643669578199, 9: -0.1521609496625161,
    10: 0.20136540080403034, 11: 0.04471061572777259}
ERROR5_WEIGHTS = {0: 0.01312004499419488, 5: -1.2251564463762044, 6: -0.4957589496572502,
    7: 1.6643771824549864, 8: -0.35032884874997366, 9: 0.3341791187130175,
    10: 0.08192320648511571, 11: -0.022355307863886294}
ERROR3_WEIGHTS = {0: -0.18980075407240762, 5: 4.450312892752409, 6: 1.8915178993145003,
    7: -5.801203960010585, 8: -0.4226823213237919, 9: -0.1521609496625161,
    10: 0.20136540080403034, 11: 0.02265179219836082}
# fmt: on


def _row(weights: dict[int, float]) -> Floats:
    row = np.zeros(STAGES)
    row[list(weights)] = list(weights.values())
    return row


TABLEAU = np.stack(
    [_row(weights) for weights in STAGE_WEIGHTS]
    + [_row(weights) for weights in (SOLUTION_WEIGHTS, ERROR5_WEIGHTS, ERROR3_WEIGHTS)]
)
"""The weights as an array: 12 rows for the stages, then the solution and the two errors.

Kernels get it as an argument: constants would be unrolled into ten times the code.
"""

SOLUTION, ERROR5, ERROR3 = range(STAGES, STAGES + 3)


@inner_kernel
def explicit_step(
    tableau: Floats,
    slope: Slope,
    y: Floats,
    h: float,
    stages: Floats,
    trial: Floats,
    y_new: Floats,
    constants: Constants,
    memory: Memory,
) -> None:
    """One step of size h from y into y_new.

    stages: 12 × n, whose first row holds f(y) on entry. On return trial is the argument of the
    last stage.
    """
    n = y.size
    for s in range(1, STAGES):
        copy(y, trial)
        for j in range(s):
            weight = tableau[s, j] * h
            if weight != 0.0:
                for i in range(n):
                    trial[i] += weight * stages[j, i]
        slope(trial, stages[s], constants, memory)
    copy(y, y_new)
    for j in range(STAGES):
        weight = tableau[SOLUTION, j] * h
        if weight != 0.0:
            for i in range(n):
                y_new[i] += weight * stages[j, i]


@inlined_kernel
def explicit_error(
    tableau: Floats,
    y: Floats,
    y_new: Floats,
    h: float,
    stages: Floats,
    rtol: float,
    atol: Floats,
) -> float:
    """The error of a step as a multiple of the tolerance: root mean square over the components."""
    n = y.size
    sum5, sum3 = 0.0, 0.0
    for i in range(n):
        error5, error3 = 0.0, 0.0
        for j in range(STAGES):
            error5 += tableau[ERROR5, j] * stages[j, i]
            error3 += tableau[ERROR3, j] * stages[j, i]
        scale = atol[i] + rtol * max(abs(y[i]), abs(y_new[i]))
        sum5 += (error5 / scale) ** 2
        sum3 += (error3 / scale) ** 2
    if sum5 == 0.0:
        return 0.0
    return h * sum5 / math.sqrt((sum5 + 0.01 * sum3) * n)


@inlined_kernel
def stiffness(
    h: float, f_new: Floats, y_new: Floats, stages: Floats, trial: Floats, weights: Floats
) -> float:
    """An estimate of |λ| h for the fastest mode, from the last two stages (Hairer's dop853)."""
    difference, distance = 0.0, 0.0
    for i in range(y_new.size):
        difference += (weights[i] * (f_new[i] - stages[STAGES - 1, i])) ** 2
        distance += (weights[i] * (y_new[i] - trial[i])) ** 2
    return h * math.sqrt(difference / distance) if distance > 0.0 else 0.0
