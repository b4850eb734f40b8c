"""The two results that `diff` compares, and which of their rows are of the same cell.

Rows with one `cell_id` are. The others are paired by their parameters: another version of the model
or other solver settings give every cell another identity, but mean the same question.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sweep.errors import UsageError, Warn
from sweep.grid import Grid
from sweep.store.elsewhere import rows_at
from sweep.store.folder import Folder
from sweep.store.load import finished
from sweep.store.refined import with_wanted

if TYPE_CHECKING:
    import pandas as pd

LAST_OF_PARAMETERS = "status"
"""The column before which a row has its parameters."""


@dataclass(frozen=True)
class Side:
    """name: as the user has named it. rows: one a cell. parameters: those of its columns."""

    name: str
    rows: pd.DataFrame
    parameters: tuple[str, ...]


@dataclass(frozen=True)
class Pairs:
    """a, b: rows of the same cells, in the same order. only_a, only_b: of cells of one side.

    unclear: how many rows are left out, since their side has others with the same parameters.
    """

    a: pd.DataFrame
    b: pd.DataFrame
    only_a: pd.DataFrame
    only_b: pd.DataFrame
    by_parameters: int
    unclear: int


def side_of_grid(grid: Grid, results: Path, warn: Warn) -> Side:
    """The finished cells of a grid. Raises UsageError where there are none."""
    folder = Folder(results, grid.name)
    rows = finished(with_wanted(grid, folder, warn), folder, warn)
    return Side(grid.place, rows, _parameters(rows))


def side_of_folder(path: Path, warn: Warn) -> Side:
    """All rows of a folder of results. Raises UsageError where there are none."""
    _, table = rows_at(path, warn)
    if table is None:
        raise UsageError(f"{path}: holds no file that is not damaged")
    rows = table.to_pandas()
    return Side(str(path), rows, _parameters(rows))


def _parameters(rows: pd.DataFrame) -> tuple[str, ...]:
    names = [str(name) for name in rows]
    before = names[: names.index(LAST_OF_PARAMETERS)]
    return tuple(name for name in before if name != "cell_id")


def paired(a: Side, b: Side) -> Pairs:
    """Which rows are of the same cell. Raises UsageError where no parameter is common."""
    names = [name for name in a.parameters if name in b.parameters]
    if not names:
        raise UsageError(
            f"{a.name}, {b.name}: have no parameter in common; they cannot be compared"
        )
    same = a.rows[["cell_id"]].reset_index().merge(b.rows[["cell_id"]].reset_index(), on="cell_id")
    rest_a = _keyed(a.rows.drop(index=list(same["index_x"])), names)
    rest_b = _keyed(b.rows.drop(index=list(same["index_y"])), names)
    clear_a, clear_b = (rest[~rest.duplicated(names, keep=False)] for rest in (rest_a, rest_b))
    alike = clear_a.reset_index().merge(clear_b.reset_index(), on=names)
    index_a = [*same["index_x"], *alike["index_x"]]
    index_b = [*same["index_y"], *alike["index_y"]]
    # A row that is not clear may yet have its like on the other side, so it is of no one's own.
    unclear_a, unclear_b = rest_a.drop(index=clear_a.index), rest_b.drop(index=clear_b.index)
    only_a = _without(clear_a.drop(index=list(alike["index_x"])), unclear_b, names)
    only_b = _without(clear_b.drop(index=list(alike["index_y"])), unclear_a, names)
    order = sorted(range(len(index_a)), key=index_a.__getitem__)
    return Pairs(
        a=a.rows.loc[[index_a[i] for i in order]].reset_index(drop=True),
        b=b.rows.loc[[index_b[i] for i in order]].reset_index(drop=True),
        only_a=a.rows.loc[only_a].reset_index(drop=True),
        only_b=b.rows.loc[only_b].reset_index(drop=True),
        by_parameters=len(alike),
        unclear=len(rest_a) + len(rest_b) - len(only_a) - len(only_b) - 2 * len(alike),
    )


def _keyed(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """The parameters alone, integers as the numbers that they may be on the other side."""
    numbers = rows[[*names]].select_dtypes("integer").columns
    return rows[[*names]].astype(dict.fromkeys(numbers, "float64"))


def _without(rows: pd.DataFrame, others: pd.DataFrame, names: Sequence[str]) -> list[int]:
    """The places of rows that have no like among the others."""
    found = rows.reset_index().merge(
        others.drop_duplicates(), on=[*names], how="left", indicator=True
    )
    return found.loc[found["_merge"] == "left_only", "index"].tolist()
