"""The plan: what is integrated together, what is still to do, and how it is handed out."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.grid import Grid, Shard
from sweep.grid.read import parse_grid
from sweep.models.status import FAILED
from sweep.runner.plan import LARGEST_BATCH_S, SAMPLE, make_plan
from sweep.store.identities import parsed
from sweep.store.known import Known

TEXT = """
model = "fo-anil"
[axes]
K = [2, 3]
V = [100, 200, inf]
eta_w = [1, 2, 3]
eta_J = { log = [1, 8], n = 4 }
target_error = [0.1, 0.01]
[grid]
exclude = ["K == 3 and eta_w == 2"]
"""


def grid(text: str = TEXT) -> Grid:
    return parse_grid(Path("some.toml"), text)


def test_cells_share_a_trajectory_where_their_dynamics_do() -> None:
    plan = make_plan(grid(), Known())
    found = {frozenset(plan.trajectory(i).cells.tolist()) for i in range(len(plan))}
    expected = defaultdict(set)
    for i in range(len(plan.cells)):
        cell = plan.cells.cell(i)
        ratio = 0.0 if np.isinf(cell["V"]) else cell["eta_J"] / cell["V"]
        expected[cell["K"], cell["eta_w"], ratio].add(i)
    assert found == {frozenset(cells) for cells in expected.values()}


def test_without_noise_a_row_of_eta_J_is_one_trajectory() -> None:
    plan = make_plan(grid(), Known())
    sizes = [len(plan.trajectory(i).cells) for i in range(len(plan))]
    assert max(sizes) == 4 * 2


def test_a_trajectory_has_the_parameters_of_its_cells() -> None:
    plan = make_plan(grid(), Known())
    for i in range(len(plan)):
        trajectory = plan.trajectory(i)
        for at, cell in enumerate(trajectory.cells):
            own = plan.cells.cell(int(cell))
            assert {**trajectory.shared} == {
                name: value for name, value in own.items() if name not in trajectory.varying
            }
            assert all(column[at] == own[name] for name, column in trajectory.varying.items())


@pytest.mark.parametrize("jobs", [1, 2, 7])
def test_batches_hold_every_trajectory_once_and_the_dearest_first_after_a_sample(
    jobs: int,
) -> None:
    plan = make_plan(grid(TEXT.replace("[1, 2, 3]", "{ lin = [1, 3], n = 60 }")), Known())
    batches = plan.batches(jobs)
    order = [i for batch in batches for i in batch]
    assert sorted(order) == list(range(len(plan)))
    seconds = plan.forecast.seconds[order]
    sample = int(np.searchsorted(np.cumsum(seconds), SAMPLE * seconds.sum()))
    assert set(seconds[:sample]) == set(seconds), "a sample has some of all kinds"
    dearest = np.maximum.accumulate(seconds[sample + 1 :][::-1])[::-1]
    assert (seconds[sample + 1 :] < dearest).mean() < 0.35, "few come before their turn"
    assert dearest[-1] == seconds.min(), "the last are cheap"


def test_what_is_known_is_not_planned_again() -> None:
    whole = make_plan(grid(), Known())
    done = np.arange(0, len(whole.ids), 3)
    known = Known(whole.ids.take(done), np.zeros(len(done), np.int8))
    rest = make_plan(grid(), known)
    assert set(rest.todo.tolist()) == set(range(len(whole.ids))) - set(done.tolist())


def test_failed_cells_are_known_and_not_planned_again() -> None:
    whole = make_plan(grid(), Known())
    failed = np.full(len(whole.ids), FAILED, np.int8)
    plan = make_plan(grid(), Known(whole.ids, failed))
    assert len(plan) == 0
    assert plan.count(FAILED) == len(plan.cells)


def test_a_wider_and_a_finer_grid_take_over_what_they_have() -> None:
    whole = make_plan(grid(), Known())
    known = Known(whole.ids, np.zeros(len(whole.ids), np.int8))
    wider = grid(TEXT.replace("eta_w = [1, 2, 3]", "eta_w = [4, 3, 2, 1]"))
    finer = grid(TEXT.replace("n = 4", "n = 7"))
    for other in (wider, finer):
        plan = make_plan(other, known)
        assert len(plan.cells) - len(plan.todo) == len(whole.ids)


@pytest.mark.parametrize("count", [2, 3, 5])
def test_shards_split_the_trajectories_and_tear_none(count: int) -> None:
    whole = make_plan(grid(), Known())
    shards = [make_plan(grid(), Known(), shard=Shard(i + 1, count)) for i in range(count)]
    cells = [cell for shard in shards for cell in shard.todo.tolist()]
    assert sorted(cells) == list(range(len(whole.cells)))
    assert sum(len(shard) for shard in shards) == len(whole)


def test_a_shard_stays_the_same_when_the_grid_grows() -> None:
    wider = grid(TEXT.replace("K = [2, 3]", "K = [2, 3, 4]"))
    for number in (1, 2, 3):
        before = make_plan(grid(), Known(), shard=Shard(number, 3))
        after = make_plan(wider, Known(), shard=Shard(number, 3))
        mine = set(before.ids.take(before.todo).to_pylist())
        assert mine <= set(after.ids.take(after.todo).to_pylist())


def test_a_shard_stays_the_same_when_some_of_it_is_known() -> None:
    before = make_plan(grid(), Known(), shard=Shard(2, 3))
    known = Known(before.ids.slice(0, 20), np.zeros(20, np.int8))
    after = make_plan(grid(), known, shard=Shard(2, 3))
    assert set(after.todo.tolist()) == set(before.todo.tolist()) - set(range(20))


def test_shards_are_about_equal() -> None:
    many = grid('model = "fo-anil"\n[axes]\neta_w = { lin = [1, 2], n = 1000 }')
    sizes = [len(make_plan(many, Known(), shard=Shard(i, 4))) for i in (1, 2, 3, 4)]
    assert sum(sizes) == 1000
    assert min(sizes) > 200


def test_there_is_nothing_to_do_where_all_is_known() -> None:
    whole = make_plan(grid(), Known())
    done = make_plan(grid(), Known(whole.ids, np.zeros(len(whole.ids), np.int8)))
    assert len(done) == len(done.todo) == 0
    assert done.batches(4) == []
    assert done.all_trajectories == len(whole)


def test_rows_of_other_grids_do_not_matter() -> None:
    others = Known(parsed(pa.array(["0" * 32, "f" * 32])), np.zeros(2, np.int8))
    assert len(make_plan(grid(), others).todo) == len(make_plan(grid(), Known()).todo)


@given(st.lists(st.floats(1e-6, 100), min_size=1, max_size=300), st.integers(1, 64))
def test_no_batch_is_longer_than_it_should_be(costs: list[float], jobs: int) -> None:
    values = ", ".join(str(i + 1) for i in range(len(costs)))
    plan = make_plan(grid(f'model = "fo-anil"\n[axes]\neta_w = [{values}]'), Known())
    plan.forecast.seconds = np.array(costs)
    batches = plan.batches(jobs)
    assert sorted(i for batch in batches for i in batch) == list(range(len(costs)))
    for batch in batches:
        assert sum(costs[i] for i in batch[:-1]) <= LARGEST_BATCH_S + 1e-9
