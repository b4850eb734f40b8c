"""Adaptive integration of one trajectory in τ = η_J α, which answers many targets and windows.

The explicit method DOP853 takes the steps until it finds the problem stiff; then Rodas5P does,
until its steps are so short that the explicit method is cheaper again.

Between the ends of a step the solution is the method's own step of a fraction of the size
("landing"): as accurate as the step itself. So no step is shortened to meet the end of a window,
and what a cell is told does not depend on which other cells the trajectory answers.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sweep.models.base import Floats
from sweep.models.compiled import fast_kernel, inner_kernel
from sweep.models.fo_anil import explicit, rosenbrock
from sweep.models.fo_anil.dynamics import (
    ErrorFunction,
    Memory,
    Problem,
    RightHandSide,
    term_sizes,
)
from sweep.models.fo_anil.explicit import explicit_error, stiffness
from sweep.models.fo_anil.rosenbrock import rosenbrock_error
from sweep.models.fo_anil.steps import (
    F_NEW,
    INCREMENTS,
    LANDED,
    LANDING_STAGES,
    MATRICES,
    SLOPE,
    STAGES,
    TERMS,
    TOLERANCE,
    TRIAL,
    Y_NEW,
    Advance,
    Buffers,
    F,
    Linearize,
)
from sweep.models.fo_anil.vectors import copy, largest

SAFETY, SHRINK, GROW = 0.9, 0.2, 10.0
"""A step changes by SAFETY · error^exponent, within SHRINK and GROW."""

STIFF_STEPS = 10
"""So many more steps at the limit of stability than below it, and the method changes."""

REST = 1e-13
"""A state that a step changes by no more than this, or by 10 tolerances, is at rest."""

SHORT_STEPS = 3
"""So many steps of Rodas5P in a row that DOP853 would take more cheaply, and it changes back."""

CROSSING_TOLERANCE = 1e-11
"""A crossing is located to this, relative to its time."""

LARGEST_OVERLAP, LARGEST_ERROR = 1e8, 1e12
"""A trajectory with an overlap or an error beyond this has diverged."""

ROUNDING = 64 * 2.0**-52
"""What rounding does to an error estimate, relative to the terms that a slope sums up."""

RESOLUTION = 1e-15
"""Q_kl is resolved to this times √(Q_kk Q_ll): where it vanishes, that much of it is rounding."""

MAX_STEPS = 20_000
"""A trajectory is given up after so many steps; the longest known takes a few thousand."""

FINISHED, BLEW_UP, STUCK, TOO_LONG = range(4)

STIFF_LIMIT = 2 / 3 * explicit.STABILITY_LIMIT
EXPLICIT_EXPONENT, STIFF_EXPONENT = explicit.EXPONENT, rosenbrock.EXPONENT


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


class Outcome(NamedTuple):
    """How the integration ended (FINISHED, …), at which τ, and ε there and at the start."""

    code: int
    tau: float
    error: float
    error_initial: float


class Point(NamedTuple):
    """A moment of the trajectory: τ, ε and dε/dτ."""

    tau: float
    error: float
    slope: float


class Method(NamedTuple):
    """Which method steps next, and what decides when it changes."""

    stiff: bool
    stiff_count: int
    short_count: int
    stable_h: float


class System(NamedTuple):
    """The equations, and the arrays that they and the integrator write to."""

    right_hand_side: RightHandSide
    error: ErrorFunction
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


@fast_kernel
def integrate(
    y: Floats,
    questions: Questions,
    replies: Replies,
    rtol: float,
    atol: float,
    max_steps: int,
    right_hand_side: RightHandSide,
    error: ErrorFunction,
    advance: Advance,
    linearize: Linearize,
    problem: Problem,
    memory: Memory,
    buffer: Buffers,
) -> Outcome:
    """Integrate from state y at τ = 0 until all is answered; y becomes the last state."""
    system = System(right_hand_side, error, advance, linearize, problem, memory, buffer)
    _evaluate(y, buffer.rows[F], system)
    now = _point(0.0, y, buffer.rows[F], system)
    error_initial = now.error
    if not error_initial <= LARGEST_ERROR:  # an inner loop that diverges within its steps
        return Outcome(BLEW_UP, 0.0, error_initial, error_initial)
    h = _first_step(y, rtol, atol, system)
    target = _answer_at_start(error_initial, y, questions.targets, replies)
    end, steps = 0, 0
    method = Method(False, 0, 0, 0.0)
    while target < questions.targets.size and now.tau < questions.needed_until[target]:
        _tolerate(y, h, atol, system)
        if method.stiff:
            system.linearize(y, system.right_hand_side, system.problem, system.memory, buffer)
            if not _linearized(y.size, buffer):
                method = Method(False, 0, 0, 0.0)
        while True:
            size = _attempt(method.stiff, y, h, rtol, system)
            factor = _change(size, method.stiff)
            if size < 1.0:
                break
            h *= min(factor, SAFETY)  # size is NaN where a stage or the result was no covariance
            if now.tau + 1e-3 * h == now.tau:
                return Outcome(STUCK, now.tau, now.error, error_initial)
        then = _point(now.tau + h, buffer.rows[Y_NEW], buffer.rows[F_NEW], system)
        step = Step(method.stiff, now, then)
        method, h = _choose(method, h, factor, buffer)
        end = _answer_ends(end, target, y, step, questions, replies, system)
        if not (then.error <= LARGEST_ERROR and largest(buffer.rows[Y_NEW]) <= LARGEST_OVERLAP):
            copy(buffer.rows[Y_NEW], y)
            return Outcome(BLEW_UP, then.tau, then.error, error_initial)
        target = _answer_targets(target, y, step, questions.targets, replies, system)
        copy(buffer.rows[Y_NEW], y)
        copy(buffer.rows[F_NEW], buffer.rows[F])
        now = then
        steps += 1
        if steps >= max_steps:
            return Outcome(TOO_LONG, now.tau, now.error, error_initial)
    return Outcome(FINISHED, now.tau, now.error, error_initial)


@inner_kernel
def _evaluate(y: Floats, f: Floats, system: System) -> None:
    system.right_hand_side(y, f, system.problem, system.memory)
    system.buffer.integers[-1] += 1


@inner_kernel
def _evaluate_result(y: Floats, f: Floats, system: System) -> None:
    """f at a state where a step begins, and the sizes of the terms it sums up.

    These are taken at once, since whatever is evaluated later, to answer questions for instance,
    overwrites them, and no step may depend on what else is asked.
    """
    _evaluate(y, f, system)
    terms = system.buffer.rows[TERMS]
    term_sizes(terms[y.size - system.problem.K * system.problem.M :], system.problem, system.memory)


@inner_kernel
def _point(tau: float, y: Floats, f: Floats, system: System) -> Point:
    """ε at y, and its slope along f by a difference over a distance of 1e-7."""
    trial = system.buffer.rows[TRIAL]
    error = system.error(y, system.problem, system.memory)
    speed = largest(f)
    if not speed > 0.0:
        return Point(tau, error, 0.0)
    advance = 1e-7 / speed
    for i in range(y.size):
        trial[i] = y[i] + advance * f[i]
    ahead = system.error(trial, system.problem, system.memory)
    return Point(tau, error, (ahead - error) / advance)


@inner_kernel
def _first_step(y: Floats, rtol: float, atol: float, system: System) -> float:
    """A first step size, from the sizes of y, y' and y'' (Hairer, Nørsett & Wanner I, §II.4)."""
    buffer = system.buffer
    n = y.size
    size, speed, curvature = 0.0, 0.0, 0.0
    for i in range(n):
        scale = atol + rtol * abs(y[i])
        size += (y[i] / scale) ** 2
        speed += (buffer.rows[F][i] / scale) ** 2
    size, speed = math.sqrt(size / n), math.sqrt(speed / n)
    guess = 0.01 * size / speed if size > 1e-5 and speed > 1e-5 else 1e-6
    if not guess > 0.0:  # a speed that overflowed
        guess = 1e-6
    for i in range(n):
        buffer.rows[TRIAL][i] = y[i] + guess * buffer.rows[F][i]
    _evaluate(buffer.rows[TRIAL], buffer.rows[F_NEW], system)
    for i in range(n):
        scale = atol + rtol * abs(y[i])
        curvature += ((buffer.rows[F_NEW][i] - buffer.rows[F][i]) / scale) ** 2
    fastest = max(speed, math.sqrt(curvature / n) / guess)
    if not 1e-15 < fastest < math.inf:
        return guess
    return min(100.0 * guess, float((0.01 / fastest) ** (1.0 / 8.0)))


