"""Workers that compute with something else than the run are refused by name, and change no row."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from sweep.errors import UsageError
from sweep.ode import sources
from sweep.runner import software, worker
from sweep.runner.plan import make_plan
from sweep.runner.pool import Workers, compute
from sweep.runner.worker import Task
from sweep.store.known import Known
from tests.faults import laboratory as laboratories
from tests.faults.laboratory import (
    PATIENCE_S,
    PATIENT,
    Laboratory,
    children,
    ended,
    grid_of,
    text_of,
)
from tests.faults.model import SOURCES
from tests.runner.cluster import Cluster, change, cluster, copy_of_the_package

VERSION = ("sweep/__init__.py", '__version__ = "', '__version__ = "9.')
SOURCE = ("sweep/models/status.py", "from", "# another version\nfrom")
STORIES = {"version": "has sweep 9.", "sources": "has sources "}


def test_nothing_differs_from_itself() -> None:
    here = software.own()
    assert not software.differences(here, here)
    assert not software.remarks(here, here)
    assert all(here.values())


@pytest.mark.parametrize("name", ["sweep", "sources", "numpy", "scipy", "numba", "llvmlite"])
def test_whatever_moves_rows_is_refused(name: str) -> None:
    here = software.own()
    assert software.differences({**here, name: "1"}, here) == f"{name} 1 (here {here[name]})"
    without = {other: said for other, said in here.items() if other != name}
    assert software.differences(without, here) == f"{name} none (here {here[name]})"


def test_of_python_only_the_feature_release_counts() -> None:
    here = {**software.own(), "Python": "3.12.4"}
    there = {**here, "Python": "3.12.11"}
    assert not software.differences(there, here)
    assert software.remarks(there, here) == "Python 3.12.11 (here 3.12.4)"
    there = {**here, "Python": "3.13.4"}
    assert software.differences(there, here) == "Python 3.13.4 (here 3.12.4)"


def test_a_model_from_elsewhere_says_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    made = make_plan(grid_of(text_of("y = [1]")), Known())
    task = Task(5, made.model, {}, [made.trajectory(0)], None, software=software.of(made.model))
    assert len(worker.solve(task)[1]) == 1
    monkeypatch.setattr(type(made.model), "sources", "another file")
    answer = worker.solve(task)
    assert answer[:2] == (5, [])
    with pytest.raises(UsageError, match=r"process \d+ has sources of the model another file"):
        software.accepted(answer, task.software, "")


def test_an_answer_that_does_not_say_whose_it_is_is_refused() -> None:
    with pytest.raises(UsageError, match="a version of sweep that does not say what it is"):
        software.accepted((5, []), software.own(), "")


def test_a_process_that_loads_a_model_from_replaced_files_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = make_plan(grid_of(text_of("y = [1]")), Known())
    software._sources.cache_clear()
    try:
        with monkeypatch.context() as patch:
            patch.setattr(sources, "digest", lambda: "other files")
            assert software.of(made.model)["sources"].endswith(" and other files")
            with pytest.raises(UsageError, match="were replaced while it was at work"):
                list(compute(made, Workers("threading", 1)))
    finally:
        software._sources.cache_clear()
    assert len(list(compute(made, Workers("threading", 1)))) == 1


@pytest.fixture(scope="module")
def dask(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster without workers."""
    pytest.importorskip("distributed")
    with cluster(tmp_path_factory.mktemp("cluster"), workers=0) as made:
        yield made


@pytest.fixture
def laboratory(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Laboratory]:
    patch = {
        **PATIENT,
        "sweep.runner.cluster.WORKERS_S": PATIENCE_S,
        "sweep.runner.patience.FIRST_AFTER_S": PATIENCE_S,
    }
    made = Laboratory(tmp_path, patch=patch)
    yield made
    made.close()
    if "dask" in request.fixturenames:
        request.getfixturevalue("dask").kill_workers()


@pytest.mark.slow
@pytest.mark.parametrize("what", STORIES)
def test_a_dask_worker_of_another_version_is_refused(
    laboratory: Laboratory, dask: Cluster, what: str
) -> None:
    copy = copy_of_the_package(laboratory.folder / "copy")
    change(copy, *(VERSION if what == "version" else SOURCE))
    dask.add_worker(PYTHONPATH=str(copy))
    said = laboratory.run("--scheduler", dask.address, code=2)
    assert said.count("\n") == 1
    assert "the Dask worker at tcp://127.0.0.1:" in said
    assert STORIES[what] in said
    assert not laboratory.results.exists()


@pytest.mark.slow
def test_a_dask_worker_of_a_version_that_does_not_know_the_question_is_refused(
    laboratory: Laboratory, dask: Cluster
) -> None:
    copy = copy_of_the_package(laboratory.folder / "copy")
    (copy / "sweep/runner/software.py").unlink()
    dask.add_worker(PYTHONPATH=str(copy))
    said = laboratory.run("--scheduler", dask.address, code=2)
    assert said.count("\n") == 1
    assert "has a version of sweep that does not say what it is" in said


@pytest.mark.slow
def test_a_dask_worker_of_another_version_that_comes_later_is_refused(
    laboratory: Laboratory, dask: Cluster
) -> None:
    copy = copy_of_the_package(laboratory.folder / "copy")
    change(copy, *VERSION)
    laboratory.write(text_of(seconds=0.3))
    dask.add_worker(SWEEP_TEST_LOG=str(laboratory.folder / "log"))
    process = laboratory.start("--scheduler", dask.address)
    laboratory.wait_for_parts(process)
    dask.add_worker(PYTHONPATH=str(copy), SWEEP_TEST_LOG=str(laboratory.folder / "strange"))
    said = ended(process, 2)
    assert said.count("\n") == 1
    assert STORIES["version"] in said
    assert not (laboratory.folder / "strange").exists()
    laboratory.write(text_of())
    assert laboratory.saved()


@pytest.mark.slow
def test_a_dask_worker_with_another_file_of_the_model_is_refused(
    laboratory: Laboratory, dask: Cluster
) -> None:
    dask.add_worker(**{SOURCES: "another file"})
    said = laboratory.run("--scheduler", dask.address, code=2)
    assert said.count("\n") == 1
    assert "has sources of the model another file (here none)" in said
    assert laboratory.saved() == set()


@pytest.mark.slow
@pytest.mark.parametrize("what", [*STORIES, "half"])
def test_a_package_that_is_replaced_under_a_run_ends_it(
    laboratory: Laboratory, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """A worker process that is born later is of the new version."""
    copy = copy_of_the_package(laboratory.folder / "copy")
    monkeypatch.setattr(laboratories, "SCRIPT", copy / "tests/faults/sweep_with_faults.py")
    laboratory.write(text_of(seconds=0.3))
    process = laboratory.start("--backend", "loky", "--jobs", 2)
    laboratory.wait_for_parts(process)
    if what == "half":  # what replaces it has not come that far
        change(copy, *SOURCE)
        (copy / "sweep/runner/worker.py").unlink()
    else:
        change(copy, *(VERSION if what == "version" else SOURCE))
    os.kill(children(process)[0], signal.SIGKILL)
    said = ended(process, 2)
    assert said.count("\n") == 1
    assert "the files of sweep were replaced while it was at work" in said
    assert what != "version" or "worker process" in said
    saved = laboratory.saved()
    assert saved
    monkeypatch.undo()
    laboratory.expect_whole(known=saved)
