"""What `where` keeps of a grid's axes: the values that are named, or near, or in a range."""

from __future__ import annotations

import math
from collections.abc import Mapping

from sweep.errors import UsageError
from sweep.grid import Axis
from sweep.grid.drawing import Between, Kept
from sweep.models.parameters import Value, shown
from sweep.plots.columns import listed
from sweep.plots.edges import key

AS_PRINTED = 5e-6
"""A listed value may be told by so many digits as messages have of it."""

HALF = 0.5 + 1e-9
"""Of a step of a spaced axis: within it, a value is the nearest one."""


def kept_values(
    where: Mapping[str, Kept], axes: Mapping[str, Axis]
) -> dict[str, tuple[Value, ...]]:
    """For every axis named the values that are kept, in their order on the axis.

    Raises UsageError for what no value of the axis is near to, and for a range that holds none.
    """
    return {name: _values(axes[name], kept) for name, kept in where.items()}


def _values(axis: Axis, kept: Kept) -> tuple[Value, ...]:
    found: list[Value] = []
    for entry in kept:
        if isinstance(entry, Between):
            within = [value for value in axis.values if entry.holds(value)]
            if not within:
                low, high = map(shown, entry.between)
                raise UsageError(
                    f"where: no value of {axis.name} lies between {low} and {high}; there are "
                    f"{shown(axis.values[0])} to {shown(axis.values[-1])}"
                )
            found += within
        else:
            near = _nearest(axis, entry)
            if near not in axis.values:
                raise UsageError(
                    f"where: no cell has {axis.name} = {shown(entry)}; there are "
                    f"{listed([key(value) for value in axis.values])}"
                )
            found.append(near)
    return tuple(value for value in axis.values if value in found)


def _nearest(axis: Axis, value: Value) -> Value:
    """The value of an axis that is meant; on a spaced one the nearest to what is named.

    The value itself where it is on the axis, or where none is near.
    """
    if value in axis.values or not isinstance(value, float) or not math.isfinite(value):
        return value
    numbers = [v for v in axis.values if isinstance(v, float) and math.isfinite(v)]
    if axis.spacing == "log":
        numbers = [v for v in numbers if v > 0]
    if not numbers or (axis.spacing == "log" and value <= 0):
        return value
    if axis.spacing == "listed":
        near = min(numbers, key=lambda v: abs(v - value))
        return near if abs(near - value) <= AS_PRINTED * abs(near) else value
    measure = math.log if axis.spacing == "log" else float
    near = min(numbers, key=lambda v: abs(measure(v) - measure(value)))
    step = abs(measure(numbers[-1]) - measure(numbers[0])) / max(1, len(numbers) - 1)
    return near if abs(measure(near) - measure(value)) <= HALF * step else value
