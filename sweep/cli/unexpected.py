"""What nobody foresaw: an error is one line, exit code 70, and a traceback where the line says.

Only Python's own library is imported, and little of it, since the import of anything else may be
what failed.
"""

from __future__ import annotations

import os
import sys
import threading
import traceback
import warnings
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

CODE = 70
"""EX_SOFTWARE in BSD's sysexits.h."""

OPTION, VARIABLE = "--traceback", "SWEEP_TRACEBACK"
LONGEST = 400
OUTRANKED = (0, 1, 3)
"""Exit codes that promise that nothing is wrong but what the results say."""

_in_a_thread = threading.Event()


def tell(error: BaseException, words: Sequence[str]) -> None:
    """One line on stderr, and the traceback: above it if `words` ask for it, else in a file."""
    story = "".join(traceback.format_exception(error))
    if OPTION in words or os.environ.get(VARIABLE, "0") not in ("", "0"):
        _write(story)
        _write(f"sweep: {_summary(error)}\n")
    else:
        place = _kept(f"sweep {' '.join(words)}\n\n{story}")
        _write(f"sweep: {_summary(error)}; the traceback is {place}\n")


def watch_threads(words: Sequence[str]) -> None:
    """Tell of errors that end a thread in the same way; see `outranked`."""

    def hook(found: threading.ExceptHookArgs) -> None:
        if found.exc_value is not None and not isinstance(found.exc_value, SystemExit):
            _in_a_thread.set()
            tell(found.exc_value, words)

    threading.excepthook = hook


def watch_warnings() -> None:
    """Tell of what libraries warn of on one line each, without the source code."""

    def show(message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        _write(f"sweep: {category.__name__}: {_in_a_line(str(message))}\n")

    warnings.showwarning = show


def outranked(code: int) -> int:
    """The exit code of a command that ends with `code`, while its threads may have broken off."""
    return CODE if _in_a_thread.is_set() and code in OUTRANKED else code


def _summary(error: BaseException) -> str:
    """Such as "unexpected error: KeyError: 'K' (sweep/grid/read.py:12)"."""
    kind = "out of memory" if isinstance(error, MemoryError) else "unexpected error"
    words = "".join(traceback.format_exception_only(error))
    return f"{kind}: {_in_a_line(words)}{_place(error)}"


def _in_a_line(text: str) -> str:
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def _place(error: BaseException) -> str:
    """The last line of this package that the error passed."""
    folder = os.path.dirname(os.path.dirname(__file__))  # noqa: PTH120  pathlib need not be loaded
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.startswith(folder):
            return f" (sweep{frame.filename[len(folder) :]}:{frame.lineno})"
    return ""


def _kept(story: str) -> str:
    """Where a new file in the temporary folder has the story."""
    try:
        from tempfile import mkstemp  # heavy, for what is hardly ever needed

        descriptor, name = mkstemp(".txt", "sweep-traceback-")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(story)
    except Exception:  # this is already about an error, and must not end in another
        return f"shown with {OPTION}"
    return f"in {name}"


def _write(text: str) -> None:
    """On stderr, where there is one and somebody reads it."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(text)
        sys.stderr.flush()
