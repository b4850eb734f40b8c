"""The saved rows of a grid, for those who call from Python."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from sweep.errors import LOG, UsageError, Warn
from sweep.grid import Grid
from sweep.grid.problems import unknown
from sweep.store.folder import Folder
from sweep.store.known import frame, none_yet
from sweep.store.refined import with_wanted
from sweep.store.schema import schema

if TYPE_CHECKING:
    import pandas as pd


def load(
    grid: Grid, results: str | Path = "results", columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """The finished cells of a grid, and no others, in its order: a row each.

    results: the folder that `run` was given. columns: those wanted of the results, beside
    `cell_id`, the parameters and `status`; all by default. Numbers that do not exist, as the time
    of a cell that does not reach its target, are NaN; columns of lists hold arrays. Of a grid with
    `refine` these are the cells of the finest grid that were wanted.

    Raises UsageError where no cell is finished, and for a column that there is not.

    >>> rows = load(grid, results)
    >>> rows[["K", "eta_w", "status", "time_to_target"]].round(3)
       K  eta_w       status  time_to_target
    0  2    2.5  not_reached             NaN
    1  2    3.0  not_reached             NaN
    2  3    2.5      reached          34.670
    3  3    3.0      reached          29.864
    """
    folder = Folder(Path(results), grid.name)
    return finished(with_wanted(grid, folder, LOG.warning), folder, LOG.warning, columns)


def finished(
    grid: Grid, folder: Folder, warn: Warn, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """The rows of the cells that are finished. Raises UsageError where there are none."""
    rows = frame_of(grid, folder, warn, columns)
    return rows[rows["status"].notna()].reset_index(drop=True)


def frame_of(
    grid: Grid, folder: Folder, warn: Warn, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """The frame of a grid, see `frame`. Raises UsageError where no cell of it is finished."""
    known = schema(grid.model).names
    for name in columns or ():
        if name not in known:
            raise UsageError(f"columns: {unknown(name, 'column', known)}")
    rows = frame(grid, folder, warn, columns)
    if rows["status"].isna().all():
        raise UsageError(none_yet(grid, folder, others=True))
    return rows
