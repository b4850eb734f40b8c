"""What several seeds of one cell come to together: one value and one status.

A seed that does not reach its target took for ever, so that the median time is finite where more
than half of the seeds reach it. Seeds that failed, or are not computed, do not count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from sweep.models.status import (
    ANSWERED,
    DIVERGED,
    FAILED,
    MISSING,
    NOT_REACHED,
    REACHED,
    StatusCodes,
)
from sweep.ode.arrays import Floats, Index

if TYPE_CHECKING:
    import pandas as pd

Statistic = Literal["median", "mean", "spread", "fraction"]
STATISTICS: tuple[str, ...] = get_args(Statistic)

SEED = "seed"

QUARTILES = 0.25, 0.75

ABSENT = MISSING + 1
"""The code of a place that no row belongs to."""


@dataclass(frozen=True)
class OverSeeds:
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

    def scattered(self) -> OverSeeds:
        """Rows as places, where no place holds two."""
        values = np.full(self.places, np.nan)
        status = np.full(self.places, ABSENT, dtype=np.int8)
        values[self.place] = self.values
        status[self.place] = self.status
        return OverSeeds(values, status)

    def count(self, code: int) -> Index:
        """The number of rows with that status at every place."""
        return np.bincount(self.place[self.status == code], minlength=self.places)


def summary(rows: Rows, statistic: Statistic, *, timed: bool) -> OverSeeds:
    """The statistic at every place.

    timed: the values are times to a target. statistic:

    - ``median``: none at a place that diverges, or where it is endless;
    - ``mean``: the same, so that a time has none where a single seed falls short, which is then
      what the place comes to;
    - ``spread``: the largest value over the smallest among the seeds that have one (their
      difference, where some are not positive); a place where one seed has is none that falls short;
    - ``fraction``: the part of the seeds that reach the target.
    """
    status = majority(rows)
    ratio = True
    if statistic == "fraction":
        values = np.where(answered(rows) > 0, fraction(rows), np.nan)
    elif statistic == "spread":
        values, ratio = _spread(rows)
        alone = np.isnan(values) & (
            np.bincount(rows.place[~np.isnan(rows.values)], None, rows.places) > 0
        )
        status[alone] = REACHED
    else:
        middle = median if statistic == "median" else mean
        values = middle(rows, timed=timed)
        endless = np.isposinf(values) & (status == REACHED)
        status[endless] = NOT_REACHED
        values[~np.isfinite(values) | (status == DIVERGED)] = np.nan
    incomplete = bool(np.any((rows.count(MISSING) > 0) & (answered(rows) > 0)))
    return OverSeeds(values, status, incomplete, ratio)


def band(
    rows: Rows, statistic: Statistic, quantiles: tuple[float, float] | None, *, timed: bool
) -> tuple[Floats, Floats] | None:
    """From where to where the seeds, or the statistic itself, may be said to lie at every place.

    Between quantiles, by default the quartiles, or for a mean and a fraction one standard error to
    both sides unless there are `quantiles`; none for a spread. An end may be endless.
    """
    if statistic == "spread":
        return None
    if statistic == "fraction":
        share = np.where(answered(rows) > 0, fraction(rows), np.nan)
        error = np.sqrt(share * (1 - share) / np.maximum(answered(rows), 1))
        return share - error, share + error
    if statistic == "mean" and quantiles is None:
        middle = mean(rows, timed=timed)
        error = _standard_error(rows, timed=timed)
        return middle - error, middle + error
    low, high = quantiles or QUARTILES
    return quantile(rows, low, timed=timed), quantile(rows, high, timed=timed)


def is_answered(words: pd.Series[str]) -> pd.Series[bool]:
    """Where the status of a row is an answer."""
    return words.isin([status.word for status in ANSWERED])


def answered(rows: Rows) -> Index:
    """How many seeds have an answer."""
    counts: Index = np.sum([rows.count(status) for status in ANSWERED], axis=0)
    return counts


def fraction(rows: Rows) -> Floats:
    """The part of the answered seeds that reach the target."""
    return rows.count(REACHED) / np.maximum(answered(rows), 1)


def majority(rows: Rows) -> StatusCodes:
    """Reached where more than half of the answered seeds are; else the more frequent failing.

    Where nothing is answered: failed if a seed failed, missing if not, absent if there is none.
    """
    status = np.full(rows.places, ABSENT, dtype=np.int8)
    status[rows.count(MISSING) > 0] = MISSING
    status[rows.count(FAILED) > 0] = FAILED
    known = answered(rows)
    reached = 2 * rows.count(REACHED) > known
    diverged = rows.count(DIVERGED) > rows.count(NOT_REACHED)
    outcome = np.where(reached, REACHED, np.where(diverged, DIVERGED, NOT_REACHED))
    status[known > 0] = outcome[known > 0]
    return status


def median(rows: Rows, *, timed: bool) -> Floats:
    """Of the seeds that have a value, endless times included; NaN where none has."""
    place, start, count, ordered = _ordered(rows, _values(rows, timed=timed))
    middle = (ordered[start + (count - 1) // 2] + ordered[start + count // 2]) / 2
    return _spread_out(rows.places, place, middle)


def mean(rows: Rows, *, timed: bool) -> Floats:
    """Of the seeds that have a value, endless times included; NaN where none has."""
    place, start, count, ordered = _ordered(rows, _values(rows, timed=timed))
    return _spread_out(
        rows.places, place, np.add.reduceat(ordered, start) / count if len(start) else ordered
    )


def quantile(rows: Rows, part: float, *, timed: bool) -> Floats:
    """Below which so large a part of the seeds lies, linear between two of them."""
    place, start, count, ordered = _ordered(rows, _values(rows, timed=timed))
    at = part * (count - 1)
    below = np.floor(at).astype(np.int64)
    low, high = ordered[start + below], ordered[start + np.minimum(below + 1, count - 1)]
    weight = at - below
    with np.errstate(invalid="ignore"):
        between = low + weight * (high - low)
    return _spread_out(rows.places, place, np.where((weight == 0) | (low == high), low, between))


def _standard_error(rows: Rows, *, timed: bool) -> Floats:
    """Of the mean; NaN where fewer than two seeds have a value, or it is endless."""
    values = _values(rows, timed=timed)
    kept = np.isfinite(values)
    place, values = rows.place[kept], values[kept]
    count = np.bincount(place, minlength=rows.places)
    middle = np.bincount(place, values, rows.places) / np.maximum(count, 1)
    squares = np.bincount(place, (values - middle[place]) ** 2, rows.places)
    error: Floats = np.sqrt(squares / np.maximum(count - 1, 1) / np.maximum(count, 1))
    return np.where(count > 1, error, np.nan)


def extremes(rows: Rows, *, timed: bool) -> tuple[Floats, Floats]:
    """The least and the largest value, endless times included; NaN where no seed has one."""
    place, start, count, ordered = _ordered(rows, _values(rows, timed=timed))
    low, high = ordered[start], ordered[start + count - 1]
    return _spread_out(rows.places, place, low), _spread_out(rows.places, place, high)


def _values(rows: Rows, *, timed: bool) -> Floats:
    """The values; times of seeds that fall short are endless."""
    if not timed:
        return rows.values
    fell_short = (rows.status == NOT_REACHED) | (rows.status == DIVERGED)
    return np.where(fell_short, np.inf, rows.values)


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