@inner_kernel
def _land(stiff: bool, y: Floats, h: float, stages: Floats, y_new: Floats, system: System) -> None:
    """The state a time h after y, by one step of the method."""
    system.advance(
        stiff, y, h, stages, y_new, system.right_hand_side, system.problem, system.memory,
        system.buffer,
    )  # fmt: skip


@inner_kernel
def _tolerate(y: Floats, h: float, atol: float, system: System) -> None:
    """Write the absolute tolerance of every component.

    The entries of R grow from 1e-12 with all their digits, but where one vanishes among terms that
    cancel, rounding is all that is left of it; so it is with the entries of Q, whose terms are of
    their own units' lengths. Neither must ask for shorter steps: `atol` is raised to what rounding
    does in a step.
    """
    K, M, tolerance = system.problem.K, system.problem.M, system.buffer.rows[TOLERANCE]
    for i in range(y.size - K * M, y.size):
        tolerance[i] = atol + ROUNDING * h * system.buffer.rows[TERMS, i]
    i = 0
    for k in range(K):
        own = i
        other = own
        for l in range(k, K):
            tolerance[i] = atol + RESOLUTION * math.sqrt(abs(y[own] * y[other]))
            other += K - l
            i += 1


@inner_kernel
def _attempt(stiff: bool, y: Floats, h: float, rtol: float, system: System) -> float:
    """Try a step of size h; returns its error as a multiple of the tolerance.

    NaN where a stage or the result is no covariance. Otherwise row F_NEW is f at the result.
    """
    buffer = system.buffer
    y_new, stages = buffer.rows[Y_NEW], buffer.rows[STAGES:LANDING_STAGES]
    atol = buffer.rows[TOLERANCE]
    _land(stiff, y, h, stages, y_new, system)
    if stiff:
        size = rosenbrock_error(y, y_new, buffer.rows[INCREMENTS:MATRICES], rtol, atol)
    else:
        # _choose needs the argument of the last stage; trial is used for other things before that.
        copy(buffer.rows[TRIAL], buffer.rows[SLOPE])
        size = explicit_error(buffer.explicit, y, y_new, h, stages, rtol, atol)
    if size < 1.0:
        _evaluate_result(y_new, buffer.rows[F_NEW], system)
        if not math.isfinite(largest(buffer.rows[F_NEW])):
            return math.nan
    return size


