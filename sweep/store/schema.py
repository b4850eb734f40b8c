"""What a row holds: the columns of a model's results, and answers turned into rows.

A value that does not exist is null, never NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sweep.cells import Cells, Index
from sweep.models.base import FAILED, STATUSES, Answers, Model
from sweep.parameters import Parameter, canonical

FLOAT_COLUMNS = ("time_to_target", "error_initial", "error_final", "time_final")


@dataclass(frozen=True)
class Block:
    """The answers of one trajectory and what it cost; where it failed, `failure` says why."""

    cells: Index
    answers: Answers | None
    wall_s: float
    failure: str = ""


def parameter_type(parameter: Parameter) -> pa.DataType:
    """The column type of a parameter; one that may be a matrix is JSON text."""
    types = {"integer": pa.int64(), "real": pa.float64()}
    return types.get(parameter.kind, pa.string())


def schema(model: Model) -> pa.Schema:
    """The columns of a model's results."""
    fields = [("cell_id", pa.string())]
    fields += [(parameter.name, parameter_type(parameter)) for parameter in model.parameters]
    fields += [("status", pa.string())]
    fields += [(name, pa.float64()) for name in FLOAT_COLUMNS]
    fields += [(name, pa.list_(pa.float64())) for name in model.list_columns]
    fields += [(name, pa.type_for_alias(kind)) for name, kind in model.number_columns.items()]
    fields += [("rhs_evaluations", pa.int64()), ("wall_s", pa.float64()), ("message", pa.string())]
    return pa.schema(fields)


def rows(model: Model, cells: Cells, ids: NDArray[np.bytes_], blocks: Sequence[Block]) -> pa.Table:
    """The rows of some trajectories, with the columns of `schema`.

    ids: the identity of every cell of the table `cells`.
    """
    index = np.concatenate([block.cells for block in blocks])
    columns = {"cell_id": pa.array(ids[index]).cast(pa.string())}
    for parameter in model.parameters:
        columns[parameter.name] = parameter_column(cells, parameter, index)
    tables = [_answer_columns(model, block) for block in blocks]
    answers = pa.concat_tables(tables)
    columns.update(zip(answers.column_names, answers.columns, strict=True))
    return pa.table(columns, schema=schema(model))


def parameter_column(cells: Cells, parameter: Parameter, index: Index) -> pa.Array:
    """A parameter of the cells at `index`, as a column."""
    values = list(cells.values[parameter.name])
    if parameter_type(parameter) == pa.string():
        values = [value if isinstance(value, str) else canonical(value) for value in values]
    distinct = pa.array(values, type=parameter_type(parameter))
    return distinct.take(pa.array(cells.codes[parameter.name][index]))


def _answer_columns(model: Model, block: Block) -> pa.Table:
    n = len(block.cells)
    fields = {field.name: field for field in schema(model)}
    answers = block.answers
    if answers is None:
        columns = {name: pa.nulls(n, fields[name].type) for name in _answer_names(model)}
        columns["status"] = pa.array([STATUSES[FAILED]] * n)
        columns["wall_s"] = pa.array(np.full(n, block.wall_s))
        columns["message"] = pa.array([block.failure] * n)
        return pa.table(columns)
    statuses = pa.array(STATUSES)
    columns = {"status": statuses.take(pa.array(answers.status))}
    for name in FLOAT_COLUMNS:
        columns[name] = _without_nan(getattr(answers, name))
    for name in model.list_columns:
        columns[name] = _lists(answers.lists[name])
    for name in model.number_columns:
        columns[name] = pa.array(answers.numbers[name], type=fields[name].type)
    columns["rhs_evaluations"] = pa.array(np.full(n, answers.rhs_evaluations, dtype=np.int64))
    columns["wall_s"] = pa.array(np.full(n, block.wall_s))
    columns["message"] = pa.array(list(answers.message) or [""] * n, type=pa.string())
    return pa.table(columns)


def _answer_names(model: Model) -> list[str]:
    names: list[str] = schema(model).names
    return names[names.index("status") :]


def _without_nan(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _lists(values: NDArray[np.float64]) -> pa.Array:
    count, length = values.shape
    offsets = pa.array(np.arange(count + 1) * length, type=pa.int32())
    return pa.ListArray.from_arrays(offsets, _without_nan(np.ascontiguousarray(values).ravel()))
