"""Folders of results that are named by their path, and not by their grid."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from sweep.errors import UsageError, Warn
from sweep.store.folder import Folder
from sweep.store.names import is_part


def rows_at(path: Path, warn: Warn) -> tuple[Folder, pa.Table | None]:
    """A folder of one grid's results, and all its rows; None where all its files are damaged.

    Raises UsageError where there are no results.
    """
    if path.is_file():
        raise UsageError(f"{path}: is a file; name the folder of a grid's results, as results/fig5")
    absolute = Path(path.absolute())
    folder = Folder(absolute.parent, absolute.name)
    table = folder.read(None, warn)
    if table is None and not folder.parts():
        there = "holds no results of a grid" if path.is_dir() else "there is no such folder"
        inside = [file.parent for file in sorted(path.glob("*/*.parquet")) if is_part(file)]
        cure = f"; name one of those in it, like {inside[0]}" if inside else ""
        raise UsageError(f"{path}: {there}{cure}")
    return folder, table
