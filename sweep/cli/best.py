"""`sweep best`: the best learning rates of every panel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, json_option, results_option
from sweep.cli.output import echo, print_json, warn


@click.command(cls=Command)
@grid_argument
@results_option
@json_option
def best(grid: str, results: Path, as_json: bool) -> None:
    """Show where GRID's target is reached first, in every panel, by the median over seeds."""
    from sweep.analysis.best import at_the_edge, best_cells, tuned_axes
    from sweep.grid import read_grid
    from sweep.plots.picture import Choices, make_request
    from sweep.store.folder import Folder
    from sweep.store.known import frame
    from sweep.store.refined import with_wanted

    read = read_grid(grid)
    folder = Folder(results, read.name)
    read = with_wanted(read, folder, warn)
    request = make_request(read, Choices())
    tuned = tuned_axes(read, (request.x, request.y))
    rows = frame(read, folder, warn, ["time_to_target"])
    found = best_cells(read, rows, tuned)
    left = int(rows["status"].isna().sum())
    if left:
        warn(f"{left:,} of {len(rows):,} cells are not computed yet; `sweep run {grid}` does")
    if as_json:
        print_json({"grid": read.name, "best": found.to_dict("records")})
    else:
        echo(found.map(_shown).to_string(index=False))
    for name in at_the_edge(read, found, tuned):
        warn(f"{name}: a best value lies at the end of the axis; a wider one may have a better one")


def _shown(value: Any) -> str:
    if value is None or value != value:
        return "–"
    if isinstance(value, float):
        return "∞" if value == float("inf") else f"{value:.6g}"
    return str(value)
