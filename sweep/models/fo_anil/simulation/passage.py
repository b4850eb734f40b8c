"""First passages: when the moving average of the test error first falls to each cell's target."""

from __future__ import annotations

import math

import numpy as np

from sweep.models.base import Answers
from sweep.models.fo_anil.simulation.run import Start, Stretch
from sweep.models.status import DIVERGED, NOT_REACHED, REACHED
from sweep.ode.arrays import Floats, Index

PENDING = -1


class Passages:
    """The cells of one run, and how each of them ended.

    A target counts as reached once `window` tasks in a row, all within the cell's run, have a mean
    error at or below it. The time of passage is that of the middle of these tasks, so that
    averaging delays nothing; the cell ends with the last of them, when the passage is known.
    No answer depends on which other cells share the run.
    """

    def __init__(self, targets: Floats, last: Index, window: int, start: Start) -> None:
        """targets and last, shape (cells,): the error to reach, and the last task of the cell."""
        cells = len(targets)
        self._targets, self._last, self._window = targets, last, window
        self._status = np.full(cells, PENDING, dtype=np.int8)
        self._ended = np.zeros(cells, dtype=np.int64)
        self._error_initial = np.full(cells, np.nan)
        self._error_final = np.full(cells, np.nan)
        self._Q = np.tile(start.Q.ravel(), (cells, 1))
        self._R = np.tile(start.R.ravel(), (cells, 1))
        self._first_mean = math.nan
        self._latest: Stretch | None = None

    def pending(self) -> bool:
        """Whether a cell has not ended yet."""
        return bool((self._status == PENDING).any())

    def watch(self, stretch: Stretch) -> None:
        """End the cells that end within this stretch, the next one of the run."""
        n, done = len(stretch.errors), stretch.done
        if n == 0:
            return
        self._latest = stretch
        if done < self._window <= done + n:
            self._first_mean = stretch.means[self._window - done - 1]
        cells = np.flatnonzero(self._status == PENDING)
        tasks = np.arange(done + 1, done + n + 1)
        lowest = np.minimum.accumulate(np.where(tasks < self._window, np.inf, stretch.means))
        passage = done + 1 + np.searchsorted(-lowest, -self._targets[cells])
        end = np.minimum(passage, self._last[cells])
        within = end <= done + n
        status = np.where(passage <= end, REACHED, NOT_REACHED)
        self._end(cells[within], status[within], stretch, end[within])

    def diverge(self) -> None:
        """End the pending cells: the run broke off after the latest stretch."""
        cells = np.flatnonzero(self._status == PENDING)
        if self._latest is None:
            self._status[cells] = DIVERGED
            return
        end = np.full(len(cells), self._latest.done + len(self._latest.errors))
        self._end(cells, np.full(len(cells), DIVERGED), self._latest, end)

    def answers(self, N: int, tasks: int) -> Answers:
        """The rows of all cells, after a run of `tasks` tasks."""
        reached = self._status == REACHED
        middle = (self._ended - (self._window + 1) / 2) / N
        time_final = self._ended / N
        return Answers(
            status=self._status,
            time_to_target=np.where(reached, middle, np.nan),
            error_initial=self._error_initial,
            error_final=self._error_final,
            time_final=time_final,
            rhs_evaluations=tasks,
            lists={"Q": self._Q, "R": self._R},
            message=[
                f"the test error or the overlaps are no longer finite after α = {time:g}"
                if status == DIVERGED
                else ""
                for status, time in zip(self._status, time_final, strict=True)
            ],
        )

    def _end(self, cells: Index, status: Index, stretch: Stretch, end: Index) -> None:
        at = end - stretch.done - 1
        self._status[cells] = status
        self._ended[cells] = end
        self._error_final[cells] = stretch.means[at]
        self._error_initial[cells] = np.where(
            end < self._window, stretch.means[at], self._first_mean
        )
        self._Q[cells] = stretch.Q[at].reshape(-1, self._Q.shape[1])
        self._R[cells] = stretch.R[at].reshape(-1, self._R.shape[1])
