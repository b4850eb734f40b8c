"""`sweep cell`: the course of single cells."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sweep.cli.command import Command
from sweep.cli.common import assignments, grid_argument, json_option
from sweep.cli.completion import complete_assignment, complete_picture
from sweep.cli.output import print_json, warn
from sweep.cli.patience import attended
from sweep.cli.rows import chosen, columns_option, print_rows

if TYPE_CHECKING:
    import pandas as pd

    from sweep.analysis.trajectory import Look, View

ROWS_SHOWN = 31
POINTS = 1001


@click.command(cls=Command)
@grid_argument
@click.argument(
    "values",
    nargs=-1,
    callback=assignments,
    metavar="[NAME=VALUE]...",
    shell_complete=complete_assignment,
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A picture (.png, .pdf, .svg) or a table (.csv, .parquet).",
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
    shell_complete=complete_picture,
    help="Which of the model's pictures to draw, such as course.  [default: the usual one]",
)
@json_option
@columns_option
def cell(
    grid: str,
    values: dict[str, list[str]],
    output: Path | None,
    until: float | None,
    name: str | None,
    as_json: bool,
    columns: tuple[str, ...],
) -> None:
    """Follow the cell of GRID that NAME=VALUE... single out, or several side by side.

    Any parameter may be named, with any value, and again for a further value; axes that are not
    named keep all theirs.
    """
    from sweep.analysis.trajectory import (
        course,
        expected_s,
        look_into,
        picture_named,
        table,
        view,
    )
    from sweep.grid import read_grid
    from sweep.plots.cells import draw
    from sweep.plots.picture import save_picture
    from sweep.store.endings import PICTURES, TABLES, check_ending, ending
    from sweep.store.export import write_table

    if output is not None:
        check_ending(output, (*PICTURES, *TABLES))
    if name and (output is None or ending(output) in TABLES):
        raise click.UsageError(
            f"--picture {name}: goes with a file to draw to, as in -o {name}.png"
        )
    read = read_grid(grid)
    picture_named(read.model, name)  # before anything is integrated
    cells = read.selected(values)
    for line in read.model.warnings(cells):
        warn(line)

    def work() -> tuple[list[Look], pd.DataFrame | None, list[dict[str, Any]], View | None]:
        with redirect_stdout(sys.stderr):  # whatever a model of one's own prints is no data
            looks = look_into(read, cells, until)
            rows, facts, pictured = None, [], None
            if as_json:
                facts = [{**k.facts(), "course": course(read, k, POINTS)} for k in looks]
            if output is not None and ending(output) in PICTURES:
                pictured = view(read, cells, looks, POINTS, name)
            elif output is not None or not as_json:
                rows = table(read, looks, ROWS_SHOWN if output is None else POINTS)
        return looks, rows, facts, pictured

    looks, rows, facts, pictured = attended(work, read.place, expected_s(read, cells, until))
    for look in looks:
        warn(look.summary(read.model.time_name))
    if as_json:
        print_json({"grid": read.name, "model": read.model.name, "cells": facts})
    if pictured is not None and output is not None:
        save_picture(draw(read.model, pictured), output)
    elif rows is not None and output is not None:
        write_table(chosen(rows, columns), output)
    elif rows is not None:
        print_rows(rows, columns, first=[*looks[0].apart])
