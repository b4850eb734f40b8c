"""`sweep status`: counts by status, from the saved results alone."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, json_option, results_option
from sweep.cli.output import cells_in_words, echo, print_json, print_table, warn
from sweep.cli.rows import tell_of_more, words

if TYPE_CHECKING:
    from sweep.analysis.failures import Failing

MOST_SHOWN = 20
"""Cells of a group that are listed, unless for a program."""


@click.command(cls=Command)
@grid_argument
@results_option
@click.option(
    "--failed",
    is_flag=True,
    help="List failed and diverged cells with their messages, by the reason.",
)
@json_option
@click.option(
    "--check", is_flag=True, help="Exit with 3 while cells are missing, 1 if some failed."
)
def status(grid: str, results: Path, failed: bool, as_json: bool, check: bool) -> None:
    """Count the cells of GRID by status."""
    from sweep.analysis.failures import failures
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
    cells_of = read if refined is None else refined.all_wanted()
    made = make_plan(cells_of, saved)
    counts = {status.word: made.count(status) for status in Status}
    missing = len(made.cells) - sum(counts.values())
    facts: dict[str, Any] = {"cells": len(made.cells), **counts, "missing": missing}
    if refined is not None:
        facts |= {"level": refined.level, "levels": refined.settings.levels}
    groups = failures(cells_of, folder, warn) if failed and len(saved.ids) else []
    if as_json:
        listed = {"groups": [_facts(group) for group in groups]} if failed else {}
        print_json({"grid": read.name, **facts, **listed})
    else:
        _show(facts, groups)
    if check:
        sys.exit(3 if missing else 1 if counts[FAILED.word] else 0)


def _show(facts: Mapping[str, int], groups: Sequence[Failing]) -> None:
    print_table([(name.replace("_", " "), f"{number:,}") for name, number in facts.items()])
    for group in groups:
        number = len(group.cells)
        at = words(group.alike)
        echo()
        echo(
            f"{group.status.text}, {cells_in_words(number)}"
            f"{f' with {at}' if at else ''}: {group.reason}"
        )
        for cell in group.cells.head(MOST_SHOWN).to_dict("records") if number > 1 else ():
            message = cell.pop("message")
            echo(f"  {words(cell)}{'' if message == group.reason else f': {message}'}")
        tell_of_more(number, MOST_SHOWN)


def _facts(group: Failing) -> dict[str, Any]:
    return {
        "status": group.status.word,
        "reason": group.reason,
        "number": len(group.cells),
        "alike": group.alike,
        "cells": group.cells.to_dict("records"),
    }
