"""What it costs to choose the cells of a boundary: boxes a second, and beside cells of 1 ms.

CPU seconds of this thread, which other work on the machine disturbs least.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.console import Console

from sweep.grid.read import parse_grid
from sweep.grid.refinement.boxes import Lattice
from sweep.grid.refinement.search import Search
from sweep.runner.plan import Plan
from sweep.runner.rounds import Rounds
from sweep.runner.session import Settings, run
from tests.benchmarks.conftest import Note
from tests.grid.refinement.made_up import DIAGRAMS, finished, whole

CELL_S = 1e-3
GRID = """
model = "fo-anil"
[fixed]
M = 3
[axes]
K = [3, 6, 9]
eta_w = { lin = [0.125, 4.0], n = 32 }
eta_J = { log = [0.125, 32.0], n = 33 }
[refine]
levels = 5
probes = 100
"""


def seconds(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


def test_boxes_are_judged_by_the_hundred_thousand(note: Note) -> None:
    lattice = Lattice((33, 33), 7)
    labels = whole(DIAGRAMS["spiral"], lattice)
    searches: list[Search] = []
    took = min(
        seconds(lambda: searches.append(finished(Search(lattice), labels))) for _ in range(3)
    )
    boxes = 32 * 32 + sum(4 * len(searches[-1].found[level]) for level in range(7))
    note("boxes a second, spiral of 8 levels", boxes / took, "at least", 100_000)
    assert searches[-1].finished


def test_choosing_cells_is_little_beside_computing_them(
    note: Note, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What passes between the batches of a search at V = ∞: to read, to choose and to plan."""
    grid = parse_grid(Path("some.toml"), GRID)
    spent: list[float] = []
    between = Rounds.__iter__

    def timed(rounds: Rounds) -> Iterator[Plan]:
        plans = between(rounds)
        while True:
            start = time.thread_time()
            plan = next(plans, None)
            spent.append(time.thread_time() - start)
            if plan is None:
                return
            yield plan

    monkeypatch.setattr(Rounds, "__iter__", timed)
    report = run(grid, Settings(tmp_path, "threading", 2), Console(quiet=True), print)
    assert report.complete
    part = sum(spent) / (CELL_S * report.computed)
    note("choosing cells, beside cells of 1 ms each, %", 100 * part, "at most", 5.0)
