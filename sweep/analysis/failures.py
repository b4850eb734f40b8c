"""Which cells have failed or diverged, and why: grouped by the reason that their rows give."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sweep.errors import Warn
from sweep.grid import Grid
from sweep.models.status import DIVERGED, FAILED, Status
from sweep.store.folder import Folder
from sweep.store.known import frame

if TYPE_CHECKING:
    import pandas as pd

NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?", re.IGNORECASE)
ANY = "…"
"""What stands in a reason for a number that is another in every cell."""

UNSAID = "no reason is saved"


@dataclass(frozen=True)
class Failing:
    """Cells that came out alike.

    reason: their message; numbers that differ among them are left out. alike: the axes on which
    they have one value, with it. cells: a row each, with the other axes and the message.
    """

    status: Status
    reason: str
    alike: dict[str, object]
    cells: pd.DataFrame


def failures(grid: Grid, folder: Folder, warn: Warn) -> list[Failing]:
    """The failed cells of a grid and then the diverged ones, the largest group first.

    Raises UsageError where there are no results.
    """
    rows = frame(grid, folder, warn, ["message"])
    found = []
    for status in (FAILED, DIVERGED):
        of_status = rows[rows["status"] == status.word]
        groups = [_group(grid, status, group) for group in _by_reason(of_status)]
        found += sorted(groups, key=lambda group: -len(group.cells))
    return found


def _by_reason(rows: pd.DataFrame) -> Iterator[pd.DataFrame]:
    messages = rows["message"].map(lambda text: text if isinstance(text, str) else UNSAID)
    rows = rows.assign(message=messages)
    patterns = messages.map(lambda text: NUMBER.sub(ANY, text))
    yield from (group for _, group in rows.groupby(patterns, sort=False))


def _group(grid: Grid, status: Status, rows: pd.DataFrame) -> Failing:
    one = [name for name in grid.axes if rows[name].nunique(dropna=False) == 1]
    alike = {name: rows[name].iloc[0] for name in one}
    others = [name for name in grid.axes if name not in alike]
    cells = rows[[*others, "message"]].reset_index(drop=True)
    return Failing(status, _shared(list(cells["message"])), alike, cells)


def _shared(messages: Sequence[str]) -> str:
    """What messages have in common that differ in numbers only."""
    first, *others = dict.fromkeys(messages)
    numbers = [NUMBER.findall(text) for text in (first, *others)]
    kept = iter([same[0] if len(set(same)) == 1 else ANY for same in zip(*numbers, strict=True)])
    return NUMBER.sub(lambda _: next(kept), first)
