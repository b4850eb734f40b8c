"""From a grid and its saved results to the picture that `sweep plot` draws."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from sweep.errors import ParameterError, UsageError, Warn
from sweep.grid import Grid, PlotSettings
from sweep.grid.drawing import PLOT_AXES, PLOT_KEYS, read_settings
from sweep.grid.problems import GridError, unknown
from sweep.models.parameters import Value
from sweep.plots.entries import split_entry, with_entry
from sweep.plots.kept import kept_values
from sweep.plots.outline import lines_over
from sweep.plots.parts import parts_of
from sweep.plots.request import PictureRequest
from sweep.store.endings import PAGES, PICTURES, check_ending
from sweep.store.folder import Folder
from sweep.store.known import blank, coded, frame
from sweep.store.refined import with_wanted
from sweep.store.schema import schema

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sweep.plots.html.pages import Wanted

OF_THE_VALUE = ("level", "limits", "scale", "contours")
"""What the [plot] table says of the quantity that it has drawn."""

NUMBERS = ("time_to_target", "error_initial", "error_final", "time_final", "wall_s")
"""What a page says of every cell, whatever its model."""


class Choices:
    """What the command line asks for, in the words of the [plot] table.

    given: what is asked for; None, and tables that are empty, leave it to the grid file.
    """

    def __init__(self, **given: Any) -> None:
        self.given = {key: told for key, told in given.items() if not _is_open(told)}


def _is_open(told: object) -> bool:
    return told is None or (isinstance(told, list | tuple | Mapping) and not told)


def picture(grid: Grid, folder: Folder, choices: Choices, warn: Warn) -> Figure:
    """Draw the saved results of a grid. Raises UsageError."""
    from sweep.plots.draw import draw  # matplotlib takes its time

    _, request, rows = prepared(grid, folder, choices, warn)
    return draw(rows, request)


def page(grid: Grid, folder: Folder, choices: Choices, courses: Wanted, warn: Warn) -> str:
    """The same as a page, whose cells say what they are. Raises UsageError."""
    from sweep.plots.draw import draw
    from sweep.plots.html.pages import Drawn, page_of_grid

    of_cells = [*NUMBERS, "message", *grid.model.number_columns]
    wanted, request, rows = prepared(grid, folder, choices, warn, of_cells)
    return page_of_grid(wanted, Drawn(draw(rows, request), request, rows), courses, warn)


def prepared(
    grid: Grid, folder: Folder, choices: Choices, warn: Warn, columns: Sequence[str] = ()
) -> tuple[Grid, PictureRequest, pd.DataFrame]:
    """The cells that are drawn, how, and their rows, with further columns of the results."""
    coarse = grid
    grid = with_wanted(grid, folder, warn)
    request = make_request(grid, choices)
    if request.boundary and request.y is not None:
        request = replace(request, lines=lines_over(coarse, folder, request, warn))
    wanted_columns = [split_entry(request.value)[0], *columns]
    rows = (frame if columns else coded)(grid, folder, warn, wanted_columns)
    return grid, request, with_value(rows, request)


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
    asked = _asked(grid, choices)
    settings = _settings(grid, asked)
    where = _where(grid, settings)
    decided = [name for name, values in where.items() if len(values) == 1]
    parts = parts_of(grid, _named(asked), _named(grid.plot), decided)
    for part, name in parts.items():
        if name not in grid.axes:
            raise UsageError(f"{_place(grid, choices, part)}: {unknown(name, 'axis', grid.axes)}")
    if {"y", "series"} <= parts.keys():
        place = _place(grid, choices, "series")
        raise UsageError(f"{place}: goes with lines; leave out y, or name it as facet instead")
    value = settings.value or _telling(grid)
    _check_value(grid, value, _place(grid, choices, "value"))
    _check_labels(grid, settings.labels, _place(grid, choices, "labels"))
    return PictureRequest(
        axes=grid.axes,
        x=parts["x"],
        y=parts.get("y"),
        facet=parts.get("facet"),
        series=parts.get("series"),
        rows=parts.get("rows"),
        columns_of=parts.get("columns"),
        value=value,
        title=grid.title if _is_of_the_grid(grid, asked) else "",
        named=grid.name,
        symbols={parameter.name: parameter.symbol for parameter in grid.model.parameters},
        time_symbol=grid.model.time_symbol,
        columns=grid.model.columns,
        statistic=settings.statistic or "median",
        where=where,
        level=settings.level,
        levels={} if grid.refine is None else dict.fromkeys(grid.refine.axes, grid.refine.levels),
        at_times=grid.model.window if _at_times(grid, value) else None,
        quantiles=settings.quantiles,
        limits=settings.limits,
        scale=settings.scale,
        contours=settings.contours or (),
        boundary=bool(settings.boundary),
        width=settings.width,
        dpi=settings.dpi,
        labels=settings.labels,
    )


def _where(grid: Grid, settings: PlotSettings) -> dict[str, tuple[Value, ...]]:
    place = grid.place_of("plot", "where")
    for name in settings.where:
        if name not in grid.axes:
            raise UsageError(f"{place}: [plot] where: {unknown(name, 'axis', grid.axes)}")
    return kept_values(settings.where, grid.axes)


def _place(grid: Grid, choices: Choices, key: str) -> str:
    """Where a role or the value is named."""
    given = key in choices.given
    return f"--{key}" if given else f"{grid.place_of('plot', key)}: [plot] {key}"


def _named(source: PlotSettings) -> dict[str, str]:
    return {part: name for part in PLOT_AXES if (name := getattr(source, part)) is not None}


def _telling(grid: Grid) -> str:
    """The column that says most of a grid: the time to its target, or the error without one."""
    return "error_final" if _without_target(grid) else "time_to_target"


def _at_times(grid: Grid, value: str) -> bool:
    """Whether the grid asks for the error at the ends of several windows, met by no target."""
    return value == "error_final" and _without_target(grid) and grid.model.window in grid.axes


def _without_target(grid: Grid) -> bool:
    """Whether the target is an error of 0 in all cells, which none of them meets."""
    return set(grid.swept.get("target_error", [grid.fixed.get("target_error")])) == {0}


def _asked(grid: Grid, choices: Choices) -> PlotSettings:
    """What is asked for, checked as the [plot] table is."""
    given = choices.given
    for key in PLOT_AXES:
        if key in given and given[key] not in grid.axes:
            raise UsageError(f"--{key}: {unknown(str(given[key]), 'axis', grid.axes)}")
    for name in given.get("where", ()):
        if name not in grid.axes:
            raise UsageError(f"--where: {unknown(name, 'axis', grid.axes)}")
    try:
        return read_settings(given, {p.name: p for p in grid.model.parameters})
    except ParameterError as error:
        raise UsageError(f"--{error}") from None


def _settings(grid: Grid, asked: PlotSettings) -> PlotSettings:
    """The grid file's word where the command line has none.

    What the file says of one quantity does not go for another.
    """
    own = grid.plot
    if not _is_of_the_grid(grid, asked):
        nothing: dict[str, Any] = dict.fromkeys(OF_THE_VALUE)
        own = replace(own, **nothing)
    chosen: dict[str, Any] = {
        key: value for key in PLOT_KEYS if (value := getattr(asked, key)) not in (None, {})
    }
    return replace(
        own,
        **{
            **chosen,
            "where": {**own.where, **asked.where},
            "labels": {**own.labels, **asked.labels},
        },
    )


def _is_of_the_grid(grid: Grid, asked: PlotSettings) -> bool:
    """Whether the quantity drawn is the grid file's own, which its title and level speak of."""
    return asked.value in (None, grid.plot.value) and asked.statistic in (
        None,
        grid.plot.statistic,
    )


