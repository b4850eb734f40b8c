"""What a row holds: the columns of a model's results, and answers turned into rows.

A value that does not exist is null, never NaN.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sweep.models.base import Answers, Block, Model
from sweep.models.cells import Cells
from sweep.models.parameters import Parameter, Value, canonical
from sweep.models.status import FAILED, status_words
from sweep.ode.arrays import Index
from sweep.store import identities

Columns = dict[str, pa.Array]

FLOAT_COLUMNS = ("time_to_target", "error_initial", "error_final", "time_final")


def parameter_type(parameter: Parameter) -> pa.DataType:
    """The column type of a parameter; one that may be a matrix is JSON text."""
    types = {"integer": pa.int64(), "real": pa.float64(), "flag": pa.bool_()}
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


def rows(model: Model, cells: Cells, ids: pa.Array, blocks: Sequence[Block]) -> pa.Table:
    """The rows of some trajectories, with the columns of `schema`.

    ids: the identity of every cell of the table `cells`.
    """
    # All blocks at once: a table a block would cost more than some trajectories do.
    solved = [(block, block.answers) for block in blocks if block.answers is not None]
    failed = [block for block in blocks if block.answers is None]
    tables = []
    if solved:
        index = np.concatenate([block.cells for block, _ in solved])
        columns = _identity(model, cells, ids, index) | _answers(model, solved)
        tables.append(pa.table(columns, schema=schema(model)))
    if failed:
        index = np.concatenate([block.cells for block in failed])
        columns = _identity(model, cells, ids, index) | _failures(model, failed)
        tables.append(pa.table(columns, schema=schema(model)))
    return pa.concat_tables(tables).combine_chunks()


def parameter_column(cells: Cells, parameter: Parameter, index: Index) -> pa.Array:
    """A parameter of the cells at `index`, as a column."""
    return parameter_values(cells, parameter).take(pa.array(cells.codes[parameter.name][index]))


def parameter_values(cells: Cells, parameter: Parameter) -> pa.Array:
    """The distinct values of a parameter, as a column has them."""
    values = [in_column(value, parameter) for value in cells.values[parameter.name]]
    return pa.array(values, type=parameter_type(parameter))


def in_column(value: Value, parameter: Parameter) -> Value:
    """A value of a parameter as a column has it."""
    is_text = parameter_type(parameter) == pa.string()
    return canonical(value) if is_text and not isinstance(value, str) else value


def _identity(model: Model, cells: Cells, ids: pa.Array, index: Index) -> Columns:
    columns = {"cell_id": identities.in_words(ids.take(pa.array(index)))}
    for parameter in model.parameters:
        columns[parameter.name] = parameter_column(cells, parameter, index)
    return columns


def _answers(model: Model, solved: Sequence[tuple[Block, Answers]]) -> Columns:
    fields = {field.name: field for field in schema(model)}
    of_all = [answers for _, answers in solved]
    sizes = [len(block.cells) for block, _ in solved]
    messages = [list(one.message) or [""] * n for one, n in zip(of_all, sizes, strict=True)]
    evaluations = np.array([one.rhs_evaluations for one in of_all], dtype=np.int64)
    seconds = np.array([block.wall_s for block, _ in solved])
    columns = {
        "status": pa.array(status_words(np.concatenate([a.status for a in of_all])), pa.string()),
        "rhs_evaluations": pa.array(np.repeat(evaluations, sizes)),
        "wall_s": pa.array(np.repeat(seconds, sizes)),
        "message": _texts(text for texts in messages for text in texts),
    }
    for name in FLOAT_COLUMNS:
        columns[name] = _without_nan(np.concatenate([getattr(one, name) for one in of_all]))
    for name in model.list_columns:
        columns[name] = _lists([one.lists[name] for one in of_all])
    for name in model.number_columns:
        numbers = np.concatenate([one.numbers[name] for one in of_all])
        missing = np.isnan(numbers) if numbers.dtype.kind == "f" else None
        columns[name] = pa.array(numbers, type=fields[name].type, mask=missing)
    return columns


def _failures(model: Model, failed: Sequence[Block]) -> Columns:
    sizes = [len(block.cells) for block in failed]
    known: Columns = {
        "status": pa.array([FAILED.word] * sum(sizes)),
        "wall_s": pa.array(np.repeat([block.wall_s for block in failed], sizes)),
        "message": _texts(np.repeat([block.failure for block in failed], sizes).tolist()),
    }
    declared = {parameter.name for parameter in model.parameters} | {"cell_id"}
    missing = [field for field in schema(model) if field.name not in declared | known.keys()]
    return known | {field.name: pa.nulls(sum(sizes), field.type) for field in missing}


def _without_nan(values: NDArray[np.float64]) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _texts(texts: Iterable[str]) -> pa.Array:
    """Texts as a column; an empty one says nothing."""
    return pa.array([text or None for text in texts], type=pa.string())


def _lists(arrays: Sequence[NDArray[np.float64]]) -> pa.Array:
    """Arrays of shape (cells, length), the length differing among them, as one column of lists."""
    lengths = np.concatenate([np.full(len(array), array.shape[1]) for array in arrays])
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    values = np.concatenate([np.ravel(array) for array in arrays])
    return pa.ListArray.from_arrays(pa.array(offsets, type=pa.int32()), _without_nan(values))
