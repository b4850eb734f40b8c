"""`sweep status`: counts by status, from the saved results alone."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, json_option, results_option
from sweep.cli.output import print_json, print_table, warn


@click.command(cls=Command)
@grid_argument
@results_option
@json_option
@click.option(
    "--check", is_flag=True, help="Exit with 3 while cells are missing, 1 if some failed."
)
def status(grid: str, results: Path, as_json: bool, check: bool) -> None:
    """Count the cells of GRID by status."""
    from sweep.grid import read_grid
    from sweep.models.status import FAILED, Status
    from sweep.runner.plan import make_plan
    from sweep.store.folder import Folder
    from sweep.store.known import looked_up
    from sweep.store.refined import known_so_far

    read = read_grid(grid)
    folder = Folder(results, read.name)
    saved = looked_up(read, folder, warn)
    refined = known_so_far(read, folder, warn)
    made = make_plan(read if refined is None else refined.all_wanted(), saved)
    counts = {status.word: made.count(status) for status in Status}
    missing = len(made.cells) - sum(counts.values())
    facts = {"cells": len(made.cells), **counts, "missing": missing}
    if refined is not None:
        facts |= {"level": refined.level, "levels": refined.settings.levels}
    if as_json:
        print_json({"grid": read.name, **facts})
    else:
        print_table([(name.replace("_", " "), f"{number:,}") for name, number in facts.items()])
    if check:
        sys.exit(3 if missing else 1 if counts[FAILED.word] else 0)
