"""A cluster that cannot be reached, dies or has nobody to compute: one line, and never silence."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from sweep.runner import patience
from sweep.runner.patience import Patience
from tests.faults.laboratory import PATIENCE_S, PATIENT, Laboratory, ended, text_of
from tests.runner.cluster import ROOT, Cluster, cluster

pytest.importorskip("distributed")

slow = pytest.mark.slow

AT_ONCE = {
    **PATIENT,
    "sweep.runner.cluster.WORKERS_S": PATIENCE_S,
    "sweep.runner.patience.FIRST_AFTER_S": 0.1,
    "sweep.runner.patience.LAST_EVERY_S": PATIENCE_S,
    "sweep.runner.dask.FETCH_S": 1,
    "sweep.runner.signals.GRACE_S": 0.1,
}
"""What is lacking is said at once, and waited for without end."""

QUIET = {**AT_ONCE, "sweep.runner.patience.FIRST_AFTER_S": PATIENCE_S}


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster without workers."""
    with cluster(tmp_path_factory.mktemp("cluster"), workers=0) as made:
        yield made


@pytest.fixture
def laboratory(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path, patch=QUIET)
    yield made
    made.close()
    if "dask" in request.fixturenames:
        request.getfixturevalue("dask").kill_workers()


@pytest.fixture
def without_sweep(tmp_path: Path) -> str:
    """A folder for PYTHONPATH with which a process finds no package `sweep`."""
    (tmp_path / "without").mkdir()
    (tmp_path / "without/sitecustomize.py").write_text(WITHOUT_SWEEP)
    return str(tmp_path / "without")


WITHOUT_SWEEP = """
import sys

class NoSweep:
    def find_spec(name, path=None, target=None):
        if name == "sweep":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NoSweep)
"""


def told(process: subprocess.Popen[str]) -> str:
    """The next line that a run says."""
    assert process.stderr is not None
    return process.stderr.readline()


def started(laboratory: Laboratory, dask: Cluster) -> subprocess.Popen[str]:
    """A run that has saved something, with one worker."""
    laboratory.write(text_of("x = [1]\ny = { int = [1, 40] }", seconds=0.05))
    dask.add_worker()
    dask.worker_addresses(1)
    process = laboratory.start("--scheduler", dask.address)
    laboratory.wait_for_parts(process)
    return process


@slow
def test_a_scheduler_that_dies_while_workers_are_awaited_is_one_line(
    laboratory: Laboratory,
) -> None:
    laboratory.patch = AT_ONCE
    with cluster(laboratory.folder, workers=0) as dask:
        process = laboratory.start("--scheduler", dask.address)
        line = told(process)
        assert "sweep: waiting since " in line
        assert "has no workers; start some with `dask worker tcp://" in line
        dask.scheduler.kill()
        said = ended(process, 2)
    assert "the connection to the Dask scheduler was lost" in said.splitlines()[-1]


@slow
def test_a_scheduler_without_workers_is_one_line(laboratory: Laboratory, dask: Cluster) -> None:
    laboratory.patch = {**QUIET, "sweep.runner.cluster.WORKERS_S": 0.5}
    said = laboratory.run("--scheduler", dask.address, code=2)
    assert said.count("\n") == 1
    assert "has no workers; start some with `dask worker" in said
    assert not laboratory.results.exists()


@slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_waits_for_workers_hears_signals(
    laboratory: Laboratory, dask: Cluster, number: signal.Signals
) -> None:
    laboratory.patch = AT_ONCE
    process = laboratory.start("--scheduler", dask.address)
    assert "has no workers" in told(process)
    process.send_signal(number)
    ended(process, 128 + number)


@slow
def test_a_run_that_waits_for_workers_has_its_max_time(
    laboratory: Laboratory, dask: Cluster
) -> None:
    said = laboratory.run("--scheduler", dask.address, "--max-time", "2s", code=3)
    assert "--max-time: no trajectory was finished in that time" in said


@slow
def test_workers_without_the_package_are_named(
    laboratory: Laboratory, dask: Cluster, without_sweep: str
) -> None:
    laboratory.patch = {**QUIET, "sweep.runner.cluster.WORKERS_S": 3}
    dask.add_worker(PYTHONPATH=without_sweep)
    address = dask.worker_addresses(1)[0]
    said = laboratory.run("--scheduler", dask.address, code=2)
    assert said.count("\n") == 1
    assert "has no worker that can compute" in said
    assert f"the Dask worker at {address} has no module 'sweep'" in said


