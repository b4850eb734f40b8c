"""Coasting: what nothing can grow from any more is not resolved to its last digits.

Small components that die out, such as overlaps of units with what they have not learned, hold the
steps of a trajectory down for as long as they are resolved to `rtol` of themselves. They must be
while one of them may grow again, however small it has become. Where nothing grows, what becomes of
them is of no consequence, and it suffices that every component is resolved to some `rtol` times its
natural size.

That nothing grows is read off the eigenvalues of the Jacobian. They are looked at once the
observable hardly changes, then again and again while the trajectory coasts; where one of them has
come to grow, all is taken back to where it began to coast. Whether it coasts depends on the
trajectory alone, not on what is asked: what is answered holds only once it was looked at again.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from sweep.ode.arrays import Floats
from sweep.ode.events import Replies
from sweep.ode.progress import NEVER, Progress, Watch
from sweep.ode.steps import COAST, MATRICES, STAGES, Buffers

Sizes = Callable[[Floats], Floats]
"""The natural size of each component at y: the observable feels what is comparable to it."""

COARSE, FINEST = 6.0, 1e-13
"""The tolerance while coasting, relative to the natural sizes, in units of `rtol`. Both are finer
by as much as the observable has fallen, down to an `rtol` of FINEST."""

SLOW, MOST_GROWTH = 1.0, 4.0
"""It may begin where nothing grows by more than a factor of e^SLOW in as much time as has passed,
and goes on until something may have grown by e^MOST_GROWTH."""

AGAIN = 1.25
"""After a look that has found something grow, the next is after so many times as many steps."""


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
        scale = self._scale(progress)
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

    def _scale(self, progress: Progress) -> float:
        """By which `rtol` is multiplied, so that the observable keeps its digits."""
        initial = progress.value_initial
        fallen = progress.now.value / initial if initial > 0.0 else 1.0
        return min(1.0, max(fallen, FINEST / self._rtol))

    def _keep(self) -> None:
        replies = self._replies
        new = np.isnan(self._value) & ~np.isnan(replies.end_value)
        if self._began is not None:
            new[: self._began[0].end] = False
        self._value[new], self._state[new] = replies.end_value[new], replies.end_state[new]


def _postponed(progress: Progress, time: float) -> Watch:
    return Watch(False, math.ceil(AGAIN * progress.steps), time, 0, 1.0)
