"""A Dask cluster: connect to it, and know at any time which of its workers may compute.

Every worker says what it is before it is given work. One of another version ends the run; one that
lacks the package is left out, while others have it.
"""

from __future__ import annotations

import asyncio
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pickle import dumps, loads
from queue import Empty, SimpleQueue
from typing import Any

from sweep.errors import UsageError, Warn
from sweep.runner import software
from sweep.runner.patience import Patience
from sweep.runner.scheduler import client_of

WORKERS_S = 10.0
"""How long a cluster that cannot compute is given, at the start and where it can never compute."""

WATCH_S = 0.5
"""How often the workers are looked at."""

ANSWER_S = 5.0
"""A worker that has not said in this time what it is, is asked again."""

NAMED = 3
"""So many workers are named in a line."""

LOST = (
    "--scheduler: the connection to the Dask scheduler was lost; what was finished is saved, "
    "run again to go on"
)

CURE = "start it again with what is installed here"


class Question:
    """Reads as what the process is that reads it."""

    def __reduce__(self) -> tuple[Callable[[], software.Software], tuple[()]]:
        return software.own, ()


QUESTION = dumps(Question())


@dataclass(frozen=True)
class Roll:
    """The workers of a cluster at one moment, by their addresses.

    fit: the threads of those that may compute. odd: what is worth a remark of some of them.
    lacking: why the others cannot.
    """

    fit: Mapping[str, int] = field(default_factory=dict)
    odd: Mapping[str, str] = field(default_factory=dict)
    lacking: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """What came of a worker that has said what it is: why it cannot compute, or a remark."""

    lack: str = ""
    remark: str = ""


class Cluster:
    """A connection to a scheduler, and what is known of its workers."""

    def __init__(self, client: Any, address: str, warn: Warn) -> None:
        self.client = client
        self.inbox: SimpleQueue[Any] = SimpleQueue()
        """Futures that are done, Rolls, and the error that ends the run."""
        self.roll = Roll()
        self._address = address
        self._warn = warn
        self._patience = Patience(warn)
        self._checked: dict[str, Checked] = {}
        self._heard = time.monotonic()
        self._watch = asyncio.run_coroutine_threadsafe(self._keep_watch(), client.loop.asyncio_loop)

    @property
    def threads(self) -> int:
        """How many trajectories are computed at the same time."""
        return sum(self.roll.fit.values())

    def close(self) -> None:
        """End the watch."""
        self._watch.cancel()

    def receive(self) -> Any:
        """A future that is done, or None: there is news of the workers, or nothing for a while.

        Raises UsageError where the scheduler is lost, a worker is of another version, or those that
        there are can never compute.
        """
        try:
            item = self.inbox.get(timeout=WATCH_S)
        except Empty:
            item = None
        if isinstance(item, Exception):
            raise item
        if isinstance(item, Roll):
            self._heard = time.monotonic()
            self._tell(item)
            self.roll, item = item, None
        self._mind_the_time()
        return item

    def await_workers(self, end: float) -> None:
        """Wait until a worker may compute, until `end` (of the monotonic clock) at the latest.

        Raises UsageError where there is none in WORKERS_S.
        """
        last = time.monotonic() + WORKERS_S
        while not self.roll.fit and time.monotonic() < end:
            self.receive()
            if not self.roll.fit and time.monotonic() > last:
                raise UsageError(f"--scheduler: {self._lack()}")

    def _mind_the_time(self) -> None:
        lack = self._lack()
        if not lack:
            self._patience.over()
        elif self._patience.wait(lack) > WORKERS_S and self.roll.lacking:
            raise UsageError(f"--scheduler: {lack}")

    def _lack(self) -> str:
        """What keeps the work from going on; empty where nothing does."""
        scheduler = f"the Dask scheduler at {self._address}"
        if time.monotonic() - self._heard > ANSWER_S + 2 * WATCH_S:
            return f"{scheduler} does not answer"
        if self.roll.fit:
            return ""
        if self.roll.lacking:
            return (
                f"{scheduler} has no worker that can compute: {_named(self.roll.lacking)}; "
                "install there what is installed here"
            )
        return f"{scheduler} has no workers; start some with `dask worker {self._address}`"

    def _tell(self, roll: Roll) -> None:
        """Of what is new in this roll."""
        if odd := {one: said for one, said in roll.odd.items() if one not in self.roll.odd}:
            self._warn(f"rows should not depend on it: {_named(odd)}")
        lacking = {one: said for one, said in roll.lacking.items() if one not in self.roll.lacking}
        if lacking and roll.fit:
            self._warn(f"left out: {_named(lacking)}")

    async def _keep_watch(self) -> None:
        while self.client.status == "running":
            try:
                self.inbox.put(await self._muster())
            except UsageError as error:
                self.inbox.put(error)
                return
            except Exception:  # the scheduler is busy, or lost
                pass
            await asyncio.sleep(WATCH_S)
        self.inbox.put(UsageError(LOST))

    async def _muster(self) -> Roll:
        threads = await self.client.nthreads()
        self._checked = {one: self._checked[one] for one in self._checked if one in threads}
        await asyncio.gather(*(self._ask(one) for one in threads if one not in self._checked))
        known = self._checked.items()
        return Roll(
            fit={one: threads[one] for one, checked in known if not checked.lack},
            odd={one: checked.remark for one, checked in known if checked.remark},
            lacking={one: checked.lack for one, checked in known if checked.lack},
        )

    async def _ask(self, address: str) -> None:
        """Have a worker say what it is; one that is silent is asked again."""
        # Sent as `software.own` itself, what a worker lacks would be told by Dask in no fixed way.
        call = self.client.run(loads, QUESTION, workers=[address], on_error="return")
        try:
            said = (await asyncio.wait_for(call, ANSWER_S)).get(address)
        except Exception:  # it has gone
            return
        if isinstance(said, dict):
            self._refuse(address, said)
            remarks = software.remarks(said, software.own())
            self._checked[address] = Checked(remark=remarks and f"has {remarks}")
        elif isinstance(said, ModuleNotFoundError) and not str(said.name).startswith("sweep."):
            self._checked[address] = Checked(f"has no module {said.name!r}")
        elif not isinstance(said, OSError):  # a version that does not know the question
            self._refuse(address, {})

    def _refuse(self, address: str, said: software.Software) -> None:
        place = f"--scheduler: the Dask worker at {address}"
        software.refuse(place, said, software.own(), CURE)


def _named(workers: Mapping[str, str]) -> str:
    """Workers and what is to be said of each, not too many of them."""
    some = [f"the Dask worker at {one} {said}" for one, said in sorted(workers.items())[:NAMED]]
    more = len(workers) - len(some)
    return ", ".join(some) + (f", and {more:,} more" if more > 0 else "")


@contextmanager
def connected(address: str, warn: Warn, max_time: float | None = None) -> Iterator[Cluster]:
    """Be connected to the scheduler at `address`, with a worker unless `max_time` is over first.

    Raises UsageError where Dask is not installed, or the scheduler does not answer or has no
    workers that can compute.
    """
    end = time.monotonic() + (float("inf") if max_time is None else max_time)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="distributed")
        with client_of(address) as client:
            cluster = Cluster(client, address, warn)
            try:
                cluster.await_workers(end)
                yield cluster
            finally:
                cluster.close()
