"""Files that are whole or not there at all: written aside, synced, renamed."""

from __future__ import annotations

import errno
import os
import uuid
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

_unfinished: set[Path] = set()


def beside(target: Path) -> Path:
    """A name to write `target` aside, in its folder, that no other process has thought of."""
    return target.with_name(f".{target.stem[:40]}.{uuid.uuid4().hex[:8]}.tmp{target.suffix}")


def publish(target: Path, aside: Path, write: Callable[[Path], object]) -> None:
    """Let `write` make the file `aside` (on the same file system), then rename it to `target`.

    A reader sees all of it or nothing, whatever is killed and when. Where this fails, neither
    `aside` nor `target` is left behind.
    """

    def written(path: Path) -> Path:
        write(path)
        return target

    publish_named(aside, written)


def publish_named(aside: Path, write: Callable[[Path], Path]) -> Path:
    """As `publish`, with a target that `write` gives, since only what is written says its name."""
    _unfinished.add(aside)
    try:
        target = write(aside)
        _sync(aside)
        aside.rename(target)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    finally:
        _unfinished.discard(aside)
    try:
        sync_names(target.parent)
    except OSError:
        target.unlink(missing_ok=True)
        raise
    return target


def clear_away() -> None:
    """Remove what is half written, where the process is about to end in the middle of it."""
    for aside in list(_unfinished):
        with suppress(OSError):
            aside.unlink()


def sync_names(folder: Path | int) -> None:
    """Have the disk hold which names a folder has, by its path or as it is held open."""
    try:
        if isinstance(folder, int):
            os.fsync(folder)
        else:
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
