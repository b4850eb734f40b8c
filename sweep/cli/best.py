"""`sweep best`: the best learning rates of every panel."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sweep.cli.common import grid_argument, json_option, print_json, results_option, warn

if TYPE_CHECKING:
    import pandas as pd


@click.command()
@grid_argument
@results_option
@json_option
def best(grid: str, results: Path, as_json: bool) -> None:
    """Show where GRID's target is reached first, in every panel."""
    from sweep.best import best_cells
    from sweep.grid import read_grid
    from sweep.picture import Choices, make_request
    from sweep.results import frame, open_folder

    read = read_grid(grid)
    rows = frame(read, open_folder(results, read.name, warn), warn, ["time_to_target"])
    found = best_cells(read, rows, make_request(read, Choices()))
    if as_json:
        print_json({"grid": read.name, "best": [_plain(row) for _, row in found.iterrows()]})
        return
    click.echo(found.map(_shown).to_string(index=False))


def _plain(row: pd.Series) -> dict[str, Any]:
    """A row with Python's own types; what is infinite or missing is null."""
    values = {str(name): getattr(value, "item", lambda v=value: v)() for name, value in row.items()}
    absent = (None, float("inf"))
    return {
        name: None if value in absent or value != value else value for name, value in values.items()
    }


def _shown(value: object) -> str:
    if value is None or value != value:
        return "–"
    return f"{value:.6g}" if isinstance(value, float) else str(value)
