"""Rows become arrays: one value and one status for every place of every panel.

The rows of several seeds at one place are summarised (`seeds`). Any other axis that puts several
rows at one place is an error, because no picture of it would be true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sweep.errors import UsageError
from sweep.grid.axes import Spacing
from sweep.models.parameters import shown
from sweep.models.seeds import ABSENT, OverSeeds, Rows, band, summary
from sweep.models.status import NOT_REACHED, REACHED, StatusCodes
from sweep.ode.arrays import Floats
from sweep.plots.columns import STATUS, TIME, codes_of_status, factorized, listed, numbers_of
from sweep.plots.edges import Key, Scale, in_order, key, scale
from sweep.plots.entries import split_entry
from sweep.plots.refusals import check_request, refuse_other_axes, refuse_statistic, refuse_words
from sweep.plots.request import PictureRequest

if TYPE_CHECKING:
    import pandas as pd


MOST_PANELS = 60
MOST_IN_MATRIX = 150

Facet = Key | tuple[Key, Key]
"""The value of a panel's axis; of a matrix of panels those of its row and its column."""


@dataclass(frozen=True)
class Table:
    """values, status: shape (facets, y, x). `values` is NaN where the status alone is drawn.

    categories: where values stand for categories, their names; `values` are positions in it.
    summarised: a place stands for several seeds. incomplete: some places do for a part of theirs.
    ratio: whether a spread is a ratio or a difference. within: what all values are by their nature
    within. x_spacing, y_spacing: of the axes drawn. rows, columns: of a matrix of panels, which
    are in the order of reading; a panel of it may have no cell. sparse: of a refined grid, which
    does not ask for all places.
    """

    facets: tuple[Facet, ...]
    y: tuple[Key, ...]
    x: tuple[Key, ...]
    values: Floats
    status: StatusCodes
    categories: tuple[str, ...] = ()
    summarised: bool = False
    incomplete: bool = False
    ratio: bool = True
    is_status: bool = False
    is_fraction: bool = False
    within: tuple[float, float] | None = None
    x_spacing: Spacing = "listed"
    y_spacing: Spacing = "listed"
    rows: tuple[Key, ...] = ()
    columns: tuple[Key, ...] = ()
    band: tuple[Floats, Floats] | None = None
    sparse: bool = False
    bare: str = "no value"

    @cached_property
    def x_scale(self) -> Scale:
        """How the columns lie."""
        return scale(self.x, self.x_spacing)

    @cached_property
    def y_scale(self) -> Scale:
        """How the rows lie."""
        return scale(self.y, self.y_spacing)

    @property
    def excluded(self) -> bool:
        """Whether there are places in panels that are no cells, or that nobody asked for."""
        absent = self.status == ABSENT
        return bool(np.any(absent & ~absent.all(axis=(1, 2), keepdims=True)))

    def present(self) -> list[int]:
        """The statuses that show as such, in their usual order."""
        bare = np.unique(self.status[np.isnan(self.values)])
        return [int(code) for code in bare if code != ABSENT]


def tabulate(
    frame: pd.DataFrame, request: PictureRequest, y: str | None, facet: str | None
) -> Table:
    """The rows of `frame` over request.x, `y`, and `facet` or the request's rows and columns.

    Raises UsageError.
    """
    panels = request.panel_axes if request.is_matrix else (None, facet)
    named = (*panels, y, request.x)
    drawn = [name for name in named if name is not None]
    check_request(frame, request, drawn)
    frame = _filtered(frame, request)
    codes, keys = zip(*(_codes(frame, request, name) for name in named), strict=True)
    shape = tuple(len(k) for k in keys)
    _refuse_many(request, shape)
    place = np.ravel_multi_index(codes, shape).astype(np.int64)
    status = codes_of_status(frame)
    plain = request.statistic == "median"
    categorical = plain and request.limits is None and request.scale is None
    numbers, categories = numbers_of(frame, request.value, status, categorical=categorical)
    rows = Rows(place, int(np.prod(shape)), status, numbers)
    of_places = _of_places(frame, request, rows, drawn)
    values = of_places.values
    if request.statistic == "fraction" and request.y is not None:
        values = np.where(values > 0, values, np.nan)  # in colours the status says more than a 0
    # The lower of two middle categories, as there is none between them.
    stacked = (shape[0] * shape[1], *shape[2:])
    table = Table(
        facets=tuple(product(*keys[:2])) if request.is_matrix else keys[1],
        y=keys[2],
        x=keys[3],
        values=(np.floor(values) if plain and categories else values).reshape(stacked),
        status=of_places.status.reshape(stacked),
        categories=categories if plain else (),
        summarised=rows.several,
        incomplete=of_places.incomplete,
        ratio=of_places.ratio,
        is_status=plain and request.value == STATUS,
        is_fraction=request.statistic == "fraction",
        within=_within(request),
        x_spacing=request.axes[request.x].spacing,
        y_spacing=request.axes[y].spacing if y is not None else "listed",
        rows=keys[0] if request.is_matrix else (),
        columns=keys[1] if request.is_matrix else (),
        band=_band(rows, request, stacked),
        sparse=bool(request.levels),
        bare=_bare(request),
    )
    table = _told_apart(table, request)
    table = _without_empty_rows(table) if request.is_matrix else _without_empty_panels(table)
    if len(table.facets) > MOST_PANELS and not request.is_matrix:
        raise UsageError(
            f"facet: {facet} has {len(table.facets)} values, at most {MOST_PANELS} fit; "
            "choose another facet"
        )
    return table


