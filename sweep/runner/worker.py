"""What goes on where trajectories are computed: in this process, in a worker, on a cluster."""

from __future__ import annotations

import fcntl
import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection

from sweep.models.base import Block, Model, Trajectory
from sweep.models.parameters import Value
from sweep.runner import software
from sweep.runner.software import Software

LONGEST_BATCH_S = 1.0
"""A batch that has taken this long ends after the trajectory at hand, so that what is finished
comes back soon, however wrong the forecast was."""

FORGET_S = 5.0
"""A worker process that was told to stop takes on work again after this time."""

_idle_until = 0.0
"""No trajectory is begun before this time, of the clock that nobody sets."""

_loading = threading.Lock()
_loaded: set[tuple[str, str]] = set()


class Halt(threading.Event):
    """Whether a run has ended, for all threads of its process; set for good.

    A copy in another process is not set, since that is told by other means.
    """

    def __reduce__(self) -> tuple[type[Halt], tuple[()]]:
        return Halt, ()


@dataclass(frozen=True)
class Task:
    """Trajectories to solve, one after the other, until `deadline` or `halt`.

    The deadline is one of `time.monotonic`, which all processes of a machine share. software:
    what the process is that asks for this.
    """

    number: int
    model: Model
    solver: Mapping[str, Value]
    trajectories: Sequence[Trajectory]
    deadline: float | None
    software: Software = field(default_factory=software.own)
    halt: Halt = field(default_factory=Halt)

    def seconds_left(self) -> float | None:
        """How long there is until the deadline, on the machine that set it."""
        return None if self.deadline is None else self.deadline - time.monotonic()


Answer = tuple[int, list[Block], str, Software]
"""A task's number and its blocks; who has computed them, and what that is."""


class TaskLost(Exception):
    """A task was given up, because too many workers died over it."""

    def __init__(self, number: int, story: str) -> None:
        super().__init__(story)
        self.number = number


def solve(task: Task) -> Answer:
    """Solve the first trajectories of a task, or all; none if this process is not like the asker.

    `software.accepted` makes of the answer what may be kept.
    """
    mine = software.of(task.model)
    blocks = [] if software.differences(mine, task.software) else _blocks(task)
    return task.number, blocks, f"worker process {os.getpid()}", mine


def _blocks(task: Task) -> list[Block]:
    for trajectory in task.trajectories:  # what it takes to compile is no cost of theirs
        warm_up(task.model, trajectory)
    blocks: list[Block] = []
    end = time.monotonic() + LONGEST_BATCH_S
    for trajectory in task.trajectories:
        if is_over(task.halt, task.deadline) or (blocks and time.monotonic() > end):
            break
        start = time.perf_counter()
        try:
            answers, failure = task.model.solve(trajectory, task.solver).checked(), ""
        except (Exception, SystemExit) as error:  # a failed cell must not take the sweep down
            answers, failure = None, task.model.story(error)
        blocks.append(Block(trajectory.cells, answers, time.perf_counter() - start, failure))
    return blocks


def solve_elsewhere(task: Task, seconds: float | None) -> Answer:
    """Solve a task of another machine, whose clock this one does not know, for so long at most."""
    deadline = None if seconds is None else time.monotonic() + seconds
    return solve(replace(task, deadline=deadline))


def warm_up(model: Model, trajectory: Trajectory) -> None:
    """Load the kernels that a trajectory takes, once in a process."""
    which = model.name, model.kernels(trajectory)
    with _loading:
        if which not in _loaded:
            model.warm_up(trajectory)
            _loaded.add(which)


def is_over(halt: Halt, deadline: float | None) -> bool:
    """Whether no further trajectory is to be begun."""
    now = time.monotonic()
    told = halt.is_set() or now < _idle_until
    return told or (deadline is not None and now >= deadline)


def stop(seconds: float) -> None:
    """Let this process, a worker, begin no further trajectory, for so long."""
    global _idle_until
    _idle_until = time.monotonic() + seconds


def settle(lifeline: Connection, births: Connection) -> None:
    """Begin the life of a worker process: end with the run, and stop in good order when told to.

    It says on `births` when it is ready. Until then both signals are blocked; the process was born
    so.
    """
    _end_with(lifeline)
    # How a worker died is told in the failed row; loky would have it told on stderr as well.
    os.environ.setdefault("PYTHONFAULTHANDLER", "")
    told = {signal.SIGINT, signal.SIGTERM}
    for number in told:
        signal.signal(number, lambda *_: stop(FORGET_S))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, told)
    with suppress(OSError):  # the run is gone, and so is this process in a moment
        births.send_bytes(b"ready")


def _end_with(lifeline: Connection) -> None:
    """End, whatever is at hand, once nobody holds the other end of a pipe any more."""
    try:
        _have_kernel_kill(f"/proc/self/fd/{lifeline.fileno()}")
    except OSError:  # there is no /proc
        threading.Thread(target=_watch, args=(lifeline,), name="watch", daemon=True).start()
    if lifeline.poll():  # it came too early for the kernel to tell
        os._exit(1)


def _have_kernel_kill(pipe: str) -> None:
    """Have the kernel kill this process when a pipe ends.

    A thread would come too late while a compiler or a kernel keeps Python's lock. The pipe is
    opened anew because a descriptor that was inherited is one and the same for all workers, and
    has but one process to signal.
    """
    own = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    fcntl.fcntl(own, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(own, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(own, fcntl.F_SETFL, os.O_NONBLOCK | os.O_ASYNC)


def _watch(lifeline: Connection) -> None:
    lifeline.poll(None)  # nothing is ever sent, so this is its end
    os._exit(1)
