"""The command `sweep`."""

from __future__ import annotations

import os
import signal
import sys
from io import TextIOWrapper
from types import FrameType
from typing import NoReturn


def main() -> NoReturn:
    """The entry point."""
    # Before all imports, and for all commands: whoever is interrupted leaves no traceback. A run
    # has handlers of its own while it has something to lose.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, _leave)
    from sweep.cli import unexpected

    words = sys.argv[1:]
    unexpected.watch_threads(words)
    unexpected.watch_warnings()
    try:
        _prepare()
        from sweep.cli.commands import commands
    except Exception as error:
        unexpected.tell(error, words)
        sys.exit(unexpected.CODE)
    commands.main(prog_name="sweep")


def _prepare() -> None:
    """Have standard streams that take what is written, and pictures that need no display."""
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            # Closed, as by `>&-`. The next file opened would have this number, and whatever is
            # written to stdout or stderr behind Python's back would end up in it.
            os.open(os.devnull, os.O_RDWR)
    if isinstance(sys.stdout, TextIOWrapper):
        # Such as for ∞ in Latin-1, or for a file name that is no UTF-8.
        sys.stdout.reconfigure(errors="backslashreplace")
    # Pictures go to files. A user's choice for windows may not be there, which ends in an error.
    os.environ["MPLBACKEND"] = "agg"


def _leave(number: int, _: FrameType | None) -> NoReturn:
    try:
        # Of what was not even imported nothing is half written.
        if "sweep.store.files" in sys.modules:
            sys.modules["sweep.store.files"].clear_away()
    finally:
        os._exit(128 + number)
