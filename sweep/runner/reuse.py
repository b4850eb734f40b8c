"""Cells that another grid's results have already: they are copied, not computed.

A cell is the same wherever it was computed, by its identity. The rows are written with what their
own files say of their making.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sweep.errors import UsageError, Warn
from sweep.models.status import ANSWERED
from sweep.runner.plan import Plan
from sweep.store import parquet
from sweep.store.elsewhere import rows_at
from sweep.store.folder import Folder
from sweep.store.identities import parsed, positions
from sweep.store.tables import conformed


class Source:
    """The answered cells of a folder of results, without those in damaged files.

    Raises UsageError where it is no such folder.

    taken: how many were copied.
    """

    def __init__(self, path: Path, warn: Warn) -> None:
        self.path, self.taken = path, 0
        try:
            folder, table = rows_at(path, warn)
            self._made = folder.made()
        except UsageError as error:
            raise UsageError(f"--reuse: {error}") from error
        if table is None:
            table = pa.table({name: pa.array([], pa.string()) for name in ("cell_id", "status")})
        words = pa.array([status.word for status in ANSWERED])
        self._rows = table.filter(pc.is_in(table["status"], value_set=words))
        self._ids = parsed(self._rows["cell_id"])

    def take(
        self, plan: Plan, into: Folder, columns: pa.Schema, metadata: dict[str, str]
    ) -> pa.Array | None:
        """Copy those that the plan is to compute; their identities, None where there are none."""
        wanted = plan.ids.take(pa.array(plan.todo))
        at = positions(wanted, self._ids)
        there = at >= 0
        if not there.any():
            return None
        found = self._rows.take(pa.array(at[there]))
        with into.being_written():
            into.write(conformed(found, columns), parquet.made_by(metadata, self._made))
        into.check_place()
        self.taken += len(found)
        return wanted.filter(pa.array(there))


class Reuse:
    """Of several folders, each in its turn."""

    def __init__(
        self, sources: Sequence[Source], into: Folder, columns: pa.Schema, metadata: dict[str, str]
    ) -> None:
        self._sources, self._into = sources, into
        self._columns, self._metadata = columns, metadata

    def take(self, plan: Plan) -> pa.Array | None:
        """Copy, of what the plan is to compute, what the first folder has that has any of it."""
        for source in self._sources:
            copied = source.take(plan, self._into, self._columns, self._metadata)
            if copied is not None:
                return copied
        return None


def sources(paths: Sequence[Path], folder: Folder, warn: Warn) -> list[Source]:
    """The folders to copy from. Raises UsageError where one of them cannot be one."""
    for path in paths:
        if path.absolute().resolve() == folder.path.absolute().resolve():
            raise UsageError(f"--reuse: {path}: is where the grid's own results are")
    return [Source(path, warn) for path in paths]
