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
from itertools import repeat
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
    return [digest.tobytes().hex() for digest in cell_digests(cells, model, solver)]


def cell_digests(cells: Cells, model: Model, solver: Mapping[str, Value]) -> NDArray[np.uint8]:
    """The identity of every cell in its 16 bytes, shape (cells, 16)."""
    (codes, texts), *others = _json_columns(cells, model, solver)
    # What cells begin with is hashed once for all that begin so.
    begun = np.array([blake2b(text, digest_size=DIGEST_BYTES) for text in texts], dtype=object)
    found = np.empty((len(cells), DIGEST_BYTES), dtype=np.uint8)
    for start in range(0, len(cells), BLOCK):
        part = slice(start, min(start + BLOCK, len(cells)))
        rests = _json_rests(others, part)
        digests = []
        for hashed, rest in zip(begun[codes[part]].tolist(), rests, strict=True):
            hashed = hashed.copy()
            hashed.update(rest)
            digests.append(hashed.digest())
        found[part] = np.frombuffer(b"".join(digests), dtype=np.uint8).reshape(-1, DIGEST_BYTES)
    return found


def _json_columns(cells: Cells, model: Model, solver: Mapping[str, Value]) -> list[JsonColumn]:
    """The JSON text of all cells in columns that vary, one at least.

    Text that all cells share is joined to a column beside it, once instead of once a cell.
    """
    columns: list[JsonColumn] = []
    text = f'{{"model":{dumps(model.name)},"parameters":{{'
    for name, pieces in _pieces(model.parameters, cells.values):
        if len(pieces) == 1:
            text += pieces[0]
        else:
            columns.append((cells.codes[name], _encoded([text + piece for piece in pieces])))
            text = ""
    settings = {name: (solver[name],) for name in solver}
    text += '},"solver":{'
    text += "".join(pieces[0] for _, pieces in _pieces(model.solver, settings))
    text += f'}},"version":{dumps(model.version)}}}'
    if not columns:
        return [(np.zeros(len(cells), dtype=np.int32), _encoded([text]))]
    codes, texts = columns.pop()
    return [*columns, (codes, texts + text.encode())]


def _encoded(texts: list[str]) -> NDArray[np.object_]:
    return np.array([text.encode() for text in texts], dtype=object)


def _json_rests(columns: list[JsonColumn], part: slice) -> Iterable[bytes]:
    """The text of every cell from these columns."""
    if not columns:
        return repeat(b"", part.stop - part.start)
    texts = [texts[codes[part]].tolist() for codes, texts in columns]
    return texts[0] if len(texts) == 1 else map(b"".join, zip(*texts, strict=True))


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
