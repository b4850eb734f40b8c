"""Have the workers of a Dask cluster solve tasks, and tell what goes wrong in a line."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sweep.errors import UsageError
from sweep.models.base import Block
from sweep.runner import software, worker
from sweep.runner.cluster import CURE, LOST, Cluster
from sweep.runner.worker import Answer, Task, TaskLost

FETCH_S = 5.0
"""A result that has not come back in this time may have been lost with its worker."""

MOST_LOSSES = 4
"""A task is given up when its workers were all gone so many times, as Dask itself does."""


def solved(
    cluster: Cluster, tasks: Iterator[Task], ahead: int
) -> Iterator[tuple[int, list[Block]]]:
    """The number of each task and its blocks, as they come back; `ahead` are at the cluster.

    Tasks are taken one by one, as others come back. Those that are still at the cluster when this
    ends early are cancelled. Raises TaskLost for a task over which too many workers died, and
    UsageError where the scheduler is lost or a worker cannot take on work.
    """
    errands = Errands(cluster)
    try:
        errands.add(islice(tasks, ahead))
        while errands:
            future = cluster.receive()
            errands.send()
            if future in errands.sent and (answer := errands.answer(future)) is not None:
                here = errands.sent.pop(future).task.software
                errands.add(islice(tasks, 1))
                yield software.accepted(answer, here, CURE)
    finally:
        errands.cancel()


def solve(task: Task, seconds: float | None) -> Answer:
    """What a worker of a cluster does, for so long at most."""
    from distributed import get_worker

    number, blocks, _, mine = worker.solve_elsewhere(task, seconds)
    return number, blocks, f"--scheduler: the Dask worker at {get_worker().address}", mine


@dataclass(frozen=True)
class Errand:
    """A task on its way. workers: that it was given to; losses: how often they were all gone."""

    task: Task
    workers: frozenset[str] = frozenset()
    losses: int = 0


class Errands:
    """The tasks that are at a cluster, or wait for a worker that may have them."""

    def __init__(self, cluster: Cluster) -> None:
        self.sent: dict[Any, Errand] = {}
        self._waiting: deque[Errand] = deque()
        self._cluster, self._client = cluster, cluster.client
        self._fit: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.sent) + len(self._waiting)

    def add(self, tasks: Iterator[Task]) -> None:
        """Have these solved as well."""
        self._waiting.extend(map(Errand, tasks))
        self.send()

    def send(self) -> None:
        """Give what waits to the workers there are; also what others had that are all gone."""
        if self._fit != self._cluster.roll.fit.keys():
            self._fit = frozenset(self._cluster.roll.fit)
            self._lose()
        while self._waiting and self._fit and self._client.status == "running":
            errand = self._waiting.popleft()
            task, fit = errand.task, list(self._fit)
            future = self._client.submit(solve, task, task.seconds_left(), pure=False, workers=fit)
            self.sent[future] = Errand(errand.task, self._fit, errand.losses)
            future.add_done_callback(self._cluster.inbox.put)

    def answer(self, future: Any) -> Answer | None:
        """What a finished task came to; None where it got lost with its worker."""
        from distributed import CancelledError

        if future.status == "error":
            self._fail(future)
        try:
            answer: Answer = future.result(timeout=FETCH_S)
        except TimeoutError:
            future.add_done_callback(self._cluster.inbox.put)
            return None
        except (CancelledError, OSError) as error:
            raise UsageError(LOST) from error
        return answer

    def cancel(self) -> None:
        """Leave nothing at the cluster."""
        if self.sent:
            self._withdraw(list(self.sent))

    def _lose(self) -> None:
        """Take back what was given to workers that are all gone; Dask would keep it for them."""
        for future, errand in list(self.sent.items()):
            if not errand.workers.isdisjoint(self._fit):
                continue
            del self.sent[future]
            self._withdraw([future])
            if errand.losses + 1 == MOST_LOSSES:
                raise TaskLost(
                    errand.task.number, f"its workers were all gone, {MOST_LOSSES} times"
                )
            self._waiting.append(Errand(errand.task, losses=errand.losses + 1))

    def _withdraw(self, futures: list[Any]) -> None:
        if self._client.status == "running":
            with suppress(OSError):  # the scheduler is lost, which `receive` tells
                self._client.cancel(futures)

    def _fail(self, future: Any) -> None:
        from distributed import KilledWorker

        error = future.exception()
        if isinstance(error, KilledWorker):
            raise TaskLost(self.sent[future].task.number, str(error))
        # A cell that fails is a row; this is the worker itself.
        story = " ".join(f"{type(error).__name__}: {error}".split())
        raise UsageError(
            f"--scheduler: a Dask worker cannot take on work, {story}; scheduler and workers need "
            "the same version of sweep and of its libraries as here"
        )
