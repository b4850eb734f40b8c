"""A connection to a Dask cluster, through which joblib hands out its work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sweep.errors import UsageError

CONNECT_S = 10


@contextmanager
def connected(address: str) -> Iterator[None]:
    """Be connected to the scheduler at `address`.

    Raises UsageError where Dask is not installed or the scheduler does not answer.
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
        yield