def _of_places(
    frame: pd.DataFrame, request: PictureRequest, rows: Rows, drawn: Sequence[str]
) -> OverSeeds:
    """What the rows at every place come to together."""
    if not rows.several:
        refuse_statistic(request)
        return rows.scattered()
    refuse_other_axes(frame, request, rows.place, drawn)
    refuse_words(frame, request)
    return summary(rows, request.statistic, timed=request.value == TIME)


def _band(
    rows: Rows, request: PictureRequest, shape: tuple[int, ...]
) -> tuple[Floats, Floats] | None:
    """The band around lines over several seeds."""
    if request.y is not None or not rows.several:
        return None
    ends = band(rows, request.statistic, request.quantiles, timed=request.value == TIME)
    return None if ends is None else (ends[0].reshape(shape), ends[1].reshape(shape))


def _told_apart(table: Table, request: PictureRequest) -> Table:
    """Where a quantity that all answered cells have is lacking, no target is to blame."""
    if request.value in (TIME, STATUS) or request.statistic == "fraction":
        return table
    lacking = np.isnan(table.values) & (table.status == NOT_REACHED)
    return replace(table, status=np.where(lacking, REACHED, table.status).astype(np.int8))


def _bare(request: PictureRequest) -> str:
    if request.statistic == "spread":
        return "one seed alone"
    return "no value" if split_entry(request.value)[1] is None else "no such entry"


def _refuse_many(request: PictureRequest, shape: Sequence[int]) -> None:
    """Refuse a matrix of more panels than a page holds."""
    if request.is_matrix and shape[0] * shape[1] > MOST_IN_MATRIX:
        raise UsageError(
            f"rows and columns: {shape[0]} × {shape[1]} panels, at most {MOST_IN_MATRIX} fit; keep "
            "fewer values (where)"
        )


def _within(request: PictureRequest) -> tuple[float, float] | None:
    """The interval from 0 to 1 for fractions, and that of a column whose values have one."""
    if request.statistic == "fraction":
        return 0.0, 1.0
    column = request.columns.get(split_entry(request.value)[0])
    return column.within if column and request.statistic in ("median", "mean") else None


def _filtered(frame: pd.DataFrame, request: PictureRequest) -> pd.DataFrame:
    for name, values in request.where.items():
        codes, uniques = factorized(frame, name)
        there = [value for value in values if key(value) in uniques]
        lacking = [value for value in values if key(value) not in uniques]
        # A refined axis has values that the search had no use for.
        if lacking and not (there and name in request.levels):
            raise UsageError(
                f"where: no cell has {name} = {shown(lacking[0])}; there are {listed(uniques)}"
            )
        frame = frame[np.isin(codes, [uniques.index(key(value)) for value in there])]
    if frame.empty:
        raise UsageError("there is no cell to draw; widen the grid or its filter (where)")
    return frame


def _codes(
    frame: pd.DataFrame, request: PictureRequest, name: str | None
) -> tuple[NDArray[np.int64], tuple[Key, ...]]:
    """For every row the position of its value on an axis, and the keys of that axis."""
    if name is None:
        return np.zeros(len(frame), dtype=np.int64), ("",)
    codes, uniques = factorized(frame, name)
    declared = [] if name in request.where else [key(value) for value in request.axes[name].values]
    keys = in_order([*declared, *uniques])
    position = {k: i for i, k in enumerate(keys)}
    return np.array([position[k] for k in uniques], dtype=np.int64)[codes], keys


def _without_empty_panels(table: Table) -> Table:
    """A filter or zipped axes may leave a facet without any cell."""
    full = np.any(table.status != ABSENT, axis=(1, 2))
    if full.all():
        return table
    facets = tuple(k for k, keep in zip(table.facets, full, strict=True) if keep)
    return _of_panels(table, full, facets=facets)


def _without_empty_rows(table: Table) -> Table:
    """The same of a matrix, whose rows and columns stay or go as a whole."""
    shape = (len(table.rows), len(table.columns))
    full = np.any(table.status != ABSENT, axis=(1, 2)).reshape(shape)
    down, across = full.any(axis=1), full.any(axis=0)
    kept = np.ravel(down[:, None] & across)
    rows = tuple(k for k, keep in zip(table.rows, down, strict=True) if keep)
    columns = tuple(k for k, keep in zip(table.columns, across, strict=True) if keep)
    facets = tuple(product(rows, columns))
    return _of_panels(table, kept, facets=facets, rows=rows, columns=columns)


def _of_panels(table: Table, kept: NDArray[np.bool_], **changes: Any) -> Table:
    """The table with some of its panels alone."""
    band = table.band and (table.band[0][kept], table.band[1][kept])
    return replace(
        table, values=table.values[kept], status=table.status[kept], band=band, **changes
    )
