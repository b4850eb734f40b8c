"""From a grid back to the text of a grid file, for grids that were made by no user."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict

from sweep.grid.grid import Grid


def grid_text(grid: Grid, comment: str) -> str:
    """A grid file with these cells, solver settings and pictures, headed by a comment of one line.

    Every parameter is named, defaults included, and every axis is a list.
    """
    conditions = {
        "zip": [list(group) for group in grid.zipped],
        "exclude": [expression.text for expression in grid.excludes],
    }
    plot = {key: value for key, value in asdict(grid.plot).items() if value is not None}
    sections = {
        "fixed": grid.fixed,
        "axes": grid.swept,
        "grid": {key: value for key, value in conditions.items() if value},
        "solver": grid.solver,
        "plot": plot,
    }
    remark = "".join(c if c.isprintable() else "?" for c in comment)  # file names may hold anything
    top = f"# {remark}\ntitle = {_toml(grid.title)}\nmodel = {_toml(grid.model.name)}\n"
    return top + "".join(_section(name, table) for name, table in sections.items() if table)


def _section(name: str, table: Mapping[str, object]) -> str:
    lines = "".join(f"{key} = {_toml(value)}\n" for key, value in table.items())
    return f"\n[{name}]\n{lines}"


def _toml(value: object) -> str:
    """A value as TOML writes it; numbers with all their digits."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return "inf" if value == math.inf else repr(value)
