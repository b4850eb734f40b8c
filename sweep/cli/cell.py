"""`sweep cell`: one cell's trajectory."""

from __future__ import annotations

from pathlib import Path

import click

from sweep.cli.common import assignments, grid_argument


@click.command()
@grid_argument
@click.argument("values", nargs=-1, callback=assignments, metavar="[NAME=VALUE]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A picture (.png, .pdf, .svg) or a table (.csv, .parquet).",
)
def cell(grid: str, values: dict[str, str], output: Path | None) -> None:
    """Show the trajectory of the cell of GRID that NAME=VALUE... single out."""
    raise NotImplementedError(grid, values, output)
