"""Runs from Python: quiet, in any thread, and nothing of the process left changed."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from types import FrameType
from typing import Any, ClassVar

import pytest

from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.models.base import Answers, Trajectory
from sweep.models.parameters import Value
from sweep.runner import pool, signals
from sweep.runner.run import RunReport, run
from sweep.runner.signals import SIGNALS
from sweep.store.load import load
from tests.faults import model
from tests.faults.model import FaultyModel

PATIENCE_S = 120

in_main_thread = pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(),
    reason="only the main thread hears signals",
)


def faulty(name: str = "mine", cells: int = 20, of: object = model.MODEL, **fixed: object) -> Grid:
    return Grid(of, fixed=fixed, axes={"x": range(cells)}, name=name)  # type: ignore[arg-type]


def handlers() -> list[Any]:
    return [signal.getsignal(number) for number in SIGNALS]


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "log"
    path.touch()
    monkeypatch.setenv(model.LOG, str(path))
    return path


def in_thread(work: Callable[[], Any]) -> Any:
    """What a function comes to in another thread."""
    found: list[Any] = []

    def call() -> None:
        try:
            found.append(work())
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join(PATIENCE_S)
    return found[0]


def test_what_is_missing_is_computed_once(tmp_path: Path, log: Path) -> None:
    report = run(faulty(), tmp_path, jobs=2)
    assert report.counts == Counter(reached=20)
    assert (report.computed, report.complete, len(report.failed)) == (20, True, 0)
    assert report.seconds > 0
    again = run(faulty(cells=21), str(tmp_path))
    assert (again.computed, again.counts["reached"]) == (1, 21)
    assert len(log.read_text().splitlines()) == 21
    assert repr(again).startswith("RunReport(reached=21; computed=1, complete=True, seconds=")


@pytest.mark.parametrize("backend", ["sequential", "threading", "loky"])
def test_failed_cells_are_told_with_their_messages(tmp_path: Path, backend: Any) -> None:
    grid = Grid(
        model.MODEL, fixed={"behaviour": "raise", "bad": 2}, axes={"y": [1, 2, 3]}, name="mine"
    )
    report = run(grid, tmp_path, backend=backend, jobs=2)
    assert report.counts == Counter(reached=2, failed=1)
    assert report.complete
    (row,) = report.failed.to_dict("records")
    assert (row["y"], row["status"]) == (2, "failed")
    assert row["message"] == "RuntimeError: y = 2 is not to my liking"
    assert list(run(faulty("other", 1), tmp_path).failed.columns) == list(report.failed.columns)


def test_nothing_is_printed_and_messages_are_logged(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    run(faulty(), tmp_path)
    (tmp_path / "mine" / "stray.txt").touch()
    with caplog.at_level(logging.INFO, logger="sweep"):
        run(faulty(cells=21), tmp_path)
    assert capfd.readouterr() == ("", "")
    (record,) = (record for record in caplog.records if record.name == "sweep")
    assert record.levelname == "WARNING"
    assert "stray.txt: is not a file of results" in record.getMessage()


def test_nothing_is_printed_where_nobody_has_set_up_logging() -> None:
    """Python itself prints warnings to stderr where a logger has no handler at all."""
    assert any(isinstance(h, logging.NullHandler) for h in logging.getLogger("sweep").handlers)


def test_progress_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("sweep.runner.progress.LINE_EVERY_S", 0.0)
    with caplog.at_level(logging.INFO, logger="sweep"):
        run(faulty(cells=3), tmp_path, jobs=1, backend="sequential")
    lines = [record.getMessage() for record in caplog.records if record.name == "sweep"]
    assert lines[-1].startswith("3/3 cells, 3 reached; ")


def test_a_shard_is_complete_by_itself(tmp_path: Path) -> None:
    report = run(faulty(), tmp_path, shard=(1, 2))
    assert report.complete
    assert 0 < report.computed < 20
    assert report.counts["missing"] == 20 - report.computed


def test_a_run_ends_when_its_time_is_over(tmp_path: Path) -> None:
    report = run(faulty(seconds=0.05), tmp_path, max_time=1e-9, jobs=1)
    assert not report.complete
    assert report.counts["missing"] == 20 - report.computed
    assert len(report.failed) == 0


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"jobs": 0}, "jobs: found 0; allowed is an integer ≥ 1"),
        ({"jobs": 1.5}, "jobs: found 1.5"),
        ({"backend": "threads"}, "backend: found 'threads'; allowed is one of loky, threading"),
        ({"backend": "dask"}, "backend='dask' and the address of a scheduler go together"),
        ({"backend": "loky", "scheduler": "tcp://x:1"}, "go together"),
        ({"shard": (0, 2)}, r"shard: found (0, 2); allowed is (i, n) with 1 ≤ i ≤ n"),
        ({"shard": "1/2"}, "shard: found '1/2'"),
        ({"max_time": 0}, "max_time: found 0; allowed is a number of seconds > 0"),
        ({"max_time": "30m"}, "max_time: found '30m'"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    tmp_path: Path, told: dict[str, Any], message: str
) -> None:
    with pytest.raises(UsageError) as refusal:
        run(faulty(), tmp_path, **told)
    assert message in str(refusal.value)
    assert not list(tmp_path.iterdir())


# Threads, loops, and several runs in one process


def test_a_thread_hears_no_signal_and_changes_none(tmp_path: Path) -> None:
    before = handlers()
    seen: list[list[Any]] = []

    class Looking(FaultyModel):
        def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:
            seen.append(handlers())
            return super().solve(trajectory, solver)

    report = in_thread(lambda: run(faulty(of=Looking()), tmp_path, backend="threading"))
    assert isinstance(report, RunReport), report
    assert report.complete
    assert len(seen) == 20
    assert all(during == before for during in seen)
    assert handlers() == before


def test_worker_processes_can_be_had_in_a_thread(tmp_path: Path) -> None:
    report = in_thread(lambda: run(faulty(), tmp_path, backend="loky", jobs=2))
    assert report.counts == Counter(reached=20)


def test_it_runs_where_a_loop_does(tmp_path: Path) -> None:
    async def cell() -> RunReport:  # as a cell of a notebook
        return run(faulty(), tmp_path)

    assert asyncio.run(cell()).complete


MEETING = threading.Barrier(2)


class Meeting(FaultyModel):
    """Goes on only where another run is at work at the same time."""

    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:
        if trajectory.shared["x"] == 0:
            MEETING.wait(PATIENCE_S)
        return super().solve(trajectory, solver)


def test_two_grids_are_run_at_the_same_time(tmp_path: Path) -> None:
    reports: dict[str, RunReport] = {}

    def compute(name: str) -> None:
        reports[name] = run(faulty(name, of=Meeting()), tmp_path, backend="threading", jobs=2)

    threads = [threading.Thread(target=compute, args=(name,)) for name in ("one", "other")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert [reports[name].counts for name in ("one", "other")] == [Counter(reached=20)] * 2


def test_one_grid_is_not_run_twice_at_the_same_time(tmp_path: Path) -> None:
    MEETING.reset()
    first = threading.Thread(target=lambda: run(faulty(of=Meeting()), tmp_path))
    first.start()
    until(lambda: MEETING.n_waiting == 1)
    with pytest.raises(UsageError, match="another run of mine is at work"):
        run(faulty(of=Meeting()), tmp_path)
    MEETING.wait(PATIENCE_S)
    first.join(PATIENCE_S)
    assert run(faulty(of=Meeting()), tmp_path).counts == Counter(reached=20)


def test_two_runs_do_not_share_worker_processes(tmp_path: Path) -> None:
    found: list[RunReport] = []
    grid = faulty("long", 40, seconds=0.05)
    first = threading.Thread(
        target=lambda: found.append(run(grid, tmp_path, backend="loky", jobs=2))
    )
    first.start()
    until(pool._in_use.locked)
    with pytest.raises(UsageError, match="has worker processes at work, which two cannot share"):
        run(faulty("other"), tmp_path, backend="loky")
    assert run(faulty("other"), tmp_path, backend="threading").complete
    first.join(PATIENCE_S)
    assert found[0].counts == Counter(reached=40)


def until(comes: Callable[[], bool]) -> None:
    """Wait for something that comes for certain."""
    end = time.monotonic() + PATIENCE_S
    while not comes():
        assert time.monotonic() < end
        time.sleep(0.001)


# Signals in the main thread


class Interrupted(FaultyModel):
    """Sends this process a signal, once, before the fifth cell, and goes on when told to."""

    number: ClassVar[int] = signal.SIGINT
    sent: ClassVar[threading.Event]
    go_on: ClassVar[threading.Event]
    turns: ClassVar[Iterator[int]]

    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:
        if next(self.turns) == 4:
            self.sent.set()
            os.kill(os.getpid(), self.number)
            self.go_on.wait(PATIENCE_S)
        return super().solve(trajectory, solver)


@pytest.fixture
def interrupted() -> Iterator[type[Interrupted]]:
    Interrupted.number = signal.SIGINT
    Interrupted.sent, Interrupted.go_on = threading.Event(), threading.Event()
    Interrupted.turns = count()
    yield Interrupted
    Interrupted.go_on.set()


def go_on_when_heard(interrupted: type[Interrupted], patch: pytest.MonkeyPatch) -> None:
    """Have it go on once the run has heard the signal, which a busy main thread does late."""
    on_signal = signals.Interruption._on_signal

    def heard(self: signals.Interruption, number: int, frame: FrameType | None) -> None:
        on_signal(self, number, frame)
        interrupted.go_on.set()

    patch.setattr(signals.Interruption, "_on_signal", heard)


@in_main_thread
def test_ctrl_c_keeps_what_is_finished_and_is_raised(
    tmp_path: Path, interrupted: type[Interrupted], log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = handlers()
    go_on_when_heard(interrupted, monkeypatch)
    grid = faulty(of=interrupted())
    with pytest.raises(KeyboardInterrupt):
        run(grid, tmp_path, backend="sequential", jobs=1)
    assert handlers() == before
    kept = len(load(grid, tmp_path))
    assert kept == len(log.read_text().splitlines())
    assert 4 <= kept < 20
    report = run(grid, tmp_path)
    assert (report.computed, report.complete) == (20 - kept, True)
    assert handlers() == before


@in_main_thread
def test_work_that_was_left_to_itself_does_not_go_on_in_the_next_run(
    tmp_path: Path, interrupted: type[Interrupted], log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "GRACE_S", 0.0)
    grid = faulty(of=interrupted())
    with pytest.raises(KeyboardInterrupt):
        run(grid, tmp_path, backend="sequential", jobs=1)
    (left,) = (thread for thread in threading.enumerate() if thread.name == "work")
    assert run(grid, tmp_path, backend="sequential", jobs=1).counts == Counter(reached=20)
    interrupted.go_on.set()
    left.join(PATIENCE_S)
    assert not signals._unfinished, "or the process would end in haste"
    computed = Counter(float(line.split()[0]) for line in log.read_text().splitlines())
    assert sorted(computed) == list(range(20))
    assert sum(times > 1 for times in computed.values()) <= 5, "those begun before, no others"


@in_main_thread
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_handler_of_the_callers_hears_of_the_signal_afterwards(
    tmp_path: Path, interrupted: type[Interrupted], monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    interrupted.number = number
    go_on_when_heard(interrupted, monkeypatch)
    heard: list[int] = []
    before = signal.signal(number, lambda n, _: heard.append(n))
    try:
        report = run(faulty(of=interrupted()), tmp_path, backend="sequential", jobs=1)
    finally:
        signal.signal(number, before)
    assert heard == [number]
    assert not report.complete
    assert report.counts["missing"] > 0


@in_main_thread
def test_a_signal_that_is_ignored_is_ignored(
    tmp_path: Path, interrupted: type[Interrupted]
) -> None:
    interrupted.go_on.set()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        assert run(faulty(of=interrupted()), tmp_path, backend="sequential").complete
    finally:
        signal.signal(signal.SIGINT, before)


@in_main_thread
def test_handlers_are_as_before_where_a_run_cannot_start(tmp_path: Path) -> None:
    before = handlers()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photo.jpg").touch()
    with pytest.raises(UsageError, match="none of sweep's own"):
        run(faulty(), tmp_path)
    assert handlers() == before


def test_standard_streams_are_let_be(tmp_path: Path) -> None:
    before = sys.stdout, sys.stderr
    seen: set[Any] = set()

    class Looking(FaultyModel):
        def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:
            seen.add((sys.stdout, sys.stderr))
            return super().solve(trajectory, solver)

    run(faulty(of=Looking()), tmp_path, backend="threading")
    assert seen == {before}
