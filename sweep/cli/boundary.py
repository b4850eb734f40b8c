"""`sweep boundary`: where the reached region ends."""

from __future__ import annotations

from pathlib import Path

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, json_option, results_option
from sweep.cli.output import print_json, warn
from sweep.cli.rows import chosen, columns_option, print_rows


@click.command(cls=Command)
@grid_argument
@results_option
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: a table, .csv or .parquet, or a picture, .png, .pdf or .svg.  "
    "[default: print the table]",
)
@json_option
@columns_option
def boundary(
    grid: str, results: Path, output: Path | None, as_json: bool, columns: tuple[str, ...]
) -> None:
    """Show where GRID's reached region ends: points on lines, and how exact they are."""
    from sweep.analysis.boundary import boundary as boundary_of
    from sweep.errors import UsageError
    from sweep.grid import read_grid
    from sweep.store.endings import PICTURES, TABLES, check_ending, ending
    from sweep.store.export import write_table
    from sweep.store.folder import Folder

    read = read_grid(grid)
    folder = Folder(results, read.name)
    if output is not None:
        check_ending(output, (*TABLES, *PICTURES))
        if output.absolute().parent.resolve() == folder.path.resolve():
            raise UsageError(
                f"{output}: lies among the results, which hold nothing else; choose another"
            )
    found = boundary_of(read, folder, warn)
    if output is not None and ending(output) in PICTURES:
        from sweep.plots.boundaries import boundaries
        from sweep.plots.picture import save_picture

        save_picture(boundaries(found.grid, found.points), output)
        warn(f"picture: {output}")
    elif output is not None:
        write_table(chosen(found.points, columns), output)
        warn(f"{len(found.points):,} points in {output}")
    if as_json:
        probes = {
            "number": found.probes.number,
            "contradicted": found.probes.contradicted,
            "wrong_area_below": found.probes.bound,
        }
        points = found.points.to_dict("records")
        print_json(
            {"grid": read.name, "complete": found.complete, "probes": probes, "points": points}
        )
    elif output is None:
        print_rows(found.points, columns)
    if not found.complete:
        warn(f"cells of the boundary are missing; `sweep run {grid}` computes them")
    warn(found.probes.statement())
