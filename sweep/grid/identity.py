"""The identity of a cell: a hash of everything its result depends on.

It is the 128-bit BLAKE2b hash of the compact JSON text, keys sorted, of
``{"model": …, "parameters": {…}, "solver": {…}, "version": …}`` with every parameter and setting
in canonical form. One that is declared as `later` is left out while it has its default, so that
results from before it keep their identity.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from json import dumps

import numpy as np
from numpy.typing import NDArray

from sweep.models.base import Model
from sweep.models.cells import Cells, Codes
from sweep.models.parameters import Parameter, Value, canonical

DIGEST_BYTES = 16
BLOCK = 65_536

JsonColumn = tuple[Codes, NDArray[np.object_]]


def cell_ids(cells: Cells, model: Model, solver: Mapping[str, Value]) -> list[str]:
    """The identity of every cell, as 32 hexadecimal digits."""
    columns, tail = _json_columns(cells, model, solver)
    return [
        blake2b(b"".join(row), digest_size=DIGEST_BYTES).hexdigest()
        for start in range(0, len(cells), BLOCK)
        for row in _json_rows(columns, tail, min(start + BLOCK, len(cells)) - start, start)
    ]


def _json_columns(
    cells: Cells, model: Model, solver: Mapping[str, Value]
) -> tuple[list[JsonColumn], bytes]:
    """The JSON text of all cells: the columns that vary, and what follows the last of them.

    Text that all cells share is joined to the column after it, once instead of once a cell.
    """
    columns = []
    text = f'{{"model":{dumps(model.name)},"parameters":{{'
    for name, pieces in _pieces(model.parameters, cells.values):
        if len(pieces) == 1:
            text += pieces[0]
        else:
            texts = np.array([(text + piece).encode() for piece in pieces], dtype=object)
            columns.append((cells.codes[name], texts))
            text = ""
    settings = {name: (solver[name],) for name in solver}
    text += '},"solver":{'
    text += "".join(pieces[0] for _, pieces in _pieces(model.solver, settings))
    text += f'}},"version":{dumps(model.version)}}}'
    return columns, text.encode()


def _json_rows(
    columns: list[JsonColumn], tail: bytes, count: int, start: int
) -> Iterator[tuple[bytes, ...]]:
    parts = [texts[codes[start : start + count]].tolist() for codes, texts in columns]
    return zip(*parts, [tail] * count, strict=True)


def _pieces(
    parameters: Iterable[Parameter], values: Mapping[str, tuple[Value, ...]]
) -> Iterator[tuple[str, Sequence[str]]]:
    """For every parameter, sorted by name, `"name":value` for each of its values, with commas.

    A piece may be empty, so the commas lean towards the first parameter that never is.
    """
    ordered = sorted(parameters, key=lambda parameter: parameter.name)
    anchor = next((parameter.name for parameter in ordered if not parameter.later), "")
    for parameter in ordered:
        before = "," if parameter.name > anchor else ""
        after = "," if parameter.name < anchor else ""
        yield parameter.name, _texts(parameter, values[parameter.name], before, after)


@lru_cache(maxsize=64)
def _texts(
    parameter: Parameter, values: tuple[Value, ...], before: str, after: str
) -> Sequence[str]:
    """The pieces of one parameter; a search for a boundary asks for the same ones over and over."""
    return [
        ""
        if parameter.later and value == parameter.default
        else f"{before}{dumps(parameter.name)}:{canonical(value)}{after}"
        for value in values
    ]
