"""What a user's functions take and give back, checked."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from sweep.errors import UsageError
from sweep.ode.arrays import Floats


class Call(NamedTuple):
    """How a function is called, in words, and with how many arguments."""

    words: str
    arguments: int


def check_calls(
    functions: Mapping[str, Callable[..., Any] | None], calls: Mapping[str, Call]
) -> None:
    """Raise UsageError for a function that cannot be called as it will be."""
    for name, call in calls.items():
        function = functions[name]
        if function is None:
            continue
        try:
            inspect.signature(getattr(function, "py_func", function)).bind(*range(call.arguments))
        except TypeError:
            raise UsageError(
                f"{name}: takes other arguments; it is called as {call.words}"
            ) from None
        except ValueError:  # what was compiled elsewhere does not say
            continue


def as_series(found: object, times: int, taken: tuple[str, ...]) -> dict[str, Floats]:
    """What `series` gave, as arrays with the times first. Raises TypeError.

    taken: names that a course has beside them.
    """
    if not isinstance(found, Mapping):
        raise TypeError(f"series: gave {type(found).__name__}; allowed is a dict of arrays")
    arrays = {str(name): np.asarray(values, dtype=np.float64) for name, values in found.items()}
    for name, array in arrays.items():
        if array.ndim == 0 or len(array) != times:
            raise TypeError(
                f"series: {name} has the shape {array.shape}, whose first is not the number of "
                f"times ({times})"
            )
        if name in taken:
            raise TypeError(f"series: {name} is what the course has by itself; rename it")
    return arrays


def as_numbers(found: Mapping[str, Any]) -> dict[str, float]:
    """Values of further columns, one number each. Raises TypeError or ValueError."""
    numbers = {}
    for name, value in found.items():
        array = np.asarray(value)
        if array.size != 1 or array.dtype.kind not in "fiub":
            raise TypeError(f"columns: {name} is {_shown(value)}; allowed is a number")
        numbers[name] = float(array.reshape(())[()])
    return numbers


def _shown(value: object) -> str:
    shape = getattr(value, "shape", None)
    return f"an array of the shape {shape}" if shape else f"a {type(value).__name__}"
