"""Drawing a picture again and again while a run goes on."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import sleep
from typing import TYPE_CHECKING

from sweep.cli.output import warn

if TYPE_CHECKING:
    from sweep.grid import Grid
    from sweep.store.folder import Folder

PAUSE_S = 2.0
"""How long after a look at the results comes the next one."""

INTERRUPTED = 130


def watch(grid: Grid, folder: Folder, draw: Callable[[], None], place: object) -> None:
    """Draw whenever there are other rows, until there are those of all cells, or Ctrl-C."""
    try:
        _watch(grid, folder, draw, place)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _watch(grid: Grid, folder: Folder, draw: Callable[[], None], place: object) -> None:
    drawn = None
    while True:
        seen = _seen(folder)
        if seen != drawn and seen:
            draw()
            left, count = _left(grid, folder)
            warn(f"picture: {place}; {count - left:,} of {count:,} cells")
            if not left:
                return
        elif drawn is None:
            warn(f"{folder.path}: waiting for the first rows")
        drawn = seen
        sleep(PAUSE_S)


def _seen(folder: Folder) -> list[tuple[str, int]]:
    """What changes with the rows."""
    return [(part.name, part.stat().st_mtime_ns) for part in folder.parts() if part.exists()]


def _left(grid: Grid, folder: Folder) -> tuple[int, int]:
    """How many cells have no row yet, and how many there are; of a refined grid those wanted."""
    from sweep.store.known import frame
    from sweep.store.refined import with_wanted

    rows = frame(with_wanted(grid, folder, warn), folder, warn, [])
    return int(rows["status"].isna().sum()), len(rows)
