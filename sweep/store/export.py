"""A table as a file for others to read."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd

from sweep.errors import UsageError
from sweep.store.endings import TABLES, check_ending, ending
from sweep.store.files import beside, publish


def write_table(table: pd.DataFrame, file: Path) -> None:
    """Write a table as .csv (lists as JSON text) or .parquet.

    Raises UsageError for other endings, and where the file cannot be written.
    """
    check_ending(file, TABLES)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        publish(file, beside(file), lambda path: _write(table, path, file))
    except OSError as error:
        raise UsageError(f"{file}: cannot be written ({error.strerror})") from error


def _write(table: pd.DataFrame, path: Path, file: Path) -> None:
    if ending(file) == ".parquet":
        with path.open("wb") as stream:
            table.to_parquet(stream, index=False)
        return
    texts = {str(name): table[name].map(_as_json) for name in table if _holds_lists(table[name])}
    table.assign(**texts).to_csv(path, index=False)


def _holds_lists(column: pd.Series) -> bool:
    return column.dtype == object and any(hasattr(value, "tolist") for value in column)


def _as_json(value: object) -> object:
    return json.dumps(value.tolist()) if hasattr(value, "tolist") else value