def _check_labels(grid: Grid, labels: Mapping[str, str], place: str) -> None:
    known = [field.name for field in schema(grid.model) if field.name != "cell_id"]
    for name in labels:
        if split_entry(name)[0] not in known:
            raise UsageError(f"{place}: {unknown(name, 'parameter or column', known)}")


def check_target(target: Path) -> None:
    """Raise UsageError where no picture could be written, as far as is seen without writing one."""
    check_ending(target, PICTURES)
    folder = next(path for path in target.absolute().parents if path.exists())
    if not folder.is_dir():
        raise UsageError(f"{target}: cannot be written ({folder} is no folder)")
    if not os.access(folder, os.W_OK | os.X_OK):
        why = f"{os.strerror(errno.EACCES)}: {folder}"
        raise UsageError(
            f"{target}: cannot be written ({why}); leave out --plot, or put that right"
        )


def save_picture(
    figure: Figure, target: Path, dpi: int | None = None, *, grid: Grid | None = None
) -> None:
    """Write a picture, of a grid, as a whole; dpi: dots per inch, if not as usual.

    Raises UsageError.
    """
    from sweep.plots.draw import save
    from sweep.plots.origin import about

    check_ending(target, PICTURES)
    told = {} if grid is None else about(grid)
    _write(target, lambda path: save(figure, path, dpi, told=told))


def save_page(text: str, target: Path) -> None:
    """Write a page as a whole. Raises UsageError."""
    check_ending(target, PAGES)
    _write(target, lambda path: path.write_text(text, encoding="utf-8", errors="replace"))


def _write(target: Path, write: Callable[[Path], object]) -> None:
    from sweep.store.files import beside, publish

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        publish(target, beside(target), write)
    except OSError as error:
        raise UsageError(f"{target}: cannot be written ({error.strerror})") from error
