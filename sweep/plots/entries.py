"""Entries of columns of lists, written as in `alignment[0]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from sweep.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd


def split_entry(value: str) -> tuple[str, int | None]:
    """The column, and the position in its lists (from 0) where there is one."""
    parts = re.fullmatch(r"(.*)\[(\d{1,9})\]", value)
    return (parts[1], int(parts[2])) if parts else (value, None)


def with_entry(frame: pd.DataFrame, column: str, entry: int) -> pd.DataFrame:
    """The frame with one more column, `column[entry]`; null where a list of `column` is too short.

    Raises UsageError where all are.
    """
    lists = frame[column]
    lengths = np.array([len(entries) if _is_list(entries) else -1 for entries in lists])
    longest = lengths.max(initial=-1)
    if 0 <= longest <= entry:
        raise UsageError(
            f"value: found {column}[{entry}]; allowed are {column}[0] to {column}[{longest - 1}]"
        )
    numbers = np.full(len(frame), np.nan)
    there = lengths > entry
    numbers[there] = [entries[entry] for entries in lists[there]]
    return frame.assign(**{f"{column}[{entry}]": numbers})


def _is_list(value: object) -> bool:
    """Whether a value of a column is a list, which pandas holds as an array."""
    return isinstance(value, np.ndarray | list)
