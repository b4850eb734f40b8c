"""A connection to a Dask cluster, through which joblib hands out its work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sweep.errors import UsageError

CONNECT_S = 8


@contextmanager
def connected(address: str) -> Iterator[int]:
    """Be connected to the scheduler at `address`; gives the number of its workers' cores.

    Raises UsageError where Dask is not installed, the scheduler does not answer or has no workers,
    or a worker cannot import this package.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise UsageError(
            "--backend dask needs Dask; install it with pip install 'meta-sweep[dask]'"
        ) from error
    try:
        client = Client(address, timeout=CONNECT_S)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise UsageError(
            f"--scheduler: found {address}, where no Dask scheduler answers; "
            "start one with `dask scheduler` and give its address"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=CONNECT_S)
        except TimeoutError as error:
            raise UsageError(
                f"--scheduler: the Dask scheduler at {address} has no workers; "
                f"start some with `dask worker {address}`"
            ) from error
        yield sum(client.ncores().values())  # type: ignore[no-untyped-call]
