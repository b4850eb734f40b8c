"""The boundaries of all panels in one picture: how the reached region changes from one to the next.

Over two axes a boundary is drawn as lines. One that was sought along a single axis is drawn against
an axis of the panels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.plots.colours import Colour
from sweep.plots.direct import Curve, label_on
from sweep.plots.edges import Key, Scale, in_order, key, scale
from sweep.plots.keys import Entries
from sweep.plots.labels import setting, symbol
from sweep.plots.layout import arrangement
from sweep.plots.lines import MOST_LABELS, line_colours
from sweep.plots.page import Page
from sweep.plots.request import PictureRequest
from sweep.plots.style import INK, styled
from sweep.plots.ticks import LETTER, lay_along, length, ticks_of, words

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

HEIGHT, WIDEST = 0.8, 4.4
DASHES: tuple[Any, ...] = ("solid", (0, (4, 1.5)), (0, (1, 1.2)), (0, (4, 1.2, 1, 1.2)))
"""For pairs of outcomes, by turns."""

MARKED_POINTS = 70


@dataclass(frozen=True)
class Roles:
    """Which columns are x and y, which one has a colour a value, and which have a panel each.

    against: x or y, where it is an axis of the panels.
    """

    x: str
    y: str
    colour: str | None
    panels: tuple[str, ...]
    against: str | None = None


@styled
def boundaries(grid: Grid, points: pd.DataFrame) -> Figure:
    """The picture of the points of `analysis.boundary`; the grid says what it is refined for.

    Raises UsageError where there are three axes, or a single one without another beside it.
    """
    roles = _roles(grid, points)
    axes_of = {**grid.axes, **(grid.refine.axes if grid.refine else {})}
    request = PictureRequest(
        axes=axes_of,
        x=roles.x,
        y=roles.y,
        title=grid.title,
        symbols={parameter.name: parameter.symbol for parameter in grid.model.parameters},
    )
    keys = [] if roles.colour is None else _keys(grid, roles.colour)
    colours = dict(zip(keys, line_colours(scale(keys)), strict=True)) if keys else {}
    pairs = {pair: DASHES[i % len(DASHES)] for i, pair in enumerate(points["between"].unique())}
    x_scale, y_scale = (
        scale([key(v) for v in axes_of[name].values], axes_of[name].spacing)
        for name in (roles.x, roles.y)
    )
    across = x_scale if roles.against == roles.x else y_scale
    groups = _panels(grid, roles, _in_place(points, roles, across), request)
    _, labels = ticks_of(y_scale, HEIGHT * WIDEST, upright=True)
    page = Page(
        len(groups),
        arrangement(len(groups))[1],
        lambda width: HEIGHT * width,
        sides=(0.36 + LETTER * max(map(length, labels)), 0.15),
        gaps=(0.3, 0.4),
        heading=request.title,
        entries=_entries(roles, colours, pairs, request),
        widest=WIDEST,
    )
    for slot, (name, mine) in enumerate(groups):
        panel = page.panel(slot, boxed=True)
        lay_along(panel, x_scale, "x")
        lay_along(panel, y_scale, "y")
        _lines(panel, roles, mine, colours, pairs, across)
        _label(panel, roles, mine, colours, request)
        if name:
            page.name(panel, slot, name)
        x, y = symbol(roles.x, request), symbol(roles.y, request)
        page.label(panel, slot, x, y, one_y=True)
    return page.figure


def _roles(grid: Grid, points: pd.DataFrame) -> Roles:
    columns = list(points.columns)
    refined = columns[columns.index("line") + 1 : columns.index("along")]
    beside = None
    others = [
        name for name in columns[: columns.index("between")] if len(grid.axes[name].values) > 1
    ]
    asked = [name for name in (grid.plot.x, grid.plot.y) if name is not None]
    if len(refined) == 1:
        beside = next((n for n in (*asked, *others) if n in others and _is_numeric(grid, n)), None)
        if beside is None:
            raise UsageError(
                f"a picture of the boundary along {refined[0]} needs another axis of numbers; "
                "write a table, .csv or .parquet"
            )
        others.remove(beside)
        x, y = (beside, refined[0]) if grid.plot.x != refined[0] else (refined[0], beside)
    elif len(refined) == 2:
        x, y = refined if grid.plot.x != refined[1] and grid.plot.y != refined[0] else refined[::-1]
    else:
        raise UsageError(
            f"a picture of the boundary on {', '.join(refined)} would have three dimensions; write "
            "a table, .csv or .parquet"
        )
    likely = [name for name in (grid.plot.facet, *others) if name in others]
    colour = likely[0] if likely else None
    return Roles(x, y, colour, tuple(name for name in others if name != colour), beside)


def _is_numeric(grid: Grid, name: str) -> bool:
    return all(isinstance(key(value), float) for value in grid.axes[name].values)


def _keys(grid: Grid, name: str) -> tuple[Key, ...]:
    return in_order([key(value) for value in grid.axes[name].values])


def _panels(
    grid: Grid, roles: Roles, points: pd.DataFrame, request: PictureRequest
) -> list[tuple[str, pd.DataFrame]]:
    """The name and the points of every panel."""
    groups = [("", points)]
    for name in roles.panels:
        groups = [
            (", ".join(filter(None, [before, setting(name, k, request)])), of_value)
            for before, mine in groups
            for k in _keys(grid, name)
            if len(of_value := mine[mine[name].map(key) == k])
        ]
    return groups or [("", points)]


def _in_place(points: pd.DataFrame, roles: Roles, across: Scale) -> pd.DataFrame:
    """The points where the axis of the panels has its values, an infinite one among them."""
    if roles.against is None:
        return points
    places = dict(zip(across.keys, across.centres.tolist(), strict=True))
    placed = points[roles.against].map(lambda value: places.get(key(value), value))
    return points.assign(**{roles.against: placed})


def _lines(
    axes: Axes,
    roles: Roles,
    points: pd.DataFrame,
    colours: Mapping[Key, Colour],
    pairs: Mapping[str, Any],
    across: Scale,
) -> None:
    """Every line; where there are but points along one axis, those with a number make a line.

    A line of these ends before the gap of their axis, across.
    """
    against = roles.against
    for _, colour, mine in _of_colours(points, roles, colours):
        for _, line in mine.groupby(["between", "line"], sort=False):
            ordered = line.sort_values(against) if against else line
            for part in _parts(ordered, against, across):
                axes.plot(
                    part[roles.x].tolist(),
                    part[roles.y].tolist(),
                    color=colour,
                    linestyle=pairs[line["between"].iloc[0]],
                    marker="o" if against and len(line) <= MARKED_POINTS else "",
                    markersize=2.2,
                )


def _parts(line: pd.DataFrame, against: str | None, across: Scale) -> list[pd.DataFrame]:
    if against is None or across.gap is None:
        return [line]
    beyond = line[against] >= across.gap[1]
    return [part for part in (line[~beyond], line[beyond]) if len(part)]


def _of_colours(
    points: pd.DataFrame, roles: Roles, colours: Mapping[Key, Colour]
) -> Iterator[tuple[Key, Colour | str, pd.DataFrame]]:
    if not roles.colour:
        yield "", INK, points
    for k, colour in colours.items():
        mine = points[points[roles.colour].map(key) == k]
        if len(mine):
            yield k, colour, mine


def _label(
    axes: Axes,
    roles: Roles,
    points: pd.DataFrame,
    colours: Mapping[Key, Colour],
    request: PictureRequest,
) -> None:
    if roles.colour is None or len(colours) > MOST_LABELS:
        return
    label_on(
        axes,
        [
            Curve(
                words(k) if i else setting(roles.colour, k, request),
                mine[[roles.x, roles.y]].to_numpy(dtype=np.float64),
                colour,
            )
            for i, (k, colour, mine) in enumerate(_of_colours(points, roles, colours))
        ],
    )


def _entries(
    roles: Roles,
    colours: Mapping[Key, Colour],
    pairs: Mapping[str, Any],
    request: PictureRequest,
) -> Entries:
    """A line for every colour that is not told beside its curves, and for each pair of outcomes."""
    told = len(colours) <= MOST_LABELS
    handles = [] if told else [Line2D([], [], color=colour) for colour in colours.values()]
    said = [] if told else [setting(str(roles.colour), k, request) for k in colours]
    if len(pairs) > 1:
        handles += [Line2D([], [], color=INK, linestyle=dashes) for dashes in pairs.values()]
        said += [pair.replace("_", " ").replace("|", "–") for pair in pairs]
    return handles, said
