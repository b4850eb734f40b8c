"""What is known of a grid, from its saved results alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sweep.grid import Grid, cell_ids
from sweep.models.base import STATUSES
from sweep.plan import Known
from sweep.store.folder import Folder, Warn, conformed
from sweep.store.schema import parameter_column, schema

if TYPE_CHECKING:
    import pandas as pd


def known(folder: Folder, warn: Warn) -> Known:
    """The identity and status of every saved row."""
    table = folder.read(["cell_id", "status"], warn)
    if table is None:
        return Known()
    codes = {status: code for code, status in enumerate(STATUSES)}
    status = table["status"].combine_chunks().dictionary_encode()
    lookup = np.array([codes[word] for word in status.dictionary.to_pylist()], dtype=np.int8)
    return Known(table["cell_id"].combine_chunks(), lookup[status.indices.to_numpy()])


def frame(
    grid: Grid, folder: Folder, warn: Warn, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """A row for every cell of the grid, in its order; status is null where it is still missing.

    columns: the result columns wanted beside `status` and the parameters; all by default.
    """
    import pandas as pd  # slow to import, and most commands do without

    cells = grid.cells()
    ids = pa.array(cell_ids(cells, grid.model, grid.solver), pa.string())
    index = np.arange(len(cells))
    parameters = {
        parameter.name: parameter_column(cells, parameter, index).to_pandas()
        for parameter in grid.model.parameters
    }
    result = pd.DataFrame({"cell_id": ids.to_pandas(), **parameters})
    table = folder.read(columns, warn)
    if table is None:
        return result.assign(status=pd.Series(pd.NA, index=result.index, dtype="object"))
    # A column of this version that no file has yet is there, and empty.
    wanted = [
        field
        for field in schema(grid.model)
        if field.name not in result and (columns is None or field.name in (*columns, "status"))
    ]
    at = pc.index_in(ids, value_set=table["cell_id"].combine_chunks())
    found: pd.DataFrame = conformed(table, pa.schema(wanted)).combine_chunks().take(at).to_pandas()
    return pd.concat([result, found], axis="columns")
