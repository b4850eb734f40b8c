"""Boxes between the points of a lattice, as arrays of whole numbers.

The finest lattice of a panel has (n - 1)·2^levels + 1 points on an axis of n values. A point is
known by its flat position in it. A box of some level is known by its place among the boxes of that
level, shape (boxes, axes); its edges are `stride` = 2^(levels - level) points long.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from sweep.ode.arrays import Index, Truths

Labels = NDArray[np.int32]
Places = NDArray[np.int64]
"""Of boxes or points on every axis, shape (boxes, axes)."""

UNKNOWN, NEITHER = -1, -2
"""Of points without an answer: it is still to come, or there is none to take a side by."""


@dataclass(frozen=True)
class Lattice:
    """The points of a panel. counts: of the coarse points on every axis."""

    counts: tuple[int, ...]
    levels: int

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of points on every axis."""
        return self.shape_at(self.levels)

    def shape_at(self, level: int) -> tuple[int, ...]:
        """The number of points of that level on every axis."""
        return tuple((n - 1) * 2**level + 1 for n in self.counts)

    def boxes_at(self, level: int) -> tuple[int, ...]:
        """The number of boxes of that level along every axis."""
        return tuple((n - 1) * 2**level for n in self.counts)

    def stride(self, level: int) -> int:
        """The length of a box of that level."""
        return 1 << (self.levels - level)

    def points(self, places: Places) -> Index:
        """The flat positions of points."""
        flat: Index = np.ravel_multi_index(tuple(places.T), self.shape).astype(np.int64)
        return flat

    def places(self, points: Index) -> Places:
        """The places of points on every axis."""
        return np.stack(np.unravel_index(points, self.shape), axis=1).astype(np.int64)

    def all_boxes(self) -> Places:
        """Every box of level 0."""
        grid = np.indices(self.boxes_at(0)).reshape(len(self.counts), -1)
        return np.ascontiguousarray(grid.T).astype(np.int64)

    def numbers(self, boxes: Places, level: int) -> Index:
        """Boxes as one number each."""
        flat: Index = np.ravel_multi_index(tuple(boxes.T), self.boxes_at(level)).astype(np.int64)
        return flat

    def from_numbers(self, numbers: Index, level: int) -> Places:
        """The boxes of these numbers."""
        return np.stack(np.unravel_index(numbers, self.boxes_at(level)), axis=1).astype(np.int64)

    def corners(self, boxes: Places, level: int) -> Places:
        """The flat positions of the corners, shape (boxes, 2^axes)."""
        steps = _steps(len(self.counts), 2)
        weights = np.array(
            [int(np.prod(self.shape[i + 1 :])) for i in range(len(self.shape))], dtype=np.int64
        )
        return (boxes @ weights)[:, None] * self.stride(level) + (steps @ weights) * self.stride(
            level
        )

    def children(self, boxes: Places) -> Places:
        """The boxes of the next level in these, none twice if none is given twice."""
        steps = _steps(len(self.counts), 2)
        return (2 * boxes[:, None, :] + steps).reshape(-1, len(self.counts))

    def across(self, boxes: Places, corner_labels: Labels, level: int) -> Index:
        """The numbers of the boxes behind the faces through which a boundary leads."""
        steps = _steps(len(self.counts), 2)
        found = [np.empty(0, np.int64)]
        for axis, side in product(range(len(self.counts)), (0, 1)):
            on_face = corner_labels[:, steps[:, axis] == side]
            behind = boxes[differ(on_face)].copy()
            behind[:, axis] += 2 * side - 1
            inside = (behind[:, axis] >= 0) & (behind[:, axis] < self.boxes_at(level)[axis])
            found.append(self.numbers(behind[inside], level))
        return np.unique(np.concatenate(found))

    def holding(self, points: Index, level: int) -> Places:
        """The box of that level in which each of these points lies."""
        last = np.array(self.boxes_at(level), dtype=np.int64) - 1
        return np.minimum(self.places(points) // self.stride(level), last)


def differ(labels: Labels) -> Truths:
    """Whether there are two sides among the labels of each row."""
    sided = labels >= 0
    low = np.where(sided, labels, np.iinfo(np.int32).max).min(axis=1)
    high = np.where(sided, labels, np.int32(-1)).max(axis=1)
    different: Truths = low < high
    return different


def _steps(axes: int, count: int) -> Places:
    return np.array(list(product(range(count), repeat=axes)), dtype=np.int64)
