"""Who may run a grid: one `sweep run` alone, or several with different shards of the same split.

Locks are advisory locks (flock) on files beside the results; the system drops them when their
holder ends, however it ends. Whoever runs holds `run.lock`, a shard together with others and any
other run alone. All changes of who holds it go through `gate.lock`, held for moments only: trying
to turn a shared lock into an exclusive one gives it up for an instant.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from unicodedata import normalize

from sweep.errors import UsageError, Warn
from sweep.grid import Shard
from sweep.store.ground import share, whose
from sweep.store.names import RUN_LOCK

WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP, errno.EINVAL, errno.EPERM)
"""What file systems answer, or sandboxes, that give no locks to anybody."""


@dataclass(frozen=True)
class Lock:
    """The held right to run a grid; `kind` is LOCK_EX, LOCK_SH, or LOCK_UN where no locks are."""

    aside: Path
    file: BinaryIO
    kind: int

    @contextmanager
    def exclusively(self, leaving: bool = False) -> Iterator[bool]:
        """Keep all other runs out for a moment; tells whether that could be had.

        leaving: give the right to run back in the same moment, so that of several shards that end
        together the last has all for itself. It cannot be had while another shard is at work, nor
        where there are no locks, nor where somebody has removed the lock's file, since others may
        hold a new one. Raises UsageError where the lock is lost.
        """
        if self.kind != fcntl.LOCK_SH:
            yield self.kind == fcntl.LOCK_EX and self._is_in_place()
            return
        with _gate(self.aside):
            held = _flock(self.file, fcntl.LOCK_EX)
            try:
                yield held and self._is_in_place()
            finally:
                _await_flock(self.file, fcntl.LOCK_UN if leaving else fcntl.LOCK_SH)

    def _is_in_place(self) -> bool:
        with suppress(FileNotFoundError, NotADirectoryError):
            path = self.aside / RUN_LOCK
            return os.path.samestat(path.stat(), os.fstat(self.file.fileno()))
        return False


class _NoLocks(UsageError):
    """There are none to be had."""


@contextmanager
def locked(aside: Path, shard: Shard | None, warn: Warn) -> Iterator[Lock]:
    """Hold the right to run a grid, or a shard of it.

    Raises UsageError where another run holds it, or another split into shards is at work, or the
    files of the locks are somebody's who does not share them.
    """
    with _open(aside / RUN_LOCK) as whole, _open(_own(aside, shard)) as own:
        kind = fcntl.LOCK_SH if shard else fcntl.LOCK_EX
        try:
            with _gate(aside):
                _acquire(whole, kind, aside)
                _acquire(own, fcntl.LOCK_EX, aside)
                if shard:
                    _refuse_other_splits(aside, shard)
                _refuse_other_grid(whole, aside)
                _sign(own, _self())
        except _NoLocks as error:
            warn(str(error))
            kind = fcntl.LOCK_UN
        yield Lock(aside, whole, kind)
        _sign(own, "")


def shards_at_work(aside: Path, count: int) -> set[int]:
    """The numbers of the shards, of so many, that are being run; none where locks do not tell."""
    found = set()
    with suppress(UsageError), _gate(aside):
        for path in aside.glob(f"shard-*-of-{count}.lock"):
            if _signature(path) is not None:
                found.add(int(path.name.split("-")[1]))
    return found


def _own(aside: Path, shard: Shard | None) -> Path:
    return aside / (f"shard-{shard.number}-of-{shard.count}.lock" if shard else "alone.lock")


@contextmanager
def _gate(aside: Path) -> Iterator[None]:
    with _open(aside / "gate.lock") as file:
        _await_flock(file, fcntl.LOCK_EX)
        yield


def _open(path: Path) -> BinaryIO:
    """The file of a lock; one that its owner keeps to themself can be locked, but not signed."""
    try:
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o666))
            share(path, like=path.parent)
        try:
            return path.open("r+b", buffering=0)
        except PermissionError:
            return path.open("rb", buffering=0)
    except OSError as error:
        raise _refusal(path, "opened", error) from error


def _flock(file: BinaryIO, kind: int) -> bool:
    """Whether the lock could be had at once."""
    try:
        _await_flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _await_flock(file: BinaryIO, kind: int) -> None:
    try:
        fcntl.flock(file, kind)
    except BlockingIOError:
        raise
    except OSError as error:
        path = Path(file.name)
        if error.errno in WITHOUT_LOCKS:
            raise _NoLocks(
                f"{path.parent}: no locks on this file system ({error.strerror}); see that no two "
                "runs share the work"
            ) from error
        raise _refusal(path, "locked", error) from error


def _refusal(path: Path, done: str, error: OSError) -> UsageError:
    return UsageError(
        f"{path}: cannot be {done} ({error.strerror}{whose(path)}); have its owner let you write "
        "to it, see that its disk is well, or choose another folder with --results"
    )


def _acquire(file: BinaryIO, kind: int, aside: Path) -> None:
    if not _flock(file, kind):
        raise UsageError(
            f"another run of {aside.name} is at work ({_holder(aside)}); wait for it, stop it, "
            "or share the work by giving every run a --shard of its own"
        )


def _refuse_other_splits(aside: Path, shard: Shard) -> None:
    for path in aside.glob("shard-*.lock"):
        if path.stem.endswith(f"-of-{shard.count}"):
            continue
        with _open(path) as file:
            if not _flock(file, fcntl.LOCK_EX):
                raise UsageError(
                    f"--shard: {aside.name} is at work in another split ({path.stem}), so that "
                    f"of {shard.count} parts would compute cells twice; use the same split"
                )


def _refuse_other_grid(whole: BinaryIO, aside: Path) -> None:
    """Where the disk takes A for a, one folder is that of two grids: it is the first one's to run.

    Its name is in the lock, as some of these disks do not list names as they were given.
    """
    first = whole.read().decode(errors="replace")
    if normalize("NFC", first) == normalize(
        "NFC", aside.name
    ):  # accents may be written in two ways
        return
    with suppress(OSError, ValueError):  # there is no other folder, or no such name
        if first and aside.samefile(aside.parent / first):
            raise UsageError(
                f"{aside.name}: its folder on this disk is that of the grid {first}, as capitals "
                "and small letters are the same to it; rename the grid file, or choose another "
                "folder with --results"
            )
    _sign(whole, aside.name)


def _self() -> str:
    return f"process {os.getpid()} on {socket.gethostname()} since {datetime.now():%F %T}"


def _sign(file: BinaryIO, text: str) -> None:
    """Say in the lock's file who holds it, as a help for people only."""
    with suppress(OSError):
        os.ftruncate(file.fileno(), 0)
        os.pwrite(file.fileno(), os.fsencode(text), 0)


def _holder(aside: Path) -> str:
    for path in (aside / "alone.lock", *sorted(aside.glob("shard-*.lock"))):
        with suppress(UsageError):
            if path.exists() and (text := _signature(path)) is not None:
                return text or "not known which"
    return "not known which"


def _signature(path: Path) -> str | None:
    """What the holder of a lock has signed; None where nobody holds it."""
    with _open(path) as file:
        return None if _flock(file, fcntl.LOCK_EX) else file.read().decode(errors="replace")
