"""The cells of a grid as a table of columns, small even for a million of them.

For every parameter the table holds its distinct values once and, for every cell, the position of
the cell's value among them (its code).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sweep.models.parameters import Value
from sweep.ode.arrays import Index

Codes = NDArray[np.int32]

MOST_GAPS = 4
"""So many times as many labels as there are positions are looked up rather than sorted."""


@dataclass(frozen=True)
class Cells:
    """`values[name]`: the distinct values of a parameter; `codes[name]`: one code a cell."""

    values: Mapping[str, tuple[Value, ...]]
    codes: Mapping[str, Codes]

    def __len__(self) -> int:
        return len(next(iter(self.codes.values())))

    def cell(self, i: int) -> dict[str, Value]:
        """All parameters of cell `i`."""
        return {name: values[self.codes[name][i]] for name, values in self.values.items()}

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A numeric parameter of every cell, shape (cells,); only to be read."""
        values = np.asarray(self.values[name], dtype=np.float64)
        if len(values) == 1:  # which takes no memory, as its codes do
            return np.broadcast_to(values, (len(self),))
        return values[self.codes[name]]

    def take(self, index: Index | NDArray[np.bool_]) -> Cells:
        """The cells at `index`, in that order."""
        picked = np.arange(len(self))[index]
        # The codes of a parameter with one value take no memory, here as when they were made.
        constant = np.broadcast_to(np.int32(0), picked.shape)
        return Cells(
            self.values,
            {
                name: codes[picked] if len(self.values[name]) > 1 else constant
                for name, codes in self.codes.items()
            },
        )

    def combinations(self, names: Sequence[str]) -> Iterator[tuple[int, dict[str, Value]]]:
        """Every distinct combination of the named parameters, with the first cell that has it."""
        _, first = group_by([self.codes[name] for name in names])
        for i in np.sort(first):
            yield int(i), {name: self.values[name][self.codes[name][i]] for name in names}


def joined(parts: Sequence[Cells]) -> Cells:
    """The cells of all parts, one part after the other; not all need have the same values."""
    values: dict[str, tuple[Value, ...]] = {}
    codes: dict[str, Codes] = {}
    count = sum(map(len, parts))
    for name, first in parts[0].values.items():
        if all(part.values[name] is first or part.values[name] == first for part in parts):
            values[name], own = first, [part.codes[name] for part in parts]
        else:
            known: dict[Value, int] = {}
            new = [[known.setdefault(v, len(known)) for v in p.values[name]] for p in parts]
            own = [
                np.array(code, dtype=np.int32)[part.codes[name]]
                for code, part in zip(new, parts, strict=True)
            ]
            values[name] = tuple(known)
        constant = len(values[name]) == 1
        codes[name] = np.broadcast_to(np.int32(0), (count,)) if constant else np.concatenate(own)
    return Cells(values, codes)


def group_by(keys: Sequence[NDArray[np.generic]]) -> tuple[Index, Index]:
    """Group positions by equal keys.

    keys: arrays of one length n. Returns (label, first): for each position the number of its
    group, and for each group the first position in it.
    """
    label = np.zeros(len(keys[0]), dtype=np.int64)
    groups = min(len(label), 1)
    for key in keys:
        code, count = _ranks(key)
        if count > 1:
            label, groups = _without_gaps(label * count + code, groups * count)
    first = np.empty(groups, dtype=np.int64)
    first[label[::-1]] = np.arange(len(label) - 1, -1, -1)  # of equal places the last one stays
    return label, first


def _ranks(key: NDArray[np.generic]) -> tuple[Index, int]:
    """For every entry a number that is the greater the greater the entry is, below a count."""
    if not len(key) or (key == key[0]).all():
        return np.zeros(1, dtype=np.int64), 1
    if key.dtype.kind in "iu" and key.min() >= 0 and key.max() < len(key):
        return key.astype(np.int64), int(key.max()) + 1
    distinct, rank = np.unique(key, return_inverse=True)
    return rank, len(distinct)


def _without_gaps(label: Index, count: int) -> tuple[Index, int]:
    """Labels below a count, as numbers in the same order of which none is left out."""
    if count > MOST_GAPS * len(label):
        distinct, label = np.unique(label, return_inverse=True)
        return label, len(distinct)
    taken = np.zeros(count, dtype=np.bool_)
    taken[label] = True
    number = np.cumsum(taken) - 1
    return number[label], int(number[-1]) + 1
