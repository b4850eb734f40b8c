"""The searches of a grid, one a panel, and the cells that they ask for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from sweep.grid.expansion import expand, product_factors
from sweep.grid.expression import Operand
from sweep.grid.grid import Grid
from sweep.grid.listed import ListedGrid, listed
from sweep.grid.refinement.boxes import NEITHER, UNKNOWN, Labels, Lattice
from sweep.grid.refinement.search import Search
from sweep.grid.refinement.settings import SEED, Refinement
from sweep.models.cells import Cells, Codes
from sweep.models.parameters import Value
from sweep.ode.arrays import Index, Truths

Look = Callable[[Cells, int], Labels]
"""The labels of places, each of which has so many cells, for its seeds, one after the other."""


class Panel:
    """One combination of the values of all axes that are not refined.

    at: the code of each of these axes. Its points are the places of `search`; the cells of a point
    are its seeds.
    """

    def __init__(self, refined: Refined, at: dict[str, int], number: int, probes: int) -> None:
        self.at, self._refined = at, refined
        lattice = refined.lattice
        self.search = Search(lattice, self._rows(lattice), probes, number)

    def cells(self, points: Index) -> Cells:
        """The cells of points, those of one point side by side."""
        refined = self._refined
        count = refined.seeds
        codes: dict[str, Codes] = dict.fromkeys(
            refined.values, np.broadcast_to(np.int32(0), (len(points) * count,))
        )
        for name, code in self.at.items():
            codes[name] = np.full(len(points) * count, code, dtype=np.int32)
        places = refined.lattice.places(points)
        for axis, name in enumerate(refined.axes):
            codes[name] = np.repeat(places[:, axis], count).astype(np.int32)
        if SEED in refined.grid.axes:
            codes[SEED] = np.tile(np.arange(count, dtype=np.int32), len(points))
        return Cells(refined.values, codes)

    def go_on(self, look: Look) -> None:
        """Tell the search all that is known, until it waits for something."""
        while len(pending := self.search.pending):
            labels = np.full(len(pending), NEITHER, dtype=np.int32)
            inside = self.inside(pending)
            labels[inside] = look(self.cells(pending[inside]), self._refined.seeds)
            self.search.tell(labels)
            if UNKNOWN in labels:
                return

    def inside(self, points: Index) -> Truths:
        """Which points the grid does not exclude."""
        if not self._refined.grid.excludes:
            return np.ones(len(points), dtype=np.bool_)
        cells = self.cells(points).take(np.arange(len(points)) * self._refined.seeds)
        return allowed(self._refined.grid, cells)

    def _rows(self, lattice: Lattice) -> list[int]:
        """The axes along which one trajectory answers all, where they are no longer than that."""
        model, rows = self._refined.grid.model, []
        for axis, name in enumerate(self._refined.axes):
            length = lattice.shape[axis]
            if name not in model.answered_together or length > LONGEST_ROW:
                continue
            step = int(np.prod(lattice.shape[axis + 1 :]))
            row = self.cells(step * np.arange(length, dtype=np.int64))
            row = row.take(np.arange(length) * self._refined.seeds)
            if all(len(np.unique(key)) == 1 for key in model.dynamics_keys(row)):
                rows.append(axis)
        return rows


def allowed(grid: Grid, cells: Cells) -> Truths:
    """Which cells the grid does not exclude."""
    named = {}
    for parameter in grid.model.parameters:
        values = cells.values[parameter.name]
        if len(values) > 1:
            values = tuple(values[code] for code in cells.codes[parameter.name])
        shape = (len(values),) if len(values) > 1 else ()
        named[parameter.name] = Operand(parameter, values, shape)
    kept = np.ones(len(cells), dtype=np.bool_)
    for exclude in grid.excludes:
        kept &= ~exclude.holds(named)
    return kept


LONGEST_ROW = 300
"""A row of at most so many cells, all answered by one trajectory, is computed as a whole. Longer
ones would be most of the finest grid, of which hardly anything is on the boundary."""


class Refined:
    """A grid with its boundary computed finely, as far as the answers that are known lead.

    grid: the coarsest level. finest: the grid of which cells are wanted.
    """

    def __init__(self, grid: Grid) -> None:
        assert grid.refine is not None
        self.grid, self.settings = grid, grid.refine
        self.axes = tuple(grid.refine.axes)
        counts = tuple(len(grid.axes[name].values) for name in self.axes)
        self.lattice = Lattice(counts, grid.refine.levels)
        self.all_axes = {name: grid.refine.axes.get(name, axis) for name, axis in grid.axes.items()}
        self.values: dict[str, tuple[Value, ...]] = {
            p.name: self.all_axes[p.name].values
            if p.name in self.all_axes
            else (grid.fixed[p.name],)
            for p in grid.model.parameters
        }
        self.seeds = len(grid.axes[SEED].values) if SEED in grid.axes else 1
        self.panels = self._panels(grid.refine)

    def go_on(self, look: Look) -> None:
        """Follow the boundary as far as answers are known."""
        for panel in self.panels:
            panel.go_on(look)

    @property
    def finished(self) -> bool:
        """Whether nothing more will be wanted."""
        return all(panel.search.finished for panel in self.panels)

    @property
    def level(self) -> int:
        """At which level the search is, the coarsest of all panels."""
        return min(panel.search.level for panel in self.panels)

    @property
    def full(self) -> int:
        """How many cells the finest grid has, with what it excludes."""
        return len(self.panels) * int(np.prod(self.lattice.shape)) * self.seeds

    def wanted(self) -> ListedGrid:
        """The cells that are wanted, in the order of the finest grid."""
        parts = []
        for panel in self.panels:
            points = panel.search.points()
            parts.append(panel.cells(points[panel.inside(points)]))
        codes = {
            name: np.concatenate([part.codes[name] for part in parts])
            if len(self.values[name]) > 1
            else np.broadcast_to(np.int32(0), (sum(map(len, parts)),))
            for name in self.values
        }
        order = np.lexsort([codes[name] for name in reversed(self.all_axes)])
        cells = Cells(self.values, codes).take(order)
        return listed(self.grid, cells, axes=self.all_axes)

    def _panels(self, settings: Refinement) -> list[Panel]:
        cells = self._combinations
        share, rest = divmod(settings.probes, len(cells))
        names = [name for name in self.grid.axes if name not in (*self.axes, SEED)]
        return [
            Panel(self, {n: int(cells.codes[n][i]) for n in names}, i, share + (i < rest))
            for i in range(len(cells))
        ]

    @cached_property
    def _combinations(self) -> Cells:
        """The combinations of the axes that are not refined, which may be excluded in part."""
        grid = self.grid
        factors = product_factors(grid.swept, grid.zipped)
        names = [n for f in factors if not {*self.axes, SEED} & {*f} for n in f]
        fixed = {name: values[0] for name, values in grid.swept.items() if name not in names}
        return expand(
            grid.model.parameters,
            {**grid.fixed, **fixed},
            {name: grid.swept[name] for name in names},
            [group for group in grid.zipped if set(group) <= set(names)],
        )
