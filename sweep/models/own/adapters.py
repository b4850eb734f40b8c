"""A user's functions as the integrator calls them, compiled.

The integrator knows autonomous systems: where the slope depends on the time, that is the last
component of the state. It hands on two arrays for the constants (see `constants`). An exception in
a user's function makes what it was to compute NaN, so that the step is tried again, shorter; which
state it was is kept, for the message where that does not help.
"""

from __future__ import annotations

import dis
import inspect
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numba
import numpy as np

from sweep.models.own.constants import Structure, expression, floats_at, integers_at
from sweep.ode.equations import DIFFERENCE, Equations, differences, unresolved

# `time`, `inner` and `rates` are the time, and the state and its slope without it.
TEMPLATE = """
def slope(y, dy, constants, memory):
    floats, integers = constants
    try:
        user_slope({time}, {inner}, {rates}, {constants})
    except Exception:
        keep(y, dy, memory)
    {time_runs}

def error(y, constants, memory):
    floats, integers = constants
    try:
        return float(user_error({inner}, {constants}))
    except Exception:
        keep(y, y[:0], memory)
    return nan

def jacobian(y, f, J, rows, slope, constants, memory):
    floats, integers = constants
    try:
        user_jacobian({time}, {inner}, {block}, {constants})
    except Exception:
        keep(y, J[:, 0], memory)
    return {along_time}
"""


class Compiled(NamedTuple):
    """A model's equations, and the user's own functions as compiled, by name.

    timed: whether the slope depends on the time, so that the state has it as last component.
    """

    equations: Equations
    functions: Mapping[str, Callable[..., Any]]
    timed: bool


def _depends_on_time(slope: Callable[..., Any]) -> bool:
    """Whether a function makes use of its first argument."""
    plain = getattr(slope, "py_func", slope)
    name = next(iter(inspect.signature(plain).parameters))
    used = (instruction.argval for instruction in dis.get_instructions(plain))
    return any(found == name or (isinstance(found, tuple) and name in found) for found in used)


def compiled(
    functions: Mapping[str, Callable[..., Any] | None], structure: Structure, constants: object
) -> Compiled:
    """The equations, for constants of this structure, of which `constants` is an example.

    Raises numba's errors where a function cannot be compiled.
    """
    own = {name: _jitted(function) for name, function in functions.items() if function is not None}
    n = numba.typeof(np.zeros(1))
    c = numba.typeof(constants)
    timed = _depends_on_time(own["slope"])
    matrix = numba.types.Array(numba.float64, 2, "A" if timed else "C")
    for name, kinds in {
        "slope": (numba.float64, n, n, c),
        "error": (n, c),
        "jacobian": (numba.float64, n, matrix, c),
    }.items():
        if name in own:
            own[name].compile(kinds)
    classes: dict[str, Any] = {}
    text = TEMPLATE.format(
        constants=expression(structure, classes),
        time="y[-1]" if timed else "0.0",
        inner="y[:-1]" if timed else "y",
        rates="dy[:-1]" if timed else "dy",
        block="J[:-1, :-1]" if timed else "J",
        time_runs="dy[-1] = 1.0" if timed else "pass",
        along_time="along_time(y, f, J, rows, slope, constants, memory)" if timed else "0",
    )
    names = {
        **{f"user_{name}": function for name, function in own.items()},
        **classes,
        "carray": numba.carray,  # type: ignore[attr-defined]
        "floats_at": floats_at,
        "integers_at": integers_at,
        "keep": _keep,
        "along_time": _along_time,
        "nan": np.nan,
    }
    exec(compile(text, "<adapter>", "exec"), names)
    adapters = {name: _kernel(names[name]) for name in ("slope", "error", "jacobian")}
    jacobian = adapters["jacobian"] if "jacobian" in own else differences
    equations = Equations(adapters["slope"], adapters["error"], unresolved, jacobian)
    return Compiled(equations, own, timed)


def _jitted(function: Callable[..., Any]) -> Any:
    return function if hasattr(function, "py_func") else _kernel(function)


def _kernel(function: Callable[..., Any]) -> Any:
    return numba.njit(nogil=True, error_model="numpy", fastmath={"contract"})(function)


@_kernel
def _keep(y, values, memory):  # type: ignore[no-untyped-def]
    """Remember the state in which a function failed, and make what it was to compute NaN."""
    memory[0][0] += 1
    for i in range(y.size):  # a slice on the left takes numba a second to compile
        memory[1][i] = y[i]
    for i in range(values.size):
        values[i] = np.nan


@_kernel
def _along_time(y, f, J, rows, slope, constants, memory):  # type: ignore[no-untyped-def]
    """The last row and column of a Jacobian, those of the time; how many evaluations it took."""
    n = y.size
    spacing = DIFFERENCE * max(1.0, abs(y[n - 1]))
    rows[0][:] = y
    rows[0][n - 1] += spacing
    slope(rows[0], rows[1], constants, memory)
    spacing = rows[0][n - 1] - y[n - 1]
    for i in range(n):
        J[n - 1, i] = 0.0
    for i in range(n - 1):
        J[i, n - 1] = (rows[1][i] - f[i]) / spacing
    J[n - 1, n - 1] = 0.0
    return 1


def reason(error: Exception) -> str:
    """What numba says of a function that it cannot compile, on one line, without its dressing."""
    lines = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines()
    dressing = ("Failed in nopython", "During:", "File ", "This error", "http", "^", "For more")
    said = [
        line.strip() for line in lines if line.strip() and not line.strip().startswith(dressing)
    ]
    return said[0] if said else type(error).__name__
