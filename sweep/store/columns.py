"""What the columns of a model's results hold, in words."""

from __future__ import annotations

from typing import NamedTuple

import pyarrow as pa

from sweep.models.base import Model
from sweep.store.meanings import MEANINGS
from sweep.store.schema import schema


class ColumnSaid(NamedTuple):
    """A column of results: its name, its type, and what it holds."""

    name: str
    type: str
    meaning: str


def columns_of(model: Model) -> list[ColumnSaid]:
    """The columns of a model's results but for its parameters, in their order."""
    parameters = {parameter.name for parameter in model.parameters}
    meanings = MEANINGS | dict(model.column_meanings)
    return [
        ColumnSaid(field.name, _type(field.type), meanings.get(field.name, ""))
        for field in schema(model)
        if field.name not in parameters
    ]


def _type(kind: pa.DataType) -> str:
    """Its name, as float64 or list<float64>."""
    names = {pa.float64(): "float64", pa.list_(pa.float64()): "list<float64>"}
    return names.get(kind, str(kind))
