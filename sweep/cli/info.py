"""`sweep info`: who computed the saved rows, with what, when, and at what cost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, json_option, results_option
from sweep.cli.output import echo, print_json, print_table, warn
from sweep.cli.rows import print_rows, shown

if TYPE_CHECKING:
    from sweep.analysis.origin import Origin
    from sweep.grid import Grid


@click.command(cls=Command)
@grid_argument
@results_option
@json_option
def info(grid: str, results: Path, as_json: bool) -> None:
    """Show who computed GRID's saved rows: versions, commit, host, grid text, time and cost.

    The versions and the rest come from the metadata of the files of results. Who differs in
    anything but the time is listed separately.
    """
    from sweep.analysis.origin import origin
    from sweep.grid import read_grid
    from sweep.store.folder import Folder
    from sweep.store.refined import with_wanted

    read = read_grid(grid)
    folder = Folder(results, read.name)
    found = origin(with_wanted(read, folder, warn), folder, warn)
    if as_json:
        print_json({"grid": read.name, **_facts(read, found)})
    else:
        _show(read, found)


def _facts(grid: Grid, found: Origin) -> dict[str, Any]:
    from sweep.store.metadata import MODIFIED

    made = [
        {name: text for name, text in one.items() if name != MODIFIED}
        | {MODIFIED: MODIFIED in one, "grid_is_current": one.get("grid") == grid.text}
        for one in found.made
    ]
    return {
        "model": grid.model.name,
        "cells": found.cells,
        "saved": found.saved,
        "rows": found.rows,
        "core_s": found.core_s,
        "made": made,
    }


def _show(grid: Grid, found: Origin) -> None:
    from sweep.runner.progress import duration

    print_table(
        [
            ("cells", f"{found.cells:,}"),
            ("saved", f"{found.saved:,}"),
            ("saved rows of other cells", f"{found.rows - found.saved:,}"),
            ("time on cores", duration(found.core_s)),
        ]
    )
    _show_made(found)
    for heading, text in _texts(grid, found):
        echo()
        echo(heading)
        if text:
            echo("\n".join(f"  {line}".rstrip() for line in text.splitlines()))


def _show_made(found: Origin) -> None:
    """What all that wrote rows have in common, then where they differ, a line each."""
    import pandas as pd

    from sweep.analysis.origin import told

    made = pd.DataFrame([told(one) for one in found.made]).replace("", None)
    alike = [name for name in made if made[name].nunique(dropna=False) == 1]
    echo()
    for name in alike:
        echo(f"{name:<13}  {shown(made[name].iloc[0])}")
    if len(made) > 1:
        apart = made.drop(columns=alike)
        apart.insert(0, "", [str(i + 1) for i in range(len(made))])
        echo()
        print_rows(apart)


def _texts(grid: Grid, found: Origin) -> Iterator[tuple[str, str]]:
    """The texts of the grid file that differ, each with the numbers of those who had it."""
    several = len(found.made) > 1
    for what, now in (("grid", grid.text), ("model_source", grid.model.source_text)):
        owners: dict[str, list[str]] = {}
        for i, one in enumerate(found.made):
            owners.setdefault(one.get(what, ""), []).append(str(i + 1))
        named = "grid file" if what == "grid" else "file of the model"
        for text, numbers in owners.items():
            of = f" of {', '.join(numbers)}" if several else ""
            if text == now:
                if text:
                    yield f"{named}{of}: as it is now", ""
            else:
                yield f"{named}{of}, which is another now:", text
