"""Cells that a refined grid did not want: drawn as the box around them has it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from sweep.models.seeds import ABSENT
from sweep.models.status import StatusCodes
from sweep.ode.arrays import Floats
from sweep.plots.request import PictureRequest
from sweep.plots.table import Table

Mean = Callable[[Floats, Floats], Floats]


def _geometric(a: Floats, b: Floats) -> Floats:
    return np.sqrt(a) * np.sqrt(b)


def _arithmetic(a: Floats, b: Floats) -> Floats:
    return a / 2 + b / 2


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
