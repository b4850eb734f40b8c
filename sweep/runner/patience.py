"""A run that has to wait says so: what is lacking, and since when."""

from __future__ import annotations

import time

from sweep.errors import Warn

FIRST_AFTER_S = 5.0
"""Waiting for less than this is nothing to tell the user about."""

LAST_EVERY_S = 600.0
"""It is said again after twice the time, but at least this often."""


class Patience:
    """Tells what is lacking, now and then, until it has come."""

    def __init__(self, warn: Warn) -> None:
        self._warn = warn
        self.over()

    def over(self) -> None:
        """Nothing is lacking."""
        self._since: float | None = None
        self._clock = ""
        self._interval = FIRST_AFTER_S

    def wait(self, lack: str) -> float:
        """Something is lacking, still or from now on; for how many seconds already."""
        now = time.monotonic()
        if self._since is None:
            self._since, self._clock = now, time.strftime("%H:%M:%S")
            self._next = now + self._interval
        elif now >= self._next:
            self._warn(f"waiting since {self._clock}: {lack}")
            self._interval = min(2 * self._interval, LAST_EVERY_S)
            self._next = now + self._interval
        return now - self._since
