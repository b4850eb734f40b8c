"""`sweep curves`: the runs of one cell over theory."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from sweep.cli.command import Command
from sweep.cli.common import assignments, grid_argument, jobs_option, json_option
from sweep.cli.completion import complete_assignment
from sweep.cli.output import echo, print_json, warn
from sweep.cli.patience import attended

if TYPE_CHECKING:
    from sweep.analysis.ensemble import Late


@click.command(cls=Command)
@grid_argument
@click.argument(
    "values",
    nargs=-1,
    callback=assignments,
    metavar="[NAME=VALUE]...",
    shell_complete=complete_assignment,
)
@jobs_option()
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A picture: .png, .pdf or .svg.",
)
@json_option
def curves(
    grid: str,
    values: dict[str, list[str]],
    jobs: int | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Follow the runs of one cell of GRID, a grid of the simulation, over both theories.

    NAME=VALUE... single out the cell; its seeds are the runs, all from one start. Prints the mean
    error of the second half of the window.
    """
    from sweep.analysis.ensemble import follow_runs, late
    from sweep.analysis.trajectory import expected_s
    from sweep.grid import read_grid
    from sweep.runner.session import default_jobs
    from sweep.store.endings import PICTURES, check_ending

    if output is not None:
        check_ending(output, PICTURES)
    read = read_grid(grid)
    cells, cores = read.selected(values), jobs or default_jobs()
    took = expected_s(read, cells) / min(cores, len(cells))
    course = attended(lambda: follow_runs(read, cells, cores), read.place, took)
    found = late(course)
    if as_json:
        print_json({"grid": read.name, "runs": len(course.runs), **asdict(found)})
    else:
        _show(found, len(course.runs))
    if output is not None:
        from sweep.plots.picture import save_picture
        from sweep.plots.runs import course_picture  # matplotlib takes its time

        save_picture(course_picture(read, course), output)
        warn(f"picture: {output}")


def _show(found: Late, runs: int) -> None:
    echo(f"mean error from alpha = {found.since:g} on")
    several = runs > 1
    error = f"{found.simulation:.5f}" + (f" ± {found.se:.5f}" if several else "")
    rows = [(f"simulation, {runs} run{'s' if several else ''}", error, "")]
    for theory, words in (("finite", "P and V as simulated"), ("infinite", "P = V = inf")):
        expected = found.theory[theory]
        apart = f"simulation {100 * (found.simulation / expected - 1):+.1f} %"
        rows.append((f"theory, {words}", f"{expected:.5f}", apart))
    for name, number, apart in rows:
        echo(f"{name:<29}  {number:<17}  {apart}".rstrip())
