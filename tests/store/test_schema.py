"""Answers as rows."""

from __future__ import annotations

import math

import numpy as np
import pyarrow as pa

from sweep.models.base import Answers, Block
from sweep.models.status import NOT_REACHED, REACHED
from sweep.runner.plan import make_plan
from sweep.store.known import Known
from sweep.store.schema import rows, schema
from tests.faults.laboratory import grid_of, text_of

PLAN = make_plan(
    grid_of(text_of("x = [1, inf]\ny = [1, 2]\ntarget_error = [0.1, 0.01]".replace("inf", "3"))),
    Known(),
)


def solved(i: int, length: int = 3, **changes: object) -> Block:
    cells = PLAN.trajectory(i).cells
    n = len(cells)
    answers = {
        "status": np.zeros(n, np.int8),
        "time_to_target": np.arange(n) + 0.5,
        "error_initial": np.ones(n),
        "error_final": np.full(n, 0.1),
        "time_final": np.full(n, 2.0),
        "rhs_evaluations": 10 * i,
        "lists": {"Q": np.full((n, length), float(i))},
        "numbers": {"units": np.full(n, i)},
    }
    return Block(cells, Answers(**{**answers, **changes}), 0.25 * i)  # type: ignore[arg-type]


def made(*blocks: Block) -> pa.Table:
    return rows(PLAN.model, PLAN.cells, PLAN.ids, blocks)


def test_rows_have_the_declared_columns_and_the_parameters_of_their_cells() -> None:
    table = made(solved(2), solved(0))
    assert table.schema == schema(PLAN.model)
    assert len(table) == 4
    index = [*PLAN.trajectory(2).cells, *PLAN.trajectory(0).cells]
    for row, cell in zip(table.to_pylist(), index, strict=True):
        assert row["cell_id"] == PLAN.ids[int(cell)].as_py().hex()
        parameters = PLAN.cells.cell(int(cell))
        assert {name: row[name] for name in parameters} == parameters
    assert table["rhs_evaluations"].to_pylist() == [20, 20, 0, 0]
    assert table["wall_s"].to_pylist() == [0.5, 0.5, 0.0, 0.0]
    assert table["message"].to_pylist() == [None] * 4


def test_lists_of_different_lengths_go_together() -> None:
    table = made(solved(0, 1), solved(1, 4), solved(2, 0))
    assert [len(value) for value in table["Q"].to_pylist()] == [1, 1, 4, 4, 0, 0]


def test_nan_is_null_and_infinity_is_infinity() -> None:
    values = np.array([math.nan, math.inf])
    answers = {"status": np.array([NOT_REACHED, REACHED], np.int8), "time_to_target": values}
    table = made(solved(0, **answers, lists={"Q": np.array([[math.nan], [1.0]])}))
    assert table["time_to_target"].to_pylist() == [None, math.inf]
    assert table["Q"].to_pylist() == [[None], [1.0]]
    assert table["time_to_target"].null_count == 1


def test_a_failed_trajectory_has_a_row_for_every_cell_and_no_numbers() -> None:
    failed = Block(PLAN.trajectory(1).cells, None, 0.75, "ValueError: why")
    table = made(failed, solved(0))
    assert table.schema == schema(PLAN.model)
    by_status = {row["status"]: row for row in table.to_pylist()}
    row = by_status["failed"]
    assert row["message"] == "ValueError: why"
    assert row["wall_s"] == 0.75
    for name in ("time_to_target", "error_final", "Q", "units", "rhs_evaluations"):
        assert row[name] is None
    assert table["status"].to_pylist().count("failed") == 2


def test_messages_go_with_their_cells() -> None:
    table = made(solved(0, message=["", "later"]), solved(1))
    assert table["message"].to_pylist() == [None, "later", None, None]
