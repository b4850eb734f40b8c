"""Columns of rows as arrays: the places of their values on axes, statuses, numbers, categories."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sweep.errors import UsageError
from sweep.models.status import NOT_REACHED, REACHED, StatusCodes, status_codes
from sweep.ode.arrays import Floats
from sweep.plots.edges import Key, in_order, key

if TYPE_CHECKING:
    import pandas as pd

STATUS = "status"
TIME = "time_to_target"
REALS = (TIME, "time_final", "error_initial", "error_final", "rhs_evaluations", "wall_s")
MOST_CATEGORIES = 12


def factorized(frame: pd.DataFrame, name: str) -> tuple[NDArray[np.int64], list[Key]]:
    import pandas as pd

    codes, uniques = pd.factorize(frame[name])
    return codes.astype(np.int64), [_key_of_entry(entry) for entry in uniques]


def _key_of_entry(entry: Any) -> Key:
    return key(entry) if isinstance(entry, str | tuple) else float(entry)


def codes_of_status(frame: pd.DataFrame) -> StatusCodes:
    """The status of every row; null and any other word mean that it is not computed."""
    import pandas as pd

    codes, words = pd.factorize(frame[STATUS])
    return status_codes([*words, None])[codes]


def numbers_of(
    frame: pd.DataFrame, value: str, status: StatusCodes, *, categorical: bool = True
) -> tuple[Floats, tuple[str, ...]]:
    """The column that is drawn as floats, NaN where the status says all; and its categories.

    categorical: whether few small integers are categories.
    """
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
    if value in REALS or not categorical or not _are_categories(distinct):
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


def listed(keys: Sequence[Key]) -> str:
    """Distinct keys on one line of a message, the first and the last of many."""
    words = [f"{k:g}" if isinstance(k, float) else k for k in in_order(keys)]
    return ", ".join(words) if len(words) <= 6 else ", ".join([*words[:4], "…", words[-1]])
