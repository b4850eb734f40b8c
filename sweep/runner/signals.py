"""How a run ends before its work is done: told by a signal, or because its time is up.

Nothing is ever raised in the middle of things. The work goes on in a thread of its own, so that
the main thread is always free to hear a signal; when it has heard one, it waits for what is at
hand for a moment, and then leaves the thread to itself.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from types import FrameType, TracebackType
from typing import Any, NoReturn, TypeVar

Item = TypeVar("Item")

GRACE_S = 2.0
"""How long a run waits for the trajectories that are under way when it is told to stop."""

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


END_S = 1.0
"""How long a run waits for the end of work that it has been told will end."""

_unfinished: set[Interruption] = set()
"""Those whose work has not ended."""


def leave(code: int) -> NoReturn:
    """End the process, without waiting for threads whose work was abandoned.

    With them goes what is otherwise tidied up at the end of a process.
    """
    if not _unfinished:
        sys.exit(code)
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):
            stream.flush()
    os._exit(code)


@contextmanager
def handlers_kept() -> Iterator[None]:
    """A context at whose end the handlers of SIGNALS are those from its beginning."""
    before = _handlers()
    try:
        yield
    finally:
        for number, handler in before.items():
            if handler is not None:
                signal.signal(number, handler)


def _handlers() -> dict[signal.Signals, Any]:
    """The handlers of SIGNALS, None of one that is not Python's; none but in the main thread."""
    if threading.current_thread() is not threading.main_thread():
        return {}
    return {number: signal.getsignal(number) for number in SIGNALS}


class Interruption:
    """A context that turns SIGNALS into an orderly end of whatever is attended in it.

    Outside of the main thread no signal can be heard, and it lets them be, as it does with those
    that are ignored (`nohup` has SIGHUP so) or not handled by Python.

    `stop` is called with the first signal. After that, or `max_time` seconds from now, the work
    has GRACE_S to end; a second signal does not wait, nor does the first where there is nothing to
    save, so no patience. signal: the number of the first, or 0.
    """

    def __init__(
        self, stop: Callable[[], None], max_time: float | None = None, patient: bool = True
    ) -> None:
        self.signal = 0
        self._stop, self._patient = stop, patient
        self._end = None if max_time is None else time.monotonic() + max_time + GRACE_S
        self._inbox: SimpleQueue[tuple[str, Any]] = SimpleQueue()
        self._before: dict[int, Any] = {}

    @property
    def abandoned(self) -> bool:
        """Whether there is work under way that nobody waits for."""
        return self in _unfinished

    def __enter__(self) -> Interruption:
        for number, handler in _handlers().items():
            if handler not in (signal.SIG_IGN, None):
                self._before[number] = signal.signal(number, self._on_signal)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            # Once told, the process is about to end; another signal is not to change how.
            signal.signal(number, signal.SIG_IGN if self.signal else handler)

    def attend(self, work: Iterator[Item]) -> Iterator[Item]:
        """What `work`, in a thread of its own, yields; less of it where patience ends."""
        self._thread = threading.Thread(target=self._run, args=(work,), name="work", daemon=True)
        _unfinished.add(self)
        try:
            self._thread.start()
        except RuntimeError:  # there can be no further thread
            _unfinished.discard(self)
            raise
        while True:
            try:
                kind, item = self._inbox.get(timeout=self._patience())
            except Empty:
                return
            if kind == "item":
                yield item
            elif kind != "wake":
                break
        self._thread.join()  # a thread that is cut off in C++ would take the process down
        if kind == "error":
            raise item

    def await_end(self) -> None:
        """Wait for abandoned work that is about to end."""
        self._thread.join(END_S)

    def _run(self, work: Iterator[Any]) -> None:
        # Worker processes that are started from here inherit this, and so are not hit by a Ctrl-C
        # before they can deal with it.
        signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
        last: tuple[str, Any] = ("end", None)
        try:
            for item in work:
                self._inbox.put(("item", item))
        except BaseException as error:
            last = ("error", error)
        _unfinished.discard(self)
        self._inbox.put(last)

    def _patience(self) -> float | None:
        if self._end is None:
            return None
        return min(max(self._end - time.monotonic(), 0.0), threading.TIMEOUT_MAX)

    def _on_signal(self, number: int, _: FrameType | None) -> None:
        wait = GRACE_S if self._patient and not self.signal else 0.0
        end = time.monotonic() + wait
        self._end = end if self._end is None else min(self._end, end)
        if not self.signal:
            self.signal = number
            self._stop()
        self._inbox.put(("wake", None))
