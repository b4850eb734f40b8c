"""Values from Python, with NumPy's among them, as those that a grid file would give."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

NESTED = 32
"""So deep is no value that means anything."""


def plain(value: object, depth: int = 0) -> object:
    """Numbers, texts, lists and tables of Python's own types.

    Arrays (of NumPy, pandas and others that have a `tolist`), tuples and ranges become lists. What
    a grid file could not say is left as it is, for who checks the value to refuse.
    """
    if depth > NESTED:
        return value
    if isinstance(value, np.generic):
        return _scalar(value)
    if isinstance(value, Mapping):
        return {str(key): plain(entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, list | tuple | range):
        return [plain(entry, depth + 1) for entry in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist(), depth + 1)
    return value


def _scalar(value: np.generic) -> object:
    if isinstance(value, np.floating):
        return float(value)  # also a long double, which has no other equal among Python's numbers
    if isinstance(value, np.integer):
        return int(value)
    return value.item()
