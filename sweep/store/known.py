"""What is known of a grid, from its saved results alone."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from sweep.errors import UsageError, Warn
from sweep.grid import Grid
from sweep.models.cells import Cells
from sweep.models.status import REACHED, StatusCodes, status_codes
from sweep.store import identities
from sweep.store.folder import Folder
from sweep.store.schema import parameter_column, parameter_values, schema
from sweep.store.tables import conformed

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Known:
    """What the results say: the identity (see `identities`) and the status of every row."""

    ids: pa.Array = field(default_factory=lambda: pa.array([], identities.KIND))
    status: StatusCodes = field(default_factory=lambda: np.empty(0, np.int8))


def known(folder: Folder, warn: Warn) -> Known:
    """The identity and status of every saved row."""
    table = folder.read(["cell_id", "status"], warn)
    if table is None:
        return Known()
    return Known(identities.parsed(table["cell_id"]), codes_of(table["status"]))


def codes_of(status: pa.ChunkedArray) -> StatusCodes:
    """The codes of a column of status words."""
    words = status.combine_chunks().dictionary_encode()
    codes: StatusCodes = status_codes(words.dictionary.to_pylist())[words.indices.to_numpy()]
    return codes


def with_reached(found: Known, ids: pa.Array) -> Known:
    """What is known, and that these cells reach their target."""
    new = np.full(len(ids), REACHED, dtype=np.int8)
    return Known(pa.concat_arrays([found.ids, ids]), np.concatenate([found.status, new]))


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

    ids, found = _found(grid, folder, warn, _answers(grid, columns))
    named = pd.DataFrame({"cell_id": identities.in_words(ids).to_pandas()})
    answers: pd.DataFrame = found.to_pandas()
    return pd.concat([named, _parameters(grid, grid.cells()), answers], axis="columns")


def coded(grid: Grid, folder: Folder, warn: Warn, columns: Sequence[str]) -> pd.DataFrame:
    """As `frame`, for pictures: without the identities, and small even for millions of cells.

    Parameters that are not among `columns`, and the status, are categories.
    """
    _, found = _found(grid, folder, warn, _answers(grid, columns))
    return _coded(grid, columns, found)


def blank(grid: Grid, columns: Sequence[str]) -> pd.DataFrame:
    """What `coded` gives of a grid of which no cell is computed."""
    nulls = [(field, pa.nulls(len(grid.cells()), field.type)) for field in _answers(grid, columns)]
    return _coded(grid, columns, pa.table({field.name: column for field, column in nulls}))


def _found(grid: Grid, folder: Folder, warn: Warn, answers: pa.Schema) -> tuple[pa.Array, pa.Table]:
    """The identities of a grid's cells, and what is saved of each; nulls where there is nothing."""
    table = folder.read(answers.names, warn, answers)
    if table is None:
        raise UsageError(none_yet(grid, folder))
    ids = identities.of_cells(grid.cells(), grid.model, grid.solver)
    at = identities.positions(ids, identities.parsed(table["cell_id"]))
    # A column of this version that no file has yet is there, and empty.
    table = conformed(table.drop_columns("cell_id"), answers)
    return ids, table.take(pa.array(at, mask=at < 0))


def _coded(grid: Grid, columns: Sequence[str], found: pa.Table) -> pd.DataFrame:
    import pandas as pd

    cells, every = grid.cells(), np.arange(len(grid.cells()))
    status = found.schema.get_field_index("status")
    found = found.set_column(status, "status", found["status"].dictionary_encode())
    data: dict[str, object] = {}
    for parameter in grid.model.parameters:
        if parameter.name in columns:
            data[parameter.name] = parameter_column(cells, parameter, every).to_pandas()
        else:
            words = parameter_values(cells, parameter).to_pandas()
            codes = cells.codes[parameter.name]
            data[parameter.name] = pd.Categorical.from_codes(codes, words)
    return pd.DataFrame(data | {name: found[name].to_pandas() for name in found.column_names})


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


def none_yet(grid: Grid, folder: Folder, others: bool = False) -> str:
    """That there are no results, where they would be, and what makes them.

    others: there are rows, but none of the grid's cells.
    """
    there = "" if folder.path.is_dir() else ", nor such a folder"
    if others:
        there = (
            " of the grid's cells, only rows of others: of other values, solver settings or "
            "versions of the model"
        )
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