@inner_kernel
def _linearized(n: int, buffer: Buffers) -> bool:
    """Whether the Jacobian is one: on the edge of the covariances a difference leads outside."""
    return largest(buffer.rows[MATRICES : MATRICES + n].reshape(n * n)) < math.inf


@inner_kernel
def _change(size: float, stiff: bool) -> float:
    """By which factor the step should change after an error of `size` tolerances."""
    if math.isnan(size):
        return SHRINK
    if size == 0.0:
        return GROW
    exponent = STIFF_EXPONENT if stiff else EXPLICIT_EXPONENT
    return min(GROW, max(SHRINK, SAFETY * float(size**exponent)))


@inner_kernel
def _choose(method: Method, h: float, factor: float, buffer: Buffers) -> tuple[Method, float]:
    """The method and the size of the next step."""
    if method.stiff:
        # A step of Rodas5P costs about as much as (n + 9)/12 explicit ones.
        short = 12.0 * h < buffer.rows.shape[1] * method.stable_h
        short_count = method.short_count + 1 if short else 0
        if short_count >= SHORT_STEPS:
            return Method(False, 0, 0, 0.0), method.stable_h
        return Method(True, 0, short_count, method.stable_h), h * factor
    limited = (
        stiffness(
            h,
            buffer.rows[F_NEW],
            buffer.rows[Y_NEW],
            buffer.rows[STAGES:LANDING_STAGES],
            buffer.rows[SLOPE],
        )
        > STIFF_LIMIT
    )
    limited = limited or _rests(h, buffer)
    stiff_count = method.stiff_count + 1 if limited else max(method.stiff_count - 1, 0)
    return Method(stiff_count >= STIFF_STEPS, stiff_count, 0, h), h * factor


@inner_kernel
def _rests(h: float, buffer: Buffers) -> bool:
    """Whether the state has come to rest: what moves is rounding, which hides the stiffness."""
    for i in range(buffer.rows.shape[1]):
        still = REST * abs(buffer.rows[Y_NEW][i]) + 10.0 * buffer.rows[TOLERANCE][i]
        if not h * abs(buffer.rows[F_NEW][i]) <= still:
            return False
    return True


@inner_kernel
def _answer_at_start(error: float, y: Floats, targets: Floats, replies: Replies) -> int:
    """Answer the targets that hold at the start; returns the position of the next target."""
    target = 0
    while target < targets.size and error <= targets[target]:
        replies.crossing[target] = 0.0
        copy(y, replies.crossing_state[target])
        target += 1
    return target


@inner_kernel
def _answer_ends(
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
            _land(
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
def _answer_targets(
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
    _land(step.stiff, y, h, buffer.rows[LANDING_STAGES:INCREMENTS], buffer.rows[LANDED], system)
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
