"""Cells that a refined grid did not want: drawn as the box around them has it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from sweep.models.parameters import Value
from sweep.models.seeds import ABSENT
from sweep.models.status import StatusCodes
from sweep.ode.arrays import Floats
from sweep.plots.edges import Key, key
from sweep.plots.request import PictureRequest
from sweep.plots.table import Table, tabulate

if TYPE_CHECKING:
    import pandas as pd

Mean = Callable[[Floats, Floats], Floats]


def _geometric(a: Floats, b: Floats) -> Floats:
    return np.sqrt(a) * np.sqrt(b)


def _arithmetic(a: Floats, b: Floats) -> Floats:
    return a / 2 + b / 2


def sparse_and_filled(frame: pd.DataFrame, request: PictureRequest) -> tuple[Table, Table]:
    """The cells of a heatmap, and the same with the places between them filled.

    What `where` keeps of a refined axis of the picture is cut out in the end, as a place may owe
    its look to cells beyond. Raises UsageError.
    """
    refined = {request.y, request.x} & request.levels.keys()
    late = {name: kept for name, kept in request.where.items() if name in refined}
    whole = replace(request, where={n: k for n, k in request.where.items() if n not in refined})
    sparse = tabulate(frame, whole, request.y, request.facet)
    full = filled(sparse, whole)
    if not late:
        return sparse, full
    return _cut(sparse, request, late), _cut(full, request, late)


def _cut(table: Table, request: PictureRequest, where: Mapping[str, Sequence[Value]]) -> Table:
    """What `where` keeps of the axes of a table."""
    rows, columns = (
        _positions(keys, where.get(str(name)))
        for keys, name in ((table.y, request.y), (table.x, request.x))
    )
    return replace(
        table,
        y=tuple(table.y[i] for i in rows),
        x=tuple(table.x[i] for i in columns),
        values=table.values[:, rows][:, :, columns],
        status=table.status[:, rows][:, :, columns],
    )


def _positions(keys: Sequence[Key], kept: Sequence[Value] | None) -> list[int]:
    chosen = {*keys} if kept is None else {key(value) for value in kept}
    return [i for i, k in enumerate(keys) if k in chosen]


def filled(table: Table, request: PictureRequest) -> Table:
    """The table with the places between computed ones filled, from the coarsest level on.

    Of two neighbours that came out alike the value is their mean, of positive ones in the
    logarithm; otherwise it is that of the first. A place beside one that is no cell is none.
    """
    axes = [(1, request.y), (2, request.x)]
    levels = {axis: request.levels[name] for axis, name in axes if name and name in request.levels}
    if not levels:
        return table
    values, status = table.values.copy(), table.status.copy()
    positive = bool(np.all(values[np.isfinite(values)] > 0))
    between = None if table.categories else _geometric if positive else _arithmetic
    for level in range(max(levels.values())):
        for axis, depth in levels.items():
            if level < depth:
                # Along the other axis all that is finer is still to come.
                others = {
                    other: 1 << (deep - level - (other < axis))
                    for other, deep in levels.items()
                    if other != axis
                }
                _fill(values, status, axis, 1 << (depth - level), others, between)
    return replace(table, values=values, status=status)


def _fill(
    values: Floats,
    status: StatusCodes,
    axis: int,
    stride: int,
    others: dict[int, int],
    between: Mean | None,
) -> None:
    """Fill the places in the middle between those that are a stride apart along an axis."""

    def along(part: slice) -> tuple[slice, ...]:
        steps = [slice(None, None, others.get(other, 1)) for other in range(3)]
        steps[axis] = part
        return tuple(steps)

    length = status.shape[axis]
    first = along(slice(0, length - 1, stride))
    last = along(slice(stride, None, stride))
    middle = along(slice(stride // 2, None, stride))
    empty = (status[middle] == ABSENT) & (status[first] != ABSENT) & (status[last] != ABSENT)
    found: NDArray[np.float64] = values[first]
    if between is not None:
        mean = between(values[first], values[last])
        found = np.where((status[first] == status[last]) & np.isfinite(mean), mean, found)
    values[middle] = np.where(empty, found, values[middle])
    status[middle] = np.where(empty, status[first], status[middle])
