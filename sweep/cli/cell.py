"""`sweep cell`: the course of single cells."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, lists
from sweep.cli.completion import complete_assignment
from sweep.cli.output import echo, warn

if TYPE_CHECKING:
    import pandas as pd

ROWS_SHOWN = 31
POINTS = 1001
WIDEST = 60
"""Of a column, in characters; a matrix may be wider."""


@click.command(cls=Command)
@grid_argument
@click.argument(
    "values",
    nargs=-1,
    callback=lists,
    metavar="[NAME=VALUE]...",
    shell_complete=complete_assignment,
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A picture (.png, .pdf, .svg), a page on which courses lie over one another (.html), or a "
    "table (.csv, .parquet).",
)
@click.option(
    "--until",
    type=click.FloatRange(min=0, min_open=True),
    metavar="TIME",
    help="End of the window, and how far to follow.  [default: 1.5 times the time to the target]",
)
@click.option(
    "--picture",
    "name",
    metavar="NAME",
    help="Which of the model's pictures to draw, such as course.  [default: the usual one]",
)
def cell(
    grid: str,
    values: dict[str, list[str]],
    output: Path | None,
    until: float | None,
    name: str | None,
) -> None:
    """Follow the cell of GRID that NAME=VALUE... single out, or several side by side.

    Any parameter may be named, with any value or several, as in eta_w=2,3; axes that are not named
    keep all theirs.
    """
    from sweep.analysis.trajectory import followed, look_into, picture_named, table, view
    from sweep.grid import read_grid
    from sweep.plots.cells import draw
    from sweep.plots.picture import save_page, save_picture
    from sweep.store.endings import PAGES, PICTURES, TABLES, check_ending, ending
    from sweep.store.export import write_table

    if output is not None:
        check_ending(output, (*PICTURES, *PAGES, *TABLES))
    if name and (output is None or ending(output) in (*PAGES, *TABLES)):
        raise click.UsageError(
            f"--picture {name}: goes with a file to draw to, as in -o {name}.png"
        )
    read = read_grid(grid)
    picture_named(read.model, name)  # before anything is integrated
    cells = read.selected(values)
    for line in read.model.warnings(cells):
        warn(line)
    with redirect_stdout(sys.stderr):  # whatever a model of one's own prints is no data
        looks = look_into(read, cells, until)
        rows = None
        if output is None or ending(output) in TABLES:
            rows = table(read, looks, ROWS_SHOWN if output is None else POINTS)
    for look in looks:
        warn(look.summary(read.model.time_name))
    if rows is not None:
        show(rows) if output is None else write_table(rows, output)
    elif output is not None and ending(output) in PAGES:
        from sweep.plots.html.pages import page_of_cells

        save_page(page_of_cells(read, cells, followed(read, cells, looks, POINTS)), output)
    elif output is not None:
        save_picture(draw(read.model, view(read, cells, looks, POINTS, name)), output, grid=read)


def show(rows: pd.DataFrame) -> None:
    """A table on stdout, folded to the width of a terminal."""
    import shutil

    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    text = rows.to_string(
        index=False,
        na_rep="",
        float_format="{:.5g}".format,
        line_width=width,
        max_colwidth=WIDEST,
    )
    echo(text)
