"""Files that are whole or not there at all: written aside, synced, renamed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path


def publish(target: Path, aside: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make the file `aside` (on the same file system), then rename it to `target`.

    A reader sees all of it or nothing, whatever is killed and when. Where this fails, neither
    `aside` nor `target` is left behind.
    """
    try:
        write(aside)
        _sync(aside)
        aside.rename(target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    try:
        sync_names(target.parent)
    except OSError:
        target.unlink(missing_ok=True)
        raise


def sync_names(folder: Path) -> None:
    """Have the disk hold which names a folder has."""
    try:
        _sync(folder)
    except OSError as error:
        # Some network file systems cannot sync folders; they keep names safe by themselves.
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.EBADF):
            raise


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
