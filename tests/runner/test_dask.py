"""A Dask scheduler and two workers on this machine: the same rows, whatever dies."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sweep.runner.cluster import connected
from sweep.runner.dask import solved
from sweep.runner.plan import Known, make_plan
from sweep.runner.worker import Task
from tests.faults.laboratory import (
    PATIENCE_S,
    PATIENT,
    Laboratory,
    contents,
    ended,
    grid_of,
    text_of,
)
from tests.faults.model import WARM_UP
from tests.runner.cluster import cluster, wait_until

pytestmark = pytest.mark.slow

pytest.importorskip("distributed")

FEW = "x = [1]\ny = { int = [1, 9] }"


@pytest.fixture
def laboratory(tmp_path: Path) -> Iterator[Laboratory]:
    made = Laboratory(tmp_path, patch={**PATIENT, "sweep.runner.cluster.WORKERS_S": PATIENCE_S})
    yield made
    made.close()


def test_rows_are_those_of_one_machine(laboratory: Laboratory) -> None:
    with cluster(laboratory.folder) as dask:
        laboratory.run("--scheduler", dask.address)
        laboratory.expect_results()
        assert set(laboratory.computed().values()) == {1}
        # A cell that raises, and one more run with the same cluster.
        laboratory.write(text_of(FEW, behaviour="raise", bad=3))
        assert "1 failed" in laboratory.run(
            "--backend", "dask", "--scheduler", dask.address, code=1
        )


def test_a_refined_grid_is_that_of_one_machine(laboratory: Laboratory) -> None:
    axes = "x = { lin = [0, 1], n = 4 }\ny = { int = [1, 4] }\n"
    section = '[refine]\nlevels = 2\nby = "time_to_target"\nlevel = 50\nprobes = 5\n'
    laboratory.write(text_of(axes + section + "tolerance = 1e-3\n"))
    with cluster(laboratory.folder) as dask:
        said = laboratory.run("--scheduler", dask.address)
        assert "missing" not in said
    laboratory.expect_results()
    assert set(laboratory.computed().values()) == {1}


def test_the_death_of_a_worker_costs_time_only(laboratory: Laboratory) -> None:
    laboratory.write(text_of(seconds=0.08))
    with cluster(laboratory.folder) as dask:
        process = laboratory.start("--scheduler", dask.address)
        laboratory.wait_for_parts(process)
        dask.workers[0].kill()
        ended(process, 0)
    laboratory.expect_results()


def test_ctrl_c_leaves_a_cluster_that_can_be_used_again(laboratory: Laboratory) -> None:
    laboratory.write(text_of(seconds=0.08))
    with cluster(laboratory.folder) as dask:
        process = laboratory.start("--scheduler", dask.address)
        laboratory.wait_for_parts(process)
        process.send_signal(signal.SIGINT)
        ended(process, 130)
        saved = laboratory.saved()
        laboratory.run("--scheduler", dask.address)
    laboratory.expect_results()
    assert all(laboratory.computed()[one] == 1 for one in saved)


def test_a_cell_that_kills_its_workers_fails_alone(laboratory: Laboratory) -> None:
    laboratory.write(text_of(FEW, behaviour="leave", bad=3))
    with cluster(laboratory.folder, nanny=True) as dask:
        assert "1 failed" in laboratory.run("--scheduler", dask.address, code=1)
    rows = contents(laboratory.rows_folder).values()
    assert len(rows) == 9
    (failed,) = (row for row in rows if "failed" in row)
    assert failed[1] == 3
    assert "its worker process died, also with nothing else to do" in failed[-1]


def test_a_cell_that_kills_the_only_worker_fails_alone(laboratory: Laboratory) -> None:
    """No other worker is there that Dask could try it on."""
    laboratory.patch = {**laboratory.patch, "sweep.runner.dask.MOST_LOSSES": 1}
    laboratory.write(text_of(FEW, behaviour="leave", bad=3))
    alive = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "100"}
    with cluster(laboratory.folder, workers=1, nanny=True, **alive) as dask:
        assert "1 failed" in laboratory.run("--scheduler", dask.address, code=1)
    rows = contents(laboratory.rows_folder).values()
    assert {row[1] for row in rows if "failed" in row} == {3}
    assert len(rows) == 9


def test_a_scheduler_that_dies_is_one_line(laboratory: Laboratory) -> None:
    laboratory.write(text_of(seconds=0.08))
    with cluster(laboratory.folder) as dask:
        process = laboratory.start("--scheduler", dask.address)
        laboratory.wait_for_parts(process)
        dask.scheduler.kill()
        said = ended(process, 2)
    assert said.count("\n") == 1
    assert "the connection to the Dask scheduler was lost" in said
    laboratory.expect_whole(known=laboratory.saved())


def test_few_tasks_are_at_the_cluster_and_none_is_left_there(tmp_path: Path) -> None:
    made = make_plan(grid_of(text_of("y = { int = [1, 9] }", behaviour="slow", bad=9)), Known())
    quick, slow = (
        [Task(number, made.model, {}, [made.trajectory(i)], None) for number, i in enumerate(some)]
        for some in (range(8), (0, 8, 8, 8))
    )
    taken: list[Task] = []

    def noted(tasks: list[Task]) -> Iterator[Task]:
        for task in tasks:
            taken.append(task)
            yield task

    with cluster(tmp_path) as dask, connected(dask.address, print) as joined:
        numbers = []
        for number, blocks in solved(joined, noted(quick), 3):
            assert blocks[0].cells.tolist() == [number]
            numbers.append(number)
            assert len(taken) == min(len(numbers) + 3, len(quick))
        assert sorted(numbers) == list(range(8))
        found = solved(joined, iter(slow), 4)
        assert next(found)[0] == 0
        assert at_work(joined.client)
        found.close()
        wait_until(lambda: not at_work(joined.client))


def test_nothing_is_left_at_the_cluster_when_a_run_is_told_to_stop(laboratory: Laboratory) -> None:
    laboratory.write(text_of(FEW, behaviour="slow"))
    laboratory.patch = {**laboratory.patch, "sweep.runner.signals.GRACE_S": 0.1}
    with cluster(laboratory.folder) as dask, connected(dask.address, print) as joined:
        process = laboratory.start("--scheduler", dask.address)
        laboratory.wait_for(lambda: at_work(joined.client), process)
        process.send_signal(signal.SIGINT)
        ended(process, 130)
        wait_until(lambda: not at_work(joined.client))


def at_work(client: Any) -> list[str]:
    """The tasks that the scheduler has given to workers."""
    return [key for keys in client.processing().values() for key in keys]


def test_workers_that_cannot_load_the_kernels_are_one_line(laboratory: Laboratory) -> None:
    with cluster(laboratory.folder, **{WARM_UP: "/no/such/folder/here"}) as dask:
        said = laboratory.run("--scheduler", dask.address, code=2)
    assert said.count("\n") == 1
    assert "a Dask worker cannot take on work, FileNotFoundError" in said
    laboratory.expect_whole()
