"""A table or a dataset as a file for others to read."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from sweep.errors import UsageError
from sweep.store.dataset import NEEDS_XARRAY
from sweep.store.endings import TABLES, check_ending, ending
from sweep.store.files import beside, publish

if TYPE_CHECKING:
    import xarray as xr


def write_table(table: pd.DataFrame, file: Path) -> None:
    """Write a table as .csv (lists as JSON text) or .parquet.

    Raises UsageError for other endings, and where the file cannot be written.
    """
    check_ending(file, TABLES)
    _publish(file, lambda path: _write(table, path, file))


def write_dataset(data: xr.Dataset, file: Path) -> None:
    """Write a dataset as netCDF 4. Raises UsageError where the file cannot be written."""
    try:
        import h5netcdf  # noqa: F401
        import h5py  # noqa: F401
    except ImportError as error:
        raise UsageError(NEEDS_XARRAY) from error
    # Of the kinds of netCDF the one that has integers of 64 bits, and texts of any length.
    _publish(file, lambda path: data.to_netcdf(path, engine="h5netcdf"))


def csv_text(table: pd.DataFrame) -> str:
    """A table as a .csv file has it."""
    return str(_flat(table).to_csv(index=False))


def _publish(file: Path, write: Callable[[Path], object]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        publish(file, beside(file), write)
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror})") from error


def _write(table: pd.DataFrame, path: Path, file: Path) -> None:
    if ending(file) == ".parquet":
        with path.open("wb") as stream:
            table.to_parquet(stream, index=False)
    else:
        _flat(table).to_csv(path, index=False)


def _flat(table: pd.DataFrame) -> pd.DataFrame:
    """The table with lists as JSON text."""
    texts = {str(name): table[name].map(_as_json) for name in table if _holds_lists(table[name])}
    return table.assign(**texts)


def _holds_lists(column: pd.Series) -> bool:
    return column.dtype == object and any(hasattr(value, "tolist") for value in column)


def _as_json(value: object) -> object:
    return json.dumps(value.tolist()) if hasattr(value, "tolist") else value
