"""Several seeds at one place become one value and one status."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sweep.models.status import DIVERGED, FAILED, NOT_REACHED, REACHED, StatusCodes
from sweep.ode.arrays import Floats, Index
from sweep.plots.colours import ABSENT, MISSING
from sweep.plots.request import Statistic


@dataclass(frozen=True)
class Summary:
    """One entry a place. `ratio`: whether a spread is a ratio or a difference."""

    values: Floats
    status: StatusCodes
    incomplete: bool = False
    ratio: bool = True


@dataclass(frozen=True)
class Rows:
    """place: the place of every row, in range(places). values: NaN where a row has none."""

    place: Index
    places: int
    status: StatusCodes
    values: Floats

    @property
    def several(self) -> bool:
        """Whether some place holds more than one row."""
        return bool(np.bincount(self.place, minlength=1).max(initial=0) > 1)

    def scattered(self) -> Summary:
        """Rows as places, where no place holds two."""
        values = np.full(self.places, np.nan)
        status = np.full(self.places, ABSENT, dtype=np.int8)
        values[self.place] = self.values
        status[self.place] = self.status
        return Summary(values, status)

    def count(self, code: int) -> Index:
        """The number of rows with that status at every place."""
        return np.bincount(self.place[self.status == code], minlength=self.places)


def summary(rows: Rows, statistic: Statistic, *, timed: bool) -> Summary:
    """The statistic (see PictureRequest) at every place.

    timed: the values are times to a target, so that a seed that does not reach it took for ever.
    """
    status = _majority(rows)
    reached, answered = rows.count(REACHED), _answered(rows)
    ratio = True
    if statistic == "fraction":
        values = reached / np.maximum(answered, 1)
        values[reached == 0] = np.nan
    elif statistic == "spread":
        values, ratio = _spread(rows)
    else:
        values = _median(rows, endless=timed)
        values[~np.isfinite(values) | (status == DIVERGED)] = np.nan
    missing = rows.count(MISSING)
    incomplete = bool(np.any((missing > 0) & (answered > 0)))
    return Summary(values, status, incomplete, ratio)


def _answered(rows: Rows) -> Index:
    return rows.count(REACHED) + rows.count(NOT_REACHED) + rows.count(DIVERGED)


def _majority(rows: Rows) -> StatusCodes:
    """Reached where more than half of the answered seeds are; else the more frequent failing.

    Where nothing is answered: failed if a seed failed, missing if not, absent if there is none.
    """
    status = np.full(rows.places, ABSENT, dtype=np.int8)
    status[rows.count(MISSING) > 0] = MISSING
    status[rows.count(FAILED) > 0] = FAILED
    answered = _answered(rows)
    reached = 2 * rows.count(REACHED) > answered
    diverged = rows.count(DIVERGED) > rows.count(NOT_REACHED)
    status[answered > 0] = np.where(reached, REACHED, np.where(diverged, DIVERGED, NOT_REACHED))[
        answered > 0
    ]
    return status


def _median(rows: Rows, *, endless: bool) -> Floats:
    values = rows.values
    if endless:
        fell_short = (rows.status == NOT_REACHED) | (rows.status == DIVERGED)
        values = np.where(fell_short, np.inf, values)
    place, start, count, ordered = _ordered(rows, values)
    middle = (ordered[start + (count - 1) // 2] + ordered[start + count // 2]) / 2
    return _spread_out(rows.places, place, middle)


def _spread(rows: Rows) -> tuple[Floats, bool]:
    place, start, count, ordered = _ordered(rows, rows.values)
    low, high = ordered[start], ordered[start + count - 1]
    ratio = bool(np.all(low > 0))
    apart = high / low if ratio else high - low
    return _spread_out(rows.places, place, np.where(count > 1, apart, np.nan)), ratio


def _ordered(rows: Rows, values: Floats) -> tuple[Index, Index, Index, Floats]:
    """Values that are no NaN, ascending within each place: (place, start, count, values)."""
    kept = ~np.isnan(values)
    place, values = rows.place[kept], values[kept]
    order = np.lexsort((values, place))
    distinct, start, count = np.unique(place[order], return_index=True, return_counts=True)
    return distinct, start, count, values[order]


def _spread_out(places: int, place: Index, values: Floats) -> Floats:
    out = np.full(places, np.nan)
    out[place] = values
    return out
