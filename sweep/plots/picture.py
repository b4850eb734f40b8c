"""From a grid and its saved results to the picture that `sweep plot` draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from sweep.errors import UsageError, Warn
from sweep.grid import Grid, PlotSettings
from sweep.grid.problems import GridError, unknown
from sweep.models.parameters import Value
from sweep.models.seeds import Statistic
from sweep.plots.entries import split_entry, with_entry
from sweep.plots.outline import lines_over
from sweep.plots.request import PictureRequest
from sweep.store.endings import PICTURES, check_ending
from sweep.store.folder import Folder
from sweep.store.known import blank, frame
from sweep.store.refined import with_wanted
from sweep.store.schema import schema

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

ROLES = ("x", "y", "facet", "series")

NOT_DRAWN = ("seed",)
"""Axes that the picture sums up rather than shows."""


@dataclass(frozen=True)
class Choices:
    """What the command line asks for; None leaves it to the grid file."""

    x: str | None = None
    y: str | None = None
    facet: str | None = None
    series: str | None = None
    value: str | None = None
    statistic: Statistic = "median"
    where: Mapping[str, Sequence[object]] = field(default_factory=dict)


def picture(grid: Grid, folder: Folder, choices: Choices, warn: Warn) -> Figure:
    """Draw the saved results of a grid. Raises UsageError."""
    from sweep.plots.draw import draw  # matplotlib takes its time

    coarse = grid
    grid = with_wanted(grid, folder, warn)
    request = make_request(grid, choices)
    if grid.plot.boundary and request.y is not None:
        request = replace(request, lines=lines_over(coarse, folder, request, warn))
    rows = frame(grid, folder, warn, [split_entry(request.value)[0]])
    return draw(with_value(rows, request), request)


def check_section(grid: Grid) -> None:
    """Raise UsageError for what is wrong with names in the [plot] section, if there is one."""
    if grid.plot != PlotSettings():
        make_request(grid, Choices())


def check_picture(grid: Grid) -> None:
    """Raise UsageError for all that is wrong with a picture and shows without any results."""
    from sweep.plots.draw import check

    request = make_request(grid, Choices())
    rows = blank(grid, [split_entry(request.value)[0]])
    try:
        check(with_value(rows, request), request)
    except UsageError as error:
        raise GridError(grid.place, f"[plot] {error}") from None


def _check_value(grid: Grid, value: str, place: str) -> None:
    column, entry = split_entry(value)
    kinds = {field.name: field.type for field in schema(grid.model) if field.name != "cell_id"}
    if column not in kinds:
        raise UsageError(f"{place}: {unknown(column, 'column', kinds)}")
    holds_lists = pa.types.is_list(kinds[column])
    if holds_lists and entry is None:
        raise UsageError(f"{place}: {column} holds lists; choose an entry, as in {column}[0]")
    if not holds_lists and entry is not None:
        raise UsageError(f"{place}: {column} holds no lists; leave out [{entry}]")


def with_value(rows: pd.DataFrame, request: PictureRequest) -> pd.DataFrame:
    """The rows with the value that is drawn as a column, also where it is an entry of a list."""
    column, entry = split_entry(request.value)
    return rows if entry is None else with_entry(rows, column, entry)


def make_request(grid: Grid, choices: Choices) -> PictureRequest:
    """What to draw: the command line's word first, then the grid file's, then a good guess.

    Raises UsageError, which says where the wrong word stands.
    """
    if not grid.axes:
        raise UsageError(
            f"{grid.place}: has no axis to draw over; `sweep cell` shows a single cell"
        )
    where = _where(grid, choices.where)
    roles = _roles(grid, choices, [name for name, values in where.items() if len(values) == 1])
    for role, name in roles.items():
        if name not in grid.axes:
            raise UsageError(f"{_place(grid, choices, role)}: {unknown(name, 'axis', grid.axes)}")
    if {"y", "series"} <= roles.keys():
        place = _place(grid, choices, "series")
        raise UsageError(f"{place}: goes with lines; leave out y, or name it as facet instead")
    value = choices.value or grid.plot.value or _telling(grid)
    _check_value(grid, value, _place(grid, choices, "value"))
    return PictureRequest(
        axes=grid.axes,
        x=roles["x"],
        y=roles.get("y"),
        facet=roles.get("facet"),
        series=roles.get("series"),
        value=value,
        title=grid.title if _is_of_the_grid(grid, choices) else "",
        symbols={parameter.name: parameter.symbol for parameter in grid.model.parameters},
        time_symbol=grid.model.time_symbol,
        columns=grid.model.columns,
        statistic=choices.statistic,
        where=where,
        level=grid.plot.level if _is_of_the_grid(grid, choices) else None,
        levels={} if grid.refine is None else dict.fromkeys(grid.refine.axes, grid.refine.levels),
        at_times=grid.model.window if _at_times(grid, value) else None,
    )


def _place(grid: Grid, choices: Choices, key: str) -> str:
    """Where a role or the value is named."""
    given = getattr(choices, key) is not None
    return f"--{key}" if given else f"{grid.place_of('plot', key)}: [plot] {key}"


def _roles(grid: Grid, choices: Choices, decided: Sequence[str]) -> dict[str, str]:
    """Which axis is x, y, facet and series, for those that are any.

    Axes of which one value is kept, `decided`, need not be any.
    An axis or a role that the command line speaks of is no longer the grid file's. A heatmap, with
    a y, is the guess, unless an x without a y is asked for, or a line for every value of an axis.
    """
    asked = _named(choices)
    offered = _named(grid.plot)
    rivals = {"y": "series", "series": "y"}
    gone = {*asked, *(rivals.get(role) for role in asked)}
    kept = {
        role: name
        for role, name in offered.items()
        if role not in gone and name not in asked.values()
    }
    roles = {**kept, **asked}
    free = _free(grid, decided, roles)
    if "x" not in roles:
        if not free:
            raise UsageError(
                f"{grid.place}: no axis is left for x; give one, or fewer of the others"
            )
        roles["x"] = free.pop(0)
    with_y = "series" not in roles and ("y" in offered or not {"x", "y"} & {*asked, *offered})
    for role in ("y" if with_y else "series", "facet"):
        if role not in roles and rivals.get(role) not in roles and free:
            roles[role] = free.pop(0)
    return roles


def _named(source: Choices | PlotSettings) -> dict[str, str]:
    return {role: name for role in ROLES if (name := getattr(source, role)) is not None}


def _free(grid: Grid, decided: Sequence[str], roles: Mapping[str, str]) -> list[str]:
    """The axes still without a role, the likeliest first, one of each group of zipped ones."""
    taken = {*roles.values(), *decided}
    partners = {name: group for group in grid.zipped for name in group}
    free: list[str] = []
    for name in dict.fromkeys([*grid.model.preferred_axes, *grid.axes]):
        group = partners.get(name, (name,))
        if name in grid.axes and name not in NOT_DRAWN and not taken.intersection(group):
            free.append(name)
            taken.add(name)
    return free or ([] if roles else list(grid.axes))


def _telling(grid: Grid) -> str:
    """The column that says most of a grid: the time to its target, or the error without one."""
    return "error_final" if _without_target(grid) else "time_to_target"


def _at_times(grid: Grid, value: str) -> bool:
    """Whether the grid asks for the error at the ends of several windows, met by no target."""
    return value == "error_final" and _without_target(grid) and grid.model.window in grid.axes


def _without_target(grid: Grid) -> bool:
    """Whether the target is an error of 0 in all cells, which none of them meets."""
    return set(grid.swept.get("target_error", [grid.fixed.get("target_error")])) == {0}


def _is_of_the_grid(grid: Grid, choices: Choices) -> bool:
    """Whether the value drawn is the grid file's own, which its title and level speak of."""
    return choices.value in (None, grid.plot.value)


def _where(grid: Grid, choices: Mapping[str, Sequence[object]]) -> dict[str, tuple[Value, ...]]:
    parameters = {parameter.name: parameter for parameter in grid.model.parameters}
    kept = {}
    for name, values in choices.items():
        if name not in grid.axes:
            raise UsageError(f"--where: {unknown(name, 'axis', grid.axes)}")
        kept[name] = parameters[name].parse_all(values)
    return kept


def save_picture(figure: Figure, target: Path) -> None:
    """Write a picture as a whole. Raises UsageError."""
    from sweep.plots.draw import save
    from sweep.store.files import beside, publish

    check_ending(target, PICTURES)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        publish(target, beside(target), lambda path: save(figure, path))
    except OSError as error:
        raise UsageError(f"{target}: cannot be written ({error.strerror})") from error
