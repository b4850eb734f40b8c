"""Tables of many columns on a terminal: as many as fit, or those that are asked for."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from sweep.cli.output import echo, warn
from sweep.errors import UsageError

if TYPE_CHECKING:
    import pandas as pd

ALL = "all"
NOTHING = "–"
WIDEST = 60
"""Of a column, in characters; a matrix or a message may be wider."""


def _listed(_: click.Context, __: click.Parameter, text: str | None) -> tuple[str, ...]:
    return tuple(filter(None, (name.strip() for name in (text or "").split(","))))


columns_option = click.option(
    "--columns",
    metavar="NAME,...",
    callback=_listed,
    help=f"Columns of the table to show; {ALL}: all.  [default: those that fit the terminal]",
)


def chosen(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """The columns that are asked for, all where none is. Raises UsageError."""
    from sweep.grid.problems import unknown

    if not columns or tuple(columns) == (ALL,):
        return rows
    for name in columns:
        if name not in rows:
            raise UsageError(f"--columns: {unknown(name, 'column', map(str, rows))}")
    return rows[[*dict.fromkeys(columns)]]


def print_rows(
    rows: pd.DataFrame,
    columns: Sequence[str] = (),
    first: Sequence[str] = (),
    whole: Sequence[str] = (),
) -> None:
    """A table on stdout; on a terminal as many columns as fit it, and a line tells of the others.

    columns: those that are asked for. first: those that are to be there, whatever else does not
    fit; then the others from the left to the right. whole: those whose texts are not cut short.
    """
    rows = chosen(rows, columns)
    rows = rows.assign(
        **{str(n): rows[n].map(shown if n in whole else short).astype(object) for n in rows}
    )
    width = terminal_width()
    if width is not None and not columns:
        rows = _fitting(rows, first, width)
    if rows.empty:
        text = " ".join(map(str, rows))
    else:
        text = rows.to_string(index=False, max_colwidth=None)
    echo(text)


def terminal_width() -> int | None:
    """That of the terminal which stdout is; None where it is none."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return shutil.get_terminal_size().columns if is_terminal else None


def short(value: Any) -> str:
    """A value as tables have it, cut short where it is a long text."""
    text = shown(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"


def shown(value: Any) -> str:
    """A value as people read it."""
    if value is None or value != value:
        return NOTHING
    if isinstance(value, float):
        return "∞" if value == float("inf") else f"{value:.6g}"
    return str(value)


def words(values: Mapping[Any, object]) -> str:
    """Names with their values, as in K = 3, eta_w = 2."""
    return ", ".join(f"{name} = {shown(value)}" for name, value in values.items())


def tell_of_more(number: int, most: int) -> None:
    """Say how many of so many cells are left out of a list that has so many at most."""
    if number > most:
        echo(f"  … and {number - most:,} more, which --json lists")


def _fitting(rows: pd.DataFrame, first: Sequence[str], width: int) -> pd.DataFrame:
    left, kept = width + 1, list[str]()
    for name in dict.fromkeys([*first, *rows]):
        needed = max(len(str(name)), *map(len, rows[name]), 0) + 1
        if needed > left and kept:
            break
        left -= needed
        kept.append(name)
    if len(kept) < rows.shape[1]:
        warn(
            f"shows {len(kept)} of {rows.shape[1]} columns, which fit the terminal; --columns "
            f"NAME,... shows others ({_names(rows, kept)}), --columns {ALL} all"
        )
    return rows[[name for name in rows if name in kept]]


def _names(rows: pd.DataFrame, kept: Sequence[str]) -> str:
    others = [str(name) for name in rows if name not in kept]
    return ", ".join(others) if len(others) <= 6 else f"{', '.join(others[:5])}, …, {others[-1]}"
