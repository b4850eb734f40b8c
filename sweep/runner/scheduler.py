"""A connection to a Dask scheduler, or one line that says what is there instead."""

from __future__ import annotations

import logging
import threading
from queue import Empty, SimpleQueue
from typing import Any

from sweep.errors import UsageError
from sweep.store.metadata import installed

CONNECT_S = 5.0
"""How long each of the three steps of connecting may take."""

LOGGERS = ("distributed", "distributed.client", "distributed.gc", "tornado.application", "asyncio")
"""What goes wrong is told on one line, here or in a failed row."""


def client_of(address: str) -> Any:
    """A client of the scheduler at `address`.

    Raises UsageError where Dask is not installed, or no scheduler answers.
    """
    try:
        import distributed
    except ImportError as error:
        raise UsageError(
            "--backend dask needs Dask; install it with pip install 'dask[distributed]'"
        ) from error
    for name in LOGGERS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    made: SimpleQueue[Any] = SimpleQueue()

    class Client(distributed.Client):
        def start(self, **how: Any) -> None:
            """Connect; or leave nothing behind that would be closed when the process ends."""
            try:
                super().start(**how)  # type: ignore[no-untyped-call]
            except Exception:
                self.close()  # type: ignore[no-untyped-call]
                raise

    def connect() -> None:
        try:
            made.put(Client(address, timeout=CONNECT_S, set_as_default=False))  # type: ignore[no-untyped-call]
        except (OSError, MemoryError):  # whatever is read is taken for the length of a message
            made.put("")
        except Exception as error:  # from whatever it is that listens there
            made.put(f" ({_short(error)})")

    # In a thread, as what says nothing at all would be waited for without end.
    threading.Thread(target=connect, name="connect", daemon=True).start()
    try:
        client = made.get(timeout=3 * CONNECT_S)
    except Empty:
        client = ""
    if isinstance(client, str):
        raise UsageError(
            f"--scheduler: found {address}, where no Dask scheduler answers{client}; start one "
            f"with `dask scheduler`, of Dask {installed('distributed')} as here, and give its "
            "address"
        )
    return client


def _short(error: Exception) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())[:200]
