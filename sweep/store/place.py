"""The two folders of a run, held open: what is written goes to them, wherever they are moved.

A path only names a folder. While a run is at work, its results may be moved away, and another
run's may take their name.
"""

from __future__ import annotations

import os
import weakref
from contextlib import suppress
from pathlib import Path

from sweep.errors import UsageError
from sweep.store.files import sync_names


class Place:
    """path: the folder of the rows; aside: that of what is unfinished, on the same disk."""

    def __init__(self, path: Path, aside: Path) -> None:
        self._folders = {path: _opened(self, path), aside: _opened(self, aside)}
        self._path, self._aside = self._folders.values()

    def publish(self, name: str, content: bytes) -> None:
        """Have a file be whole among the rows, or not there at all: written aside, then renamed."""
        unfinished = f"{name}.tmp"
        try:
            self._write_aside(unfinished, content)
            os.rename(unfinished, name, src_dir_fd=self._aside, dst_dir_fd=self._path)
        except BaseException:
            with suppress(OSError):
                os.unlink(unfinished, dir_fd=self._aside)
            raise
        try:
            sync_names(self._path)
        except OSError:
            os.unlink(name, dir_fd=self._path)
            raise

    def check(self) -> None:
        """Raise UsageError where a path leads elsewhere than it did when the run began."""
        for path, descriptor in self._folders.items():
            if not _is_at(path, descriptor):
                raise UsageError(f"{path}: {self._fate(descriptor)}")

    def _fate(self, gone: int) -> str:
        now, rows = _where(gone), _where(self._path)
        what = f"was moved to {now}" if now else "was removed, or moved to another disk,"
        kept = f"stays in {rows}" if rows else "is where that went"
        return (
            f"{what} while this run was at work; what was finished {kept}; put it back to go on "
            "with it, or run again to begin anew"
        )

    def _write_aside(self, name: str, content: bytes) -> None:
        new = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666, dir_fd=self._aside)
        try:
            rest = memoryview(content)
            while rest:
                rest = rest[os.write(new, rest) :]
            os.fsync(new)
        finally:
            os.close(new)


def _opened(owner: Place, folder: Path) -> int:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    weakref.finalize(owner, os.close, descriptor)
    return descriptor


def _is_at(path: Path, descriptor: int) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except (FileNotFoundError, NotADirectoryError):
        return False


def _where(descriptor: int) -> Path | None:
    """The path of an open folder now, where the system tells."""
    with suppress(OSError):
        path = Path(f"/proc/self/fd/{descriptor}").readlink()
        if _is_at(path, descriptor):
            return path
    return None
