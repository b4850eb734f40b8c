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
import resource
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from joblib.parallel import BACKENDS

from sweep.runner import worker

LEAKED = "ignore:resource_tracker"
"""Python's trackers of semaphores tidy up after a run that was killed; this has them do it without
a word. In the language of PYTHONWARNINGS."""

HELPERS = {"loky": 4, "threading": 3}
"""The processes and threads of a pool beside its workers. Of processes these are two trackers of
semaphores, and loky's manager and feeder, without which it waits for ever."""

SPARE = 8
"""How many threads are left for libraries, some of which crash where they get none."""


class NoWorkers(Exception):
    """Worker processes, or threads, cannot be had; why not."""


class Processes:
    """The worker processes: children of this process that appeared while a pool was at work.

    joblib keeps them for the next pool, so some are there already when that one begins.
    """

    def __init__(self) -> None:
        self._kept: set[int] = set()
        self._others: set[int] = set()
        self._born = False

    def begin(self) -> None:
        """A pool is about to start its workers. Raises NoWorkers where it cannot."""
        self._others = _children() - self._kept
        with _or_no_workers():
            _tidings()
        self._born = bool(self._kept & _children())

    def are_born(self) -> bool:
        """Whether a worker was ready to work since the last time that this was asked."""
        born, self._born = self._born, False
        return bool(_tidings()) or born

    def pids(self) -> set[int]:
        """The workers that live."""
        return _children() - self._others

    def kill(self) -> None:
        """End all workers, and wait for that."""
        self.signal(signal.SIGKILL)
        for child in multiprocessing.active_children():
            if child.pid not in self._others:
                child.join()

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
    """What joblib is to know of the birth of workers. Raises NoWorkers where it has none."""
    if "loky" not in BACKENDS:
        why = "JOBLIB_MULTIPROCESSING is 0"
        if os.environ.get("JOBLIB_MULTIPROCESSING") != "0":
            why = "there are no semaphores; they need /dev/shm, and to write there"
        raise NoWorkers(why)
    with _or_no_workers():
        pipes = _lifeline()[0], _births()[1]
    return {"inner_max_num_threads": 1, "initializer": worker.settle, "initargs": pipes}


@contextmanager
def starting(backend: str, jobs: int) -> Iterator[None]:
    """While the workers of a pool are started. Raises NoWorkers where they cannot be had."""
    with _or_no_workers():
        if backend != "sequential":
            _find_room(jobs + HELPERS[backend] + SPARE)
        if backend == "loky":
            _open_streams()
            with _quiet_trackers():
                yield
        else:
            yield


@contextmanager
def _or_no_workers() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # whatever their code stumbles over where it finds no resources
        raise NoWorkers(_cause(error)) from error


def _cause(error: BaseException) -> str:
    while error.__context__ is not None:
        error = error.__context__
    return " ".join(f"{type(error).__name__}: {error}".split())


def _open_streams() -> None:
    """Give loky, which flushes them, stdout and stderr where they were closed from the start."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w"))  # noqa: SIM115  for good


def _find_room(number: int) -> None:
    """See whether so many threads could be started, which count as processes do.

    Not where the address space is limited: each of them takes up a good piece of that for good.
    """
    if resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY:
        return
    over, threads = threading.Event(), []
    try:
        for _ in range(number):
            threads.append(threading.Thread(target=over.wait, daemon=True))
            threads[-1].start()
    except RuntimeError:
        threads.pop()
        raise
    finally:
        over.set()
        for thread in threads:
            thread.join()


@contextmanager
def _quiet_trackers() -> Iterator[None]:
    """Have the trackers of semaphores, Python's and loky's, be silent if they are started now."""
    before = os.environ.get("PYTHONWARNINGS")
    os.environ["PYTHONWARNINGS"] = f"{before},{LEAKED}" if before else LEAKED
    try:
        _start_tracker()
        yield
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
