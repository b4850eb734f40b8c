"""What is known of a grid, from its saved results alone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from sweep.cells import Cells
from sweep.grid import Grid, cell_ids
from sweep.models.base import STATUSES
from sweep.plan import Known
from sweep.store.folder import Folder, Warn
from sweep.store.lock import tried
from sweep.store.schema import parameter_column, schema


def open_folder(results: Path, name: str, warn: Warn) -> Folder:
    """The results of a grid; an interrupted compaction is finished first, if nobody is at work."""
    folder = Folder(results, name)
    if folder.is_compacting():
        with tried(folder.aside) as held:
            if held:
                folder.repair(warn)
    return folder


def known(folder: Folder, warn: Warn) -> Known:
    """The identity and status of every saved row."""
    table = folder.read(["cell_id", "status"], warn)
    if table is None:
        return Known()
    codes = {status: code for code, status in enumerate(STATUSES)}
    status = table["status"].combine_chunks().dictionary_encode()
    lookup = np.array([codes[word] for word in status.dictionary.to_pylist()], dtype=np.int8)
    ids = np.array(table["cell_id"].to_numpy(zero_copy_only=False), dtype="S32")
    return Known(ids, lookup[status.indices.to_numpy()])


def frame(
    grid: Grid, folder: Folder, warn: Warn, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """A row for every cell of the grid, in its order; status is null where it is still missing.

    columns: the result columns wanted beside `status` and the parameters; all by default.
    """
    cells = grid.cells()
    ids = pa.array(cell_ids(cells, grid.model, grid.solver))
    wanted = None if columns is None else [*dict.fromkeys(["cell_id", "status", *columns])]
    table = folder.read(wanted, warn)
    results = [name for name in schema(grid.model).names if name not in cells.values]
    result = _parameters(grid, cells)
    result.insert(0, "cell_id", pd.Series(ids.to_pandas(), index=result.index))
    if table is None:
        return result.assign(status=pd.Series(pd.NA, index=result.index, dtype="object"))
    table = table.select([name for name in table.column_names if name in results])
    at = pc.index_in(ids, value_set=table["cell_id"].combine_chunks())
    found = table.drop_columns(["cell_id"]).combine_chunks().take(at)
    columns_found: pd.DataFrame = found.to_pandas()
    return pd.concat([result, columns_found], axis="columns")


def _parameters(grid: Grid, cells: Cells) -> pd.DataFrame:
    index = np.arange(len(cells))
    columns = {
        parameter.name: parameter_column(cells, parameter, index).to_pandas()
        for parameter in grid.model.parameters
    }
    return pd.DataFrame(columns)
