"""What the integrator is told of a problem: compiled functions over constants and memory.

An autonomous system dy/dt = f(y) and a number g(y) whose first passage of targets is asked for.
Constants and memory are tuples of whatever types the functions take, the same for all of them:
constants are only read, memory is written to.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel, kernel
from sweep.ode.vectors import copy, largest

Constants = Any
Memory = Any

DIFFERENCE = 1.5e-8
"""√(machine epsilon), the spacing at which a one-sided difference quotient errs least."""

Slope = Callable[[Floats, Floats, Constants, Memory], None]
"""f: writes dy/dt at y into its second argument; NaN where y is no state."""

Observable = Callable[[Floats, Constants, Memory], float]
"""g: the number that is to fall to the targets, at y."""

Resolution = Callable[[Floats, Floats, Floats, Constants, Memory], None]
"""Writes what rounding does to each component of y into its second argument, and what it does in a
unit of time into the third; f was evaluated at y last."""

Jacobian = Callable[[Floats, Floats, Floats, Floats, Slope, Constants, Memory], int]
"""Writes ∂f/∂y (n × n) at y into its third argument, given f(y); the fourth has two rows of length
n to work with. Returns how many evaluations of f it took."""


class Equations(NamedTuple):
    """The compiled functions of one kind of problem.

    resolution and jacobian may be `unresolved` and `differences`, which need to know nothing of the
    problem.
    """

    slope: Slope
    observable: Observable
    resolution: Resolution
    jacobian: Jacobian


@kernel
def unresolved(
    y: Floats,  # noqa: ARG001
    floor: Floats,
    growth: Floats,
    constants: Constants,  # noqa: ARG001
    memory: Memory,  # noqa: ARG001
) -> None:
    """A Resolution where nothing is known of what rounding does; the integrator is to probe it."""
    for i in range(floor.size):
        floor[i] = 0.0
        growth[i] = 0.0


@fast_kernel
def differences(
    y: Floats,
    f: Floats,
    J: Floats,
    rows: Floats,
    slope: Slope,
    constants: Constants,
    memory: Memory,
) -> int:
    """A Jacobian by one-sided differences.

    On the edge of what are states a difference may lead outside, to no number; then the other side
    is taken.
    """
    n = y.size
    trial, changed = rows[0], rows[1]
    evaluations = 0
    copy(y, trial)
    for j in range(n):
        spacing = DIFFERENCE * max(1.0, abs(y[j]))
        for attempt in range(2):
            trial[j] = y[j] + spacing
            spacing = trial[j] - y[j]
            slope(trial, changed, constants, memory)
            evaluations += 1
            if attempt == 1 or not math.isnan(largest(changed)):
                break
            spacing = -spacing
        for i in range(n):
            J[i, j] = (changed[i] - f[i]) / spacing
        trial[j] = y[j]
    return evaluations
