"""The cells that a refined grid wants, from its saved results alone."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sweep.errors import Warn
from sweep.grid import Grid
from sweep.grid.refinement.boxes import NEITHER, UNKNOWN, Labels
from sweep.grid.refinement.panels import Refined
from sweep.grid.refinement.settings import FLOATS, FRACTION, STATUS, Refinement
from sweep.models.cells import Cells
from sweep.models.seeds import Rows, fraction, majority, median
from sweep.models.status import FAILED, MISSING, NOT_REACHED, REACHED
from sweep.ode.arrays import Floats, Index
from sweep.store import identities
from sweep.store.folder import Folder
from sweep.store.known import Known, codes_of
from sweep.store.schema import schema

BELOW, ABOVE, NO_VALUE = 0, 1, 2


class Answers:
    """What is saved of a grid, as labels of its cells.

    without: identities of cells that count as if they had no rows.
    """

    def __init__(
        self, grid: Grid, folder: Folder, warn: Warn, without: pa.Array | None = None
    ) -> None:
        assert grid.refine is not None
        self._grid, self._settings = grid, grid.refine
        self._column = None if grid.refine.by in (STATUS, FRACTION) else grid.refine.by
        measured = ["time_to_target", "error_final"] if grid.refine.by == STATUS else []
        columns = ["status", *([self._column] if self._column else measured)]
        declared = pa.schema([f for f in schema(grid.model) if f.name in ("cell_id", *columns)])
        table = folder.read(columns, warn, declared)
        table = declared.empty_table() if table is None else table
        self._ids = identities.parsed(table["cell_id"])
        if without is not None:
            kept = pc.invert(pc.is_in(self._ids, value_set=without))
            table, self._ids = table.filter(kept), self._ids.filter(kept)
        self._status = np.append(codes_of(table["status"]), np.int8(MISSING))
        self._numbers = {name: _numbers(table, name) for name in columns if name != "status"}

    @property
    def known(self) -> Known:
        """The identity and status of every saved row."""
        return Known(self._ids, self._status[:-1])

    def __bool__(self) -> bool:
        """Whether anything is saved."""
        return len(self._ids) > 0

    def labels(self, cells: Cells, seeds: int) -> Labels:
        """The label of every place; `seeds` cells in a row are of one place."""
        if not len(cells):
            return np.empty(0, dtype=np.int32)
        at = self._at(cells)
        places = len(cells) // seeds
        values = self._numbers[self._column][at] if self._column else np.full(len(at), np.nan)
        rows = Rows(np.repeat(np.arange(places), seeds), places, self._status[at], values)
        return labels(rows, self._settings)

    def progress(self, cells: Cells, seeds: int) -> Floats:
        """On every place what is continuous on its side, and vanishes on the boundary.

        Of the status that is log(time / window) where the target is reached, and where it is not
        log(error_final / target); of a column with a level the column over its level. NaN where
        there is nothing, as for several seeds.
        """
        settings, found = self._settings, np.full(len(cells) // seeds, np.nan)
        if seeds > 1 or not len(cells) or (self._column and settings.level is None):
            return found
        at = self._at(cells)
        with np.errstate(all="ignore"):
            if settings.by == STATUS:
                time, error = self._numbers["time_to_target"][at], self._numbers["error_final"][at]
                found = np.log(time / cells.numbers(self._grid.model.window))
                beyond = np.log(error / cells.numbers("target_error"))
                status = self._status[at]
                found = np.where(status == REACHED, found, np.nan)
                found = np.where(status == NOT_REACHED, beyond, found)
            elif self._column and settings.level is not None:
                column = self._numbers[self._column][at]
                positive = settings.level > 0 and self._column in FLOATS
                found = np.log(column / settings.level) if positive else column - settings.level
        return np.where(np.isfinite(found), found, np.nan)

    def _at(self, cells: Cells) -> Index:
        """The rows of cells; that behind the last where there is none."""
        ids = identities.of_cells(cells, self._grid.model, self._grid.solver)
        return identities.positions(ids, self._ids)


def _numbers(table: pa.Table, name: str) -> Floats:
    """A column as numbers, with NaN for what has none, and behind the last row."""
    values = np.full(len(table), np.nan)
    if name in table.column_names:
        values = table[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
    return np.append(values, np.nan)


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
    refined.go_on(Answers(grid, folder, warn))
    return refined


def with_wanted(grid: Grid, folder: Folder, warn: Warn) -> Grid:
    """The grid itself, or of a refined one the cells wanted so far, on its finest axes."""
    refined = known_so_far(grid, folder, warn)
    return grid if refined is None else refined.wanted()
