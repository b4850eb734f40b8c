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
from typing import IO

from sweep.errors import UsageError, Warn
from sweep.grid import Shard
from sweep.store.names import RUN_LOCK

WITHOUT_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.ENOTSUP)


@dataclass(frozen=True)
class Lock:
    """The held right to run a grid; `kind` is LOCK_EX, LOCK_SH, or LOCK_UN where no locks are."""

    aside: Path
    file: IO[str]
    kind: int

    @contextmanager
    def exclusively(self) -> Iterator[bool]:
        """Keep all other runs out for a moment; tells whether that could be had.

        It cannot while another shard is at work, nor where there are no locks.
        """
        if self.kind != fcntl.LOCK_SH:
            yield self.kind == fcntl.LOCK_EX
            return
        with _gate(self.aside):
            held = _flock(self.file, fcntl.LOCK_EX)
            try:
                yield held
            finally:
                fcntl.flock(self.file, fcntl.LOCK_SH)


@contextmanager
def locked(aside: Path, shard: Shard | None, warn: Warn) -> Iterator[Lock]:
    """Hold the right to run a grid, or a shard of it.

    Raises UsageError where another run holds it, or another split into shards is at work.
    """
    with _open(aside / RUN_LOCK) as whole, _open(_own(aside, shard)) as own:
        kind = fcntl.LOCK_SH if shard else fcntl.LOCK_EX
        try:
            with _gate(aside):
                _acquire(whole, kind, aside)
                _acquire(own, fcntl.LOCK_EX, aside)
                if shard:
                    _refuse_other_splits(aside, shard)
                _sign(own)
        except OSError as error:
            if error.errno not in WITHOUT_LOCKS:
                raise
            warn(f"{aside}: no locks on this file system; see that no two runs share the work")
            kind = fcntl.LOCK_UN
        yield Lock(aside, whole, kind)


def _own(aside: Path, shard: Shard | None) -> Path:
    return aside / (f"shard-{shard.number}-of-{shard.count}.lock" if shard else "alone.lock")


@contextmanager
def _gate(aside: Path) -> Iterator[None]:
    with _open(aside / "gate.lock") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _open(path: Path) -> IO[str]:
    try:
        return path.open("a+", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"{path}: cannot be opened ({error.strerror}); have its owner let you write to it, or "
            "choose another folder with --results"
        ) from error


def _flock(file: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _acquire(file: IO[str], kind: int, aside: Path) -> None:
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


def _sign(file: IO[str]) -> None:
    """Say in the lock's file who holds it, as a help for people only."""
    text = f"process {os.getpid()} on {socket.gethostname()} since {datetime.now():%F %T}"
    with suppress(OSError):
        os.ftruncate(file.fileno(), 0)
        os.write(file.fileno(), text.encode())


def _holder(aside: Path) -> str:
    for path in (aside / "alone.lock", *sorted(aside.glob("shard-*.lock"))):
        if path.exists():
            with _open(path) as file:
                if not _flock(file, fcntl.LOCK_EX):
                    file.seek(0)
                    return file.read()
    return "not known which"
