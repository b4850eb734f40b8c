"""Keeps finished rows safe: takes blocks as they come and writes them every few seconds.

A thread of its own writes, so that rows reach the disk also while no new ones arrive.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from types import TracebackType

import pyarrow as pa

from sweep.models.base import Block
from sweep.store.folder import Folder

FIRST_INTERVAL_S = 3.0
LONGEST_INTERVAL_S = 60.0
SHARE = 0.01
"""Rows wait for at most FIRST_INTERVAL_S, or for this share of the time since the start."""


class Writer:
    """A context in which `add` keeps blocks, and whose end writes the last of them.

    An error of the disk is raised by the next `add` or at the end, and the end tries once more.
    """

    def __init__(
        self,
        folder: Folder,
        make_rows: Callable[[Sequence[Block]], pa.Table],
        metadata: dict[str, str],
    ) -> None:
        self._folder, self._make_rows, self._metadata = folder, make_rows, metadata
        self._blocks: list[Block] = []
        self._oldest = self._start = time.monotonic()
        self._changed = threading.Condition()
        self._finished = False
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)

    def __enter__(self) -> Writer:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._changed:
            self._finished = True
            self._changed.notify()
        self._thread.join()
        self._write()
        self._check_place()
        if self._error is not None and error is None:
            raise self._error

    def add(self, blocks: Sequence[Block]) -> None:
        """Take finished blocks."""
        with self._changed:
            if not self._blocks:
                self._oldest = time.monotonic()
                self._changed.notify()
            self._blocks.extend(blocks)  # which the end tries to write, whatever went wrong
            if self._error is not None:
                raise self._error

    def _work(self) -> None:
        while True:
            with self._changed:
                while not self._finished and not self._due():
                    self._changed.wait(self._patience())
                if self._finished:
                    return
            self._write()

    def _due(self) -> bool:
        return bool(self._blocks) and self._patience() == 0.0

    def _patience(self) -> float | None:
        """How long the oldest block may still wait; None where there is none."""
        if not self._blocks or self._error is not None:
            return None
        now = time.monotonic()
        interval = min(max(FIRST_INTERVAL_S, SHARE * (now - self._start)), LONGEST_INTERVAL_S)
        return max(self._oldest + interval - now, 0.0)

    def _write(self) -> None:
        with self._changed:
            blocks, self._blocks = self._blocks, []
        if not blocks:
            return
        try:
            with self._folder.being_written():
                self._folder.write(self._make_rows(blocks), self._metadata)
        except Exception as error:
            with self._changed:
                self._blocks = blocks + self._blocks
                self._error = error
        else:
            self._check_place()

    def _check_place(self) -> None:
        """End the run where its results are not where they were. What is written is kept."""
        try:
            self._folder.check_place()
        except Exception as error:
            with self._changed:
                self._error = error
