"""The search for a boundary on one panel, level by level.

What is wanted of a level is the smallest set of boxes that has the parts of those boxes of the
level before on which the boundary lies, and with a box also the neighbours into which the boundary
leads. It depends on no order in which answers come, so that it is the same for a run that was
interrupted, or divided among many.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence

import numpy as np
from numpy.typing import NDArray

from sweep.grid.refinement.boxes import NEITHER, UNKNOWN, Labels, Lattice, Places, differ
from sweep.ode.arrays import Index, Truths

PROBE_SEED = 20_200_101


class Search:
    """Asks for points, is told their labels, and asks for more.

    rows: axes along which a point asks for all others at no cost. probes: how many points to check
    that lie where no boundary was found; `panel` has a draw of its own.

    labels: of all points of the lattice, UNKNOWN where none was asked for or told. pending: points
    that were asked for, and whose labels are UNKNOWN. level: at which the search is, 0 the
    coarsest; `finished` when there is nothing more to ask for. found: the boxes on the boundary, by
    level. asked_at: how many points each level asked for first.
    """

    def __init__(
        self, lattice: Lattice, rows: Sequence[int] = (), probes: int = 0, panel: int = 0
    ) -> None:
        self.lattice, self.level, self.finished = lattice, 0, False
        self.labels: Labels = np.full(int(np.prod(lattice.shape)), UNKNOWN, dtype=np.int32)
        self.asked: Truths = np.zeros(len(self.labels), dtype=np.bool_)
        self.found: dict[int, Places] = {}
        self.asked_at: Counter[int] = Counter()
        self.probes: Index = np.empty(0, np.int64)
        self.contradicted: Index = np.empty(0, np.int64)
        self.probing = False
        self.pending: Index = np.empty(0, np.int64)
        self.rows, self.number_of_probes, self._panel = tuple(rows), probes, panel
        self._course = self._run()
        self._go_on()

    def tell(self, labels: Labels) -> None:
        """The labels of all `pending` points, UNKNOWN for those still to come."""
        self.labels[self.pending] = labels
        self.pending = self.pending[labels == UNKNOWN]
        if not len(self.pending):
            self._go_on()

    def points(self) -> Index:
        """All points that were asked for, in their order."""
        return np.flatnonzero(self.asked)

    def inferred(self) -> Labels:
        """The labels of all points of the lattice, of those not asked for as their boxes have it.

        UNKNOWN where the search has not come to.
        """
        whole = self.labels.reshape(self.lattice.shape)
        coarse = whole[tuple(slice(None, None, self.lattice.stride(0)) for _ in whole.shape)]
        for level in range(1, self.lattice.levels + 1):
            stride = self.lattice.stride(level)
            fine = whole[tuple(slice(None, None, stride) for _ in whole.shape)]
            coarse = np.where(fine == UNKNOWN, _doubled(coarse), fine)
        return coarse.astype(np.int32)

    def _go_on(self) -> None:
        while not self.finished and not len(self.pending):
            try:
                self._ask(next(self._course))
            except StopIteration:
                self.finished = True

    def _ask(self, points: Index) -> None:
        points = self._with_rows(np.unique(points))
        new = points[~self.asked[points]]
        self.asked[new] = True
        self.asked_at[self.level] += len(new)
        self.pending = points[self.labels[points] == UNKNOWN]

    def _with_rows(self, points: Index) -> Index:
        """The points, and all others on their rows."""
        for axis in self.rows:
            places = self.lattice.places(points)
            places[:, axis] = 0
            starts = np.unique(self.lattice.points(places))
            step = int(np.prod(self.lattice.shape[axis + 1 :]))
            along = step * np.arange(self.lattice.shape[axis], dtype=np.int64)
            points = np.unique(starts[:, None] + along)
        return points

    def _run(self) -> Generator[Index]:
        yield from self._follow(np.empty(0, np.int64))
        if not self.number_of_probes:
            return
        self.probing = True
        self.probes = self._draw()
        expected = self.inferred().reshape(-1)[self.probes]
        yield self.probes
        told = self.labels[self.probes]
        self.probing = False
        self.contradicted = self.probes[(told != expected) & (told != NEITHER) & (expected >= 0)]
        if len(self.contradicted):
            yield from self._follow(self.contradicted)

    def _follow(self, strangers: Index) -> Generator[Index]:
        """Ask level by level. strangers: points that differ from the box around them."""
        boxes = self.lattice.all_boxes()
        for level in range(self.lattice.levels + 1):
            self.level = level
            boxes = yield from self._level(boxes, level, strangers)
            self.found[level] = boxes
            boxes = self.lattice.children(boxes)

    def _level(self, boxes: Places, level: int, strangers: Index) -> Generator[Index, None, Places]:
        """The boxes of a level on the boundary: of those given, and where it leads from them."""
        lattice = self.lattice
        seen = np.empty(0, np.int64)
        front = np.unique(lattice.numbers(boxes, level))
        mixed = [np.empty(0, np.int64)]
        while len(front):
            boxes = lattice.from_numbers(front, level)
            corners = lattice.corners(boxes, level)
            yield corners.reshape(-1)
            labels = self.labels[corners]
            on_it = differ(labels) | self._holds_strangers(front, labels, level, strangers)
            mixed.append(front[on_it])
            seen = np.union1d(seen, front)
            behind = lattice.across(boxes[on_it], labels[on_it], level)
            front = np.setdiff1d(behind, seen, assume_unique=True)
        return lattice.from_numbers(np.sort(np.concatenate(mixed)), level)

    def _holds_strangers(
        self, numbers: Index, labels: Labels, level: int, strangers: Index
    ) -> Truths:
        """Whether a point with another label than a corner lies in each of these boxes."""
        found = np.zeros(len(numbers), dtype=np.bool_)
        if not len(strangers):
            return found
        around = self.lattice.numbers(self.lattice.holding(strangers, level), level)
        at = np.minimum(np.searchsorted(numbers, around), len(numbers) - 1)
        here = numbers[at] == around
        at, inside = at[here], self.labels[strangers[here]]
        found[at[differ(np.column_stack([labels[at], inside]))]] = True
        return found

    def _draw(self) -> Index:
        """Points that nobody asked for, drawn at random; the same whenever it is drawn."""
        free = np.flatnonzero(~self.asked)
        numbers = np.random.default_rng([PROBE_SEED, self._panel])
        count = min(self.number_of_probes, len(free))
        return np.sort(numbers.choice(free, count, replace=False))


def _doubled(coarse: NDArray[np.int32]) -> NDArray[np.int32]:
    """An array on a lattice twice as fine; points between others have the label of one of them.

    Of the one before them, unless that takes no side.
    """
    for axis in range(coarse.ndim):
        first, last = (np.take(coarse, i, axis) for i in (range(coarse.shape[axis] - 1), [-1]))
        after = np.take(coarse, range(1, coarse.shape[axis]), axis)
        between = np.where(first >= 0, first, after)
        pairs = np.stack([first, between], axis=axis + 1)
        shape = [*coarse.shape]
        shape[axis] = 2 * (coarse.shape[axis] - 1)
        coarse = np.concatenate([pairs.reshape(shape), last], axis=axis)
    return coarse
