"""The searches of a grid, one a panel, and the cells that they ask for."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from sweep.grid.expansion import expand, product_factors
from sweep.grid.grid import Grid
from sweep.grid.listed import ListedGrid, listed
from sweep.grid.refinement.finest import Finest
from sweep.grid.refinement.panel import Look, Panel
from sweep.grid.refinement.settings import SEED
from sweep.models.cells import Cells, group_by, joined


class Refined(Finest):
    """A grid with its boundary computed finely, as far as the answers that are known lead.

    grid: the coarsest level.
    """

    def __init__(self, grid: Grid) -> None:
        super().__init__(grid)
        self.panels = self._panels()

    def go_on(self, look: Look) -> None:
        """Follow the boundary as far as answers are known."""
        for panel in self.panels:
            panel.go_on(look)

    @property
    def finished(self) -> bool:
        """Whether nothing more will be wanted."""
        return all(panel.finished for panel in self.panels)

    @property
    def level(self) -> int:
        """At which level the search is, the coarsest of all panels."""
        return min(panel.search.level for panel in self.panels)

    @property
    def full(self) -> int:
        """How many cells the finest grid has, with what it excludes."""
        return len(self.panels) * int(np.prod(self.lattice.shape)) * self.seeds

    def wanted(self) -> ListedGrid:
        """The cells of the finest grid that are wanted, in its order."""
        cells = joined([panel.wanted() for panel in self.panels])
        order = np.lexsort([cells.codes[name] for name in reversed(self.all_axes)])
        return listed(self.grid, cells.take(order), axes=self.all_axes)

    def all_wanted(self) -> ListedGrid:
        """These and, after them, the cells between them that bracket the crossings."""
        wanted = self.wanted()
        cells = joined([wanted.cells(), *(panel.between() for panel in self.panels)])
        # A bracket may ask again for a place that it knows.
        _, first = group_by([cells.codes[name] for name in cells.codes])
        return listed(wanted, cells.take(np.sort(first)))

    def pending(self) -> ListedGrid:
        """The cells whose answers are waited for; none once it is finished."""
        return listed(self.grid, joined([panel.pending() for panel in self.panels]))

    def _panels(self) -> list[Panel]:
        cells = self._combinations
        share, rest = divmod(self.settings.probes, len(cells))
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
