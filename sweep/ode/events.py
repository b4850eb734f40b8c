"""What happens within a step: ends of windows that it passes, targets that g first falls to.

Between the ends of a step the solution is the method's own step of a fraction of the size
("landing"): as accurate as the step itself. So no step is shortened to meet the end of a window,
and what a cell is told does not depend on which other cells the trajectory answers.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sweep.ode.arrays import Floats
from sweep.ode.compiled import inner_kernel
from sweep.ode.equations import Constants, Jacobian, Memory, Observable, Resolution, Slope
from sweep.ode.steps import INCREMENTS, LANDED, LANDING_STAGES, Y_NEW, Buffers, StepFunction
from sweep.ode.vectors import copy

CROSSING_TOLERANCE = 1e-11
"""A crossing is located to this, relative to its time."""


class Questions(NamedTuple):
    """What a trajectory is asked.

    targets: values to fall to, descending (G). needed_until: for each target, the latest time at
    which it or a lower one is still asked for (G). ends: times at which the state is wanted,
    ascending (E). lowest: for each end, the last position among the targets it is asked with (E);
    once that one is reached, the state at the end is of no interest.
    """

    targets: Floats
    needed_until: Floats
    ends: Floats
    lowest: NDArray[np.int64]


class Replies(NamedTuple):
    """The answers: crossing times (G; NaN: none) and states (G × n), and the states (E × n) and
    values (E; NaN: none) at the ends that were passed."""

    crossing: Floats
    crossing_state: Floats
    end_state: Floats
    end_value: Floats


class Point(NamedTuple):
    """A moment of the trajectory: the time t, the value g of the observable, and dg/dt."""

    t: float
    value: float
    slope: float


class System(NamedTuple):
    """The equations, and the arrays that they and the integrator write to."""

    slope: Slope
    observable: Observable
    resolution: Resolution
    jacobian: Jacobian
    take_step: StepFunction
    constants: Constants
    memory: Memory
    buffer: Buffers


class Accepted(NamedTuple):
    """An accepted step: by which method, from where to where."""

    stiff: bool
    now: Point
    then: Point


@inner_kernel
def land(stiff: bool, y: Floats, h: float, stages: Floats, y_new: Floats, system: System) -> None:
    """The state a time h after y, by one step of the method."""
    system.take_step(
        stiff, y, h, stages, y_new, system.slope, system.constants, system.memory, system.buffer
    )


@inner_kernel
def answer_at_start(value: float, y: Floats, targets: Floats, replies: Replies) -> int:
    """Answer the targets that hold at the start; returns the position of the next target."""
    target = 0
    while target < targets.size and value <= targets[target]:
        replies.crossing[target] = 0.0
        copy(y, replies.crossing_state[target])
        target += 1
    return target


@inner_kernel
def answer_ends(
    end: int,
    target: int,
    y: Floats,
    step: Accepted,
    questions: Questions,
    replies: Replies,
    system: System,
) -> int:
    """Answer the ends that the step passes; returns the position of the next end."""
    buffer = system.buffer
    ends = questions.ends
    while end < ends.size and ends[end] <= step.then.t:
        if questions.lowest[end] >= target:
            h = ends[end] - step.now.t
            land(
                step.stiff,
                y,
                h,
                buffer.rows[LANDING_STAGES:INCREMENTS],
                buffer.rows[LANDED],
                system,
            )
            copy(buffer.rows[LANDED], replies.end_state[end])
            replies.end_value[end] = system.observable(
                buffer.rows[LANDED], system.constants, system.memory
            )
        end += 1
    return end


@inner_kernel
def answer_targets(
    target: int, y: Floats, step: Accepted, targets: Floats, replies: Replies, system: System
) -> int:
    """Answer the targets first crossed in this step; returns the position of the next target."""
    dip, reach = math.nan, math.nan
    while target < targets.size:
        right = 1.0
        if step.then.value > targets[target]:
            if math.isnan(reach):
                reach = _reach(step)
            if reach > targets[target]:
                break
            if math.isnan(dip):
                dip = _lowest_point(y, step, system)
            right = dip
        h = _crossing(targets[target], right, y, step, replies.crossing_state[target], system)
        if math.isnan(h):
            break
        replies.crossing[target] = step.now.t + h
        target += 1
    return target


@inner_kernel
def _value_within(fraction: float, y: Floats, step: Accepted, system: System) -> float:
    """g at a fraction of the step; buffer.rows[LANDED] becomes the state there."""
    buffer = system.buffer
    if fraction >= 1.0:
        copy(buffer.rows[Y_NEW], buffer.rows[LANDED])
        return step.then.value
    h = fraction * (step.then.t - step.now.t)
    land(step.stiff, y, h, buffer.rows[LANDING_STAGES:INCREMENTS], buffer.rows[LANDED], system)
    value: float = system.observable(buffer.rows[LANDED], system.constants, system.memory)
    return value


@inner_kernel
def _reach(step: Accepted) -> float:
    """The lowest that g may be within a step, with room to spare; infinite without a dip.

    By the cubic through the values and slopes at the ends: as far again below them as its dip.
    """
    now, then = step.now, step.then
    if not now.slope < 0.0 < then.slope:
        return math.inf
    h = then.t - now.t
    linear, last = h * now.slope, h * then.slope
    quadratic = 3.0 * (then.value - now.value) - 2.0 * linear - last
    cubic = 2.0 * (now.value - then.value) + linear + last
    root = math.sqrt(max(quadratic * quadratic - 3.0 * cubic * linear, 0.0))
    x = -linear / (quadratic + root)
    depth = now.value + x * (linear + x * (quadratic + x * cubic))
    return 2.0 * depth - min(now.value, then.value)


@inner_kernel
def _lowest_point(y: Floats, step: Accepted, system: System) -> float:
    """Where g is lowest in a step with one dip, as a fraction of it: golden-section search."""
    low, high = 0.0, 1.0
    x = 0.5 * (math.sqrt(5.0) - 1.0)
    lowest, best = x, _value_within(x, y, step, system)
    while high - low > 1e-7:
        x = low + high - lowest
        value = _value_within(x, y, step, system)
        better = value < best
        if better == (x < lowest):
            high = lowest if better else x
        else:
            low = lowest if better else x
        if better:
            lowest, best = x, value
    return lowest


@inner_kernel
def _crossing(
    target: float, right: float, y: Floats, step: Accepted, state: Floats, system: System
) -> float:
    """The time from the start of the step to where g falls to the target; NaN where it does not.

    right: the fraction of the step before which the crossing must lie. Regula falsi with Illinois
    weights. `state` becomes the state at the crossing.
    """
    h = step.then.t - step.now.t
    left, at_left, at_right = 0.0, step.now.value - target, math.nan
    tolerance = CROSSING_TOLERANCE * max(step.then.t / h, 1.0)
    x, side = right, 0
    while True:
        value = _value_within(x, y, step, system) - target
        if value <= 0.0:
            right, at_right = x, value
            copy(system.buffer.rows[LANDED], state)
            at_left *= 0.5 if side == -1 else 1.0
            side = -1
        else:
            if math.isnan(at_right):
                return math.nan
            left, at_left = x, value
            at_right *= 0.5 if side == 1 else 1.0
            side = 1
        if not right - left > tolerance or at_right == 0.0:
            return right * h
        x = (left * at_right - right * at_left) / (at_right - at_left)
        if not left < x < right:
            x = 0.5 * (left + right)
