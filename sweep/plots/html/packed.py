"""Arrays as text within a page: one deflated stream of them all, in base64."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

TYPES = {"u1": "u1", "u2": "<u2", "u4": "<u4", "i2": "<i2", "f4": "<f4"}


@dataclass
class Arrays:
    """What a page holds beside its header. names: of every array its name, type and length."""

    names: list[tuple[str, str, int]] = field(default_factory=list)
    _parts: list[bytes] = field(default_factory=list)

    def add(self, name: str, kind: str, values: NDArray[Any]) -> None:
        """One more array, first the first bytes of all entries, as they resemble each other."""
        with np.errstate(over="ignore"):  # what is too large for 32 bits is infinite
            entries = np.ascontiguousarray(values, dtype=TYPES[kind]).ravel()
        planes = entries.view(np.uint8).reshape(-1, entries.itemsize).T
        self.names.append((name, kind, len(entries)))
        self._parts.append(planes.tobytes())

    def add_codes(self, name: str, codes: NDArray[Any]) -> None:
        """Numbers from 0 on, in as few bytes as they need."""
        most = int(codes.max(initial=0))
        self.add(name, "u1" if most < 2**8 else "u2" if most < 2**16 else "u4", codes)

    def extend(self, others: Arrays) -> None:
        """All of others."""
        self.names += others.names
        self._parts += others._parts

    def length(self, name: str) -> int:
        """Of an array that there is."""
        return next(length for other, _, length in self.names if other == name)

    def text(self) -> str:
        """All of them."""
        return base64.b64encode(zlib.compress(b"".join(self._parts), 9)).decode()
