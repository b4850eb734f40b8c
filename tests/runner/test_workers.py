"""Simulated rows depend on the seed alone, not on who computes them or in which order."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from sweep.grid import Grid, Shard
from sweep.grid.read import parse_grid
from sweep.runner.session import Settings, run
from sweep.store.folder import Folder
from sweep.store.known import frame

GRID = """
model = "fo-anil-simulation"
[fixed]
K = 2
M = 2
P = 10
V = 10
R0 = 0.2
[axes]
N = [20, 40]
alpha_max = [1.0, 3.0]
target_error = [0.25, 0.0]
seed = [0, 1, 2]
"""


@pytest.fixture(scope="module")
def grid() -> Grid:
    return parse_grid(Path("some.toml"), GRID)


def rows(grid: Grid, results: Path, backend: str, jobs: int, *shards: Shard) -> pd.DataFrame:
    """The rows of a run, or of the runs of several shards, without what they cost."""
    for shard in shards or (None,):
        run(grid, Settings(results, backend, jobs, shard=shard), Console(quiet=True), print)
    found = frame(grid, Folder(results, grid.name), print)
    assert set(found["status"]) == {"reached", "not_reached"}
    return found.drop(columns=["wall_s", "rhs_evaluations"])


@pytest.mark.parametrize(
    ("backend", "jobs", "shards"),
    [("threading", 2, ()), ("loky", 2, ()), ("threading", 3, (Shard(2, 2), Shard(1, 2)))],
)
def test_rows_are_the_same_whoever_computes_them(
    grid: Grid, tmp_path: Path, backend: str, jobs: int, shards: tuple[Shard, ...]
) -> None:
    alone = rows(grid, tmp_path / "alone", "sequential", 1)
    others = rows(grid, tmp_path / "others", backend, jobs, *shards)
    pd.testing.assert_frame_equal(others, alone, check_exact=True)
