"""Tables of rows put together: the same columns for all of them, and one row a cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from sweep.errors import UsageError
from sweep.models.status import FAILED
from sweep.ode.arrays import Truths
from sweep.store import identities

FEW = 500
"""Tables that may be in memory at once."""


def conformed(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """The same rows with the columns of `schema`; one that the table lacks is null."""
    columns = []
    for field in schema:
        if field.name not in table.column_names:
            columns.append(pa.nulls(len(table), field.type))
            continue
        try:
            columns.append(table[field.name].cast(field.type))
        except pa.ArrowException as error:
            raise UsageError(
                f"column {field.name} of the results does not hold {field.type}, as the model "
                f"declares ({str(error).splitlines()[0]}); choose another folder with --results"
            ) from error
    return pa.table(columns, schema=schema)


def concatenated(tables: Iterable[pa.Table]) -> pa.Table:
    """The rows of all tables; a column that one of them lacks is null there.

    They are copied together as they come, since a table of a few rows takes 30 kB.
    """
    merged: list[pa.Table] = []
    few: list[pa.Table] = []
    for table in tables:
        few.append(table)
        if len(few) == FEW:
            merged.append(_together(few).combine_chunks())
            few = []
    return _together(merged + few)


def _together(tables: Sequence[pa.Table]) -> pa.Table:
    return pa.concat_tables(tables, promote_options="permissive")


def one_row_a_cell(table: pa.Table) -> pa.Table:
    """The table without second rows of a cell, which two runs that no lock kept apart leave.

    A row that failed gives way to one that did not, a later file to an earlier one.
    """
    stays = identities.one_each(identities.parsed(table["cell_id"]), failed(table))
    return table if stays.all() else table.filter(pa.array(stays))


def failed(table: pa.Table) -> Truths:
    """Which rows are of cells that failed."""
    found: Truths = pc.equal(table["status"], FAILED.word).to_numpy()
    return found


def in_groups(tables: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """The rows of all tables, put together to tables of so many or some more."""
    tables = iter(tables)
    for first in tables:
        yield concatenated(_up_to(rows, chain([first], tables)))


def _up_to(rows: int, tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    for table in tables:
        yield table
        rows -= len(table)
        if rows <= 0:
            return