@slow
def test_workers_without_the_package_are_left_out_where_others_have_it(
    laboratory: Laboratory, dask: Cluster, without_sweep: str
) -> None:
    dask.add_worker(PYTHONPATH=without_sweep)
    (address,) = dask.worker_addresses(1)
    dask.add_worker()
    dask.worker_addresses(2)
    said = laboratory.run("--scheduler", dask.address)
    assert f"left out: the Dask worker at {address} has no module 'sweep'" in said
    laboratory.expect_results()


@slow
def test_a_worker_of_another_bugfix_release_of_python_is_told_about(
    laboratory: Laboratory, dask: Cluster
) -> None:
    (laboratory.folder / "sitecustomize.py").write_text(ANOTHER_PYTHON)
    dask.add_worker(PYTHONPATH=f"{ROOT}{os.pathsep}{laboratory.folder}")
    (address,) = dask.worker_addresses(1)
    said = laboratory.run("--scheduler", dask.address)
    assert f"rows should not depend on it: the Dask worker at {address} has Python 3." in said
    laboratory.expect_results()


ANOTHER_PYTHON = """
import platform
version = platform.python_version() + "9"
platform.python_version = lambda: version
"""


@slow
def test_a_run_whose_workers_are_gone_says_so_and_goes_on_with_others(
    laboratory: Laboratory, dask: Cluster
) -> None:
    laboratory.patch = AT_ONCE
    process = started(laboratory, dask)
    dask.kill_workers()
    assert "has no workers" in told(process)
    dask.add_worker()
    ended(process, 0)
    laboratory.expect_results()


@slow
def test_a_run_whose_workers_are_gone_hears_signals(laboratory: Laboratory, dask: Cluster) -> None:
    laboratory.patch = AT_ONCE
    process = started(laboratory, dask)
    dask.kill_workers()
    assert "has no workers" in told(process)
    process.send_signal(signal.SIGINT)
    ended(process, 130)
    laboratory.expect_whole(known=laboratory.saved())


@slow
def test_a_run_whose_workers_are_gone_has_its_max_time(
    laboratory: Laboratory, dask: Cluster
) -> None:
    laboratory.write(text_of(seconds=1))
    dask.add_worker()
    dask.worker_addresses(1)
    process = laboratory.start("--scheduler", dask.address, "--max-time", "4s")
    laboratory.wait_for(laboratory.aside.exists, process)
    dask.kill_workers()
    ended(process, 3)


@slow
def test_a_scheduler_that_falls_silent_is_told_about(laboratory: Laboratory) -> None:
    laboratory.patch = {**AT_ONCE, "sweep.runner.cluster.ANSWER_S": 0.5}
    with cluster(laboratory.folder, workers=0) as dask:
        process = started(laboratory, dask)
        dask.scheduler.send_signal(signal.SIGSTOP)
        assert f"the Dask scheduler at {dask.address} does not answer" in told(process)
        dask.scheduler.send_signal(signal.SIGCONT)
        ended(process, 0)
    laboratory.expect_results()


@slow
def test_a_run_can_be_ended_while_the_scheduler_is_silent(laboratory: Laboratory) -> None:
    laboratory.patch = {**AT_ONCE, "sweep.runner.cluster.ANSWER_S": 0.5}
    with cluster(laboratory.folder, workers=0) as dask:
        process = started(laboratory, dask)
        dask.scheduler.send_signal(signal.SIGSTOP)
        assert f"the Dask scheduler at {dask.address} does not answer" in told(process)
        process.send_signal(signal.SIGINT)
        ended(process, 130)


def test_what_is_lacking_is_told_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(monotonic=lambda: now, strftime=lambda _: "12:30:00")
    monkeypatch.setattr(patience, "time", clock)
    said: list[tuple[int, str]] = []
    patient = Patience(lambda line: said.append((now, line)))
    for now in range(2000):  # noqa: B007
        patient.wait("sugar")
    assert [when for when, _ in said] == [5, 15, 35, 75, 155, 315, 635, 1235, 1835]
    assert {line for _, line in said} == {"waiting since 12:30:00: sugar"}
    patient.over()
    now = 2000
    assert patient.wait("salt") == 0
    assert len(said) == 9
