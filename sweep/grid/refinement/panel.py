"""One panel of a refined grid: its search, and the cells of which its points are made."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from sweep.grid.expression import Operand
from sweep.grid.grid import Grid
from sweep.grid.refinement.boxes import NEITHER, UNKNOWN, Labels, Lattice
from sweep.grid.refinement.brackets import HIGH, LOW, NEIGHBOURS, Brackets, places_around
from sweep.grid.refinement.finest import Finest
from sweep.grid.refinement.lines import Crossings, crossings
from sweep.grid.refinement.search import Search
from sweep.grid.refinement.settings import SEED
from sweep.grid.refinement.zeros import SIDE
from sweep.models.cells import Cells, Codes
from sweep.ode.arrays import Floats, Index, Truths

LONGEST_ROW = 300
"""A row of at most so many cells, all answered by one trajectory, is computed as a whole. Longer
ones would be most of the finest grid, of which hardly anything is on the boundary."""


class Look(Protocol):
    """What is known of places, each of which has so many cells, for its seeds, side by side."""

    def labels(self, cells: Cells, seeds: int) -> Labels:
        """On which side they lie."""
        ...

    def progress(self, cells: Cells, seeds: int) -> Floats:
        """What is continuous on a side, and vanishes on the boundary; NaN where nothing is."""
        ...


def allowed(grid: Grid, cells: Cells) -> Truths:
    """Which cells the grid does not exclude."""
    named = {
        p.name: Operand(p, cells.values[p.name], codes=cells.codes[p.name])
        for p in grid.model.parameters
    }
    kept = np.ones(len(cells), dtype=np.bool_)
    for exclude in grid.excludes:
        kept &= ~exclude.holds(named)
    return kept


class Panel:
    """One combination of the values of all axes that are not refined.

    at: the code of each of these axes. Its points are the places of `search`; the cells of a point
    are its seeds. brackets: of the crossings, once the search is finished, where the grid has a
    tolerance for them.
    """

    def __init__(self, finest: Finest, at: dict[str, int], number: int, probes: int) -> None:
        self.at, self._finest = at, finest
        lattice = finest.lattice
        self.search = Search(lattice, self._rows(lattice), probes, number)
        self.edges: Crossings | None = None
        self.brackets: Brackets | None = None

    @property
    def finished(self) -> bool:
        """Whether nothing more will be wanted."""
        if self._finest.settings.tolerance is None or not self.search.finished:
            return self.search.finished
        return self.brackets is not None and self.brackets.finished

    def cells(self, points: Index) -> Cells:
        """The cells of points, those of one point side by side."""
        finest = self._finest
        count = finest.seeds
        codes: dict[str, Codes] = dict.fromkeys(
            finest.values, np.broadcast_to(np.int32(0), (len(points) * count,))
        )
        for name, code in self.at.items():
            codes[name] = np.full(len(points) * count, code, dtype=np.int32)
        places = finest.lattice.places(points)
        for axis, name in enumerate(finest.axes):
            codes[name] = np.repeat(places[:, axis], count).astype(np.int32)
        if SEED in finest.grid.axes:
            codes[SEED] = np.tile(np.arange(count, dtype=np.int32), len(points))
        return Cells(finest.values, codes)

    def wanted(self) -> Cells:
        """The cells of the points that the search has asked for."""
        return self._kept(self.cells(self.search.points()))

    def between(self) -> Cells:
        """The cells between points that were asked for to bracket the crossings."""
        if self.brackets is None:
            return self.cells(np.empty(0, dtype=np.int64))
        return self._kept(self._on_edges(self.brackets.asked, self.brackets.asked_places))

    def pending(self) -> Cells:
        """The cells that the search, or the brackets, wait for."""
        if self.brackets is None:
            return self._kept(self.cells(self.search.pending))
        return self._kept(self._on_edges(self.brackets.pending, self.brackets.pending_places))

    def go_on(self, look: Look) -> None:
        """Tell the search all that is known, then the brackets, until they wait for something."""
        while len(pending := self.search.pending):
            cells = self.cells(pending)
            labels = np.full(len(pending), NEITHER, dtype=np.int32)
            labels[self._allowed(cells)] = look.labels(self._kept(cells), self._finest.seeds)
            self.search.tell(labels)
            if UNKNOWN in labels:
                return
        if self._finest.settings.tolerance is None:
            return
        if self.brackets is None:
            self.edges = self.crossings(self._finest.lattice.levels)
            self.brackets = self.bracketed(self.edges, look, self._finest.settings.tolerance)
        while not self.brackets.finished:
            cells = self._on_edges(self.brackets.pending, self.brackets.pending_places)
            if not self._tell(self.brackets, cells, look):
                return

    def _tell(self, brackets: Brackets, cells: Cells, look: Look) -> bool:
        """Whether all is known that the brackets wait for."""
        allowed, count = self._allowed(cells), self._finest.seeds
        labels = np.full(len(allowed), NEITHER, dtype=np.int32)
        values = np.full(len(allowed), np.nan)
        kept = self._kept(cells)
        labels[allowed], values[allowed] = look.labels(kept, count), look.progress(kept, count)
        brackets.tell(labels, values)
        return UNKNOWN not in labels

    def crossings(self, level: int) -> Crossings:
        """The edges that the boundary crosses, as far as it is found at that level."""
        return crossings(self._finest.lattice, self.search.found[level], self.search.labels, level)

    def bracketed(
        self, edges: Crossings, look: Look, tolerance: float | None = None, level: int | None = None
    ) -> Brackets:
        """The crossings of these edges, which are of that level, the finest by default.

        A tolerance is for axes between whose values there are others.
        """
        finest, lattice = self._finest, self._finest.lattice
        stride = lattice.stride(lattice.levels if level is None else level)
        places = lattice.places(edges.begin)[np.arange(len(edges.begin)), edges.axis]
        around = places_around(finest.coordinates, places, edges.axis, stride)
        steps = np.array(
            [
                np.prod(lattice.shape[axis + 1 :], dtype=np.int64)
                for axis in range(len(lattice.shape))
            ]
        )
        points = edges.begin[:, None] + stride * steps[edges.axis][:, None] * NEIGHBOURS
        labels = np.full(points.shape, UNKNOWN, dtype=np.int32)
        there = ~np.isnan(around)
        labels[there] = self.search.labels[points[there]]
        # A place beside an end says something of its side only.
        told = (labels >= 0) & (labels == labels[:, [LOW] * SIDE + [HIGH] * SIDE])
        values = np.full(points.shape, np.nan)
        values[told] = look.progress(self.cells(points[told]), finest.seeds)
        log = finest.is_log[edges.axis]
        return Brackets(around, values, labels[:, LOW], log, tolerance)

    def _kept(self, cells: Cells) -> Cells:
        """Those that the grid does not exclude."""
        if not self._finest.grid.excludes:
            return cells
        return cells.take(np.repeat(self._allowed(cells), self._finest.seeds))

    def _allowed(self, cells: Cells) -> Truths:
        """Of which places the grid does not exclude the cells."""
        seeds = self._finest.seeds
        if not self._finest.grid.excludes:
            return np.ones(len(cells) // seeds, dtype=np.bool_)
        return allowed(self._finest.grid, cells.take(np.arange(0, len(cells), seeds)))

    def _on_edges(self, numbers: Index, places: Floats) -> Cells:
        """The cells at places on the lines of these crossings."""
        assert self.edges is not None
        finest, axis = self._finest, self.edges.axis[numbers]
        cells = self.cells(self.edges.begin[numbers])
        values, codes = dict(cells.values), dict(cells.codes)
        for number, name in enumerate(finest.axes):
            mine = axis == number
            known = {value: code for code, value in enumerate(values[name])}
            found = [known.setdefault(v, len(known)) for v in places[mine].tolist()]
            codes[name] = codes[name].copy()
            codes[name][np.repeat(mine, finest.seeds)] = np.repeat(found, finest.seeds)
            values[name] = tuple(known)
        return Cells(values, codes)

    def _rows(self, lattice: Lattice) -> list[int]:
        """The axes along which one trajectory answers all, where they are no longer than that."""
        model, rows = self._finest.grid.model, []
        for axis, name in enumerate(self._finest.axes):
            length = lattice.shape[axis]
            if name not in model.answered_together or length > LONGEST_ROW:
                continue
            step = int(np.prod(lattice.shape[axis + 1 :]))
            row = self.cells(step * np.arange(length, dtype=np.int64))
            row = row.take(np.arange(length) * self._finest.seeds)
            if all(len(np.unique(key)) == 1 for key in model.dynamics_keys(row)):
                rows.append(axis)
        return rows
