"""`sweep prune`: drop saved rows of cells that the grid no longer has."""

from __future__ import annotations

from pathlib import Path

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, json_option, results_option
from sweep.cli.output import print_json, print_table, warn


@click.command(cls=Command)
@grid_argument
@results_option
@click.option("--yes", is_flag=True, help="Drop them; otherwise only say what would be dropped.")
@json_option
def prune(grid: str, results: Path, yes: bool, as_json: bool) -> None:
    """Drop saved rows that are no cells of GRID any more.

    Those are rows of values that the grid no longer has, or that it excludes by now, and rows of
    other solver settings or versions of the model. Only the folder of this grid is touched.
    """
    from sweep.grid import read_grid
    from sweep.runner.prune import prune as drop
    from sweep.runner.prune import superfluous
    from sweep.store.folder import Folder

    read = read_grid(grid)
    folder = Folder(results, read.name)
    found = drop(read, folder, warn) if yes else superfluous(read, folder, warn)
    number = len(found.ids)
    if as_json:
        facts = {"rows": found.rows, "dropped": number, "off": found.off, "alike": found.alike}
        print_json({"grid": read.name, **facts, "done": yes})
        return
    rows = [("rows", found.rows), ("kept", found.rows - number), ("dropped", number)]
    rows += [(f"  {name} is not on the grid", count) for name, count in found.off.items()]
    if found.alike:
        rows.append(("  other solver settings or version, or excluded", found.alike))
    print_table([(name, f"{count:,}") for name, count in rows])
    if number and not yes:
        warn("nothing is dropped yet; --yes does")
