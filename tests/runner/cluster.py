"""A Dask scheduler and workers on this machine, each a process of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from tests.faults.laboratory import PATIENCE_S

ROOT = Path(__file__).parents[2]


@dataclass
class Cluster:
    """A scheduler, whose address is `address`, and its workers."""

    folder: Path
    environment: dict[str, str]
    log: IO[bytes]
    address: str = ""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        file = self.folder / "scheduler.json"
        self.scheduler = self._start(
            "scheduler", "--host=127.0.0.1", "--port=0", "--scheduler-file", file
        )
        try:
            wait_until(lambda: file.exists() and file.read_text().rstrip().endswith("}"))
        except BaseException:
            self.end()
            raise
        self.address = str(json.loads(file.read_text())["address"])

    def add_worker(self, how: str = "--no-nanny", **variables: str) -> subprocess.Popen[bytes]:
        """Start a worker with one thread; variables: further ones of its environment."""
        started = self._start("worker", self.address, "--nthreads=1", how, **variables)
        self.workers.append(started)
        return started

    def worker_addresses(self, number: int) -> list[str]:
        """The addresses of the workers, once there are so many."""
        from distributed import Client

        with Client(self.address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
            client.wait_for_workers(number, timeout=PATIENCE_S)
            return list(client.nthreads())

    def kill_workers(self) -> None:
        """Let no worker be left, and no nanny."""
        while self.workers:
            _kill(self.workers.pop())

    def end(self) -> None:
        """End all processes."""
        self.kill_workers()
        _kill(self.scheduler)
        self.log.close()

    def _start(self, *words: object, **variables: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *map(str, words), "--no-dashboard"],
            cwd=self.folder,
            env={**self.environment, **variables},
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )


def _kill(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # with the workers of a nanny
    process.wait(PATIENCE_S)


@contextmanager
def cluster(
    folder: Path, workers: int = 2, *, nanny: bool = False, **variables: str
) -> Iterator[Cluster]:
    """A scheduler and workers with one thread each; everything ends with the context.

    variables: further ones of their environment.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SWEEP_TEST_LOG": str(folder / "log"),
        "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0" if nanny else "3",
        "DASK_TEMPORARY_DIRECTORY": str(folder / "dask"),
        **variables,
    }
    made = Cluster(folder, environment, (folder / "dask.log").open("wb"))
    try:
        for _ in range(workers):
            made.add_worker("--nanny" if nanny else "--no-nanny")
        yield made
    finally:
        made.end()


def wait_until(happened: Callable[[], object]) -> None:
    """Wait for something to happen."""
    end = time.monotonic() + PATIENCE_S
    while not happened():
        assert time.monotonic() < end, "this will never come to pass"
        time.sleep(0.05)


def copy_of_the_package(folder: Path) -> Path:
    """A folder for PYTHONPATH with a copy of `sweep` and of the model of these tests."""
    without = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "sweep", folder / "sweep", ignore=without)
    (folder / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "__init__.py", folder / "tests")
    shutil.copytree(ROOT / "tests" / "faults", folder / "tests" / "faults", ignore=without)
    return folder


def change(folder: Path, name: str, before: str, after: str) -> None:
    """Change a file of such a copy, at once."""
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert before in text
    other = file.with_suffix(".new")
    other.write_text(text.replace(before, after), encoding="utf-8")
    other.replace(file)
