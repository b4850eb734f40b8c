"""Worker processes: their end with the run, and what is said where there can be none."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from multiprocessing import Pipe
from pathlib import Path

import pytest

from sweep.errors import UsageError
from sweep.models.base import Block
from sweep.runner import pool, processes
from sweep.runner.fallback import computed
from sweep.runner.plan import make_plan
from sweep.runner.processes import NoWorkers, starting
from sweep.store.known import Known
from tests.faults.laboratory import grid_of, text_of

WORKER = """
import ctypes, sys, time
from multiprocessing.connection import Connection
from sweep.runner import worker
{change}
worker._end_with(Connection(int(sys.argv[1])))
print("ready", flush=True)
{wait}
"""

WITHOUT_PROC = """
def absent(pipe):
    raise FileNotFoundError(pipe)
worker._have_kernel_kill = absent
"""


@pytest.mark.parametrize(
    ("change", "wait", "code"),
    [
        ("", "ctypes.PyDLL(None).sleep(3600)", -signal.SIGKILL),
        (WITHOUT_PROC, "time.sleep(3600)", 1),
    ],
    ids=["by the kernel", "by a thread"],
)
def test_a_worker_ends_with_its_lifeline(change: str, wait: str, code: int) -> None:
    if not (change or Path("/proc/self/fd").exists()):
        pytest.skip("needs /proc")
    inner, outer = Pipe(duplex=False)
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER.format(change=change, wait=wait), str(inner.fileno())],
        stdout=subprocess.PIPE,
        pass_fds=[inner.fileno()],
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    assert process.poll() is None
    outer.close()
    assert process.wait(60) == code
    process.stdout.close()
    inner.close()


def test_a_worker_that_is_born_after_the_end_ends() -> None:
    inner, outer = Pipe(duplex=False)
    outer.close()
    text = WORKER.format(change="", wait="time.sleep(3600)")
    words = [sys.executable, "-c", text, str(inner.fileno())]
    done = subprocess.run(words, pass_fds=[inner.fileno()], stdout=subprocess.PIPE, timeout=60)
    assert (done.returncode, done.stdout) == (1, b"")
    inner.close()


def test_the_cause_is_told_not_what_stumbled_over_it() -> None:
    def stumble() -> None:
        try:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        finally:
            raise UnboundLocalError("child_r")

    found = r"^BlockingIOError: \[Errno 11\] Resource temporarily unavailable$"
    with pytest.raises(NoWorkers, match=found), starting("sequential", 1):
        stumble()


def test_threads_are_counted_before_any_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Limited(processes.threading.Thread):
        left = 20

        def start(self) -> None:
            Limited.left -= 1
            if Limited.left < 0:
                raise RuntimeError("can't start new thread")
            super().start()

    monkeypatch.setattr(processes.threading, "Thread", Limited)
    with starting("threading", 2):
        pass
    Limited.left = 20
    with pytest.raises(NoWorkers, match="can't start new thread"), starting("threading", 20):
        pass


def test_what_was_finished_before_the_workers_went_is_saved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def some(*_: object) -> Iterator[list[Block]]:
        yield []
        raise NoWorkers("BlockingIOError: too many")

    monkeypatch.setattr(pool, "compute", some)
    made = make_plan(grid_of(text_of()), Known())
    blocks = computed(made, pool.Workers("loky", 2), None, print)
    assert next(blocks) == []
    with pytest.raises(UsageError) as caught:
        next(blocks)
    assert str(caught.value) == (
        "worker processes cannot be had any more: BlockingIOError: too many; what was finished is "
        "saved, run again to go on"
    )
