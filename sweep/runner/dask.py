"""A Dask cluster: connect to it, have it solve tasks, tell what goes wrong in a line."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sweep.errors import UsageError
from sweep.models.base import Block
from sweep.runner import worker
from sweep.runner.worker import Task, TaskLost

CONNECT_S = 5
WORKERS_S = 10

LOST = (
    "--scheduler: the connection to the Dask scheduler was lost; what was finished is saved, "
    "run again to go on"
)


def solved(client: Any, tasks: Iterator[Task], ahead: int) -> Iterator[tuple[int, list[Block]]]:
    """The number of each task and its blocks, as they come back; `ahead` are at the cluster.

    Tasks are taken one by one, as others come back. Those that are still at the cluster when this
    ends early are cancelled. Raises TaskLost for a task over which too many workers died, and
    UsageError where the scheduler is lost or a worker cannot take on work.
    """
    from distributed import as_completed

    numbers: dict[Any, int] = {}
    at_work: Any = as_completed(loop=client.loop)  # type: ignore[no-untyped-call]

    def submit(count: int) -> None:
        for task in islice(tasks, count):
            future = client.submit(worker.solve_elsewhere, task, task.seconds_left(), pure=False)
            numbers[future] = task.number
            at_work.add(future)

    try:
        submit(ahead)
        for future in at_work:
            blocks = _blocks(future, numbers[future])
            del numbers[future]
            submit(1)
            yield blocks
    finally:
        if numbers and client.status == "running":
            client.cancel(list(numbers))


def _blocks(future: Any, number: int) -> tuple[int, list[Block]]:
    """What a finished task came to."""
    from distributed import CancelledError, KilledWorker

    if future.status == "error":
        error = future.exception()
        if isinstance(error, KilledWorker):
            raise TaskLost(number, str(error))
        # A cell that fails is a row; this is the worker itself.
        story = " ".join(f"{type(error).__name__}: {error}".split())
        raise UsageError(
            f"--scheduler: a Dask worker cannot take on work, {story}; scheduler and workers need "
            "the same version of sweep and of its libraries as here"
        )
    try:
        solved: tuple[int, list[Block]] = future.result()
    except (CancelledError, OSError) as error:
        raise UsageError(LOST) from error
    return solved


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Be connected to the scheduler at `address`; gives the client.

    Raises UsageError where Dask is not installed, or the scheduler does not answer or has no
    workers.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(
            "--backend dask needs Dask; install it with pip install 'meta-sweep[dask]'"
        ) from error
    # What goes wrong is told on one line, here or in a failed row.
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=CONNECT_S)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--scheduler: found {address}, where no Dask scheduler answers; "
            "start one with `dask scheduler` and give its address"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=WORKERS_S)
        except TimeoutError as error:
            raise UsageError(
                f"--scheduler: the Dask scheduler at {address} has no workers; "
                f"start some with `dask worker {address}`"
            ) from error
        yield client
