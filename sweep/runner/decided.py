"""Cells that saved rows of another window answer: reached there, and within this window as well.

The window only says when an integration may end. A trajectory that meets its target before that is
the same, bit for bit, in a longer or a shorter window, and so is all that the row says of it; its
cost is that of the trajectory that answered the cell. Of everything else a saved row does not tell
enough: of a cell that did not reach its target, where it was at the end of a shorter window; of a
trajectory, when it met a higher target.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sweep.errors import Warn
from sweep.models.cells import Cells
from sweep.models.status import REACHED
from sweep.runner.plan import Plan
from sweep.store.folder import Folder
from sweep.store.identities import in_words, of_cells, one_each, parsed, positions
from sweep.store.tables import concatenated, conformed

BEYOND = 1.0 + 1e-9
"""A window that ends so close to the crossing that rounding decides is computed."""

MOST_WINDOWS = 100
"""So many are looked up, of those that saved rows have."""


class Decided:
    """Of the rows in a grid's own folder. taken: how many cells they have answered."""

    def __init__(
        self, folder: Folder, columns: pa.Schema, metadata: dict[str, str], warn: Warn
    ) -> None:
        self._folder, self._columns, self._metadata = folder, columns, metadata
        self._warn = warn
        self.taken = 0

    def take(self, plan: Plan) -> pa.Array | None:
        """Write the rows of those that the plan is to compute; their identities, None of none."""
        found = decided(plan, self._folder, self._warn)
        if found is None:
            return None
        with self._folder.being_written():
            self._folder.write(conformed(found, self._columns), self._metadata)
        self._folder.check_place()
        self.taken += len(found)
        return parsed(found["cell_id"])


def decided(plan: Plan, folder: Folder, warn: Warn) -> pa.Table | None:
    """Rows of cells that the plan is to compute, made of saved ones; None where there are none."""
    if not plan.model.window_only_ends or not len(plan.todo):
        return None
    window = plan.model.window
    saved = folder.read([window, "time_to_target"], warn)
    if saved is None or not _others(saved, plan):
        return None
    whole = folder.read(None, warn)
    if whole is None:
        return None
    reached = whole.filter(pc.equal(whole["status"], REACHED.word))
    parts = list(_parts(plan, reached))
    if not parts:
        return None
    table = concatenated(parts)
    alike = np.zeros(len(table), dtype=np.bool_)
    return table.filter(pa.array(one_each(parsed(table["cell_id"]), alike)))


def _others(saved: pa.Table, plan: Plan) -> bool:
    """Whether some row that reached its target has another window than all that is asked for."""
    window = plan.model.window
    codes = np.unique(plan.cells.codes[window][plan.todo])
    asked = [float(plan.cells.values[window][code]) for code in codes]
    there = saved.filter(pc.equal(saved["status"], REACHED.word))[window].unique().to_pylist()
    return bool({*there} - {*asked}) or (len(asked) > 1 and bool(there))


def _parts(plan: Plan, reached: pa.Table) -> Iterator[pa.Table]:
    """For every window that rows have, those that answer a cell of another one."""
    window = plan.model.window
    cells = plan.cells.take(plan.todo)
    ids = in_words(plan.ids.take(pa.array(plan.todo)))
    known = parsed(reached["cell_id"])
    ends = cells.numbers(window)
    nowhere = np.broadcast_to(np.int32(0), (len(cells),))
    for other in sorted(filter(None, reached[window].unique().to_pylist()))[-MOST_WINDOWS:]:
        asked_there = Cells({**cells.values, window: (other,)}, {**cells.codes, window: nowhere})
        at = positions(of_cells(asked_there, plan.model, plan.solver), known)
        found = np.flatnonzero(at >= 0)
        rows = reached.take(pa.array(at[found]))
        times = rows["time_to_target"].to_numpy()
        within = times * BEYOND < ends[found]
        rows, found = rows.filter(pa.array(within)), found[within]
        if len(found):
            renamed = rows.set_column(
                rows.column_names.index("cell_id"), "cell_id", ids.take(found)
            )
            place = renamed.column_names.index(window)
            yield renamed.set_column(place, renamed.schema.field(window), pa.array(ends[found]))
