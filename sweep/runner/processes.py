"""Worker processes on this machine: how they are born, which they are, and how they end.

joblib starts them, with loky, and keeps them for the next pool. They inherit what the thread that
starts them has: the signals it blocks, so that a Ctrl-C does not hit them in the midst of their
imports; and the read end of a pipe, the lifeline, on which nothing is sent. Its end is the end of
the run, in whatever way that came, and ends them too. On another pipe each sends a word once it is
ready to work, so that it is known when no process gets that far.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from typing import Any

from joblib.parallel import BACKENDS

from sweep.runner import worker

LEAKED = "ignore:resource_tracker"
"""Python's trackers of semaphores tidy up after a run that was killed; this has them do it without
a word. In the language of PYTHONWARNINGS."""


class NoProcesses(Exception):
    """Worker processes cannot be had; why not."""


class Processes:
    """The worker processes: children of this process that appeared while a pool was at work.

    joblib keeps them for the next pool, so some are there already when that one begins.
    """

    def __init__(self) -> None:
        self._kept: set[int] = set()
        self._others: set[int] = set()
        self._born = False

    def begin(self) -> None:
        """A pool is about to start its workers."""
        self._others = _children() - self._kept
        _tidings()
        self._born = bool(self._kept & _children())

    def are_born(self) -> bool:
        """Whether a worker was ready to work since the last time that this was asked."""
        born, self._born = self._born, False
        return bool(_tidings()) or born

    def pids(self) -> set[int]:
        """The workers that live."""
        return _children() - self._others

    def end(self) -> None:
        """The pool is done; a child that appears before the next one is no worker."""
        self._kept = self.pids()

    def signal(self, number: int) -> None:
        """Send a signal to all workers."""
        for pid in self.pids():
            with suppress(ProcessLookupError):
                os.kill(pid, number)


def _children() -> set[int]:
    return {child.pid for child in multiprocessing.active_children() if child.pid is not None}


def _tidings() -> int:
    """How many workers have become ready since this was asked last."""
    number, (inbox, _) = 0, _births()
    while inbox.poll():
        inbox.recv_bytes()
        number += 1
    return number


def birth() -> dict[str, Any]:
    """What joblib is to know of the birth of workers. Raises NoProcesses where it has none."""
    if "loky" not in BACKENDS:
        why = "JOBLIB_MULTIPROCESSING is 0"
        if os.environ.get("JOBLIB_MULTIPROCESSING") != "0":
            why = "there are no semaphores; they need /dev/shm, and to write there"
        raise NoProcesses(why)
    return {
        "inner_max_num_threads": 1,
        "initializer": worker.settle,
        "initargs": (_lifeline()[0], _births()[1]),
    }


@contextmanager
def starting() -> Iterator[None]:
    """While workers are started, and with them the trackers of semaphores, Python's and loky's.

    Raises NoProcesses where one cannot be started.
    """
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = f"{before},{LEAKED}" if before else LEAKED
    try:
        _start_tracker()
        yield
    except (OSError, RuntimeError, MemoryError) as error:  # of files, threads, processes, memory
        raise NoProcesses(" ".join(f"{type(error).__name__}: {error}".split())) from error
    finally:
        if before is None:
            del os.environ["PYTHONWARNINGS"]
        else:
            os.environ["PYTHONWARNINGS"] = before


def _start_tracker() -> None:
    """Start Python's tracker, and leave the signals blocked that were.

    In Python 3.11 it unblocks some, and whatever is started after it would inherit that.
    """
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        resource_tracker.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


@cache
def _lifeline() -> tuple[Connection, Connection]:
    """The pipe, its read end first. The other end is held for as long as this process lives."""
    return multiprocessing.Pipe(duplex=False)


@cache
def _births() -> tuple[Connection, Connection]:
    """The pipe on which workers say that they are ready, its read end first."""
    return multiprocessing.Pipe(duplex=False)


# A fork is not the run; what it holds must not keep the workers alive.
os.register_at_fork(after_in_child=_lifeline.cache_clear)
