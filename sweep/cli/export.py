"""`sweep export`: the results as one file."""

from __future__ import annotations

from pathlib import Path

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, results_option
from sweep.cli.output import warn


@click.command(cls=Command)
@grid_argument
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@results_option
def export(grid: str, file: Path, results: Path) -> None:
    """Write the finished cells of GRID to FILE (.csv or .parquet), in the grid's order."""
    from sweep.errors import UsageError
    from sweep.grid import read_grid
    from sweep.store.export import write_table
    from sweep.store.folder import Folder
    from sweep.store.known import frame, none_yet
    from sweep.store.refined import with_wanted

    read = read_grid(grid)
    folder = Folder(results, read.name)
    read = with_wanted(read, folder, warn)
    rows = frame(read, folder, warn)
    rows = rows[rows["status"].notna()]
    if rows.empty:
        raise UsageError(none_yet(read, folder))
    if file.absolute().parent.resolve() == folder.path.resolve():
        raise UsageError(f"{file}: lies among the results, which hold nothing else; choose another")
    write_table(rows, file)
    warn(f"{len(rows):,} rows in {file}")
