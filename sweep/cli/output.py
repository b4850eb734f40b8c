"""What commands say: data on stdout, messages on stderr."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from sweep.errors import LOG, UsageError

if TYPE_CHECKING:
    from rich.console import Console


@dataclass
class Voice:
    """How much is said on stderr beside what is wrong."""

    quiet: bool = False
    verbose: bool = False


VOICE = Voice()
"""That of the command under way."""


def warn(message: str) -> None:
    """One line on stderr, unless all is to be quiet; see `complain`."""
    if not VOICE.quiet:
        complain(message)


def complain(message: str) -> None:
    """One line on stderr, of what ends a command; the run goes on where nobody listens any more."""
    # File names may hold anything, such as line ends and what terminals take for commands.
    line = "".join(c if c.isprintable() or is_surrogate(c) else " " for c in message)
    with suppress(OSError):
        click.echo(f"sweep: {line}", err=True)


class _Aloud(logging.Handler):
    """Says the details that the parts of `sweep` log."""

    def emit(self, record: logging.LogRecord) -> None:
        warn(record.getMessage())


@contextmanager
def voice() -> Iterator[None]:
    """A context in which a command says as much as usual, until its words ask for another."""
    VOICE.quiet = VOICE.verbose = False
    handler, level = _Aloud(), LOG.level
    LOG.addHandler(handler)
    try:
        yield
    finally:
        LOG.removeHandler(handler)
        LOG.setLevel(level)


def speak(context: click.Context, option: click.Parameter, asked: bool) -> None:
    """What --quiet and --verbose do."""
    if asked:
        setattr(VOICE, str(option.name), True)
    if VOICE.verbose:
        LOG.setLevel(logging.DEBUG)
    if VOICE.quiet and VOICE.verbose:
        raise click.UsageError("--quiet and --verbose do not go together", context)


def is_surrogate(character: str) -> bool:
    """Whether it stands for a byte of a file name that is no UTF-8; stderr spells it out."""
    return "\ud800" <= character <= "\udfff"


def echo(text: str = "") -> None:
    """Data for stdout. Raises UsageError where it cannot be written."""
    if sys.stdout is None:
        raise UsageError("stdout: is closed, so there is nowhere to print to; leave out `>&-`")
    with printing():
        click.echo(text)


@contextmanager
def printing() -> Iterator[None]:
    """Within it stdout is written to, and nothing else.

    Where nobody reads it any more, as in `sweep plan GRID | head`, the command ends silently, with
    the exit code of programs that die of that signal.
    """
    try:
        yield
    except BrokenPipeError:
        _let_go_of_stdout()
        raise SystemExit(128 + signal.SIGPIPE) from None
    except OSError as error:
        _let_go_of_stdout()
        raise UsageError(f"stdout: cannot be written ({error.strerror})") from None


def _let_go_of_stdout() -> None:
    """Have the end of the process not try again to write what could not be written."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def stderr() -> Console:
    """Where progress and messages go."""
    from rich.console import Console

    class Patient(Console):
        def on_broken_pipe(self) -> None:
            """Fall silent where nobody listens any more; rich itself would end the process."""
            self.quiet = True

    return Patient(stderr=True, quiet=VOICE.quiet)


def print_json(data: dict[str, Any]) -> None:
    """Data for a program, on stdout; what is infinite or missing is null."""
    import json

    echo(json.dumps(_plain(data), indent=2, ensure_ascii=False))


def _plain(data: Any) -> Any:
    """Python's own types all the way down."""
    if isinstance(data, dict):
        return {name: _plain(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    if getattr(data, "ndim", 0):
        return [_plain(value) for value in data.tolist()]
    data = getattr(data, "item", lambda: data)()
    return None if data != data or data in (float("inf"), -float("inf")) else data


def cells_in_words(number: int) -> str:
    """So many cells, in words."""
    return f"{number:,} cell{'' if number == 1 else 's'}"


def print_table(rows: list[tuple[str, str]]) -> None:
    """Two columns, names and numbers, on stdout."""
    width = max(len(name) for name, _ in rows)
    number_width = max(len(number) for _, number in rows)
    for name, number in rows:
        echo(f"{name:<{width}}  {number:>{number_width}}")
