"""Constants of any shape as two plain arrays, from which compiled code puts them together again.

So the integrator is compiled once for the models of all users, whatever their constants are.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from sweep.ode.arrays import Floats

Structure = tuple[Any, ...]
"""What tells constants apart for which functions are compiled anew: ("number", "f"),
("array", "f", dimensions), ("tuple", class, parts); "f" for floats, "i" for integers."""


class Flat(NamedTuple):
    """Constants taken apart.

    value: as the functions get it from Python, its arrays contiguous. The numbers are in floats and
    integers; of an array, integers has the address and the shape.
    """

    value: Any
    structure: Structure
    floats: Floats
    integers: NDArray[np.int64]


def flat(value: object) -> Flat:
    """Take constants apart: a number, an array, or a tuple (or NamedTuple) of these or of tuples.

    Raises TypeError for anything else.
    """
    floats: list[float] = []
    integers: list[int] = []
    kept, structure = _take_apart(() if value is None else value, floats, integers)
    return Flat(kept, structure, np.array(floats, np.float64), np.array(integers, np.int64))


def _take_apart(value: Any, floats: list[float], integers: list[int]) -> tuple[Any, Structure]:
    if isinstance(value, tuple):
        parts = [_take_apart(part, floats, integers) for part in value]
        kind, kept = type(value), tuple(part for part, _ in parts)
        structure = "tuple", kind, tuple(structure for _, structure in parts)
        return (kept if kind is tuple else kind(*kept)), structure
    if isinstance(value, bool | int | np.integer | np.bool_):
        integers.append(int(value))
        return int(value), ("number", "i")
    if isinstance(value, float | np.floating):
        floats.append(float(value))
        return float(value), ("number", "f")
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub" and value.ndim:
        code = "f" if value.dtype.kind == "f" else "i"
        array = np.array(value, np.float64 if code == "f" else np.int64, order="C")
        integers.extend((array.ctypes.data, *array.shape))
        return array, ("array", code, array.ndim)
    raise TypeError(f"found {type(value).__name__}; allowed are numbers, arrays and tuples of them")


def expression(structure: Structure, classes: dict[str, Any]) -> str:
    """Python that puts constants of a structure together from `floats` and `integers`.

    The classes that it names are added to `classes`.
    """
    return _expression(structure, {"f": 0, "i": 0}, classes)


def _expression(structure: Structure, used: dict[str, int], classes: dict[str, Any]) -> str:
    if structure[0] == "number":
        used[structure[1]] += 1
        return f"{'floats' if structure[1] == 'f' else 'integers'}[{used[structure[1]] - 1}]"
    if structure[0] == "array":
        at = used["i"]
        used["i"] += 1 + structure[2]
        shape = "".join(f"integers[{at + 1 + i}], " for i in range(structure[2]))
        place = f"{'floats' if structure[1] == 'f' else 'integers'}_at(integers[{at}])"
        return f"carray({place}, ({shape}))"
    _, kind, parts = structure
    inside = "".join(f"{_expression(part, used, classes)}, " for part in parts)
    if kind is tuple:
        return f"({inside})"
    name = f"class_{len(classes)}"
    classes[name] = kind
    return f"{name}({inside})"


def _pointer_to(kind: Any) -> Any:
    def at(_: Any, address: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            return builder.inttoptr(arguments[0], context.get_value_type(signature.return_type))

        return types.CPointer(kind)(address), generate

    return at


floats_at = intrinsic(_pointer_to(types.float64))
integers_at = intrinsic(_pointer_to(types.int64))
