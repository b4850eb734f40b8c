"""`sweep plot`: the picture, from the saved results alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sweep.cli.command import Command
from sweep.cli.common import assignments, grid_argument, results_option
from sweep.cli.completion import complete_assignment, complete_axis, complete_column
from sweep.cli.output import warn

if TYPE_CHECKING:
    from sweep.grid import Grid


@click.command(cls=Command)
@grid_argument
@results_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .png, .pdf or .svg.  [default: RESULTS/<name of the grid>.png]",
)
@click.option(
    "--value",
    metavar="COLUMN",
    shell_complete=complete_column,
    help="Column to draw: error_final, status, alignment[0]…",
)
@click.option("--x", metavar="AXIS", shell_complete=complete_axis, help="Axis from left to right.")
@click.option("--y", metavar="AXIS", shell_complete=complete_axis, help="Axis from bottom to top.")
@click.option(
    "--facet", metavar="AXIS", shell_complete=complete_axis, help="Axis with one panel a value."
)
@click.option(
    "--series", metavar="AXIS", shell_complete=complete_axis, help="Axis with one line a value."
)
@click.option(
    "--statistic",
    type=click.Choice(["median", "spread", "fraction"]),
    default="median",
    show_default=True,
    help="What to draw of several seeds.",
)
@click.option(
    "--where",
    metavar="AXIS=VALUE",
    multiple=True,
    callback=assignments,
    shell_complete=complete_assignment,
    help="Draw only the cells with this value of an axis; may be given again, for another axis or "
    "for a further value of the same.",
)
def plot(grid: str, results: Path, output: Path | None, **choices: Any) -> None:
    """Draw GRID, as far as it is computed."""
    from sweep.grid import read_grid

    read = read_grid(grid)
    if output is None:
        output = draw_beside(read, results, **choices)
    else:
        draw_grid(read, results, output, **choices)
    warn(f"picture: {output}")


def picture_of(grid: Grid, results: Path) -> Path:
    """Where the picture of a grid is, unless the user names another file."""
    return results / f"{grid.name}.png"


def draw_beside(grid: Grid, results: Path, **choices: Any) -> Path:
    """Draw a grid's saved results beside them, over nothing but an older picture."""
    from sweep.plots.own import refuse_foreign

    target = picture_of(grid, results)
    refuse_foreign(target)
    draw_grid(grid, results, target, **choices)
    return target


def draw_grid(grid: Grid, results: Path, target: Path, **choices: Any) -> None:
    """Draw a grid's saved results into a file."""
    from sweep.plots.picture import Choices, picture, save_picture
    from sweep.store.endings import PICTURES, check_ending
    from sweep.store.folder import Folder

    check_ending(target, PICTURES)
    folder = Folder(results, grid.name)
    save_picture(picture(grid, folder, Choices(**choices), warn), target)


def warn_of_section(grid: Grid) -> None:
    """Say what is wrong with the [plot] section of a grid that is not drawn now."""
    from sweep.errors import UsageError
    from sweep.plots.picture import check_section

    try:
        check_section(grid)
    except UsageError as error:
        warn(f"{error} (this is about the picture alone)")
