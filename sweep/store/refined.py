"""The cells that a refined grid wants, from its saved results alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from sweep.errors import Warn
from sweep.grid import Grid
from sweep.grid.refinement.boxes import NEITHER, UNKNOWN, Labels
from sweep.grid.refinement.panels import Refined
from sweep.grid.refinement.settings import FRACTION, STATUS, Refinement
from sweep.models.cells import Cells
from sweep.models.seeds import Rows, fraction, majority, median
from sweep.models.status import FAILED, MISSING, status_codes
from sweep.ode.arrays import Floats
from sweep.store import identities
from sweep.store.folder import Folder
from sweep.store.schema import schema

BELOW, ABOVE, NO_VALUE = 0, 1, 2


class Answers:
    """What is saved of a grid, as labels of its cells."""

    def __init__(self, grid: Grid, folder: Folder, warn: Warn) -> None:
        assert grid.refine is not None
        self._grid, self._settings = grid, grid.refine
        self._column = None if grid.refine.by in (STATUS, FRACTION) else grid.refine.by
        columns = ["status", *([self._column] if self._column else [])]
        declared = pa.schema([f for f in schema(grid.model) if f.name in ("cell_id", *columns)])
        table = folder.read(columns, warn, declared)
        table = declared.empty_table() if table is None else table
        self._ids = identities.parsed(table["cell_id"])
        self._status = np.append(status_codes(table["status"].to_pylist()), np.int8(MISSING))
        values = np.full(len(table), np.nan)
        if self._column in table.column_names:
            values = table[self._column].cast(pa.float64()).to_numpy(zero_copy_only=False)
        self._values: Floats = np.append(values, np.nan)

    def labels(self, cells: Cells, seeds: int) -> Labels:
        """The label of every place; `seeds` cells in a row are of one place."""
        if not len(cells):
            return np.empty(0, dtype=np.int32)
        at = identities.positions(identities.of_cells(self._grid, cells), self._ids)
        places = len(cells) // seeds
        rows = Rows(np.repeat(np.arange(places), seeds), places, self._status[at], self._values[at])
        return labels(rows, self._settings)


def labels(rows: Rows, settings: Refinement) -> Labels:
    """On which side every place lies, by what its seeds come to together."""
    status = majority(rows)
    if settings.by == STATUS:
        found = status.astype(np.int32)
    else:
        values = (
            fraction(rows)
            if settings.by == FRACTION
            else median(rows, timed=settings.by == "time_to_target")
        )
        if settings.level is None:
            # Beside the integers there is one label for what has none of them.
            low = np.floor(values)
            found = np.where(np.isnan(values), 0, 1 + np.nan_to_num(low)).astype(np.int32)
        else:
            found = np.where(values > settings.level, ABOVE, BELOW)
            found = np.where(np.isnan(values), NO_VALUE, found).astype(np.int32)
    found = np.where(status == FAILED, NEITHER, found)
    return np.where(rows.count(MISSING) > 0, UNKNOWN, found).astype(np.int32)


def known_so_far(grid: Grid, folder: Folder, warn: Warn) -> Refined | None:
    """The boundary of a refined grid, as far as its saved rows lead; None of a plain grid."""
    if grid.refine is None:
        return None
    refined = Refined(grid)
    refined.go_on(Answers(grid, folder, warn).labels)
    return refined


def with_wanted(grid: Grid, folder: Folder, warn: Warn) -> Grid:
    """The grid itself, or of a refined one the cells wanted so far, on its finest axes."""
    refined = known_so_far(grid, folder, warn)
    return grid if refined is None else refined.wanted()
