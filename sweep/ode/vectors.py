"""What NumPy would do to vectors, as loops: its functions allocate, or take long to compile."""

from __future__ import annotations

import math

from sweep.ode.arrays import Floats
from sweep.ode.compiled import inner_kernel


@inner_kernel
def copy(source: Floats, target: Floats) -> None:
    """target = source, vectors of one length. (An assignment compiles the text of its errors.)"""
    for i in range(source.size):
        target[i] = source[i]


@inner_kernel
def largest(values: Floats) -> float:
    """The largest absolute value; NaN where one is NaN."""
    found = 0.0
    for value in values:
        if math.isnan(value):
            return math.nan
        found = max(found, abs(value))
    return found
