"""`sweep diff`: how two results differ."""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sweep.cli.command import Command
from sweep.cli.common import json_option, results_option
from sweep.cli.output import cells_in_words, echo, print_json, print_table, warn
from sweep.cli.rows import columns_option, print_rows, tell_of_more, words

if TYPE_CHECKING:
    import pandas as pd

    from sweep.analysis.diff import Column, Diff
    from sweep.analysis.sides import Side

MOST_SHOWN = 10
"""Cells of one kind that are listed, unless for a program."""

results = click.Path(path_type=Path)


def _number(_context: click.Context, _parameter: click.Parameter, value: float) -> float:
    """Refuse NaN, which is within every range and beyond which nothing is."""
    if math.isnan(value):
        raise click.BadParameter("found nan; allowed is a number ≥ 0")
    return value


@click.command(cls=Command)
@click.argument("a", type=results, metavar="A")
@click.argument("b", type=results, metavar="B")
@results_option
@click.option(
    "--rtol",
    type=click.FloatRange(min=0),
    callback=_number,
    default=0.0,
    show_default=True,
    help="Relative differences up to this are none.",
)
@json_option
@columns_option
def diff(
    a: Path, b: Path, results: Path, rtol: float, as_json: bool, columns: tuple[str, ...]
) -> None:
    """Show how the results A and B differ; exit code 1 where they do.

    Each is the folder of a grid's results, as results/fig5, or a grid file, which stands for its
    cells among --results. Rows are of the same cell where they have one identity, or else the same
    parameters; so other versions and other solver settings can be compared. Numbers are compared
    where both sides have the same status.
    """
    from sweep.analysis.diff import diff as diff_of

    found = diff_of(_side(a, results), _side(b, results), rtol)
    if as_json:
        print_json({"a": str(a), "b": str(b), "rtol": rtol, **_facts(found)})
    else:
        _show(a, b, found, columns)
    if found.pairs.unclear:
        folders = a.is_dir() or b.is_dir()
        warn(
            f"left out are {found.pairs.unclear:,} rows with the parameters of another row of "
            "their side, as far as both sides have these"
            + ("; name the grid file instead, for its cells alone" if folders else "")
        )
    for name, side in found.lacking.items():
        warn(f"{name}: is not compared, since {side} has no such column")
    sys.exit(1 if found.differ else 0)


def _side(path: Path, results: Path) -> Side:
    from sweep.analysis.sides import side_of_folder, side_of_grid
    from sweep.errors import UsageError
    from sweep.grid import read_grid

    if path.is_dir():
        return side_of_folder(path, warn)
    if not path.exists() and path.suffix != ".toml":
        raise UsageError(f"{path}: is not there; allowed is a folder of results or a grid file")
    return side_of_grid(read_grid(path), results, warn)


def _show(a: Path, b: Path, found: Diff, columns: tuple[str, ...]) -> None:
    rows = [
        ("cells of both", f"{len(found.pairs.a):,}"),
        *([("by their parameters", f"{n:,}")] if (n := found.pairs.by_parameters) else []),
        (f"only in {a}", f"{len(found.only_a):,}"),
        (f"only in {b}", f"{len(found.only_b):,}"),
        ("of another status", f"{sum(len(group.cells) for group in found.changed):,}"),
    ]
    print_table(rows)
    for path, cells in ((a, found.only_a), (b, found.only_b)):
        if len(cells):
            _list(f"only in {path}", cells)
    for group in found.changed:
        _list(f"{group.before} → {group.after}".replace("_", " "), group.cells)
    if found.columns and len(found.pairs.a):
        echo()
        first = ("column", "largest", "cells")
        print_rows(_table(found), columns, first, whole=("where",))


def _table(found: Diff) -> pd.DataFrame:
    """Of every column of numbers the largest difference, and where that is."""
    import pandas as pd

    return pd.DataFrame(
        [
            {
                "column": column.name,
                "compared": column.compared,
                "cells": column.beyond + column.one_sided,
                "largest": f"{column.largest:.2g}",
                "A": _exact(column.a),
                "B": _exact(column.b),
                "where": words(column.where),
            }
            for column in found.columns
        ]
    )


def _exact(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


def _list(heading: str, cells: pd.DataFrame) -> None:
    echo()
    echo(f"{heading}, {cells_in_words(len(cells))}")
    for cell in cells.head(MOST_SHOWN).to_dict("records"):
        echo(f"  {words(cell)}")
    tell_of_more(len(cells), MOST_SHOWN)


def _facts(found: Diff) -> dict[str, Any]:
    return {
        "differ": found.differ,
        "cells": len(found.pairs.a),
        "by_parameters": found.pairs.by_parameters,
        "left_out": found.pairs.unclear,
        "only_a": found.only_a.to_dict("records"),
        "only_b": found.only_b.to_dict("records"),
        "status": [
            {
                "a": group.before,
                "b": group.after,
                "number": len(group.cells),
                "cells": group.cells.to_dict("records"),
            }
            for group in found.changed
        ],
        "columns": {column.name: _column_facts(column) for column in found.columns},
    }


def _column_facts(column: Column) -> dict[str, Any]:
    return {
        "compared": column.compared,
        "largest": column.largest,
        "a": column.a,
        "b": column.b,
        "where": column.where,
        "beyond": column.beyond,
        "one_sided": column.one_sided,
        "counts": column.differs,
    }
