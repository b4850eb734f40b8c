"""What a cell says, in the types of this folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from sweep.models.fourier.tasks import Training
from sweep.models.parameters import Value

Cell = Mapping[str, Value]
"""All parameters of a cell, by name."""


def integer(cell: Cell, name: str) -> int:
    """A parameter declared as an integer."""
    return cast(int, cell[name])


def real(cell: Cell, name: str) -> float:
    """A parameter declared as real."""
    return cast(float, cell[name])


def training(cell: Cell, n_val: int) -> Training:
    """The stream of training data of a cell, at its beginning, with n_val validation points."""
    return Training(
        integer(cell, "seed"),
        pool=integer(cell, "pool"),
        n_train=integer(cell, "n_train"),
        n_val=n_val,
        tasks=integer(cell, "tasks"),
    )
