"""Adaptive integration of one trajectory, which answers many targets and windows.

What happens within a step is left to `events`, how large it is and by which method to `control`.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sweep.ode.arrays import Floats
from sweep.ode.compiled import fast_kernel, inner_kernel
from sweep.ode.control import SAFETY, choose, explicit, next_factor
from sweep.ode.dop853 import explicit_error
from sweep.ode.equations import Constants, Jacobian, Memory, Observable, Resolution, Slope
from sweep.ode.events import (
    Accepted,
    Point,
    Questions,
    Replies,
    System,
    answer_at_start,
    answer_ends,
    answer_targets,
    land,
)
from sweep.ode.progress import Progress, is_due, spent
from sweep.ode.rodas5p import rosenbrock_error
from sweep.ode.steps import (
    COAST,
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
    Buffers,
    F,
    StepFunction,
)
from sweep.ode.vectors import copy, largest

LARGEST_STATE, LARGEST_VALUE = 1e8, 1e12
"""A trajectory with a component or a value of the observable beyond this has diverged."""

UNIT_ROUNDING, PROBED, REMEMBERED = 2.0**-52, 8.0, 0.8
"""What rounding does to a slope is probed by a state changed in its last digits. The tolerance is
PROBED times the difference, which may be 0 by chance, so a part of the last is remembered."""

MAX_STEPS = 20_000
"""A trajectory is given up after so many steps; the longest known takes a few thousand."""

INSTANT = 1e-11
"""A state that changes by its own size in this part of the time it took runs away, at a pole."""

FINISHED, BLEW_UP, RAN_AWAY, STUCK, TOO_LONG, LOOK = range(6)


class Outcome(NamedTuple):
    """How the integration ended (FINISHED, …), at which time, and the observable there and at the
    start."""

    code: int
    t: float
    value: float
    value_initial: float


@fast_kernel
def integrate(
    y: Floats,
    progress: Progress,
    questions: Questions,
    replies: Replies,
    rtol: float,
    atol: float,
    max_steps: int,
    probe: bool,
    slope: Slope,
    observable: Observable,
    resolution: Resolution,
    jacobian: Jacobian,
    take_step: StepFunction,
    constants: Constants,
    memory: Memory,
    buffer: Buffers,
) -> tuple[Outcome, Progress]:
    """Integrate from state y, where `progress` left it, until all is answered or it is to be
    looked at; y becomes the last state.

    probe: whether what rounding does to a slope is to be seen from a second evaluation as well.
    """
    system = System(slope, observable, resolution, jacobian, take_step, constants, memory, buffer)
    now, h, method, target, end, steps, value_initial, linear, watch = progress
    if h == 0.0:
        _evaluate_result(y, buffer.rows[F], False, system)
        for i in range(y.size):  # a first step is too short for it
            buffer.rows[GROWTH, i] = 0.0
        now = _point(0.0, y, buffer.rows[F], system)
        value_initial = now.value
        if not value_initial <= LARGEST_VALUE:
            return Outcome(BLEW_UP, 0.0, value_initial, value_initial), progress
        h = _first_step(y, rtol, atol, system)
        target = answer_at_start(value_initial, y, questions.targets, replies)
    code = FINISHED
    while watch.coasting or (
        target < questions.targets.size and now.t < questions.needed_until[target]
    ):
        if (method.stiff or is_due(watch, now, steps)) and not linear:
            linear = _linearize(y, system)
            if not linear:
                method = explicit(method.patience)
        if is_due(watch, now, steps):
            code = LOOK
            break
        _tolerate(h, atol, buffer)
        while True:
            size = _attempt(method.stiff, y, h, rtol * watch.scale, probe, system)
            factor = next_factor(size, method.stiff)
            if size < 1.0:
                break
            h *= min(factor, SAFETY)  # size is NaN where a stage or the result was no state
            if now.t + 1e-3 * h == now.t:
                code = STUCK
                break
        if code == STUCK:
            if _runs_away(y, now, value_initial, questions.needed_until[-1], buffer):
                code = RAN_AWAY
            break
        then = _point(now.t + h, buffer.rows[Y_NEW], buffer.rows[F_NEW], system)
        step = Accepted(method.stiff, now, then)
        watch = spent(watch, method.stiff)
        method, h = choose(method, h, factor, watch.coasting, buffer)
        linear = False
        end = answer_ends(end, target, y, step, questions, replies, system)
        broken = not (then.value <= LARGEST_VALUE and largest(buffer.rows[Y_NEW]) <= LARGEST_STATE)
        if not broken:
            target = answer_targets(target, y, step, questions.targets, replies, system)
            copy(buffer.rows[F_NEW], buffer.rows[F])
        copy(buffer.rows[Y_NEW], y)
        now = then
        steps += 1
        if broken or steps >= max_steps:
            code = BLEW_UP if broken else TOO_LONG
            break
    left = Progress(now, h, method, target, end, steps, value_initial, linear, watch)
    return Outcome(code, now.t, now.value, value_initial), left


@inner_kernel
def _evaluate(y: Floats, f: Floats, system: System) -> None:
    system.slope(y, f, system.constants, system.memory)
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
    system.resolution(y, rows[FLOOR], rows[GROWTH], system.constants, system.memory)
    if probe:
        for i in range(y.size):
            rows[GROWTH, i] = max(rows[GROWTH, i], REMEMBERED * rows[LANDED, i])
        for i in range(y.size):
            rows[TRIAL][i] = y[i] * (1.0 + UNIT_ROUNDING * (1 + i % 3))
        _evaluate(rows[TRIAL], rows[LANDED], system)
        for i in range(y.size):
            growth = PROBED * abs(rows[LANDED, i] - f[i])
            if rows[GROWTH, i] < growth < math.inf:  # not NaN, where the probe is no state
                rows[GROWTH, i] = growth


@inner_kernel
def _point(t: float, y: Floats, f: Floats, system: System) -> Point:
    """The observable at y, and its slope along f by a difference over a distance of 1e-7."""
    trial = system.buffer.rows[TRIAL]
    value = system.observable(y, system.constants, system.memory)
    speed = largest(f)
    if not speed > 0.0:
        return Point(t, value, 0.0)
    advance = 1e-7 / speed
    for i in range(y.size):
        trial[i] = y[i] + advance * f[i]
    ahead = system.observable(trial, system.constants, system.memory)
    return Point(t, value, (ahead - value) / advance)


@inner_kernel
def _runs_away(y: Floats, now: Point, value_initial: float, window: float, buffer: Buffers) -> bool:
    """Whether the state, which no step leads on from, is about to grow without bound.

    The time to a pole is resolved to the digits of t only, which may be too few to see a state
    beyond LARGEST_STATE. At t = 0 the window is the measure of time.
    """
    speed = largest(buffer.rows[F])
    time = now.t if now.t > 0.0 else window
    grows = now.t == 0.0 or now.value > value_initial
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
        rows[TOLERANCE, i] = atol + rows[FLOOR, i] + h * rows[GROWTH, i] + rows[COAST, i]


@inner_kernel
def _attempt(stiff: bool, y: Floats, h: float, rtol: float, probe: bool, system: System) -> float:
    """Try a step of size h; returns its error as a multiple of the tolerance.

    NaN where a stage or the result is no state. Otherwise row F_NEW is f at the result.
    """
    buffer = system.buffer
    y_new, stages = buffer.rows[Y_NEW], buffer.rows[STAGES:LANDING_STAGES]
    atol = buffer.rows[TOLERANCE]
    land(stiff, y, h, stages, y_new, system)
    if stiff:
        size = rosenbrock_error(y, y_new, buffer.rows[INCREMENTS:MATRICES], rtol, atol)
    else:
        # `choose` needs the argument of the last stage; trial is used for other things before that.
        copy(buffer.rows[TRIAL], buffer.rows[SLOPE])
        size = explicit_error(buffer.explicit, y, y_new, h, stages, rtol, atol)
    if size < 1.0:
        _evaluate_result(y_new, buffer.rows[F_NEW], probe, system)
        if not math.isfinite(largest(buffer.rows[F_NEW])):
            return math.nan
    return size


@inner_kernel
def _linearize(y: Floats, system: System) -> bool:
    """Write the Jacobian at y, for steps of Rodas5P from y; whether it is one.

    On the edge of what are states a difference may lead outside.
    """
    n, buffer = y.size, system.buffer
    rows = buffer.rows
    J = rows[MATRICES : MATRICES + n]
    buffer.integers[-1] += system.jacobian(
        y, rows[F], J, rows[TRIAL : SLOPE + 1], system.slope, system.constants, system.memory
    )
    return largest(J.reshape(n * n)) < math.inf
