"""From a grid and its saved results to the picture that `sweep plot` draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.grid.problems import unknown
from sweep.parameters import Value
from sweep.plots.request import PictureRequest, Statistic
from sweep.results import frame
from sweep.store.folder import Folder, Warn

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PREFERRED = ("eta_w", "eta_J", "inner_rate", "outer_rate")
"""Axes that a picture has on x and y, in this order, where the grid file does not say."""

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
    where: Mapping[str, str] = field(default_factory=dict)


def picture(grid: Grid, folder: Folder, choices: Choices, warn: Warn) -> Figure:
    """Draw the saved results of a grid. Raises UsageError."""
    from sweep.plots.draw import draw  # matplotlib takes its time

    request = make_request(grid, choices)
    return draw(frame(grid, folder, warn, [request.value]), request)


def make_request(grid: Grid, choices: Choices) -> PictureRequest:
    """What to draw: the command line's word first, then the grid file's, then a good guess."""
    x, y, facet = _axes(grid, choices)
    symbols = {parameter.name: parameter.symbol for parameter in grid.model.parameters}
    return PictureRequest(
        axes=grid.axes,
        x=x,
        y=y,
        facet=facet,
        series=choices.series or grid.plot.series,
        value=choices.value or grid.plot.value or "time_to_target",
        title=grid.title,
        symbols=symbols,
        time_symbol=grid.model.time_symbol,
        statistic=choices.statistic,
        where=_where(grid, choices.where),
    )


def _axes(grid: Grid, choices: Choices) -> tuple[str, str | None, str | None]:
    if not grid.axes:
        raise UsageError(f"{grid.path}: has no axis to draw over; `sweep cell` shows a single cell")
    series = choices.series or grid.plot.series
    chosen = [choices.x or grid.plot.x, choices.y or grid.plot.y, choices.facet or grid.plot.facet]
    drawable = [name for name in grid.axes if name not in (*NOT_DRAWN, *choices.where, series)]
    free = [name for name in (*PREFERRED, *drawable) if name in drawable and name not in chosen]
    free = list(dict.fromkeys(free or ([] if any(chosen) else grid.axes)))
    x = chosen[0] or free.pop(0)
    y, facet = chosen[1], chosen[2]
    lines_asked_for = chosen[0] is not None and chosen[1] is None
    if y is None and free and not lines_asked_for and len(drawable) > 1 and series is None:
        y = free.pop(0)
    if facet is None and free:
        facet = free.pop(0)
    return x, y, facet


def _where(grid: Grid, texts: Mapping[str, str]) -> dict[str, Value]:
    parameters = {parameter.name: parameter for parameter in grid.model.parameters}
    kept = {}
    for name, text in texts.items():
        if name not in grid.axes:
            raise UsageError(unknown(name, "axis", grid.axes))
        kept[name] = parameters[name].parse(text)
    return kept


def save_picture(figure: Figure, target: Path) -> None:
    """Write a picture as a whole. Raises UsageError."""
    from sweep.plots.draw import save
    from sweep.store.files import publish

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        aside = target.with_name(f".{target.stem}.tmp{target.suffix}")
        publish(target, aside, lambda path: save(figure, path))
    except OSError as error:
        raise UsageError(f"{target}: cannot be written ({error.strerror})") from error
