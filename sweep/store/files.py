"""Files that are whole or not there at all: written aside, synced, renamed."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path


def publish(target: Path, aside: Path, write: Callable[[Path], None]) -> None:
    """Let `write` make the file `aside` (on the same file system), then rename it to `target`.

    A reader sees all of it or nothing, whatever is killed and when. What `write` leaves behind when
    it fails is removed.
    """
    try:
        write(aside)
        sync(aside)
        aside.rename(target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync(target.parent)


def sync(path: Path) -> None:
    """Have the disk hold what was written to a file, or which names a folder has."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
