"""Who may run a grid: one `sweep run` alone, or several with different shards of the same split.

Locks are advisory locks (flock) on files beside the results; the system drops them when their
holder ends, however it ends.
"""

from __future__ import annotations

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

from sweep.errors import UsageError


@dataclass(frozen=True)
class Shard:
    """Part `number` (from 1) of `count`."""

    number: int
    count: int


@dataclass
class Lock:
    """A held lock; `alone` where no other run of this grid can be at work."""

    file: IO[str]
    alone: bool

    @contextmanager
    def exclusively(self) -> Iterator[bool]:
        """Keep all other runs out for a moment; tells whether that could be had.

        A run of a shard cannot have it while another shard is at work.
        """
        if self.alone:
            yield True
            return
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # Linux drops the shared lock before it tries for the exclusive one.
            fcntl.flock(self.file, fcntl.LOCK_SH)
            yield False
            return
        try:
            yield True
        finally:
            fcntl.flock(self.file, fcntl.LOCK_SH)


@contextmanager
def locked(aside: Path, shard: Shard | None) -> Iterator[Lock]:
    """Hold the right to run a grid, or a shard of it.

    Raises UsageError where another run holds it, or another split into shards is at work.
    """
    whole = _open(aside / "run.lock")
    own = _open(aside / f"shard-{shard.number}-of-{shard.count}.lock") if shard else whole
    try:
        if shard:
            _acquire(whole, fcntl.LOCK_SH, aside)
            _acquire(own, fcntl.LOCK_EX, aside)
            _refuse_other_splits(aside, shard)
        else:
            _acquire(whole, fcntl.LOCK_EX, aside)
        _sign(own)
        yield Lock(whole, alone=shard is None)
    finally:
        own.close()
        whole.close()


@contextmanager
def tried(aside: Path) -> Iterator[bool]:
    """Try to hold the folder alone, for a moment; tells whether it is held."""
    if not aside.is_dir() or not os.access(aside, os.W_OK):
        yield False
        return
    with _open(aside / "run.lock") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
            return
        yield True


def _open(path: Path) -> IO[str]:
    return path.open("a+", encoding="utf-8")


def _acquire(file: IO[str], kind: int, aside: Path) -> None:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        raise UsageError(
            f"another run of {aside.name} is at work ({_holder(aside)}); wait for it, stop it, "
            "or share the work by giving every run a --shard of its own"
        ) from None


def _refuse_other_splits(aside: Path, shard: Shard) -> None:
    for path in aside.glob("shard-*.lock"):
        if path.stem.endswith(f"-of-{shard.count}"):
            continue
        with _open(path) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise UsageError(
                    f"--shard: {aside.name} is at work in another split ({path.stem}), so that "
                    f"of {shard.count} parts would compute cells twice; use the same split"
                ) from None


def _sign(file: IO[str]) -> None:
    file.truncate(0)
    file.write(f"process {os.getpid()} on {socket.gethostname()} since {datetime.now():%F %T}")
    file.flush()


def _holder(aside: Path) -> str:
    files = sorted(aside.glob("*.lock"), key=lambda path: path.stat().st_mtime)
    texts = [path.read_text(encoding="utf-8").strip() for path in files]
    return next((text for text in reversed(texts) if text), "not known which")
