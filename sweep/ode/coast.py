"""Coasting: what nothing can grow from any more is not resolved to its last digits.

Small components that die out, such as overlaps of units with what they have not learned, hold the
steps of a trajectory down for as long as they are resolved to `rtol` of themselves. They must be
while one of them may grow again, however small it has become. Where nothing grows, what becomes of
them is of no consequence, and it suffices that every component is resolved to COARSE rtol times its
natural size.

That nothing grows is read off the eigenvalues of the Jacobian. They are looked at once the
observable hardly changes, then again and again while the trajectory coasts; where one of them has
come to grow, all is taken back to where it began to coast. Whether it coasts depends on the
trajectory alone, not on what is asked: what is answered holds only once it was looked at again.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sweep.ode.arrays import Floats
from sweep.ode.compiled import inner_kernel
from sweep.ode.control import STIFF_STEPS, Method
from sweep.ode.events import Point, Questions, Replies
from sweep.ode.steps import COAST, MATRICES, STAGES, Buffers

Sizes = Callable[[Floats], Floats]
"""The natural size of each component at y: the observable feels what is comparable to it."""

COARSE = 10.0
"""By so much coarser than `rtol` it is, and relative to the natural sizes."""

FLAT = 1.0
"""The spectrum is not looked at before the observable would take 1/FLAT times as long as the time
that has passed to change by itself."""

FIRST, AGAIN = 150, 1.25
"""A first look after so many steps, and the next after so many times as many."""

STIFF_EFFORT, EFFORT, LATER = 5, 80, 2.0
"""While coasting there is a look each time that EFFORT steps were made, one of Rodas5P counting as
STIFF_EFFORT, or the time has grown by the factor LATER."""

SLOW, MOST_GROWTH = 1.0, 4.0
"""It may begin where nothing grows by more than a factor of e^SLOW in as much time as has passed,
and goes on until something may have grown by e^MOST_GROWTH."""

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
    watch = Watch(False, FIRST if watched else NEVER, 0.0, 0, 1.0)
    return Progress(
        Point(0.0, math.nan, 0.0), 0.0, Method(False, 0, 0, 0.0, STIFF_STEPS), 0, 0, 0, math.nan, False, watch
    )


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


class Lookout:
    """What looks at the spectrum, and remembers where the trajectory began to coast.

    What is told of the end of a window holds from the next look on that finds nothing grown. The
    times at which targets are met are not told from coasting at all.
    """

    def __init__(self, sizes: Sizes, rtol: float, replies: Replies) -> None:
        self._sizes, self._rtol, self._replies = sizes, rtol, replies
        self._began: tuple[Progress, Floats, Floats] | None = None
        self._felt = np.zeros(0)
        self._growth = 0.0
        self._value, self._state = replies.end_value.copy(), replies.end_state.copy()

    def look(self, progress: Progress, y: Floats, buffer: Buffers) -> Progress:
        """Go on, coasting or not, or go back to where it began to coast."""
        now, watch = progress.now, progress.watch
        J = buffer.rows[MATRICES : MATRICES + y.size]
        rate = float(np.linalg.eigvals(J).real.max()) if progress.linear else math.inf
        sizes = self._sizes(y)
        if watch.coasting:
            self._growth += max(rate, 0.0) * (now.t - watch.time)
            if not self._growth < MOST_GROWTH:
                return self.go_back(progress.now.t, y, buffer)
            sizes = np.maximum(sizes, self._felt)
            self._keep()
        elif rate * now.t < SLOW:
            self._began, self._growth = (progress, y.copy(), buffer.rows[:STAGES].copy()), 0.0
        else:
            return progress._replace(watch=_postponed(progress, 0.0))
        self._felt = sizes
        scale = min(1.0, now.value / progress.value_initial)
        buffer.rows[COAST] = COARSE * scale * self._rtol * sizes
        return progress._replace(watch=Watch(True, NEVER, now.t, 0, scale))

    def go_back(self, time: float, y: Floats, buffer: Buffers) -> Progress:
        """Where it began to coast; not to coast again before the time given."""
        assert self._began is not None
        progress, state, rows = self._began
        y[:], buffer.rows[:STAGES] = state, rows
        self._replies.crossing[progress.target :] = math.nan
        self._replies.end_value[progress.end :] = math.nan
        return progress._replace(watch=_postponed(progress, time), linear=False)

    def crossed(self, progress: Progress) -> bool:
        """Whether targets were met while coasting."""
        return self._began is not None and progress.target > self._began[0].target

    def tell(self) -> None:
        """Write what holds of the ends that were passed while coasting to the replies."""
        held = ~np.isnan(self._value)
        self._replies.end_value[held] = self._value[held]
        self._replies.end_state[held] = self._state[held]

    def _keep(self) -> None:
        replies = self._replies
        new = np.isnan(self._value) & ~np.isnan(replies.end_value)
        if self._began is not None:
            new[: self._began[0].end] = False
        self._value[new], self._state[new] = replies.end_value[new], replies.end_state[new]


def _postponed(progress: Progress, time: float) -> Watch:
    return Watch(False, math.ceil(AGAIN * progress.steps), time, 0, 1.0)


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
