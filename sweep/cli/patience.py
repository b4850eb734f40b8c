"""Work that may take a while: it shows that it goes on, and Ctrl-C ends it with a word."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from sweep.cli.output import complain, stderr, warn

Found = TypeVar("Found")

SILENT_S = 1.0
"""What is over by then needs no word."""

LINE_EVERY_S = 10.0


def attended(work: Callable[[], Found], what: str, expected_s: float) -> Found:
    """What `work` gives, done in a thread of its own, so that a signal is heard at any time.

    expected_s: a forecast of how long it takes, NaN where nothing is known. A signal ends the
    process: there is nothing to save.
    """
    from sweep.runner.signals import Interruption, leave

    def once() -> Iterator[Found]:
        yield work()

    with Interruption(lambda: None, patient=False) as interruption, _shown(what, expected_s):
        found = list(interruption.attend(once()))
    if interruption.signal:
        name = "Ctrl-C" if interruption.signal == signal.SIGINT else "a signal"
        complain(f"{what}: stopped by {name}; nothing of it is kept")
        leave(128 + interruption.signal)
    return found[0]


@contextmanager
def _shown(what: str, expected_s: float) -> Iterator[None]:
    """A context in which a thread says now and then how long the work has taken."""
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(what, expected_s, ended), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()  # the line on the terminal is wiped before another is written


def _watch(what: str, expected_s: float, ended: threading.Event) -> None:
    start = time.monotonic()
    if ended.wait(SILENT_S):
        return
    console = stderr()

    def said() -> str:
        return _so_far(what, time.monotonic() - start, expected_s)

    if not console.is_terminal:
        while not ended.wait(LINE_EVERY_S):
            warn(said())
        return
    with console.status(said()) as status:
        while not ended.wait(0.5):
            status.update(said())


def _so_far(what: str, elapsed: float, expected_s: float) -> str:
    from sweep.runner.progress import duration

    of = f", forecast to take {duration(expected_s)}" if expected_s > elapsed else ""
    return f"{what}: {duration(elapsed)} so far{of}"
