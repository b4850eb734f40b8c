"""Edges that the boundary crosses, and the crossings bracketed ever more narrowly.

A crossing is known by six places on its line, three on either side of it (see `zeros`). What is
continuous there is a function of its own on each side, which vanishes at the crossing.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sweep.grid.refinement.boxes import UNKNOWN, Labels
from sweep.grid.refinement.zeros import SIDE, zeros
from sweep.models.parameters import rounded
from sweep.ode.arrays import Floats, Index, Truths

LARGEST_STEP = 1 / 4
"""Where a crossing is expected, a point is asked for on either side of it, at most so much of the
bracket away, and otherwise as far as SURE times what the expectation may be off."""

SURE = 2.0

INSIDE = 0.4
"""The points about a crossing that is known well are apart by twice this part of the tolerance."""

LOW, HIGH = SIDE - 1, SIDE
"""The columns of the ends of a bracket."""

NEIGHBOURS = np.arange(-LOW, SIDE + 1)
"""All columns, as steps from the low end."""


class Brackets:
    """n crossings; asks for points until each is bracketed to a tolerance.

    places, values: shape (n, 6), see above; NaN where there is none. sides: the labels of the low
    ends. log: whether a line has an axis of ratios. tolerance: the length of the
    last bracket, as a part of its place, or of the edge where that is more; None: asks for nothing.

    pending: the number of a crossing, for every point that is asked for; `pending_places`: where.
    asked, asked_places: all there have been.
    """

    def __init__(
        self,
        places: Floats,
        values: Floats,
        sides: Labels,
        log: Truths,
        tolerance: float | None = None,
    ) -> None:
        self.places, self.values = places, values
        self._sides, self._log, self._tolerance = sides, log, tolerance
        self._edge = places[:, HIGH] - places[:, LOW]
        self._missed = np.zeros(len(places), dtype=np.bool_)
        self._given_up = np.zeros(len(places), dtype=np.bool_)
        self.asked: Index = np.empty(0, dtype=np.int64)
        self.asked_places: Floats = np.empty(0)
        self._ask()

    @property
    def pending(self) -> Index:
        """The numbers of the crossings on whose lines points are asked for, in pairs."""
        return np.repeat(self._open, 2)[self._is_pending()]

    @property
    def pending_places(self) -> Floats:
        """Where on its line each of them is."""
        return self._between.reshape(-1)[self._is_pending()]

    @property
    def finished(self) -> bool:
        """Whether nothing more is asked for."""
        return not len(self._open)

    def estimates(self) -> Floats:
        """Where the crossings are expected; in the middle of the bracket, where nothing tells."""
        places = self._scaled(self.places, np.arange(len(self.places)))
        found, _ = zeros(places, self.values)
        found = np.where(np.isnan(found), (places[:, LOW] + places[:, HIGH]) / 2, found)
        found = np.where(self._log, np.exp(found), found)
        return np.clip(found, self.places[:, LOW], self.places[:, HIGH])

    def tell(self, labels: Labels, values: Floats) -> None:
        """The labels of the pending points, UNKNOWN for those still to come, and their values."""
        told = self._is_pending()
        self._labels.reshape(-1)[told] = labels
        self._values.reshape(-1)[told] = values
        if not self._is_pending().any():
            self._narrow()
            self._ask()

    def _is_pending(self) -> Truths:
        waiting: Truths = self._labels.reshape(-1) == UNKNOWN
        return waiting

    def _scaled(self, places: Floats, numbers: Index) -> Floats:
        """Places in the coordinate in which their axes are even."""
        with np.errstate(all="ignore"):
            return np.where(self._log[numbers, None], np.log(places), places)

    def _ask(self) -> None:
        """Two points on every line whose bracket is too long."""
        low, high = self.places[:, LOW], self.places[:, HIGH]
        size = np.maximum(np.maximum(np.abs(low), np.abs(high)), self._edge)
        allowed = np.inf if self._tolerance is None else self._tolerance * size
        numbers = np.flatnonzero((high - low > allowed) & ~self._given_up)
        scaled = self._scaled(self.places[numbers], numbers)
        expected, off = zeros(scaled, self.values[numbers])
        self._guided = ~np.isnan(expected) & ~self._missed[numbers]
        low, high = scaled[:, LOW], scaled[:, HIGH]
        least = INSIDE * (self._tolerance or 0.0) * np.where(self._log[numbers], 1.0, size[numbers])
        off = np.maximum(least, np.minimum(SURE * off, LARGEST_STEP * (high - low)))
        first = np.where(expected - off > low, expected - off, (low + expected) / 2)
        last = np.where(expected + off < high, expected + off, (high + expected) / 2)
        first = np.where(self._guided, first, low + (high - low) / 3)
        last = np.where(self._guided, last, high - (high - low) / 3)
        between = np.column_stack([first, last])
        between = np.where(self._log[numbers, None], np.exp(between), between)
        rounding = [rounded(place) for place in between.reshape(-1).tolist()]
        self._open = numbers
        self._between = np.array(rounding, dtype=np.float64).reshape(between.shape)
        self._labels: Labels = np.full(between.shape, UNKNOWN, dtype=np.int32)
        self._values = np.full(between.shape, np.nan)
        self.asked = np.concatenate([self.asked, np.repeat(numbers, 2)])
        self.asked_places = np.concatenate([self.asked_places, self._between.reshape(-1)])

    def _narrow(self) -> None:
        """Take the points into the brackets: the first change of sides counts.

        A point that takes no side stands for the end next to it. Where neither of them does, the
        bracket stays as it is.
        """
        numbers, known = self._open, self._labels >= 0
        ends, ends_values = self.places[numbers], self.values[numbers]
        between = np.where(known, self._between, ends[:, [LOW, HIGH]])
        values = np.where(known, self._values, ends_values[:, [LOW, HIGH]])
        here = np.where(known, self._labels == self._sides[numbers, None], [True, False])
        all_places = np.column_stack([ends[:, :SIDE], between, ends[:, SIDE:]])
        all_values = np.column_stack([ends_values[:, :SIDE], values, ends_values[:, SIDE:]])
        change = np.where(here.all(axis=1), 2, np.where(here[:, 0], 1, 0))
        taken = change[:, None] + np.arange(2 * SIDE)
        self.places[numbers] = np.take_along_axis(all_places, taken, axis=1)
        self.values[numbers] = np.take_along_axis(all_values, taken, axis=1)
        back = (change == 0) & here[:, 1]  # behind the change is the first side again
        self.values[numbers[back], HIGH + 1] = np.nan
        self._missed[numbers] = self._guided & (change != 1)
        self._given_up[numbers] = ~known.any(axis=1)


def places_around(
    lattice_values: list[NDArray[np.float64]], at: Index, axis: Index, stride: int
) -> Floats:
    """The coordinates of the six points about edges: of the ends, and of those beside them.

    at: the places on their axes at which the edges begin. NaN outside the lattice.
    """
    steps = at[:, None] + stride * NEIGHBOURS
    found = np.full(steps.shape, np.nan)
    for number, values in enumerate(lattice_values):
        mine = (axis == number)[:, None] & (steps >= 0) & (steps < len(values))
        found[mine] = values[steps[mine]]
    return found
