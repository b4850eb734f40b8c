"""Adaptive integration of one trajectory in τ = η_J α, which answers many targets and windows.

The explicit method DOP853 takes the steps until it finds the problem stiff; then Rodas5P does,
until its steps are so short that the explicit method is cheaper again. What happens within a step
is left to `events`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sweep.models.fo_anil.dynamics import (
    ErrorFunction,
    Memory,
    Problem,
    Resolution,
    RightHandSide,
)
from sweep.ode import dop853, rodas5p
from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel, inner_kernel
from sweep.ode.dop853 import explicit_error, stiffness
from sweep.ode.events import (
    Point,
    Questions,
    Replies,
    Step,
    System,
    answer_at_start,
    answer_ends,
    answer_targets,
    land,
)
from sweep.ode.rodas5p import rosenbrock_error
from sweep.ode.steps import (
    F_NEW,
    FLOOR,
    GROWTH,
    INCREMENTS,
    LANDED,
    LANDING_STAGES,
    MATRICES,
    SLOPE,
    STAGES,
    TOLERANCE,
    TRIAL,
    Y_NEW,
    Advance,
    Buffers,
    F,
    Linearize,
)
from sweep.ode.vectors import copy, largest

SAFETY, SHRINK, GROW = 0.9, 0.2, 10.0
"""A step changes by SAFETY · error^exponent, within SHRINK and GROW."""

STIFF_STEPS = 10
"""So many more steps at the limit of stability than below it, and the method changes."""

REST = 1e-13
"""A state that a step changes by no more than this, or by 10 tolerances, is at rest."""

SHORT_STEPS = 3
"""So many steps of Rodas5P in a row that DOP853 would take more cheaply, and it changes back."""

LARGEST_OVERLAP, LARGEST_ERROR = 1e8, 1e12
"""A trajectory with an overlap or an error beyond this has diverged."""

UNIT_ROUNDING, PROBED, REMEMBERED = 2.0**-52, 8.0, 0.8
"""What rounding does to a slope is probed by a state changed in its last digits. The tolerance is
PROBED times the difference, which may be 0 by chance, so a part of the last is remembered."""

MAX_STEPS = 20_000
"""A trajectory is given up after so many steps; the longest known takes a few thousand."""

INSTANT = 1e-11
"""A state that changes by its own size in this part of the time it took runs away, at a pole."""

FINISHED, BLEW_UP, RAN_AWAY, STUCK, TOO_LONG = range(5)

STIFF_LIMIT, HONEST_LIMIT = 2 / 3 * dop853.STABILITY_LIMIT, dop853.HONEST_LIMIT
EXPLICIT_EXPONENT, STIFF_EXPONENT = dop853.EXPONENT, rodas5p.EXPONENT


class Outcome(NamedTuple):
    """How the integration ended (FINISHED, …), at which τ, and ε there and at the start."""

    code: int
    tau: float
    error: float
    error_initial: float


class Method(NamedTuple):
    """Which method steps next, and what decides when it changes."""

    stiff: bool
    stiff_count: int
    short_count: int
    stable_h: float


@fast_kernel
def integrate(
    y: Floats,
    questions: Questions,
    replies: Replies,
    rtol: float,
    atol: float,
    max_steps: int,
    probe: bool,
    right_hand_side: RightHandSide,
    error: ErrorFunction,
    resolution: Resolution,
    advance: Advance,
    linearize: Linearize,
    problem: Problem,
    memory: Memory,
    buffer: Buffers,
) -> Outcome:
    """Integrate from state y at τ = 0 until all is answered; y becomes the last state.

    probe: whether what rounding does to a slope is to be seen from a second evaluation as well.
    """
    system = System(right_hand_side, error, resolution, advance, linearize, problem, memory, buffer)
    _evaluate_result(y, buffer.rows[F], False, system)
    for i in range(y.size):  # a first step is too short for it
        buffer.rows[GROWTH, i] = 0.0
    now = _point(0.0, y, buffer.rows[F], system)
    error_initial = now.error
    if not error_initial <= LARGEST_ERROR:  # an inner loop that diverges within its steps
        return Outcome(BLEW_UP, 0.0, error_initial, error_initial)
    h = _first_step(y, rtol, atol, system)
    target = answer_at_start(error_initial, y, questions.targets, replies)
    end, steps = 0, 0
    method = Method(False, 0, 0, 0.0)
    while target < questions.targets.size and now.tau < questions.needed_until[target]:
        _tolerate(h, atol, buffer)
        if method.stiff:
            system.linearize(y, system.right_hand_side, system.problem, system.memory, buffer)
            if not _linearized(y.size, buffer):
                method = Method(False, 0, 0, 0.0)
        while True:
            size = _attempt(method.stiff, y, h, rtol, probe, system)
            factor = _change(size, method.stiff)
            if size < 1.0:
                break
            h *= min(factor, SAFETY)  # size is NaN where a stage or the result was no covariance
            if now.tau + 1e-3 * h == now.tau:
                away = _runs_away(y, now, error_initial, questions.needed_until[target], buffer)
                return Outcome(RAN_AWAY if away else STUCK, now.tau, now.error, error_initial)
        then = _point(now.tau + h, buffer.rows[Y_NEW], buffer.rows[F_NEW], system)
        step = Step(method.stiff, now, then)
        method, h = _choose(method, h, factor, buffer)
        end = answer_ends(end, target, y, step, questions, replies, system)
        if not (then.error <= LARGEST_ERROR and largest(buffer.rows[Y_NEW]) <= LARGEST_OVERLAP):
            copy(buffer.rows[Y_NEW], y)
            return Outcome(BLEW_UP, then.tau, then.error, error_initial)
        target = answer_targets(target, y, step, questions.targets, replies, system)
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
def _evaluate_result(y: Floats, f: Floats, probe: bool, system: System) -> None:
    """f at a state where a step begins, and what rounding does there.

    That is taken at once, since whatever is evaluated later, to answer questions for instance,
    overwrites what it is taken from, and no step may depend on what else is asked.
    """
    rows = system.buffer.rows
    _evaluate(y, f, system)
    if probe:
        copy(rows[GROWTH], rows[LANDED])
    system.resolution(y, rows[FLOOR], rows[GROWTH], system.problem, system.memory)
    if probe:
        for i in range(y.size):
            rows[GROWTH, i] = max(rows[GROWTH, i], REMEMBERED * rows[LANDED, i])
        for i in range(y.size):
            rows[TRIAL][i] = y[i] * (1.0 + UNIT_ROUNDING * (1 + i % 3))
        _evaluate(rows[TRIAL], rows[LANDED], system)
        for i in range(y.size):
            rows[GROWTH, i] = max(rows[GROWTH, i], PROBED * abs(rows[LANDED, i] - f[i]))


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
def _runs_away(y: Floats, now: Point, error_initial: float, window: float, buffer: Buffers) -> bool:
    """Whether the state, which no step leads on from, is about to grow without bound.

    The time to a pole is resolved to the digits of τ only, which may be too few to see an overlap
    beyond LARGEST_OVERLAP. At τ = 0 the window is the measure of time.
    """
    speed = largest(buffer.rows[F])
    time = now.tau if now.tau > 0.0 else window
    grows = now.tau == 0.0 or now.error > error_initial
    return grows and speed * INSTANT * time > largest(y)


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
def _tolerate(h: float, atol: float, buffer: Buffers) -> None:
    """Write the absolute tolerance of every component: `atol`, raised to what rounding does.

    What is rounding must not ask for shorter steps.
    """
    rows = buffer.rows
    for i in range(rows.shape[1]):
        rows[TOLERANCE, i] = atol + rows[FLOOR, i] + h * rows[GROWTH, i]


@inner_kernel
def _attempt(stiff: bool, y: Floats, h: float, rtol: float, probe: bool, system: System) -> float:
    """Try a step of size h; returns its error as a multiple of the tolerance.

    NaN where a stage or the result is no covariance. Otherwise row F_NEW is f at the result.
    """
    buffer = system.buffer
    y_new, stages = buffer.rows[Y_NEW], buffer.rows[STAGES:LANDING_STAGES]
    atol = buffer.rows[TOLERANCE]
    land(stiff, y, h, stages, y_new, system)
    if stiff:
        size = rosenbrock_error(y, y_new, buffer.rows[INCREMENTS:MATRICES], rtol, atol)
    else:
        # _choose needs the argument of the last stage; trial is used for other things before that.
        copy(buffer.rows[TRIAL], buffer.rows[SLOPE])
        size = explicit_error(buffer.explicit, y, y_new, h, stages, rtol, atol)
    if size < 1.0:
        _evaluate_result(y_new, buffer.rows[F_NEW], probe, system)
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
        # A step of Rodas5P, with a Jacobian of n evaluations, costs about as much as n/12 others.
        short = 12.0 * h < buffer.rows.shape[1] * method.stable_h
        short_count = method.short_count + 1 if short else 0
        if short_count >= SHORT_STEPS:
            return Method(False, 0, 0, 0.0), method.stable_h
        return Method(True, 0, short_count, method.stable_h), h * factor
    speed = stiffness(
        h,
        buffer.rows[F_NEW],
        buffer.rows[Y_NEW],
        buffer.rows[STAGES:LANDING_STAGES],
        buffer.rows[SLOPE],
    )
    limited = speed > STIFF_LIMIT or _rests(h, buffer)
    stiff_count = method.stiff_count + 1 if limited else max(method.stiff_count - 1, 0)
    if speed * factor > HONEST_LIMIT:
        factor = max(HONEST_LIMIT / speed, SHRINK)
    return Method(stiff_count >= STIFF_STEPS, stiff_count, 0, h), h * factor


@inner_kernel
def _rests(h: float, buffer: Buffers) -> bool:
    """Whether the state has come to rest: what moves is rounding, which hides the stiffness."""
    for i in range(buffer.rows.shape[1]):
        still = REST * abs(buffer.rows[Y_NEW][i]) + 10.0 * buffer.rows[TOLERANCE][i]
        if not h * abs(buffer.rows[F_NEW][i]) <= still:
            return False
    return True
