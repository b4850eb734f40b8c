"""What goes on where trajectories are computed: in this process, in a worker, on a cluster."""

from __future__ import annotations

import faulthandler
import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from sweep.models.base import Block, Model, Trajectory
from sweep.models.parameters import Value

LONGEST_BATCH_S = 1.0
"""A batch that has taken this long ends after the trajectory at hand, so that what is finished
comes back soon, however wrong the forecast was."""

WATCH_S = 0.5
"""How often a worker process looks whether its parent is still there."""

FORGET_S = 5.0
"""A worker process that was told to stop takes on work again after this time."""

_told = threading.Event()
"""Whether this process, a worker, was told by a signal to stop."""

_loading = threading.Lock()


class Halt(threading.Event):
    """Whether a run has ended, for all threads of its process; set for good.

    A copy in another process is not set, since that is told by other means.
    """

    def __reduce__(self) -> tuple[type[Halt], tuple[()]]:
        return Halt, ()


@dataclass(frozen=True)
class Task:
    """Trajectories to solve, one after the other, until `deadline` (Unix time) or `halt`.

    parent: the process whose worker process (of loky) this is for, or None.
    """

    number: int
    model: Model
    solver: Mapping[str, Value]
    trajectories: Sequence[Trajectory]
    deadline: float | None
    parent: int | None = None
    halt: Halt = field(default_factory=Halt)


class TaskLost(Exception):
    """A task was given up, because too many workers died over it."""

    def __init__(self, number: int, story: str) -> None:
        super().__init__(story)
        self.number = number


def solve(task: Task) -> tuple[int, list[Block]]:
    """The task's number, and the blocks of its first trajectories, or of all."""
    if task.parent is not None:
        _settle(task.parent)
    warm_up(task.model)
    blocks: list[Block] = []
    end = time.monotonic() + LONGEST_BATCH_S
    for trajectory in task.trajectories:
        if is_over(task.halt, task.deadline) or (blocks and time.monotonic() > end):
            break
        start = time.perf_counter()
        try:
            answers, failure = task.model.solve(trajectory, task.solver), ""
        except (Exception, SystemExit) as error:  # a failed cell must not take the sweep down
            answers, failure = None, f"{type(error).__name__}: {error}"
        blocks.append(Block(trajectory.cells, answers, time.perf_counter() - start, failure))
    return task.number, blocks


def warm_up(model: Model) -> None:
    """Load a model's kernels, once in a process."""
    with _loading:
        _warm_up(type(model))


def is_over(halt: Halt, deadline: float | None) -> bool:
    """Whether no further trajectory is to be begun."""
    told = halt.is_set() or _told.is_set()
    return told or (deadline is not None and time.time() >= deadline)


@cache
def _warm_up(kind: type[Model]) -> None:
    kind().warm_up()


@cache
def _settle(parent: int) -> None:
    """Once in a worker process: end with the parent, and stop in good order when told to.

    Until here both signals are blocked; the process was born so.
    """
    faulthandler.disable()  # which loky turns on; how a worker died is told in the failed row
    threading.Thread(target=_watch, args=(parent,), name="watch", daemon=True).start()
    told = {signal.SIGINT, signal.SIGTERM}
    for number in told:
        signal.signal(number, lambda *_: _stop_for_now())
    signal.pthread_sigmask(signal.SIG_UNBLOCK, told)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_S)
    os._exit(1)


def _stop_for_now() -> None:
    _told.set()
    again = threading.Timer(FORGET_S, _told.clear)
    again.daemon = True
    again.start()
