"""The command `sweep`."""

from __future__ import annotations

import os
import signal
import sys
from types import FrameType
from typing import NoReturn


def main() -> NoReturn:
    """The entry point."""
    # Before all imports, and for all commands: whoever is interrupted leaves no traceback. A run
    # has handlers of its own while it has something to lose.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    from sweep.cli.commands import commands

    commands.main(prog_name="sweep")


def _leave(number: int, _: FrameType | None) -> NoReturn:
    try:
        # Of what was not even imported nothing is half written.
        if "sweep.store.files" in sys.modules:
            sys.modules["sweep.store.files"].clear_away()
    finally:
        os._exit(128 + number)
