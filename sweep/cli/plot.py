"""`sweep plot`: the picture, from the saved results alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sweep.cli.command import Command
from sweep.cli.common import assignments, grid_argument, lists, results_option
from sweep.cli.completion import complete_assignment, complete_axis, complete_column
from sweep.cli.output import warn

if TYPE_CHECKING:
    from sweep.grid import Grid


def _axis(name: str, meaning: str) -> Callable[[Any], Any]:
    """An option that takes one of the grid's axes."""
    return click.option(name, metavar="AXIS", shell_complete=complete_axis, help=meaning)


@click.command(cls=Command)
@grid_argument
@results_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .png, .pdf, .svg, or .html for a page on which cells say what they are.  "
    "[default: RESULTS/<name of the grid>.png; with other choices than the grid's, the name has "
    "them as well]",
)
@click.option(
    "--value",
    metavar="COLUMN",
    shell_complete=complete_column,
    help="Column to draw: error_final, status, alignment[0]…",
)
@_axis("--x", "Axis from left to right.")
@_axis("--y", "Axis from bottom to top.")
@_axis("--facet", "Axis with one panel a value.")
@_axis("--rows", "Axis with one row of panels a value.")
@_axis("--columns", "Axis with one column of panels a value.")
@_axis("--series", "Axis with one line a value.")
@click.option(
    "--where",
    metavar="AXIS=VALUE",
    multiple=True,
    callback=lists,
    shell_complete=complete_assignment,
    help="Draw only the cells with this value of an axis, the nearest on a spaced one, or with "
    "several, as in K=3,9, or those of a range, as in eta_J=1..4; may be given again, for another "
    "axis or for more of the same.",
)
@click.option(
    "--statistic",
    type=click.Choice(["median", "mean", "spread", "fraction"]),
    help="What to draw of several seeds.  [default: the grid's, or median]",
)
@click.option(
    "--quantiles",
    type=(float, float),
    metavar="LOW HIGH",
    help="Of the seeds, between which lines have a band.",
)
@click.option(
    "--limits",
    type=(float, float),
    metavar="LOW HIGH",
    help="Ends of the colours, or of y where lines are drawn.",
)
@click.option(
    "--scale",
    type=click.Choice(["log", "linear", "symmetric"]),
    help="Of the colours, or of y where lines are drawn; symmetric: 0 is in the middle.",
)
@click.option(
    "--contours",
    type=float,
    metavar="LEVEL",
    multiple=True,
    help="Draw the line where a heatmap passes this value; may be given again.",
)
@click.option(
    "--boundary/--no-boundary",
    default=None,
    help="Draw the edge of the reached region as a line.",
)
@click.option("--level", type=float, help="A value that lines are compared with.")
@click.option("--width", type=float, metavar="INCHES", help="Of the picture.  [default: 7.2]")
@click.option(
    "--dpi", type=int, metavar="DOTS", help="Dots per inch.  [default: 220; in .pdf and .svg 400]"
)
@click.option(
    "--labels",
    metavar="NAME=TEXT",
    multiple=True,
    callback=assignments,
    help="What to call a parameter or a column; may be given again, for another.",
)
@click.option(
    "--courses",
    type=click.Choice(["none", "shown", "all"]),
    default=None,
    help="Courses of cells on a page: none; those soon followed and of little room; or all.  "
    "[default: shown]",
)
@click.option(
    "--watch",
    "watching",
    is_flag=True,
    help="Draw again whenever a run has saved more rows, until it is done or Ctrl-C.",
)
def plot(
    grid: str,
    results: Path,
    output: Path | None,
    labels: dict[str, list[str]],
    courses: str | None,
    *,
    watching: bool,
    **choices: Any,
) -> None:
    """Draw GRID, as far as it is computed.

    What is not chosen here is as the [plot] table of GRID says, or a good guess.
    """
    from sweep.cli.watch import watch
    from sweep.grid import read_grid
    from sweep.store.endings import PAGES, ending
    from sweep.store.folder import Folder

    read = read_grid(grid)
    if courses is not None and (output is None or ending(output) not in PAGES):
        raise click.UsageError(f"--courses {courses}: goes with a page, as in -o {read.name}.html")
    choices["labels"] = {name: texts[-1] for name, texts in labels.items()}
    target = place_beside(read, results, **choices) if output is None else output
    choices["courses"] = courses
    if watching:
        draw = partial(draw_grid, read, results, target, **choices)
        watch(read, Folder(results, read.name), draw, target)
    else:
        draw_grid(read, results, target, **choices)
        warn(f"picture: {target}")


def place_beside(grid: Grid, results: Path, **choices: Any) -> Path:
    """Where a picture lies beside the results, over nothing but an older picture."""
    from sweep.plots.naming import picture_place
    from sweep.plots.own import refuse_foreign
    from sweep.plots.picture import Choices

    target = picture_place(grid, results, Choices(**choices))
    refuse_foreign(target)
    return target


def draw_grid(grid: Grid, results: Path, target: Path, courses: Any = None, **choices: Any) -> None:
    """Draw a grid's saved results into a file; courses: those on a page, by default some."""
    from sweep.plots.picture import Choices, make_request, page, picture, save_page, save_picture
    from sweep.store.endings import PAGES, PICTURES, check_ending, ending
    from sweep.store.folder import Folder

    check_ending(target, (*PICTURES, *PAGES))
    folder, chosen = Folder(results, grid.name), Choices(**choices)
    if ending(target) not in PAGES:
        figure = picture(grid, folder, chosen, warn)
        save_picture(figure, target, make_request(grid, chosen).dpi, grid=grid)
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
