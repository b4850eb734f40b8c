"""Grids whose cells are no product of axes."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

from sweep.grid.grid import Grid
from sweep.models.cells import Cells


@dataclass(frozen=True)
class ListedGrid(Grid):
    """A grid whose cells are listed, instead of made from its axes."""

    listed: Cells = field(kw_only=True)

    def cells(self) -> Cells:
        """The list."""
        return self.listed


def listed(grid: Grid, cells: Cells, **changes: Any) -> ListedGrid:
    """A grid like this one, with these cells and other contents."""
    kept = {of.name: getattr(grid, of.name) for of in fields(Grid)}
    return ListedGrid(**{**kept, **changes}, listed=cells)
