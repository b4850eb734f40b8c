"""`sweep best`: the best learning rates of every panel."""

from __future__ import annotations

from pathlib import Path

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, json_option, results_option
from sweep.cli.completion import complete_axis, complete_column
from sweep.cli.output import print_json, warn
from sweep.cli.rows import columns_option, print_rows


@click.command(cls=Command)
@grid_argument
@results_option
@click.option(
    "--value",
    metavar="COLUMN",
    shell_complete=complete_column,
    default="time_to_target",
    show_default=True,
    help="Column of numbers that is to be least: error_final, rhs_evaluations, alignment[0]…",
)
@click.option("--largest", is_flag=True, help="The largest value is the best.")
@click.option(
    "--over",
    metavar="AXIS",
    multiple=True,
    shell_complete=complete_axis,
    help="Axis to look for the best on; may be given again.  [default: x and y of the picture, but "
    "for the target, the window and the seed]",
)
@json_option
@columns_option
def best(
    grid: str,
    results: Path,
    value: str,
    largest: bool,
    over: tuple[str, ...],
    as_json: bool,
    columns: tuple[str, ...],
) -> None:
    """Show the best cell of every panel of GRID, by the median over seeds.

    That is where the target is reached first, or where the column --value is least.
    """
    from sweep.analysis.best import at_the_edge, best_cells, tuned_axes
    from sweep.grid import read_grid
    from sweep.plots.entries import split_entry
    from sweep.plots.picture import Choices, make_request, with_value
    from sweep.store.folder import Folder
    from sweep.store.known import frame
    from sweep.store.refined import with_wanted

    read = read_grid(grid)
    folder = Folder(results, read.name)
    read = with_wanted(read, folder, warn)
    request = make_request(read, Choices(value=value))
    tuned = tuned_axes(read, (request.x, request.y), over)
    rows = with_value(frame(read, folder, warn, [split_entry(value)[0]]), request)
    found = best_cells(read, rows, tuned, value, largest)
    left = int(rows["status"].isna().sum())
    if left:
        warn(f"{left:,} of {len(rows):,} cells are missing; `sweep run {grid}` computes them")
    if as_json:
        print_json({"grid": read.name, "best": found.to_dict("records")})
    else:
        print_rows(found, columns)
    for name in at_the_edge(read, found, tuned):
        warn(f"{name}: a best value lies at the end of the axis; a wider one may have a better one")
