"""Texts in columns, which on a terminal are folded to its width."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator, Sequence

from sweep.cli.output import echo

GAP = "  "
NARROWEST = 12
"""No column is folded to fewer characters than these, however narrow the terminal."""


def print_columns(
    rows: Sequence[Sequence[str]], *, indent: int = 0, numbers: Collection[int] = ()
) -> None:
    """Rows on stdout, one a line where there is room. numbers: the columns set to the right."""
    import shutil

    width = shutil.get_terminal_size().columns - indent if sys.stdout.isatty() else None
    for line in laid_out(rows, width, numbers):
        echo(f"{' ' * indent}{line}".rstrip())


def laid_out(
    rows: Sequence[Sequence[str]], width: int | None, numbers: Collection[int] = ()
) -> Iterator[str]:
    """The lines of rows in columns; without a width, no text is folded."""
    import textwrap
    from itertools import zip_longest

    widths = _widths(rows, width)
    for row in rows:
        folded = [textwrap.wrap(text, w) or [""] for text, w in zip(row, widths, strict=True)]
        for texts in zip_longest(*folded, fillvalue=""):
            aligned = [
                text.rjust(w) if i in numbers else text.ljust(w)
                for i, (text, w) in enumerate(zip(texts, widths, strict=True))
            ]
            yield GAP.join(aligned).rstrip()


def _widths(rows: Sequence[Sequence[str]], width: int | None) -> list[int]:
    """Of every column; the widest of them give way until all have room."""
    widths = [max(1, *map(len, column)) for column in zip(*rows, strict=True)]
    while width is not None and sum(widths) + len(GAP) * (len(widths) - 1) > width:
        widest = max(range(len(widths)), key=widths.__getitem__)
        if widths[widest] <= NARROWEST:
            break
        widths[widest] -= 1
    return widths
