"""Rows become arrays: one value and one status for every place of every panel.

The rows of several seeds at one place are summarised (`seeds`). Any other axis that puts several
rows at one place is an error, because no picture of it would be true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sweep.errors import UsageError
from sweep.grid.axes import Spacing
from sweep.grid.problems import unknown
from sweep.models.parameters import shown
from sweep.models.seeds import ABSENT, SEED, STATISTICS, Rows, summary
from sweep.models.status import NOT_REACHED, REACHED, StatusCodes, status_codes
from sweep.ode.arrays import Floats
from sweep.plots.edges import Key, Scale, in_order, key, scale
from sweep.plots.entries import split_entry
from sweep.plots.request import PictureRequest

if TYPE_CHECKING:
    import pandas as pd


STATUS = "status"
TIME = "time_to_target"
REALS = (TIME, "time_final", "error_initial", "error_final", "rhs_evaluations", "wall_s")
MOST_CATEGORIES = 12
MOST_PANELS = 60


@dataclass(frozen=True)
class Table:
    """values, status: shape (facets, y, x). `values` is NaN where the status alone is drawn.

    categories: where values stand for categories, their names; `values` are positions in it.
    summarised: a place stands for several seeds. incomplete: some places do for a part of theirs.
    ratio: whether a spread is a ratio or a difference. within: what all values are by their nature
    within. x_spacing, y_spacing: of the axes drawn.
    """

    facets: tuple[Key, ...]
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

    @cached_property
    def x_scale(self) -> Scale:
        """How the columns lie."""
        return scale(self.x, self.x_spacing)

    @cached_property
    def y_scale(self) -> Scale:
        """How the rows lie."""
        return scale(self.y, self.y_spacing)

    def present(self) -> list[int]:
        """The statuses that show as such, in their usual order."""
        bare = np.unique(self.status[np.isnan(self.values)])
        return [int(code) for code in bare if code != ABSENT]


def tabulate(
    frame: pd.DataFrame, request: PictureRequest, y: str | None, facet: str | None
) -> Table:
    """The rows of `frame` over request.x, `y` and `facet`. Raises UsageError."""
    drawn = [name for name in (facet, y, request.x) if name is not None]
    _check(frame, request, drawn)
    frame = _filtered(frame, request)
    codes, keys = zip(
        *(_codes(frame, request, name) for name in (facet, y, request.x)), strict=True
    )
    shape = tuple(len(k) for k in keys)
    place = np.ravel_multi_index(codes, shape).astype(np.int64)
    status = _status_codes(frame)
    numbers, categories = _numbers(frame, request.value, status)
    rows = Rows(place, int(np.prod(shape)), status, numbers)
    if rows.several:
        _refuse_other_axes(frame, request, place, drawn)
        _refuse_words(frame, request)
        of_places = summary(rows, request.statistic, timed=request.value == TIME)
    else:
        _refuse_statistic(request)
        of_places = rows.scattered()
    plain = request.statistic == "median"
    values = of_places.values  # the lower of two middle categories, as there is none between them
    table = Table(
        facets=keys[0],
        y=keys[1],
        x=keys[2],
        values=(np.floor(values) if plain and categories else values).reshape(shape),
        status=of_places.status.reshape(shape),
        categories=categories if plain else (),
        summarised=rows.several,
        incomplete=of_places.incomplete,
        ratio=of_places.ratio,
        is_status=plain and request.value == STATUS,
        is_fraction=request.statistic == "fraction",
        within=_within(request),
        x_spacing=request.axes[request.x].spacing,
        y_spacing=request.axes[y].spacing if y is not None else "listed",
    )
    table = _without_empty_panels(table)
    if len(table.facets) > MOST_PANELS:
        raise UsageError(
            f"facet: {facet} has {len(table.facets)} values, at most {MOST_PANELS} fit; "
            "choose another facet"
        )
    return table


def _within(request: PictureRequest) -> tuple[float, float] | None:
    """The interval from 0 to 1 for fractions, and that of a column whose values have one."""
    if request.statistic == "fraction":
        return 0.0, 1.0
    column = request.columns.get(split_entry(request.value)[0])
    return column.within if column and request.statistic == "median" else None


def _check(frame: pd.DataFrame, request: PictureRequest, drawn: list[str]) -> None:
    for role in ("x", "y", "facet", "series"):
        name = getattr(request, role)
        if name is not None and name not in request.axes:
            raise UsageError(f"{role}: {unknown(name, 'axis', request.axes)}")
    if request.y is not None and request.series is not None:
        raise UsageError("series: goes with lines; leave out y, or give each value a panel (facet)")
    if len(set(drawn)) < len(drawn):
        raise UsageError(f"x, y, facet and series must differ; found {', '.join(drawn)}")
    if request.statistic not in STATISTICS:
        raise UsageError(str(unknown(request.statistic, "statistic", STATISTICS)))
    if request.value not in frame.columns:
        numeric = frame.select_dtypes("number").columns
        raise UsageError(f"value: {unknown(request.value, 'column', [*map(str, numeric), STATUS])}")
    for name in request.where:
        if name not in frame.columns:
            raise UsageError(f"where: {unknown(name, 'axis', request.axes)}")


def _filtered(frame: pd.DataFrame, request: PictureRequest) -> pd.DataFrame:
    for name, values in request.where.items():
        codes, uniques = _factorized(frame, name)
        for value in values:
            if key(value) not in uniques:
                raise UsageError(
                    f"where: no cell has {name} = {shown(value)}; there are {_listed(uniques)}"
                )
        frame = frame[np.isin(codes, [uniques.index(key(value)) for value in values])]
    if frame.empty:
        raise UsageError("there is no cell to draw; widen the grid or its filter (where)")
    return frame


def _codes(
    frame: pd.DataFrame, request: PictureRequest, name: str | None
) -> tuple[NDArray[np.int64], tuple[Key, ...]]:
    """For every row the position of its value on an axis, and the keys of that axis."""
    if name is None:
        return np.zeros(len(frame), dtype=np.int64), ("",)
    codes, uniques = _factorized(frame, name)
    declared = [] if name in request.where else [key(value) for value in request.axes[name].values]
    keys = in_order([*declared, *uniques])
    position = {k: i for i, k in enumerate(keys)}
    return np.array([position[k] for k in uniques], dtype=np.int64)[codes], keys


def _factorized(frame: pd.DataFrame, name: str) -> tuple[NDArray[np.int64], list[Key]]:
    import pandas as pd

    codes, uniques = pd.factorize(frame[name])
    return codes.astype(np.int64), [_key_of_entry(entry) for entry in uniques]


def _key_of_entry(entry: Any) -> Key:
    return key(entry) if isinstance(entry, str | tuple) else float(entry)


def _status_codes(frame: pd.DataFrame) -> StatusCodes:
    """The status of every row; null and any other word mean that it is not computed."""
    import pandas as pd

    codes, words = pd.factorize(frame[STATUS])
    return status_codes([*words, None])[codes]


def _numbers(
    frame: pd.DataFrame, value: str, status: StatusCodes
) -> tuple[Floats, tuple[str, ...]]:
    """The column that is drawn as floats, NaN where the status says all; and its categories."""
    import pandas as pd

    if value == STATUS:
        return np.full(len(frame), np.nan), ()
    column = frame[value]
    computed = (status == REACHED) | ((status == NOT_REACHED) & (value != TIME))
    if pd.api.types.is_bool_dtype(column) or not pd.api.types.is_numeric_dtype(column):
        if column.notna().any():
            return _of_words(column, computed, value)
        return np.full(len(frame), np.nan), ()
    numbers = column.to_numpy(dtype=np.float64, na_value=np.nan)
    numbers = np.where(computed & np.isfinite(numbers), numbers, np.nan)
    distinct = np.unique(numbers[~np.isnan(numbers)])
    if value in REALS or not _are_categories(distinct):
        return numbers, ()
    levels = np.arange(distinct[0], distinct[-1] + 1)
    return numbers - levels[0], tuple(f"{level:.0f}" for level in levels)


def _of_words(column: pd.Series[Any], computed: Any, value: str) -> tuple[Floats, tuple[str, ...]]:
    import pandas as pd

    codes, words = pd.factorize(column.where(computed), sort=True)
    if len(words) > MOST_CATEGORIES or any(not isinstance(w, str | bool) for w in words):
        raise UsageError(
            f"value: {value} holds neither numbers nor at most {MOST_CATEGORIES} words; "
            "choose another column"
        )
    return np.where(codes >= 0, codes, np.nan), tuple(str(w) for w in words)


def _are_categories(distinct: Floats) -> bool:
    """Few small integers next to one another, such as a number of units."""
    return bool(
        distinct.size
        and np.all(distinct == np.round(distinct))
        and np.ptp(distinct) < MOST_CATEGORIES
    )


def _refuse_other_axes(
    frame: pd.DataFrame, request: PictureRequest, place: NDArray[np.int64], drawn: list[str]
) -> None:
    """Raise where an axis other than seed takes several values at one place."""
    order = np.argsort(place, kind="stable")
    same_place = np.diff(place[order]) == 0
    for name in request.axes:
        if name in drawn or name == SEED:
            continue
        codes, uniques = _factorized(frame, name)
        if np.any(same_place & (np.diff(codes[order]) != 0)):
            raise UsageError(
                f"{name}: takes several values ({_listed(uniques)}) that this picture would lay "
                f"on top of one another; give one of them a panel each (facet = {name}) or keep "
                "one (where)"
            )


def _refuse_statistic(request: PictureRequest) -> None:
    """Raise where the statistic is over seeds; there is one row at most at any place."""
    if request.statistic != "median":
        raise UsageError(
            f"statistic: found {request.statistic}, which needs several seeds at a place of the "
            "picture; leave it out, or give the grid an axis seed"
        )


def _refuse_words(frame: pd.DataFrame, request: PictureRequest) -> None:
    import pandas as pd

    words = request.value != STATUS and not pd.api.types.is_numeric_dtype(frame[request.value])
    if words and request.statistic == "median" and frame[request.value].notna().any():
        raise UsageError(f"value: {request.value} holds words, which have no median; keep one seed")


def _without_empty_panels(table: Table) -> Table:
    """A filter or zipped axes may leave a facet without any cell."""
    full = np.any(table.status != ABSENT, axis=(1, 2))
    if full.all():
        return table
    facets = tuple(k for k, keep in zip(table.facets, full, strict=True) if keep)
    return replace(table, facets=facets, values=table.values[full], status=table.status[full])


def _listed(keys: Sequence[Key]) -> str:
    """Distinct keys on one line of a message, the first and the last of many."""
    words = [f"{k:g}" if isinstance(k, float) else k for k in in_order(keys)]
    return ", ".join(words) if len(words) <= 6 else ", ".join([*words[:4], "…", words[-1]])
