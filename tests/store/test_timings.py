"""What saved trajectories have taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sweep.grid import Grid
from sweep.models.base import Answers, Block, Trajectory
from sweep.models.status import NOT_REACHED
from sweep.runner import session
from sweep.runner.plan import make_plan
from sweep.runner.session import Settings
from sweep.store.folder import Folder
from sweep.store.known import Known, known
from sweep.store.metadata import describe
from sweep.store.schema import rows
from sweep.store.timings import MOST_TRAJECTORIES, Timings, timings
from tests.faults.laboratory import grid_of, text_of

TARGETS = "target_error = [0.1, 0.01, 0.001]"
GRID = f"x = [0, 1]\ny = {{ int = [1, 3] }}\n{TARGETS}"
WIDER = f"x = [0, 1, 2, 3]\ny = {{ int = [1, 3] }}\n{TARGETS}"


def answers(trajectory: Trajectory) -> Answers:
    n = len(trajectory.cells)
    blank = np.full(n, np.nan)
    return Answers(
        status=np.full(n, NOT_REACHED, np.int8),
        time_to_target=blank,
        error_initial=np.ones(n),
        error_final=np.ones(n),
        time_final=np.ones(n),
        rhs_evaluations=1,
        lists={"Q": np.zeros((n, 1))},
        numbers={"units": np.zeros(n, np.int64)},
    )


def half(_: float) -> float:
    return 0.5


def saved(
    grid: Grid,
    results: Path,
    seconds: Callable[[float], float] = half,
    name: str = "grid",
    model: str = "faulty",
    failed: bool = False,
) -> Folder:
    """Results of a grid, each trajectory of which has taken so long, by its y."""
    plan = make_plan(grid, Known())
    blocks = []
    for i in range(len(plan)):
        trajectory = plan.trajectory(i)
        found = None if failed else answers(trajectory)
        taken = seconds(float(str(trajectory.shared["y"])))
        blocks.append(Block(trajectory.cells, found, taken, "no" if failed else ""))
    folder = Folder(results, name)
    folder.prepare()
    folder.write(rows(plan.model, plan.cells, plan.ids, blocks), describe(model, grid.text))
    return folder


def of(folder: Folder) -> Timings:
    found = timings(grid_of(text_of(GRID)).model, folder)
    assert found is not None
    return found


def test_each_trajectory_counts_once(tmp_path: Path) -> None:
    found = of(saved(grid_of(text_of(GRID)), tmp_path, lambda y: y))
    assert sorted(found.seconds) == [1, 1, 2, 2, 3, 3], "each is in three rows"
    assert found.columns["y"].to_pylist() == found.seconds.tolist()
    for trajectory, seconds in zip(found.trajectories, found.seconds, strict=True):
        assert trajectory.shared["y"] == seconds
        assert sorted(trajectory.varying["target_error"]) == [0.001, 0.01, 0.1]


def test_there_are_no_more_than_show_the_pattern(tmp_path: Path) -> None:
    large = grid_of(text_of(f"x = {{ lin = [0, 1], n = 200 }}\n{TARGETS}"))
    found = of(saved(large, tmp_path))
    assert len(found.seconds) == MOST_TRAJECTORIES
    assert np.ptp(found.columns["x"].to_numpy()) > 0.9, "from all over"


def test_a_wider_grid_is_expected_to_take_what_the_first_part_of_it_took(tmp_path: Path) -> None:
    folder = saved(grid_of(text_of(GRID, seconds=5.0)), tmp_path, lambda y: 10.0 * y)
    grid = grid_of(text_of(WIDER, seconds=5.0))
    plan = make_plan(grid, known(folder, print), timings=timings(grid.model, folder))
    assert len(plan) == 6
    assert plan.forecast.left == pytest.approx(2 * (10 + 20 + 30), rel=0.3)
    found = {plan.trajectory(i).shared["y"]: plan.forecast.seconds[i] for i in range(6)}
    assert found[1] < found[2] < found[3]


def test_another_grid_of_the_model_says_what_a_new_one_takes(tmp_path: Path) -> None:
    saved(grid_of(text_of(GRID, seconds=5.0)), tmp_path, lambda _: 20.0, name="other")
    saved(grid_of(text_of(GRID)), tmp_path, lambda _: 1e4, name="stranger", model="stranger")
    (tmp_path / "stray").mkdir()
    (tmp_path / "file").touch()
    grid = grid_of(text_of(WIDER, seconds=5.0))
    found = timings(grid.model, Folder(tmp_path, "grid"))
    plan = make_plan(grid, Known(), timings=found)
    assert plan.forecast.left == pytest.approx(12 * 20, rel=0.3)


def test_one_s_own_results_count_before_those_of_others(tmp_path: Path) -> None:
    own = saved(grid_of(text_of(GRID)), tmp_path)
    saved(grid_of(text_of(GRID)), tmp_path, lambda _: 40.0, name="other")
    assert set(of(own).seconds) == {0.5}


def test_what_cannot_be_read_or_has_failed_is_passed_over(tmp_path: Path) -> None:
    model = grid_of(text_of(GRID)).model
    assert timings(model, Folder(tmp_path / "none", "grid")) is None
    folder = saved(grid_of(text_of(GRID)), tmp_path, failed=True)
    assert timings(model, folder) is None
    (part,) = folder.parts()
    part.with_name("part-20200101T000000000000-00000000-00000000.parquet").write_bytes(b"rubbish")
    (folder.path / "theirs.parquet").write_text("theirs")
    assert timings(model, folder) is None
    saved(grid_of(text_of(f"y = [7]\n{TARGETS}")), tmp_path)
    assert of(folder).seconds.tolist() == [0.5]


@pytest.mark.parametrize(("seconds", "backend"), [(0.01, "threading"), (60.0, "loky")])
def test_saved_rows_say_whether_worker_processes_pay(
    tmp_path: Path, seconds: float, backend: str
) -> None:
    folder = saved(grid_of(text_of(GRID, seconds=1.0)), tmp_path, lambda _: seconds)
    grid = grid_of(text_of(WIDER, seconds=1.0))
    plan = make_plan(grid, known(folder, print), timings=timings(grid.model, folder))
    assert session._backend(Settings(tmp_path, None, 2), plan) == backend
    assert (max(map(len, plan.batches(1))) == 1) == (seconds > 1)
