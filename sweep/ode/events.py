"""What happens within a step: ends of windows that it passes, and the first time ε meets a target.

Between the ends of a step the solution is the method's own step of a fraction of the size
("landing"): as accurate as the step itself. So no step is shortened to meet the end of a window,
and what a cell is told does not depend on which other cells the trajectory answers.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sweep.models.fo_anil.dynamics import (
    ErrorFunction,
    Memory,
    Problem,
    Resolution,
    RightHandSide,
)
from sweep.ode.arrays import Floats
from sweep.ode.compiled import inner_kernel
from sweep.ode.steps import (
    INCREMENTS,
    LANDED,
    LANDING_STAGES,
    Y_NEW,
    Advance,
    Buffers,
    Linearize,
)
from sweep.ode.vectors import copy

CROSSING_TOLERANCE = 1e-11
"""A crossing is located to this, relative to its time."""


class Questions(NamedTuple):
    """What a trajectory is asked.

    targets: errors to reach, descending (G). needed_until: for each target, the latest τ at which
    it or a lower one is still asked for (G). ends: τ at which the state is wanted, ascending (E).
    lowest: for each end, the last position among the targets it is asked with (E); once that one
    is reached, the state at the end is of no interest.
    """

    targets: Floats
    needed_until: Floats
    ends: Floats
    lowest: NDArray[np.int64]


class Replies(NamedTuple):
    """The answers: crossing times (G; NaN: none) and states (G × n), and the states (E × n) and
    errors (E; NaN: none) at the ends that were passed."""

    crossing: Floats
    crossing_state: Floats
    end_state: Floats
    end_error: Floats


class Point(NamedTuple):
    """A moment of the trajectory: τ, ε and dε/dτ."""

    tau: float
    error: float
    slope: float


class System(NamedTuple):
    """The equations, and the arrays that they and the integrator write to."""

    right_hand_side: RightHandSide
    error: ErrorFunction
    resolution: Resolution
    advance: Advance
    linearize: Linearize
    problem: Problem
    memory: Memory
    buffer: Buffers


class Step(NamedTuple):
    """An accepted step: by which method, from where to where."""

    stiff: bool
    now: Point
    then: Point


@inner_kernel
def land(stiff: bool, y: Floats, h: float, stages: Floats, y_new: Floats, system: System) -> None:
    """The state a time h after y, by one step of the method."""
    system.advance(
        stiff, y, h, stages, y_new, system.right_hand_side, system.problem, system.memory,
        system.buffer,
    )  # fmt: skip


@inner_kernel
def answer_at_start(error: float, y: Floats, targets: Floats, replies: Replies) -> int:
    """Answer the targets that hold at the start; returns the position of the next target."""
    target = 0
    while target < targets.size and error <= targets[target]:
        replies.crossing[target] = 0.0
        copy(y, replies.crossing_state[target])
        target += 1
    return target


@inner_kernel
def answer_ends(
    end: int,
    target: int,
    y: Floats,
    step: Step,
    questions: Questions,
    replies: Replies,
    system: System,
) -> int:
    """Answer the ends that the step passes; returns the position of the next end."""
    buffer = system.buffer
    ends = questions.ends
    while end < ends.size and ends[end] <= step.then.tau:
        if questions.lowest[end] >= target:
            h = ends[end] - step.now.tau
            land(
                step.stiff,
                y,
                h,
                buffer.rows[LANDING_STAGES:INCREMENTS],
                buffer.rows[LANDED],
                system,
            )
            copy(buffer.rows[LANDED], replies.end_state[end])
            replies.end_error[end] = system.error(
                buffer.rows[LANDED], system.problem, system.memory
            )
        end += 1
    return end


@inner_kernel
def answer_targets(
    target: int, y: Floats, step: Step, targets: Floats, replies: Replies, system: System
) -> int:
    """Answer the targets first crossed in this step; returns the position of the next target."""
    dip, reach = math.nan, math.nan
    while target < targets.size:
        right = 1.0
        if step.then.error > targets[target]:
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
        replies.crossing[target] = step.now.tau + h
        target += 1
    return target


@inner_kernel
def _error_within(fraction: float, y: Floats, step: Step, system: System) -> float:
    """ε at a fraction of the step; buffer.rows[LANDED] becomes the state there."""
    buffer = system.buffer
    if fraction >= 1.0:
        copy(buffer.rows[Y_NEW], buffer.rows[LANDED])
        return step.then.error
    h = fraction * (step.then.tau - step.now.tau)
    land(step.stiff, y, h, buffer.rows[LANDING_STAGES:INCREMENTS], buffer.rows[LANDED], system)
    error: float = system.error(buffer.rows[LANDED], system.problem, system.memory)
    return error


@inner_kernel
def _reach(step: Step) -> float:
    """The lowest that ε may be within a step, with room to spare; infinite without a dip.

    By the cubic through the values and slopes at the ends: as far again below them as its dip.
    """
    now, then = step.now, step.then
    if not now.slope < 0.0 < then.slope:
        return math.inf
    h = then.tau - now.tau
    linear, last = h * now.slope, h * then.slope
    quadratic = 3.0 * (then.error - now.error) - 2.0 * linear - last
    cubic = 2.0 * (now.error - then.error) + linear + last
    root = math.sqrt(max(quadratic * quadratic - 3.0 * cubic * linear, 0.0))
    x = -linear / (quadratic + root)
    depth = now.error + x * (linear + x * (quadratic + x * cubic))
    return 2.0 * depth - min(now.error, then.error)


@inner_kernel
def _lowest_point(y: Floats, step: Step, system: System) -> float:
    """Where ε is lowest in a step with one dip, as a fraction of it: golden-section search."""
    low, high = 0.0, 1.0
    x = 0.5 * (math.sqrt(5.0) - 1.0)
    lowest, best = x, _error_within(x, y, step, system)
    while high - low > 1e-7:
        x = low + high - lowest
        error = _error_within(x, y, step, system)
        better = error < best
        if better == (x < lowest):
            high = lowest if better else x
        else:
            low = lowest if better else x
        if better:
            lowest, best = x, error
    return lowest


@inner_kernel
def _crossing(
    target: float, right: float, y: Floats, step: Step, state: Floats, system: System
) -> float:
    """The time from the start of the step to where ε falls to the target; NaN where it does not.

    right: the fraction of the step before which the crossing must lie. Regula falsi with Illinois
    weights. `state` becomes the state at the crossing.
    """
    h = step.then.tau - step.now.tau
    left, at_left, at_right = 0.0, step.now.error - target, math.nan
    tolerance = CROSSING_TOLERANCE * max(step.then.tau / h, 1.0)
    x, side = right, 0
    while True:
        value = _error_within(x, y, step, system) - target
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
