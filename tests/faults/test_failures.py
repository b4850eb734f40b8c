"""Cells that fail, one way or the other: the others are computed, and they can be run again."""

from __future__ import annotations

import re

import pytest

from sweep.grid import Shard
from sweep.store.lock import locked
from tests.faults.laboratory import Laboratory, contents, ended, reference, text_of

pytestmark = pytest.mark.slow

FEW = "x = [1]\ny = { int = [1, 9] }\ntarget_error = [0.1, 0.01]"

STORIES = {
    "raise": "RuntimeError: y = 3 is not to my liking",
    "exit": "SystemExit: enough",
    "allocate": "MemoryError: Unable to allocate 8.00 PiB",
    "segfault": r"its worker process died, also with nothing else to do: .*SIGSEGV",
    "leave": r"its worker process died, also with nothing else to do: .*EXIT\(7\)",
}


@pytest.mark.parametrize("behaviour", STORIES)
def test_a_cell_that_fails_takes_no_other_with_it(laboratory: Laboratory, behaviour: str) -> None:
    laboratory.write(text_of(FEW, behaviour=behaviour, bad=3))
    said = laboratory.run("--backend", "loky", "--jobs", 2, code=1)
    assert "2 failed" in said
    rows = contents(laboratory.rows_folder).values()
    failed = [row for row in rows if "failed" in row]
    assert len(rows) == 18
    assert {row[1] for row in failed} == {3}
    assert all(re.match(STORIES[behaviour], str(row[-1])) for row in failed)
    well = {row[:3] + row[5:] for row in reference(text_of(FEW)).values() if row[1] != 3}
    assert {row[:3] + row[5:] for row in rows if row[1] != 3} == well


def test_one_core_is_no_reason_to_die_with_a_cell(laboratory: Laboratory) -> None:
    laboratory.write(text_of(FEW, behaviour="segfault", bad=3))
    laboratory.run("--backend", "loky", "--jobs", 1, code=1)
    assert len(contents(laboratory.rows_folder)) == 18


def test_a_worker_that_dies_once_fails_no_cell(laboratory: Laboratory) -> None:
    laboratory.write(text_of(FEW, behaviour="once", bad=3))
    laboratory.run("--backend", "loky", "--jobs", 2)
    laboratory.expect_results()


def test_failed_cells_are_not_run_again_unless_asked_for(laboratory: Laboratory) -> None:
    laboratory.write(text_of(FEW, behaviour="ill", bad=3))
    laboratory.run_here()
    computed = laboratory.computed()
    assert len(computed) == 8
    assert "2 failed; computed 0" in laboratory.run(code=1)
    assert "failed        2" in laboratory.output("status", "grid.toml", "--check", code=1)
    assert "2 failed; computed 2" in laboratory.run("--retry-failed", code=1)
    assert len(contents(laboratory.rows_folder)) == 18
    (laboratory.folder / "log.medicine").touch()
    assert "18 reached; computed 2" in laboratory.run("--retry-failed")
    laboratory.expect_results()
    assert set(laboratory.computed().values()) == {1}


def test_a_retry_that_is_killed_loses_no_cell(laboratory: Laboratory) -> None:
    axes = "x = [1]\ny = { int = [1, 9] }"
    laboratory.write(text_of(axes, behaviour="ill"))
    laboratory.run_here()
    (laboratory.folder / "log.medicine").touch()
    for i in range(1, 100):
        process = laboratory.start("--retry-failed", step=f"{3 * i} 9")
        process.communicate()
        laboratory.saved()
        if process.returncode == 0:
            break
        assert process.returncode == -9
    laboratory.run("--retry-failed")
    laboratory.expect_results()


def test_a_shard_retries_its_failed_cells_while_another_is_at_work(laboratory: Laboratory) -> None:
    laboratory.write(text_of(FEW, behaviour="ill"))
    laboratory.run_here()
    (laboratory.folder / "log.medicine").touch()
    with locked(laboratory.aside, Shard(3, 3), print):
        for number in (1, 2):
            laboratory.run("--retry-failed", "--shard", f"{number}/3")
        before = laboratory.computed()
        assert set(before.values()) == {1}
        for number in (1, 2):
            said = laboratory.run("--retry-failed", "--shard", f"{number}/3")
            assert "computed 0" in said
        assert laboratory.computed() == before
    laboratory.run("--retry-failed", "--shard", "3/3")
    laboratory.expect_results()
    assert set(laboratory.computed().values()) == {1}


def test_shards_retry_failed_cells_together(laboratory: Laboratory) -> None:
    laboratory.write(text_of(FEW, behaviour="ill"))
    laboratory.run_here()
    (laboratory.folder / "log.medicine").touch()
    shards = [laboratory.start("--retry-failed", "--shard", f"{i}/3") for i in (1, 2, 3)]
    for shard in shards:
        ended(shard, 0)
    laboratory.expect_whole()
    assert set(laboratory.computed().values()) == {1}
