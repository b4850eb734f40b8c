"""Which axis of a grid has which part in its picture, where not all of it is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sweep.errors import UsageError
from sweep.grid import Grid

NOT_DRAWN = ("seed",)
"""Axes that the picture sums up rather than shows."""

ALONG = ("x", "y")

Parts = Mapping[str, str]

RIVALS: Mapping[str, tuple[str, ...]] = {
    "y": ("series",),
    "series": ("y",),
    "facet": ("rows", "columns"),
    "rows": ("facet",),
    "columns": ("facet",),
}
"""The parts that a picture cannot have beside another."""


def parts_of(grid: Grid, asked: Parts, offered: Parts, decided: Sequence[str]) -> dict[str, str]:
    """Which axis is x, y, facet and so on, for those that are any.

    asked: what the command line says; offered: what the grid file does. Axes of which one value is
    kept, `decided`, need no part, and are not drawn along unless that is asked for. An axis or a
    part that the command line speaks of is no longer the grid file's. A heatmap, with a y, is the
    guess, unless there is a line for every value of an axis, or an x is asked for with neither a y
    nor panels. Two axes that are left are the rows and columns of a matrix. Raises UsageError.
    """
    gone = {*asked, *(rival for part in asked for rival in RIVALS.get(part, ()))}
    kept = {
        part: name
        for part, name in offered.items()
        if part not in gone
        and name not in asked.values()
        and not (part in ALONG and name in decided)
    }
    parts = {**kept, **asked}
    free = _free(grid, decided, parts)
    if "x" not in parts:
        if not free and "x" in offered and "x" not in gone:
            free = [offered["x"]]
        if not free:
            raise UsageError(
                f"{grid.place}: no axis is left for x; give one, or fewer of the others"
            )
        parts["x"] = free.pop(0)
    named = {*asked, *offered}
    panels = {"facet", "rows", "columns"} & parts.keys()
    with_y = "series" not in parts and ("y" in offered or "x" not in named or bool(panels))
    _give(parts, "y" if with_y else "series", free)
    if not panels:
        for part in ("rows", "columns") if len(free) == 2 else ("facet",):
            _give(parts, part, free)
    elif "facet" not in panels:
        for part in ("rows", "columns"):
            _give(parts, part, free)
    return parts


def _give(parts: dict[str, str], part: str, free: list[str]) -> None:
    """Give a part to the next free axis, where it is still to be had."""
    taken = part in parts or any(rival in parts for rival in RIVALS.get(part, ()))
    if free and not taken:
        parts[part] = free.pop(0)


def _free(grid: Grid, decided: Sequence[str], parts: Parts) -> list[str]:
    """The axes still without a part, the likeliest first, one of each group of zipped ones."""
    taken = {*parts.values(), *decided}
    partners = {name: group for group in grid.zipped for name in group}
    free: list[str] = []
    for name in dict.fromkeys([*grid.model.preferred_axes, *grid.axes]):
        group = partners.get(name, (name,))
        if name in grid.axes and name not in NOT_DRAWN and not taken.intersection(group):
            free.append(name)
            taken.add(name)
    return free or ([] if parts else list(grid.axes))
