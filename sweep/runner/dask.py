"""A Dask cluster, through joblib's own backend for it."""

from __future__ import annotations

import asyncio
import concurrent.futures
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from joblib._dask import DaskDistributedBackend

from sweep.errors import UsageError
from sweep.runner.worker import TaskLost

CONNECT_S = 5
WORKERS_S = 10


class Backend(DaskDistributedBackend):
    """joblib's backend, which waits for ever for a task that Dask gives up; this one tells."""

    def effective_n_jobs(self, n_jobs: int) -> int:
        """The cluster's cores; at least 2, since joblib would run one job in this very process."""
        return max(int(super().effective_n_jobs(n_jobs)), 2)

    def submit(self, func: Any, callback: Callable[[Any], None] | None = None) -> Any:
        """Hand a task to the cluster. `callback` is called once, with its result or its error."""
        told = False

        def tell(outcome: Any) -> None:
            nonlocal told
            if callback is not None and not told:
                told = True
                callback(outcome)

        def tell_of_error(future: concurrent.futures.Future[Any]) -> None:
            error = future.exception()
            if error is not None:
                ((_, (task,), _),) = func.items
                tell(TaskLost(task.number, str(error)))

        future: Any = super().submit(func, tell)
        future.add_done_callback(tell_of_error)
        return future

    def retrieve_result_callback(self, out: Any) -> Any:
        """The result of a task; raises its error."""
        if isinstance(out, asyncio.CancelledError | concurrent.futures.CancelledError):
            raise UsageError(
                "--scheduler: the connection to the Dask scheduler was lost; what was finished "
                "is saved, run again to go on"
            )
        if isinstance(out, TaskLost):
            raise out
        return super().retrieve_result_callback(out)


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
