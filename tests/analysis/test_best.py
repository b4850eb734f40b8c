from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from sweep.analysis.best import at_the_edge, best_cells, tuned_axes
from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.grid.read import parse_grid
from sweep.plots.picture import Choices, make_request

AXES = """
[axes]
K = [3, 4]
eta_w = [1, 2, 3]
eta_J = [1, 2, 4, 8]
"""
SEEDS = AXES + "seed = [0, 1, 2, 3]\n"

Cell = Mapping[str, Any]


def grid(body: str) -> Grid:
    return parse_grid(Path("some.toml"), f'model = "fo-anil"\n{body}')


def rows(of: Grid, outcome: Callable[[Cell], float | str | None]) -> pd.DataFrame:
    """`outcome` gives a time, another status, or None where nothing is computed."""
    records = []
    cells = of.cells()
    for i in range(len(cells)):
        cell = cells.cell(i)
        found = outcome(cell)
        timed = isinstance(found, float)
        status = "reached" if timed else found
        records.append({**cell, "status": status, "time_to_target": found if timed else math.nan})
    return pd.DataFrame(records)


def best(of: Grid, outcome: Callable[[Cell], float | str | None]) -> list[dict[str, Any]]:
    request = make_request(of, Choices())
    found = best_cells(of, rows(of, outcome), tuned_axes(of, (request.x, request.y)))
    return found.to_dict("records")  # type: ignore[return-value]


def test_the_fastest_cell_of_every_panel() -> None:
    found = best(grid(AXES), lambda c: c["K"] + (c["eta_w"] - 2) ** 2 + (c["eta_J"] - c["K"]) ** 2)
    assert found == [
        {"K": 3, "eta_w": 2.0, "eta_J": 2.0, "time_to_target": 4.0},
        {"K": 4, "eta_w": 2.0, "eta_J": 4.0, "time_to_target": 4.0},
    ]
    assert [type(row["K"]) for row in found] == [int, int]


def test_of_equal_times_the_first_in_the_order_of_the_grid_counts() -> None:
    assert [(row["eta_w"], row["eta_J"]) for row in best(grid(AXES), lambda _: 1.0)] == [(1, 1)] * 2


def test_seeds_are_summed_up_by_the_median_of_the_pictures() -> None:
    times = {0: 1.0, 1: 2.0, 2: 4.0, 3: "not_reached"}
    (row, _) = best(grid(SEEDS), lambda c: times[c["seed"]])
    assert row["time_to_target"] == 3.0
    assert (row["fastest"], row["slowest"]) == (1.0, math.inf)
    assert (row["reached"], row["seeds"]) == (0.75, 4)


def test_a_steady_cell_is_better_than_one_that_is_fast_with_half_of_its_seeds() -> None:
    def outcome(cell: Cell) -> float | str:
        if cell["eta_w"] == 3:
            return 9.0
        return 1.0 if cell["seed"] < 2 else "diverged"

    assert [row["eta_w"] for row in best(grid(SEEDS), outcome)] == [3.0, 3.0]


def test_failed_and_missing_seeds_do_not_count() -> None:
    outcomes = {0: 1.0, 1: 3.0, 2: "failed", 3: None}
    (row, _) = best(grid(SEEDS), lambda c: outcomes[c["seed"]])
    assert (row["time_to_target"], row["reached"], row["seeds"]) == (2.0, 1.0, 2)


def test_a_panel_without_a_median_has_nulls_and_its_largest_fraction() -> None:
    def outcome(cell: Cell) -> float | str:
        lucky = cell["K"] == 3 or (cell["eta_w"] == 2 and cell["seed"] == 0)
        return 1.0 if lucky else "not_reached"

    (_, row) = best(grid(SEEDS), outcome)
    assert row["K"] == 4
    assert all(
        row[name] is None for name in ("eta_w", "eta_J", "time_to_target", "fastest", "slowest")
    )
    assert (row["reached"], row["seeds"]) == (0.25, 4)


def test_axes_that_are_not_drawn_have_panels_of_their_own() -> None:
    found = best(grid(AXES + "target_error = [0.01, 0.1]\n"), lambda c: 1 / c["target_error"])
    assert [(row["K"], row["target_error"]) for row in found] == [
        *itertools.product([3, 4], [0.01, 0.1])
    ]


def test_what_advances_with_a_rate_is_tuned_with_it_and_what_advances_with_a_panel_names_it() -> (
    None
):
    body = AXES.replace("eta_J = [1, 2, 4, 8]", "eta_J = [4, 5, 6]\nM = [1, 2]\n")
    body += '[grid]\nzip = [["eta_w", "eta_J"], ["K", "M"]]\n[plot]\nx = "eta_w"\n'
    found = best(grid(body), lambda c: c["eta_J"])
    assert found == [
        {"K": 3, "M": 1, "eta_w": 1.0, "eta_J": 4.0, "time_to_target": 4.0},
        {"K": 4, "M": 2, "eta_w": 1.0, "eta_J": 4.0, "time_to_target": 4.0},
    ]


def test_a_best_value_at_the_end_of_an_axis_is_told() -> None:
    g = grid(AXES)
    request = make_request(g, Choices())
    tuned = tuned_axes(g, (request.x, request.y))
    found = best_cells(g, rows(g, lambda c: 10 - c["eta_J"] + abs(c["eta_w"] - 2)), tuned)
    assert at_the_edge(g, found, tuned) == ["eta_J"]


def test_nothing_computed_is_an_error_with_the_cure() -> None:
    with pytest.raises(UsageError, match="all 24 cells are missing; `sweep run"):
        best(grid(AXES), lambda _: None)
