"""Spaced axes for grids that are made in Python; what they say is what a file's tables say."""

from __future__ import annotations

from typing import Any

Spaced = dict[str, Any]
"""An axis in the words of a grid file, as {lin = [0.25, 8.0], n = 32}."""


def lin(first: float, last: float, n: int) -> Spaced:
    """An axis of `n` values from `first` to `last`, both included, evenly spaced.

    What is wrong with it is raised by `Grid`, which knows the parameter's name.

    >>> Grid("fo-anil", axes={"eta_w": lin(0.25, 1, 4)}).swept["eta_w"]
    (0.25, 0.5, 0.75, 1.0)
    """
    return {"lin": [first, last], "n": n}


def log(first: float, last: float, n: int) -> Spaced:
    """An axis of `n` values from `first` to `last`, both included, evenly spaced in the logarithm.

    The bounds are values, not exponents.

    >>> Grid("fo-anil", axes={"eta_J": log(0.25, 4, 5)}).swept["eta_J"]
    (0.25, 0.5, 1.0, 2.0, 4.0)
    """
    return {"log": [first, last], "n": n}


def integers(first: int, last: int, step: int = 1) -> Spaced:
    """An axis of the integers from `first` to `last`, both included, every `step`-th of them.

    >>> Grid("fo-anil", axes={"K": integers(3, 9, step=2)}).swept["K"]
    (3, 5, 7, 9)
    """
    return {"int": [first, last], "step": step}
