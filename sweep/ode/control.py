"""Which step to take next: its first size, how it changes, and when the method does.

The explicit method DOP853 takes the steps until it finds the problem stiff; then Rodas5P does,
until its steps are so short that the explicit method is cheaper again.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sweep.ode import dop853, rodas5p
from sweep.ode.compiled import inner_kernel
from sweep.ode.dop853 import stiffness
from sweep.ode.steps import (
    F_NEW,
    LANDED,
    LANDING_STAGES,
    SLOPE,
    STAGES,
    TOLERANCE,
    Y_NEW,
    Buffers,
)

SAFETY, SHRINK, GROW, COASTING_GROW = 0.9, 0.2, 10.0, 1.5
"""A step changes by SAFETY · error^exponent, within SHRINK and GROW (COASTING_GROW for a step of
DOP853 while the trajectory coasts)."""

STIFF_STEPS, MOST_PATIENCE = 10, 160
"""So many more steps at the limit of stability than below it, and the method changes; while the
trajectory coasts, it takes twice as many each time that it has changed back."""

REST = 1e-13
"""A state that a step changes by no more than this, or by 10 tolerances, is at rest."""

SHORT_STEPS, GROWING = 3, 1.3
"""So many steps of Rodas5P in a row that DOP853 would take more cheaply, and it changes back; while
the trajectory coasts, steps that still grow by this factor do not count."""

STIFF_LIMIT, HONEST_LIMIT = 2 / 3 * dop853.STABILITY_LIMIT, dop853.HONEST_LIMIT
EXPLICIT_EXPONENT, STIFF_EXPONENT = dop853.EXPONENT, rodas5p.EXPONENT


class Method(NamedTuple):
    """Which method steps next, and what decides when it changes."""

    stiff: bool
    stiff_count: int
    short_count: int
    stable_h: float
    patience: int


@inner_kernel
def explicit(patience: int) -> Method:
    """DOP853, until so many more steps are at the limit of stability than below it."""
    return Method(False, 0, 0, 0.0, min(patience, MOST_PATIENCE))


@inner_kernel
def next_factor(size: float, stiff: bool) -> float:
    """By which factor the step should change after an error of `size` tolerances."""
    if math.isnan(size):
        return SHRINK
    if size == 0.0:
        return GROW
    exponent = STIFF_EXPONENT if stiff else EXPLICIT_EXPONENT
    return min(GROW, max(SHRINK, SAFETY * float(size**exponent)))


@inner_kernel
def choose(
    method: Method, h: float, factor: float, coasting: bool, buffer: Buffers
) -> tuple[Method, float]:
    """The method and the size of the next step."""
    patience = method.patience
    if method.stiff:
        # A step of Rodas5P, with a Jacobian of n evaluations, costs about as much as n/12 others.
        short = 12.0 * h < buffer.rows.shape[1] * method.stable_h
        short = short and not (coasting and factor > GROWING)
        short_count = method.short_count + 1 if short else 0
        if short_count >= SHORT_STEPS:
            return explicit(2 * patience if coasting else STIFF_STEPS), method.stable_h
        return Method(True, 0, short_count, method.stable_h, patience), h * factor
    weights = buffer.rows[LANDED]  # while coasting, small components do not hide behind large ones
    for i in range(weights.size):
        weights[i] = 1.0 / buffer.rows[TOLERANCE, i] if coasting else 1.0
    speed = stiffness(
        h,
        buffer.rows[F_NEW],
        buffer.rows[Y_NEW],
        buffer.rows[STAGES:LANDING_STAGES],
        buffer.rows[SLOPE],
        weights,
    )
    limited = speed > STIFF_LIMIT or rests(h, buffer)
    forgotten = 0 if coasting else 1  # its steps swing about the limit of stability
    stiff_count = method.stiff_count + 1 if limited else max(method.stiff_count - forgotten, 0)
    if coasting:  # or it would leap over the limit of stability before it has felt it
        factor = min(factor, COASTING_GROW)
    if speed * factor > HONEST_LIMIT:
        factor = max(HONEST_LIMIT / speed, SHRINK)
    return Method(stiff_count >= patience, stiff_count, 0, h, patience), h * factor


@inner_kernel
def rests(h: float, buffer: Buffers) -> bool:
    """Whether the state has come to rest: what moves is rounding, which hides the stiffness."""
    for i in range(buffer.rows.shape[1]):
        still = REST * abs(buffer.rows[Y_NEW][i]) + 10.0 * buffer.rows[TOLERANCE][i]
        if not h * abs(buffer.rows[F_NEW][i]) <= still:
            return False
    return True
