"""What saved trajectories have taken: some of a grid's own, or of other grids of the same model.

They serve forecasts. So no more is read than shows the pattern, and files that cannot be read are
passed over without a word.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sweep.errors import ParameterError, UsageError
from sweep.models.base import Model, Trajectory
from sweep.models.cells import group_by
from sweep.models.parameters import Parameter, canonical
from sweep.models.status import FAILED
from sweep.ode.arrays import Floats, Index
from sweep.store import parquet
from sweep.store.folder import Folder
from sweep.store.names import ASIDE, is_part
from sweep.store.parquet import DamagedFile
from sweep.store.schema import parameter_type
from sweep.store.tables import concatenated, conformed

MOST_FILES, MOST_FOLDERS, MOST_LOOKED_INTO = 4, 3, 30
"""So many files are read of a folder; so many folders of other grids, the latest, of so many."""

MOST_TRAJECTORIES = 128
"""So many show the pattern."""


@dataclass(frozen=True)
class Timings:
    """n trajectories that were computed before.

    columns: their parameters, as the results have them. seconds: what each has taken.
    """

    trajectories: list[Trajectory]
    columns: pa.Table
    seconds: Floats


def timings(model: Model, folder: Folder) -> Timings | None:
    """Those of the grid, else of others of this model among the results; None where there are none.

    Failed ones are left out.
    """
    found = _of_files(model, _latest(folder.path))
    if found is not None:
        return found
    files = (file for path in _siblings(folder) for file in islice(_latest(path), 1))
    return _of_files(model, files, most=MOST_FOLDERS)


def _siblings(folder: Folder) -> list[Path]:
    """The folders of other grids, the latest first."""
    with suppress(OSError), os.scandir(folder.results) as entries:
        others = [e for e in entries if e.name not in (folder.name, ASIDE) and e.is_dir()]
        others.sort(key=lambda entry: entry.stat().st_mtime, reverse=True)
        return [Path(entry.path) for entry in others[:MOST_LOOKED_INTO]]
    return []


def _latest(path: Path) -> Iterator[Path]:
    """The files of a folder of results, the latest first."""
    found: list[tuple[float, Path]] = []
    with suppress(OSError):
        found = [(file.stat().st_mtime, file) for file in path.iterdir() if is_part(file)]
    return (file for _, file in sorted(found, reverse=True))


def _of_files(model: Model, files: Iterator[Path], most: int = MOST_FILES) -> Timings | None:
    tables = islice((table for file in files if (table := _rows(model, file)) is not None), most)
    found = list(tables)
    if not found:
        return None
    try:
        return _one_each(model, concatenated(found))
    except ParameterError:  # the parameters of another version
        return None


def _rows(model: Model, file: Path) -> pa.Table | None:
    """Some rows of a file: the parameters, and what the trajectory of the row has taken."""
    declared = [(parameter.name, parameter_type(parameter)) for parameter in model.parameters]
    wanted = pa.schema([*declared, ("status", pa.string()), ("wall_s", pa.float64())])
    with suppress(DamagedFile, UsageError, OSError):
        table = parquet.some_rows(file, wanted.names, model.name)
        if table is None:
            return None
        table = conformed(table, wanted)
        counts = pc.and_(pc.not_equal(table["status"], FAILED.word), pc.is_valid(table["wall_s"]))
        table = table.filter(counts)
        return table if len(table) else None
    return None


def _one_each(model: Model, table: pa.Table) -> Timings:
    """Some of the trajectories of these rows.

    What a trajectory has taken stands in each of its rows, and is measured so finely that no two
    trajectories with the same parameters have taken the same.
    """
    shared = [p.name for p in model.parameters if p.name not in model.answered_together]
    keys = [_codes(table[name]) for name in ("wall_s", *shared)]
    label, first = group_by(keys)
    chosen = np.random.default_rng(0).permutation(len(first))[:MOST_TRAJECTORIES]
    columns = pa.table(
        {p.name: _without_nulls(p, table[p.name].take(first[chosen])) for p in model.parameters}
    )
    rows = [np.flatnonzero(label == one) for one in chosen]
    return Timings(
        [_trajectory(model, table, index) for index in rows],
        columns,
        table["wall_s"].to_numpy()[first[chosen]],
    )


def _codes(column: pa.ChunkedArray) -> Index:
    encoded = column.combine_chunks().dictionary_encode(null_encoding="encode")
    codes: Index = encoded.indices.to_numpy()
    return codes


def _without_nulls(parameter: Parameter, column: pa.ChunkedArray) -> pa.Array:
    """A parameter that is later than its file has its default there."""
    filled, default = column.combine_chunks(), parameter.default
    if not filled.null_count:
        return filled
    is_text = parameter_type(parameter) == pa.string() and not isinstance(default, str)
    return filled.fill_null(canonical(default) if is_text else default)


def _trajectory(model: Model, table: pa.Table, index: Index) -> Trajectory:
    """The trajectory that answered these rows."""
    varying, shared = {}, {}
    for parameter in model.parameters:
        column = _without_nulls(parameter, table[parameter.name].take(index))
        if parameter.name in model.answered_together:
            varying[parameter.name] = column.to_numpy().astype(np.float64)
        else:
            found = column[0].as_py()
            text = isinstance(found, str)
            shared[parameter.name] = parameter.parse(found) if text else parameter.coerce(found)
    return Trajectory(index, shared, varying)
