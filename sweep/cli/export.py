"""`sweep export`: the results as one file."""

from __future__ import annotations

from pathlib import Path

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, results_option
from sweep.cli.output import cells_in_words, warn

STDOUT = Path("-")


@click.command(cls=Command)
@grid_argument
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@results_option
def export(grid: str, file: Path, results: Path) -> None:
    """Write the finished cells of GRID to FILE, in the grid's order.

    A .csv or .parquet file is a table, and - the table on stdout, as csv. A .nc file (netCDF 4) has
    an array for every column, over the axes of the grid; it needs the extra `xarray`.
    """
    from sweep.errors import UsageError
    from sweep.grid import read_grid
    from sweep.store.dataset import arrays
    from sweep.store.endings import DATASETS, TABLES, check_ending, ending
    from sweep.store.export import csv_text, write_dataset, write_table
    from sweep.store.folder import Folder
    from sweep.store.load import finished
    from sweep.store.refined import with_wanted

    read = read_grid(grid)
    folder = Folder(results, read.name)
    read = with_wanted(read, folder, warn)
    if file == STDOUT:
        click.echo(csv_text(finished(read, folder, warn)), nl=False)
        return
    check_ending(file, (*TABLES, *DATASETS))
    if file.absolute().parent.resolve() == folder.path.resolve():
        raise UsageError(f"{file}: lies among the results, which hold nothing else; choose another")
    if ending(file) in DATASETS:
        write_dataset(arrays(read, folder, warn), file)
        warn(f"{cells_in_words(len(read.cells()))} in {file}")
        return
    rows = finished(read, folder, warn)
    write_table(rows, file)
    warn(f"{len(rows):,} rows in {file}")
