"""What is known of a grid, from its saved results alone."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sweep.errors import UsageError, Warn
from sweep.grid import Grid, cell_ids
from sweep.models.cells import Cells
from sweep.models.status import REACHED, StatusCodes, status_codes
from sweep.store.folder import Folder
from sweep.store.schema import parameter_column, schema
from sweep.store.tables import conformed

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Known:
    """What the results say: cell_id and status of every row."""

    ids: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))
    status: StatusCodes = field(default_factory=lambda: np.empty(0, np.int8))


def known(folder: Folder, warn: Warn) -> Known:
    """The identity and status of every saved row."""
    table = folder.read(["cell_id", "status"], warn)
    if table is None:
        return Known()
    status = table["status"].combine_chunks().dictionary_encode()
    codes = status_codes(status.dictionary.to_pylist())
    return Known(table["cell_id"].combine_chunks(), codes[status.indices.to_numpy()])


def with_reached(found: Known, ids: pa.ChunkedArray) -> Known:
    """What is known, and that these cells reach their target."""
    new = np.full(len(ids), REACHED, dtype=np.int8)
    return Known(
        pa.concat_arrays([found.ids, ids.combine_chunks()]), np.concatenate([found.status, new])
    )


def looked_up(grid: Grid, folder: Folder, warn: Warn) -> Known:
    """The identity and status of every saved row; a line says where there is none."""
    found = known(folder, warn)
    if not len(found.ids):
        warn(none_yet(grid, folder))
    return found


def frame(
    grid: Grid, folder: Folder, warn: Warn, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """A row for every cell of the grid, in its order; status is null where it is still missing.

    columns: the result columns wanted beside `status` and the parameters; all by default. Raises
    UsageError where there are no results at all.
    """
    import pandas as pd  # slow to import, and most commands do without

    answers = _answers(grid, columns)
    table = folder.read(columns, warn, answers)
    if table is None:
        raise UsageError(none_yet(grid, folder))
    cells = grid.cells()
    ids = pa.array(cell_ids(cells, grid.model, grid.solver), pa.string())
    at = pc.index_in(ids, value_set=table["cell_id"].combine_chunks())
    # A column of this version that no file has yet is there, and empty.
    found: pd.DataFrame = conformed(table.take(at), answers).to_pandas()
    named = pd.DataFrame({"cell_id": ids.to_pandas()})
    return pd.concat([named, _parameters(grid, cells), found], axis="columns")


def blank(grid: Grid, columns: Sequence[str]) -> pd.DataFrame:
    """The frame of a grid of which no cell is computed, without the identities."""
    cells = grid.cells()
    parameters = _parameters(grid, cells)
    nulls = _answers(grid, columns).empty_table().to_pandas().reindex(parameters.index)
    return parameters.join(nulls)


def _parameters(grid: Grid, cells: Cells) -> pd.DataFrame:
    import pandas as pd

    index = np.arange(len(cells))
    return pd.DataFrame(
        {
            parameter.name: parameter_column(cells, parameter, index).to_pandas()
            for parameter in grid.model.parameters
        }
    )


def _answers(grid: Grid, columns: Sequence[str] | None) -> pa.Schema:
    """The columns of results that are no parameters: `status`, and those wanted."""
    named = {"cell_id", *(parameter.name for parameter in grid.model.parameters)}
    fields = [field for field in schema(grid.model) if field.name not in named]
    return pa.schema(
        [field for field in fields if columns is None or field.name in (*columns, "status")]
    )


def none_yet(grid: Grid, folder: Folder) -> str:
    """That there are no results, where they would be, and what makes them."""
    there = "" if folder.path.is_dir() else ", nor such a folder"
    results = str(folder.results)
    if grid.path is None:
        command, option = f"sweep.run(grid, results={results!r})", "as results"
    else:
        command = shlex.join(["sweep", "run", str(grid.path), "--results", results])
        option = "with --results"
    return (
        f"{folder.path}: no results yet{there}; `{command}` makes them, or give the folder that "
        f"has them {option}"
    )
