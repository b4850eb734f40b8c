"""What a run says of itself on stderr: a bar on a terminal, a line now and then elsewhere."""

from __future__ import annotations

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


class Reporter:
    """Counts what comes back. The time left is judged by this run's work alone.

    heading: what part of a larger work this is, if it is one.
    """

    def __init__(self, plan: Plan, console: Console, heading: str = "") -> None:
        self._console, self._heading = console, f"{heading}: " if heading else ""
        self._work = float(plan.costs.sum())
        self._cost = dict(zip(plan.todo[plan.bounds[:-1]].tolist(), plan.costs, strict=True))
        self._cells, self._done_work = len(plan.todo), 0.0
        self.counts: Counter[str] = Counter()
        self._start = self._last_line = 0.0
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
            self._done_work += self._cost[int(block.cells[0])]
        done = sum(self.counts.values())
        if self._console.is_terminal:
            self._bar.update(
                self._task, completed=done, counts=counted(self.counts), left=self._left()
            )
        elif time.monotonic() - self._last_line >= LINE_EVERY_S:
            self._last_line = time.monotonic()
            with suppress(OSError):  # nobody listens any more
                self._console.print(
                    f"{self._heading}{done:,}/{self._cells:,} cells, "
                    f"{counted(self.counts)}; {self._left()}",
                    highlight=False,
                )

    def _left(self) -> str:
        if self._done_work <= 0:
            return ""
        elapsed = time.monotonic() - self._start
        return f"{duration(elapsed * (self._work / self._done_work - 1))} left"


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
