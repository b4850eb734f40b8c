"""Many files of rows made one, of which a few row groups at most are in memory at any time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import pyarrow as pa

from sweep.ode.arrays import Truths
from sweep.store import identities, parquet
from sweep.store.parquet import ROW_GROUP, is_sealed
from sweep.store.tables import conformed, failed, in_groups


@dataclass(frozen=True)
class Merging:
    """Of `parts` into one file of a schema; stays: which of all their rows are to be in it."""

    parts: Sequence[Path]
    schema: pa.Schema
    stays: Truths

    @property
    def changes_nothing(self) -> bool:
        """Whether the one file would be as the only one is."""
        if len(self.parts) != 1:
            return not self.parts
        (part,) = self.parts
        return is_sealed(part) and parquet.schema_of(part) == self.schema and bool(self.stays.all())

    def write(self, metadata: dict[str, str], to: IO[bytes]) -> None:
        """Write the one file. Raises as `parquet.load`."""
        tables = in_groups(self._kept(), ROW_GROUP)
        whole = (conformed(table, self.schema) for table in tables)
        parquet.write(whole, self.schema, metadata, to)

    def _kept(self) -> Iterator[pa.Table]:
        start = 0
        for part in self.parts:
            for table in parquet.groups(part):
                stays = self.stays[start : start + len(table)]
                start += len(table)
                yield table if stays.all() else table.filter(pa.array(stays))


def merging(parts: Sequence[Path], schema: pa.Schema, drop: pa.Array | None = None) -> Merging:
    """The merging of files to one row a cell, without those whose identities are in `drop`.

    Raises as `parquet.load`.
    """
    ids, least = [], []
    for part in parts:
        for table in parquet.groups(part, ()):
            ids.append(identities.parsed(table["cell_id"]))
            least.append(failed(table))
    if not ids:
        return Merging(parts, schema, np.empty(0, dtype=np.bool_))
    together = pa.concat_arrays(ids)
    stays = identities.one_each(together, np.concatenate(least))
    if drop is not None:
        stays &= identities.positions(together, drop) < 0
    return Merging(parts, schema, stays)
