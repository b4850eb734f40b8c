"""Several runs of one grid, at the same time or with the grid changed in between."""

from __future__ import annotations

import pytest

from sweep.errors import UsageError
from sweep.grid import Shard
from tests.faults.laboratory import AXES, Laboratory, contents, ended, reference, text_of
from tests.faults.model import WARM_UP

pytestmark = pytest.mark.slow

LONG = text_of(seconds=0.05)


def test_a_second_run_says_that_the_first_is_at_work(laboratory: Laboratory) -> None:
    process = laboratory.start("--backend", "threading", env={WARM_UP: "warming"})
    laboratory.wait_for((laboratory.folder / "warming").exists, process)
    for words in ([], ["--shard", "1/2"], ["--retry-failed"]):
        said = laboratory.run(*words, code=2)
        assert said.count("\n") == 1
        assert f"another run of grid is at work (process {process.pid} on " in said
    assert "missing" in laboratory.output("status", "grid.toml")
    process.kill()
    process.communicate()
    laboratory.expect_whole()


def test_two_runs_that_start_at_the_same_time(laboratory: Laboratory) -> None:
    laboratory.write(LONG)
    both = [laboratory.start("--backend", "threading") for _ in range(2)]
    answers = [process.communicate()[1] for process in both]
    codes = sorted(process.returncode for process in both)
    assert codes in ([0, 2], [0, 0]), answers  # or one was over when the other came
    laboratory.expect_results()
    assert set(laboratory.computed().values()) == {1}


def test_shards_share_the_work(laboratory: Laboratory) -> None:
    laboratory.write(LONG)
    shards = [laboratory.start("--shard", f"{i}/3", "--jobs", 1) for i in (1, 2, 3)]
    for shard in shards:
        ended(shard, 0)
    laboratory.expect_results()
    assert set(laboratory.computed().values()) == {1}
    assert len(list(laboratory.rows_folder.iterdir())) == 1, "the last has merged them"


def test_a_task_of_a_slurm_array_is_a_shard(laboratory: Laboratory) -> None:
    array = {
        "SLURM_ARRAY_TASK_MIN": "5",
        "SLURM_ARRAY_TASK_STEP": "2",
        "SLURM_ARRAY_TASK_COUNT": "2",
    }
    tasks = [laboratory.start(env={**array, "SLURM_ARRAY_TASK_ID": task}) for task in ("5", "7")]
    for task in tasks:
        ended(task, 0)
    laboratory.expect_results()
    assert set(laboratory.computed().values()) == {1}


def test_shards_that_come_one_after_the_other(laboratory: Laboratory) -> None:
    for i in (2, 3, 1):
        laboratory.run_here(shard=Shard(i, 3))
    laboratory.expect_results()
    assert set(laboratory.computed().values()) == {1}
    assert len(list(laboratory.rows_folder.iterdir())) == 1


def test_a_shard_that_is_killed_leaves_its_share_to_the_next(laboratory: Laboratory) -> None:
    laboratory.write(LONG)
    first, second = (
        laboratory.start("--shard", f"{i}/2", "--backend", "threading", "--jobs", 1) for i in (1, 2)
    )
    laboratory.wait_for_parts(first, 3)
    first.kill()
    first.communicate()
    ended(second, 0)
    known = laboratory.saved()
    laboratory.run_here(shard=Shard(1, 2))
    laboratory.expect_whole(known=known)


def test_shards_of_different_splits_do_not_run_together(laboratory: Laboratory) -> None:
    process = laboratory.start("--shard", "1/2", env={WARM_UP: "warming"})
    laboratory.wait_for((laboratory.folder / "warming").exists, process)
    with pytest.raises(UsageError, match=r"another split \(shard-1-of-2\)"):
        laboratory.run_here(shard=Shard(3, 3))
    with pytest.raises(UsageError, match=r"another run of grid is at work \(process"):
        laboratory.run_here(shard=Shard(1, 2))
    with pytest.raises(UsageError, match=r"another run of grid is at work \(process"):
        laboratory.run_here()
    process.kill()
    process.communicate()
    laboratory.expect_whole()


def test_a_shard_leaves_what_is_damaged_to_the_last(laboratory: Laboratory) -> None:
    """While another is at work nothing is moved; in the end all is merged and right."""
    laboratory.run_here(shard=Shard(1, 2))
    (part,) = laboratory.rows_folder.iterdir()
    laboratory.write(text_of(AXES.replace("[1, 5]", "[1, 6]"), seconds=0.0))
    process = laboratory.start("--shard", "1/2", env={WARM_UP: "warming"})
    laboratory.wait_for((laboratory.folder / "warming").exists, process)
    part = next(laboratory.rows_folder.iterdir())
    part.write_bytes(part.read_bytes()[:-1])
    said = laboratory.run_here(shard=Shard(2, 2))
    assert any("left out, the next `sweep run` computes its cells again" in line for line in said)
    process.kill()
    process.communicate()
    said = laboratory.expect_whole()
    assert len(said) == 1
    assert "damaged" in said[0]


CHANGES = {
    "widened": "x = { lin = [0, 2], n = 39 }\ny = { int = [1, 6] }\ntarget_error = [0.1, 0.01]",
    "refined": "x = { lin = [0, 1], n = 39 }\ny = { int = [1, 5] }\ntarget_error = [0.1, 0.01]",
    "turned": "target_error = [0.01, 0.1]\ny = { int = [1, 5] }\nx = { lin = [0, 1], n = 20 }",
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_grid_reuses_its_cells(laboratory: Laboratory, change: str) -> None:
    laboratory.run_here()
    laboratory.write(text_of(CHANGES[change]))
    plan = laboratory.output("plan", "grid.toml")
    assert "done                        200" in plan
    laboratory.expect_whole(known=laboratory.saved())
    assert set(laboratory.computed().values()) == {1}


def test_another_target_is_other_cells_and_the_old_ones_stay(laboratory: Laboratory) -> None:
    laboratory.run_here()
    old = reference(laboratory.text)
    laboratory.write(
        text_of("x = { lin = [0, 1], n = 20 }\ny = { int = [1, 5] }", target_error=0.5)
    )
    laboratory.run_here()
    laboratory.expect_results(extra=200)
    assert old.items() <= contents(laboratory.rows_folder).items()


def test_further_targets_join_the_trajectories_still_to_run(laboratory: Laboratory) -> None:
    """A trajectory that is run again, for a target more, is run for that one only."""
    laboratory.run_here()
    laboratory.write(text_of(AXES.replace("0.01]", "0.01, 0.001]")))
    laboratory.run_here()
    laboratory.expect_results()
    assert set(laboratory.computed().values()) == {2}
