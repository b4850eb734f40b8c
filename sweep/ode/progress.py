"""How far an integration has come, so that it can be left and taken up again between two steps."""

from __future__ import annotations

import math
from typing import NamedTuple

from sweep.ode.compiled import inner_kernel
from sweep.ode.control import STIFF_STEPS, Method
from sweep.ode.events import Point, Questions

FIRST = 150
"""The spectrum is looked at for the first time after so many steps."""

FLAT = 1.0
"""The spectrum is not looked at before the observable would take 1/FLAT times as long as the time
that has passed to change by itself."""

STIFF_EFFORT, EFFORT, LATER = 5, 80, 2.0
"""While coasting there is a look each time that EFFORT steps were made, one of Rodas5P counting as
STIFF_EFFORT, or the time has grown by the factor LATER."""

NEVER = 2**62


class Watch(NamedTuple):
    """Whether the trajectory coasts, and when its spectrum is looked at next.

    steps: not before so many. time: not before it; while coasting, the time of the last look.
    effort: of the steps since. scale: by which `rtol` is multiplied.
    """

    coasting: bool
    steps: int
    time: float
    effort: int
    scale: float


class Progress(NamedTuple):
    """How far an integration has come, beside what the buffers hold; h = 0: not begun.

    target, end: positions of the next ones among the questions. linear: whether the Jacobian at
    this state is there.
    """

    now: Point
    h: float
    method: Method
    target: int
    end: int
    steps: int
    value_initial: float
    linear: bool
    watch: Watch


def beginning(watched: bool) -> Progress:
    """Of a trajectory at t = 0; watched: whether its spectrum is ever looked at."""
    now, method = Point(0.0, math.nan, 0.0), Method(False, 0, 0, 0.0, STIFF_STEPS)
    watch = Watch(False, FIRST if watched else NEVER, 0.0, 0, 1.0)
    return Progress(now, 0.0, method, 0, 0, 0, math.nan, False, watch)


@inner_kernel
def is_due(watch: Watch, now: Point, steps: int) -> bool:
    """Whether the spectrum is to be looked at before the next step."""
    if watch.coasting:
        return watch.effort >= EFFORT or now.t >= LATER * watch.time
    if steps < watch.steps or now.t < watch.time:
        return False
    return abs(now.slope) * now.t < FLAT * now.value


@inner_kernel
def spent(watch: Watch, stiff: bool) -> Watch:
    """After a further step."""
    effort = watch.effort + (STIFF_EFFORT if stiff else 1)
    return Watch(watch.coasting, watch.steps, watch.time, effort, watch.scale)


def answered(progress: Progress, questions: Questions) -> bool:
    """Whether no question is open."""
    target = progress.target
    return bool(
        target >= questions.targets.size or progress.now.t >= questions.needed_until[target]
    )


def first(count: int, questions: Questions) -> Questions:
    """The first targets alone."""
    return questions._replace(
        targets=questions.targets[:count], needed_until=questions.needed_until[:count]
    )
