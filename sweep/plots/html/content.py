"""What a page knows of the cells of a grid: their parameters, their outcomes and their places."""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sweep.grid import Grid
from sweep.models.cells import Cells
from sweep.models.parameters import Value, canonical
from sweep.models.seeds import ABSENT
from sweep.models.status import MISSING, status_codes
from sweep.ode.arrays import Index
from sweep.plots.colours import STATUS_COLOURS, STATUS_WORDS
from sweep.plots.edges import Key, key
from sweep.plots.html.packed import Arrays
from sweep.plots.places import Panel

if TYPE_CHECKING:
    import pandas as pd

NOWHERE = -1
"""The place of a cell that the picture does not show."""

ALWAYS = ("time_to_target", "error_initial", "error_final", "time_final")
MOST_MESSAGES = 3000


def places(cells: Cells, where: Mapping[str, Sequence[Value]], panels: Sequence[Panel]) -> Index:
    """For every cell its place, counted panel by panel and row by row from below; or NOWHERE."""
    found = np.full(len(cells), NOWHERE, dtype=np.int64)
    kept = np.ones(len(cells), dtype=bool)
    for name, values in where.items():
        kept &= _position(cells, name, [key(value) for value in values]) >= 0
    start = 0
    for panel in panels:
        here = kept.copy()
        for name, one in panel.of.items():
            here &= _position(cells, name, [one]) >= 0
        (x_name, x), (y_name, y) = panel.x, panel.y
        column = _position(cells, x_name, x.keys)
        row = np.zeros_like(column) if y_name is None else _position(cells, y_name, y.keys)
        here &= (column >= 0) & (row >= 0)
        found[here] = start + row[here] * len(x.keys) + column[here]
        start += len(x.keys) * len(y.keys)
    return found


def _position(cells: Cells, name: str, keys: Sequence[Key]) -> Index:
    """For every cell the position of its value among the keys, or -1."""
    at = {k: i for i, k in enumerate(keys)}
    of_values = np.array([at.get(key(value), -1) for value in cells.values[name]], dtype=np.int64)
    return of_values[cells.codes[name]]


def parameters(grid: Grid, cells: Cells, arrays: Arrays) -> list[dict[str, Any]]:
    """The axes, and what else is not as the grid has it: all values, as one would give them.

    The arrays have for every cell the position of its own value.
    """
    found = []
    usual = {parameter.name: parameter.default for parameter in grid.model.parameters}
    usual |= grid.fixed
    others = [name for name, values in cells.values.items() if values != (usual[name],)]
    for name in dict.fromkeys([*grid.axes, *others]):
        texts = [argument(value) for value in cells.values[name]]
        arrays.add_codes(f"parameter {name}", cells.codes[name])
        quoted = [shlex.quote(f"{name}={text}") for text in texts]
        found.append({"name": name, "values": texts, "arguments": quoted})
    return found


def argument(value: Value) -> str:
    """A value as on the command line."""
    if isinstance(value, str):
        return value
    if isinstance(value, float) and math.isinf(value):
        return "inf" if value > 0 else "-inf"
    return canonical(value)


def outcomes(rows: pd.DataFrame, drawn: str, numbers: Sequence[str], arrays: Arrays) -> list[str]:
    """The status of every cell, and its numbers, NaN where there are none; names of the latter."""
    arrays.add("status", "u1", status_codes(rows["status"]))
    names = [
        name for name in dict.fromkeys([*ALWAYS, *numbers, drawn]) if _holds_numbers(rows, name)
    ]
    for name in names:
        arrays.add(name, "f4", rows[name].to_numpy(dtype=np.float64, na_value=np.nan))
    return names


def _holds_numbers(rows: pd.DataFrame, name: str) -> bool:
    from pandas.api.types import is_bool_dtype, is_numeric_dtype

    return is_numeric_dtype(rows[name]) and not is_bool_dtype(rows[name])


def messages(rows: pd.DataFrame, arrays: Arrays) -> list[str]:
    """What the rows say in words, each text once; none where they are too many for a page."""
    import pandas as pd

    codes, texts = pd.factorize(rows["message"])
    if not len(texts) or len(texts) > MOST_MESSAGES:
        return []
    arrays.add_codes("message", codes + 1)
    return ["", *map(str, texts)]


def statuses(codes: NDArray[np.int8]) -> list[dict[str, Any]]:
    """By their codes, with the number of cells that have them."""
    counts = np.bincount(codes, minlength=ABSENT)
    return [
        {"word": STATUS_WORDS[code], "colour": STATUS_COLOURS[code], "count": int(counts[code])}
        for code in range(MISSING + 1)
    ]


def command(grid: Grid) -> list[str]:
    """What follows a cell: the words before its parameters, between them and after them."""
    if grid.path is None:
        return ["sweep.follow(grid, ", ", ", ")"]
    return [shlex.join(["sweep", "cell", str(grid.path)]) + " ", " ", ""]
