"""What is said of kernels that are compiled; nothing, unless somebody listens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass
class _Topic:
    words: str
    said: bool = False


_topic: ContextVar[_Topic | None] = ContextVar("topic", default=None)
_say: Callable[[str], None] | None = None
_told: set[str] = set()


def listen(say: Callable[[str], None] | None) -> None:
    """Have every compilation said in a line, in this process."""
    global _say
    _say = say


@contextmanager
def about(words: str) -> Iterator[None]:
    """What is compiled herein, and in this thread, is said to be `words`, in one line."""
    with _under(_Topic(words)):
        yield


@contextmanager
def compiling(name: str) -> Iterator[None]:
    """Herein a kernel is compiled, and what it calls."""
    topic = _topic.get() or _Topic(f"the kernel {name}")
    if _say is not None and not topic.said:
        topic.said = True
        _say(f"compiling {topic.words}, once for this version: some 15 s")
    with _under(topic):
        yield


@contextmanager
def _under(topic: _Topic) -> Iterator[None]:
    before = _topic.set(topic)
    try:
        yield
    finally:
        _topic.reset(before)


def once(line: str) -> None:
    """Say this, unless it was said before."""
    if _say is not None and line not in _told:
        _told.add(line)
        _say(line)
