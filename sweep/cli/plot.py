"""`sweep plot`: the picture, from the saved results alone."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sweep.cli.command import Command
from sweep.cli.common import assignments, grid_argument, results_option
from sweep.cli.completion import complete_assignment, complete_axis
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
    help="File to write: .png, .pdf, .svg, or .html for a page on which cells say what they are.  "
    "[default: RESULTS/<name of the grid>.png]",
)
@click.option(
    "--value", metavar="COLUMN", help="Column to draw: error_final, status, alignment[0]…"
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
@click.option(
    "--courses",
    type=click.Choice(["none", "shown", "all"]),
    default=None,
    help="Courses of cells on a page: none; those soon followed and of little room; or all.  "
    "[default: shown]",
)
def plot(
    grid: str, results: Path, output: Path | None, courses: str | None, **choices: Any
) -> None:
    """Draw GRID, as far as it is computed."""
    from sweep.grid import read_grid
    from sweep.store.endings import PAGES, ending

    read = read_grid(grid)
    if courses is not None and (output is None or ending(output) not in PAGES):
        raise click.UsageError(f"--courses {courses}: goes with a page, as in -o {read.name}.html")
    if output is None:
        output = draw_beside(read, results, **choices)
    else:
        draw_grid(read, results, output, courses=courses, **choices)
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


def draw_grid(grid: Grid, results: Path, target: Path, courses: Any = None, **choices: Any) -> None:
    """Draw a grid's saved results into a file; courses: those on a page, by default some."""
    from sweep.plots.picture import Choices, page, picture, save_page, save_picture
    from sweep.store.endings import PAGES, PICTURES, check_ending, ending
    from sweep.store.folder import Folder

    check_ending(target, (*PICTURES, *PAGES))
    folder, chosen = Folder(results, grid.name), Choices(**choices)
    if ending(target) not in PAGES:
        save_picture(picture(grid, folder, chosen, warn), target, grid=grid)
        return
    with redirect_stdout(sys.stderr):  # whatever a model of one's own prints is no data
        text = page(grid, folder, chosen, courses or "shown", warn)
    save_page(text, target)


def warn_of_section(grid: Grid) -> None:
    """Say what is wrong with the [plot] section of a grid that is not drawn now."""
    from sweep.errors import UsageError
    from sweep.plots.picture import check_section

    try:
        check_section(grid)
    except UsageError as error:
        warn(f"{error} (this is about the picture alone)")
