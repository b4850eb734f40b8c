"""Whether a table can be rows that sweep has written, and what speaks against it.

Other programs write the same texts and numbers in other ways (dictionaries, large strings); these
are made alike.
"""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from sweep.models.status import REACHED, Status
from sweep.store.schema import FLOAT_COLUMNS

IDENTITY = ("cell_id", "status")
"""What a table of cells cannot do without."""

JUDGED = (*IDENTITY, "time_to_target")
"""The columns by which a row is judged."""

ALWAYS = pa.schema(
    [
        *((name, pa.string()) for name in IDENTITY),
        *((name, pa.float64()) for name in (*FLOAT_COLUMNS, "wall_s")),
        ("rhs_evaluations", pa.int64()),
        ("message", pa.string()),
    ]
)
"""The columns that the results of all models have."""


def plain(table: pa.Table) -> pa.Table:
    """The same rows in the types that sweep writes."""
    wanted = plain_schema(table.schema)
    return table if wanted == table.schema else table.cast(wanted)


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """The columns of `plain` for a table of these."""
    return pa.schema([field.with_type(_plain_type(field.type)) for field in schema])


def problem_of_columns(found: pa.Schema, declared: pa.Schema) -> str:
    """What is wrong with plain columns, one of them where it is not as declared; else nothing."""
    for field in declared:
        if field.name not in found.names:
            continue
        kind = found.field(field.name).type
        if kind != field.type and not _stands_in(kind, field):
            return f"column {field.name} holds {kind} instead of {field.type}"
    return ""


def problem_of_rows(table: pa.Table) -> str:
    """What is wrong with rows in plain columns, `JUDGED` among them; else nothing."""
    unnamed = table["cell_id"].null_count
    if unnamed:
        return f"{unnamed:,} rows without a cell_id"
    words = pa.array([status.word for status in Status])
    strange = table["status"].filter(pc.invert(pc.is_in(table["status"], value_set=words)))
    if len(strange):
        return f"{len(strange):,} rows with the status {str(strange[0])[:40]}"
    reached = pc.equal(table["status"], REACHED.word)
    if "time_to_target" not in table.column_names:
        timeless = pc.sum(reached).as_py() or 0
    else:
        timeless = pc.sum(pc.and_(reached, pc.is_null(table["time_to_target"]))).as_py() or 0
    return f"{timeless:,} rows that reached the target at no time" if timeless else ""


def _stands_in(kind: pa.DataType, declared: pa.Field) -> bool:
    """Whether a column of this type can be read as what is declared, though it is another."""
    if declared.name in IDENTITY:
        return False
    # Numbers for integers, where some rows had none or the model has changed; those that are the
    # same for all models do not change.
    return _becomes(kind, declared.type, numbers=declared.name not in (*FLOAT_COLUMNS, "wall_s"))


def _becomes(kind: pa.DataType, wanted: pa.DataType, numbers: bool) -> bool:
    if pa.types.is_null(kind):  # other programs know no type of a column that is all null
        return True
    if pa.types.is_list(kind) and pa.types.is_list(wanted):
        return _becomes(kind.value_type, wanted.value_type, numbers)
    return kind == wanted or (numbers and _is_number(kind) and _is_number(wanted))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def _plain_type(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _plain_type(kind.value_type)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_large_list(kind) or pa.types.is_list(kind):
        return pa.list_(_plain_type(kind.value_type))
    return kind
