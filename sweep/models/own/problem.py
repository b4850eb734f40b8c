"""One cell of an `Ode` as the integrator takes it; the user's functions are tried before."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from sweep.models.own.adapters import Compiled, compiled, reason
from sweep.models.own.base import OwnModel
from sweep.models.own.constants import Flat, Structure, flat
from sweep.models.own.source import ModelError, told
from sweep.models.own.values import Parameters
from sweep.ode.arrays import Floats
from sweep.ode.equations import Equations
from sweep.ode.integrator import FINISHED
from sweep.ode.solve import Solution

Functions = Mapping[str, Callable[..., Any] | None]

BLUNDERS = (ArithmeticError, ValueError)
"""What may be the fault of a cell's parameters; any other exception is one of the functions'."""


@dataclass(frozen=True)
class Problem:
    """size: of the user's state; start: the state at time 0, with the time last where the slope
    depends on it. memory: how often a function failed, and in which state last."""

    compiled: Compiled
    flat: Flat
    size: int
    start: Floats
    memory: tuple[NDArray[np.int64], Floats]

    @property
    def equations(self) -> Equations:
        """The compiled equations."""
        return self.compiled.equations

    @property
    def constants(self) -> tuple[Floats, NDArray[np.int64]]:
        """The constants as the equations take them."""
        return self.flat.floats, self.flat.integers

    def why_it_broke(self, solution: Solution) -> str:
        """The exception that a function raised, where that ended the integration."""
        failures, state = self.memory
        if solution.outcome.code == FINISHED or not failures[0]:
            return ""
        y, t = state[: self.size].copy(), float(state[-1])
        try:
            self.compiled.functions["error"](y, self.flat.value)
            self.compiled.functions["slope"](t, y, np.empty_like(y), self.flat.value)
            if "jacobian" in self.compiled.functions:
                J = np.empty((self.size, self.size))
                self.compiled.functions["jacobian"](t, y, J, self.flat.value)
        except Exception as error:
            return f"{type(error).__name__}: {error}"
        return ""


_compiling = threading.RLock()
_compiled: WeakKeyDictionary[OwnModel, dict[Structure, Compiled]] = WeakKeyDictionary()
_tried: WeakKeyDictionary[OwnModel, set[tuple[Structure, int]]] = WeakKeyDictionary()


def problem_of(model: OwnModel, functions: Functions, p: Parameters) -> Problem:
    """The problem of a cell.

    Raises ModelError where the functions are no model, and whatever else they raise.
    """
    made = _called(model, functions["constants"], p) if functions["constants"] else ()
    try:
        constants = flat(made)
    except TypeError as error:
        raise ModelError(model.where(), f"constants: {error}") from None
    y = _start(model, functions, p)
    _try_once(model, functions, y, constants)
    found = _compiled_for(model, functions, constants)
    start = np.append(y, 0.0) if found.timed else y
    memory = np.zeros(1, dtype=np.int64), np.zeros(len(start))
    return Problem(found, constants, len(y), start, memory)


def _start(model: OwnModel, functions: Functions, p: Parameters) -> Floats:
    raw = _called(model, functions["start"], p)
    if raw is None or np.iscomplexobj(raw):
        found = "nothing" if raw is None else "complex numbers"
        raise ModelError(model.where(), f"start: gives {found}; allowed is a vector of numbers")
    try:
        y = np.array(raw, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise ModelError(model.where(), f"start: gives no vector of numbers: {error}") from None
    if y.ndim == 1 and not y.size:
        raise ModelError(model.where(), "start: gives no component; allowed is at least one")
    if y.ndim != 1:
        raise ModelError(
            model.where(),
            f"start: gives an array of the shape {y.shape}; allowed is a vector, as from ravel()",
        )
    if not np.isfinite(y).all():
        raise ValueError(f"start: component {np.flatnonzero(~np.isfinite(y))[0]} is not finite")
    return y


def _called(model: OwnModel, function: Any, *arguments: object) -> Any:
    """What a function gives; an exception that is a fault of the function raises ModelError."""
    try:
        return function(*arguments)
    except BLUNDERS:
        raise
    except Exception as error:
        raise ModelError(*told(error, model.where())) from error


def _try_once(model: OwnModel, functions: Functions, y: Floats, constants: Flat) -> None:
    """Call the functions as plain Python, which notices where compiled code would go astray."""
    tried = _tried.setdefault(model, set())
    key = constants.structure, len(y)
    if key not in tried:
        # What plain Python refuses to compute, as log(-1), compiled code may make NaN.
        with np.errstate(all="ignore"), suppress(*BLUNDERS):
            _try(model, functions, y.copy(), constants.value)
        tried.add(key)


def _try(model: OwnModel, functions: Functions, y: Floats, c: object) -> None:
    slope, error, jacobian = (
        getattr(functions[name], "py_func", functions[name])
        for name in ("slope", "error", "jacobian")
    )
    n = len(y)
    dy, J = np.full(n, np.nan), np.full((n, n), np.nan)
    before = _contents(y, c)
    _called(model, slope, 0.0, y, dy, c)
    _expect_unchanged(model, "slope", before, _contents(y, c))
    if np.isnan(dy).any():
        raise ModelError(
            model.where(),
            f"slope: dy[{np.flatnonzero(np.isnan(dy))[0]}] is not written, or NaN, at the start; "
            "write all of dy in place, as in dy[:] = ...",
        )
    value = _called(model, error, y, c)
    _expect_unchanged(model, "error", before, _contents(y, c))
    if np.ndim(value) or not isinstance(value, int | float | np.integer | np.floating):
        raise ModelError(
            model.where(), f"error: gives a {type(value).__name__}; allowed is a number"
        )
    if jacobian is not None:
        _called(model, jacobian, 0.0, y, J, c)
        _expect_unchanged(model, "jacobian", before, _contents(y, c))
        if np.isnan(J).any():
            i, j = np.argwhere(np.isnan(J))[0]
            raise ModelError(
                model.where(), f"jacobian: J[{i}, {j}] is not written, or NaN, at the start"
            )


def _contents(y: Floats, c: object) -> bytes:
    """All numbers of a state and of constants."""
    parts = c if isinstance(c, tuple) else (c,)
    inside = [
        _contents(y[:0], p) if isinstance(p, tuple) else np.asarray(p).tobytes() for p in parts
    ]
    return y.tobytes() + b"".join(inside)


def _expect_unchanged(model: OwnModel, name: str, before: bytes, after: bytes) -> None:
    if before != after:
        raise ModelError(model.where(), f"{name}: changes y or c, which are only to be read")


def _compiled_for(model: OwnModel, functions: Functions, constants: Flat) -> Compiled:
    with _compiling:
        known = _compiled.setdefault(model, {})
        if constants.structure not in known:
            kernels = {name: functions[name] for name in ("slope", "error", "jacobian")}
            try:
                known[constants.structure] = compiled(kernels, constants.structure, constants.value)
            except Exception as error:
                raise ModelError(_place(model, error), reason(error)) from None
        return known[constants.structure]


def _place(model: OwnModel, error: Exception) -> str:
    location = getattr(error, "loc", None)
    line = getattr(location, "line", None)
    where = f"{model.where()}, line {line}" if line else model.where()
    return f"{where}: numba cannot compile this"
