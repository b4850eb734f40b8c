"""Rows of cells that a grid no longer has: which those are, and their removal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sweep.errors import UsageError, Warn
from sweep.grid import Grid
from sweep.grid.refinement.panel import allowed
from sweep.grid.refinement.panels import Refined
from sweep.models.cells import Cells
from sweep.models.parameters import Parameter, Value, canonical
from sweep.ode.arrays import Truths
from sweep.store.folder import Folder
from sweep.store.identities import of_cells, parsed, positions
from sweep.store.known import none_yet
from sweep.store.lock import locked
from sweep.store.metadata import describe
from sweep.store.refined import known_so_far
from sweep.store.schema import parameter_column, schema
from sweep.store.tables import conformed

Values = Mapping[str, tuple[Value, ...]]
Codes = Mapping[str, NDArray[np.int32]]


@dataclass(frozen=True)
class Superfluous:
    """Of so many saved rows, the identities of those that are no cells of the grid.

    off: for a parameter, how many of these have a value that the grid does not have.
    """

    rows: int
    ids: pa.Array
    off: dict[str, int]
    alike: int
    """How many have values of the grid only: of other solver settings, of another version of the
    model, or excluded."""


def superfluous(grid: Grid, folder: Folder, warn: Warn) -> Superfluous:
    """The rows that are no cells of the grid. Raises UsageError where there are no rows.

    Of a refined grid all that lies on its finest axes is a cell, wanted so far or not; as long as
    the search is not done, so is all between these by which it may yet bracket a crossing.
    """
    names = [parameter.name for parameter in grid.model.parameters]
    table = folder.read(names, warn)
    if table is None:
        raise UsageError(none_yet(grid, folder))
    refined = known_so_far(grid, folder, lambda _: None)
    wanted = grid if refined is None else refined.all_wanted()
    saved = parsed(table["cell_id"])
    kept = positions(saved, of_cells(wanted.cells(), grid.model, grid.solver)) >= 0
    values = _values(grid)
    codes = {p.name: _codes(table, p, values) for p in grid.model.parameters}
    if refined is not None:
        kept |= _on_lattice(grid, saved, values, codes)
        if refined.settings.tolerance is not None and not refined.finished:
            for axis in refined.axes:
                kept |= _on_lattice(grid, saved, *_with_between(axis, table, values, codes))
    off = {name: int((found[~kept] < 0).sum()) for name, found in codes.items()}
    anywhere = reduce(np.logical_or, (found < 0 for found in codes.values()))
    return Superfluous(
        rows=len(table),
        ids=saved.filter(pa.array(~kept)),
        off={name: number for name, number in off.items() if number},
        alike=int((~kept & ~anywhere).sum()),
    )


def prune(grid: Grid, folder: Folder, warn: Warn) -> Superfluous:
    """Remove the rows that are no cells of the grid; what was removed.

    As in a merge of files, there is the old state or the new one, whatever is killed. Raises
    UsageError where another is at work, and where nobody can be kept out.
    """
    model = grid.model
    metadata = describe(model.name, grid.text, model.version, model.source_text)
    superfluous(grid, folder, lambda _: None)  # whatever is wrong, before anything is written
    folder.prepare()
    with locked(folder.aside, None, warn) as lock, lock.exclusively() as held:
        if not held:
            raise UsageError(
                f"{folder.path}: nothing is dropped where others cannot be kept from writing; copy "
                "it to a disk with locks, and prune the copy"
            )
        with folder.being_written():
            folder.repair(warn, schema(model))
            found = superfluous(grid, folder, warn)
            if len(found.ids):
                columns = folder.schema_with(schema(model))
                folder.compact(columns, metadata, drop=found.ids)
    return found


def _values(grid: Grid) -> Values:
    if grid.refine is not None:
        return Refined(grid).values
    fixed = {name: (value,) for name, value in grid.fixed.items()}
    return {**fixed, **grid.swept}


def _codes(table: pa.Table, parameter: Parameter, values: Values) -> NDArray[np.int32]:
    """For every row the place of its value among those of the grid; -1 where it is none of them."""
    name = parameter.name
    each = np.arange(len(values[name]))
    cells = Cells({name: values[name]}, {name: each.astype(np.int32)})
    there = parameter_column(cells, parameter, each)
    try:
        column = conformed(table.select([name]), pa.schema([(name, there.type)]))[name]
    except (KeyError, UsageError):  # of another model, or of another version of this one
        return np.full(len(table), -1, dtype=np.int32)
    if parameter.later:  # than the file, which means its default
        default = parameter.default
        is_text = there.type == pa.string() and not isinstance(default, str)
        column = column.fill_null(canonical(default) if is_text else default)
    found: NDArray[np.int32] = pc.index_in(column, value_set=there).fill_null(-1).to_numpy()
    return found


def _with_between(axis: str, table: pa.Table, values: Values, codes: Codes) -> tuple[Values, Codes]:
    """The values and codes with those of the rows between the ends of a refined axis added."""
    known = values[axis]
    ends = min(known), max(known)
    try:
        numbers = conformed(table.select([axis]), pa.schema([(axis, pa.float64())]))[axis]
    except (KeyError, UsageError):  # as of `_codes`
        return values, codes
    column = numbers.to_numpy(zero_copy_only=False)
    new = (codes[axis] < 0) & (ends[0] < column) & (column < ends[1])
    found, places = np.unique(column[new], return_inverse=True)
    extended = codes[axis].copy()
    extended[new] = len(known) + places
    return {**values, axis: (*known, *found.tolist())}, {**codes, axis: extended}


def _on_lattice(grid: Grid, saved: pa.Array, values: Values, codes: Codes) -> Truths:
    """Which saved rows are cells on the finest axes, with the identity that they have there."""
    kept: Truths = np.all([found >= 0 for found in codes.values()], axis=0)
    for group in grid.zipped:
        together = set(zip(*(values[name] for name in group), strict=True))
        kept &= [
            tuple(values[name][i] for name, i in zip(group, place, strict=True)) in together
            for place in zip(*(codes[name] for name in group), strict=True)
        ]
    rows = np.flatnonzero(kept)
    cells = Cells(values, {name: found[rows] for name, found in codes.items()})
    if len(rows):
        ids = of_cells(cells, grid.model, grid.solver)
        same = pc.equal(ids, saved.take(pa.array(rows))).to_numpy(False)
        kept[rows] = same & allowed(grid, cells)
    return kept
