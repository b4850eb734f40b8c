"""One step of either method.

It is compiled apart from the integrator, which calls it, like the equations, by address: inlined in
every place where it lands, it would take a minute to compile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sweep.ode import dop853, rodas5p
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel
from sweep.ode.dop853 import explicit_step
from sweep.ode.equations import Constants, Memory, Slope
from sweep.ode.rodas5p import rosenbrock_step
from sweep.ode.vectors import copy

EXPLICIT_STAGES, STIFF_STAGES = dop853.STAGES, rodas5p.STAGES


class Buffers(NamedTuple):
    """The methods' tables and the arrays that the integrator writes to.

    rows: vectors of the state's length n, named by the constants below; integers: the pivots of a
    factorization (n) and, last, the number of evaluations of the right-hand side.
    """

    explicit: Floats
    rosenbrock: Floats
    rows: Floats
    integers: NDArray[np.int64]


F, F_NEW, Y_NEW, TRIAL, SLOPE, LANDED, FLOOR, GROWTH, COAST, TOLERANCE, STAGES = range(11)
LANDING_STAGES = STAGES + EXPLICIT_STAGES
INCREMENTS = LANDING_STAGES + EXPLICIT_STAGES
MATRICES = INCREMENTS + STIFF_STAGES
"""Rows of the buffer: single vectors, 12 stages of a step and of a landing, 8 increments of
Rodas5P, and two n × n matrices, the Jacobian and the factors."""


def buffers(n: int) -> Buffers:
    """Buffers for states of length n."""
    return Buffers(
        dop853.TABLEAU,
        rodas5p.TABLEAU,
        np.zeros((MATRICES + 2 * n, n)),
        np.zeros(n + 1, dtype=np.int64),
    )


StepFunction = Callable[
    [bool, Floats, float, Floats, Floats, Slope, Constants, Memory, Buffers], None
]
"""The type of `take_step`."""


@fast_kernel
def take_step(
    stiff: bool,
    y: Floats,
    h: float,
    stages: Floats,
    y_new: Floats,
    slope: Slope,
    constants: Constants,
    memory: Memory,
    buffer: Buffers,
) -> None:
    """Write the state a time h after y, by one step, into y_new.

    Row F of the buffer is f(y); where stiff, its Jacobian is that at y. stages: where the explicit
    method keeps its stages.
    """
    n = y.size
    rows = buffer.rows
    if stiff:
        rosenbrock_step(
            buffer.rosenbrock,
            slope,
            y,
            h,
            rows[F],
            rows[MATRICES : MATRICES + n],
            rows[INCREMENTS:MATRICES],
            rows[MATRICES + n :],
            buffer.integers,
            rows[SLOPE],
            y_new,
            constants,
            memory,
        )
        buffer.integers[-1] += STIFF_STAGES - 1
    else:
        copy(rows[F], stages[0])
        explicit_step(buffer.explicit, slope, y, h, stages, rows[TRIAL], y_new, constants, memory)
        buffer.integers[-1] += EXPLICIT_STAGES - 1
