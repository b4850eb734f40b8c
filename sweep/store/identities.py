"""The identities of cells as 16 bytes each: what rows are looked up and told apart by.

Files of results hold them as 32 hexadecimal digits, which take more than twice the room.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import blake2b

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sweep.grid import cell_digests
from sweep.models.base import Model
from sweep.models.cells import Cells
from sweep.models.parameters import Value
from sweep.ode.arrays import Index, Truths

BYTES = 16
KIND = pa.binary(BYTES)

_DIGITS = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), dtype=np.uint16)
"""The two digits of every byte."""

_NONE = 256
_BYTE_OF = np.full(1 << 16, _NONE, dtype=np.uint16)
_BYTE_OF[_DIGITS] = np.arange(256)
"""The byte of every two characters, _NONE where they are no such digits."""

OURS = re.compile(f"[0-9a-f]{{{2 * BYTES}}}", re.ASCII)

BLOCK = 1 << 14
"""So many identities are turned into others at once."""


def of_cells(cells: Cells, model: Model, solver: Mapping[str, Value]) -> pa.Array:
    """The identity of each cell."""
    return _packed(cell_digests(cells, model, solver))


def parsed(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    """The identities that a column of results holds, in which there is no null.

    What is none of ours has one of its own as well.
    """
    chunks = texts.chunks if isinstance(texts, pa.ChunkedArray) else [texts]
    found = [_of_digits(chunk) for chunk in chunks]
    return _packed(np.concatenate(found) if found else np.empty((0, BYTES), dtype=np.uint8))


def in_words(ids: pa.Array) -> pa.Array:
    """Identities as a column of results has them."""
    offsets = np.arange(0, 2 * BYTES * len(ids) + 1, 2 * BYTES, dtype=np.int32)
    digits = _DIGITS[_bytes(ids).ravel()]
    return pa.StringArray.from_buffers(len(ids), pa.py_buffer(offsets), pa.py_buffer(digits))


def positions(ids: pa.Array, among: pa.Array) -> Index:
    """Where each identity stands among others, which are all different; -1 where it does not."""
    wanted, there = _halves(ids), _halves(among)
    found = np.full(len(ids), -1, dtype=np.int64)
    if not len(there):
        return found
    # In order on both sides, so that what is looked up lies where the last was found.
    order, of_there = np.argsort(wanted[:, 0]), np.argsort(there[:, 0])
    in_order = there[:, 0].take(of_there)
    for start in range(0, len(order), BLOCK):
        some = order[start : start + BLOCK]
        asked = wanted.take(some, axis=0)
        place = np.searchsorted(in_order, asked[:, 0])
        place = of_there[np.minimum(place, len(there) - 1)]
        same = there.take(place, axis=0) == asked
        met = same[:, 0] & same[:, 1]
        found[some[met]] = place[met]
        for i in some[same[:, 0] & ~met]:  # two that begin alike are rarer than disks that fail
            found[i] = next(iter(np.flatnonzero((there == wanted[i]).all(axis=1))), -1)
    return found


def one_each(ids: pa.Array, least: Truths) -> Truths:
    """Which rows stay where every identity is to have one.

    Of several the first, and one of which `least` does not hold before one of which it does.
    """
    halves = _halves(ids)
    in_order = np.sort(halves[:, 0])
    if (in_order[1:] != in_order[:-1]).all():
        return np.ones(len(ids), dtype=np.bool_)
    order = np.lexsort((least, halves[:, 1], halves[:, 0]))
    begins = np.ones(len(ids), dtype=np.bool_)
    begins[1:] = (halves[order[1:]] != halves[order[:-1]]).any(axis=1)
    stays = np.zeros(len(ids), dtype=np.bool_)
    stays[order[begins]] = True
    return stays


def _of_digits(texts: pa.Array) -> NDArray[np.uint8]:
    """The bytes of each identity in a column, shape (identities, 16)."""
    texts = texts.cast(pa.string())
    found = np.empty((len(texts), BYTES), dtype=np.uint8)
    for start in range(0, len(texts), BLOCK):
        some = texts.slice(start, BLOCK)
        found[start : start + len(some)] = _of_block(some)
    return found


def _of_block(texts: pa.Array) -> NDArray[np.uint8]:
    offsets = np.frombuffer(texts.buffers()[1], dtype=np.int32)
    offsets = offsets[texts.offset : texts.offset + len(texts) + 1]
    if (np.diff(offsets) == 2 * BYTES).all():
        size = int(offsets[-1] - offsets[0])
        digits = np.frombuffer(texts.buffers()[2], np.uint8, size, int(offsets[0]))
        found = _BYTE_OF[digits.view(np.uint16)]
        if (found != _NONE).all():
            return found.astype(np.uint8).reshape(-1, BYTES)
    return np.array([list(_of_text(text)) for text in texts.to_pylist()], dtype=np.uint8)


def _of_text(text: str) -> bytes:
    if OURS.fullmatch(text):
        return bytes.fromhex(text)
    return blake2b(text.encode(), digest_size=BYTES).digest()


def _packed(digests: NDArray[np.uint8]) -> pa.Array:
    buffer = pa.py_buffer(np.ascontiguousarray(digests))
    return pa.FixedSizeBinaryArray.from_buffers(KIND, len(digests), [None, buffer])


def _bytes(ids: pa.Array) -> NDArray[np.uint8]:
    """Shape (identities, 16)."""
    if not len(ids):
        return np.empty((0, BYTES), dtype=np.uint8)
    whole = np.frombuffer(ids.buffers()[1], dtype=np.uint8)
    return whole[ids.offset * BYTES : (ids.offset + len(ids)) * BYTES].reshape(-1, BYTES)


def _halves(ids: pa.Array) -> NDArray[np.uint64]:
    """Shape (identities, 2)."""
    return _bytes(ids).view(np.uint64)
