"""What a run says of itself on stderr: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import math
import time
from collections import Counter
from contextlib import suppress
from types import TracebackType

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from sweep.models.base import Block
from sweep.models.status import FAILED, Status
from sweep.runner.plan import Plan

LINE_EVERY_S = 10.0

LEFT_EVERY_S = 1.0
"""The time left is judged so often, since that takes some time itself."""

TRUST_S = 5.0
"""After this time it counts for more how many cores were at work than how many should be."""


class Reporter:
    """Counts what comes back, and judges by it what time is left on so many cores.

    heading: what part of a larger work this is, if it is one.
    """

    def __init__(self, plan: Plan, console: Console, jobs: int, heading: str = "") -> None:
        self._console, self._heading = console, f"{heading}: " if heading else ""
        self._forecast = plan.forecast
        self._number = {cell: i for i, cell in enumerate(plan.first.tolist())}
        self._jobs = max(min(jobs, len(plan)), 1)
        self._cells, self._busy_s = len(plan.todo), 0.0
        self.counts: Counter[str] = Counter()
        self._start = self._last_line = 0.0
        self._last_left, self._left = -math.inf, ""
        self._bar = Progress(
            SpinnerColumn(),
            BarColumn(bar_width=24),
            TextColumn(self._heading + "{task.completed:,.0f}/{task.total:,.0f} cells"),
            TextColumn("{task.fields[counts]}"),
            TimeElapsedColumn(),
            TextColumn("{task.fields[left]}"),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task("", total=self._cells, counts="", left="")

    def __enter__(self) -> Reporter:
        self._start = self._last_line = time.monotonic()
        if self._console.is_terminal:
            if self._forecast.is_known:
                self._bar.update(self._task, left=f"{duration(self.left())} left")
            self._bar.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._console.is_terminal:
            self._bar.stop()

    def add(self, blocks: list[Block]) -> None:
        """Count finished blocks and show where the run is."""
        for block in blocks:
            if block.answers is None:
                self.counts[FAILED.word] += len(block.cells)
            else:
                counts = np.bincount(block.answers.status, minlength=len(Status)).tolist()
                self.counts.update({s.word: n for s, n in zip(Status, counts, strict=True)})
            self._forecast.learn(self._number[int(block.cells[0])], block.wall_s)
            self._busy_s += block.wall_s
        done, now = sum(self.counts.values()), time.monotonic()
        if self._console.is_terminal:
            if now - self._last_left >= LEFT_EVERY_S:
                self._last_left, self._left = now, f"{duration(self.left())} left"
            self._bar.update(
                self._task, completed=done, counts=counted(self.counts), left=self._left
            )
        elif now - self._last_line >= LINE_EVERY_S:
            self._last_line = now
            with suppress(OSError):  # nobody listens any more
                self._console.print(
                    f"{self._heading}{done:,}/{self._cells:,} cells, {counted(self.counts)}; "
                    f"{duration(self.left())} left",
                    highlight=False,
                )

    def left(self) -> float:
        """The seconds that are left, once something is done."""
        self._forecast.ponder()
        elapsed = time.monotonic() - self._start
        # Starting up, waiting, and what else there is to do on the machine, in one number.
        cores = (self._busy_s + TRUST_S * self._jobs) / (elapsed + TRUST_S)
        return self._forecast.on(cores)


def counted(counts: Counter[str]) -> str:
    """Counts by status, as in "12 reached, 3 not reached"."""
    words = [f"{n:,} {status.text}" for status in Status if (n := counts[status.word])]
    return ", ".join(words) or "nothing yet"


def duration(seconds: float) -> str:
    """A time for people: 0.4 s, 12 s, 3 min 20 s, 5 h 10 min."""
    if seconds < 9.95:
        return f"{max(seconds, 0.0):.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
