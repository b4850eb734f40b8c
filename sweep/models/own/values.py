"""A cell's parameters as the functions of a model of one's own get them."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from sweep.models.base import Trajectory
from sweep.models.parameters import Parameter, Value


class Parameters(Mapping[str, Any]):
    """The parameters by name, as `p.eta` or `p["eta"]`: int, float, str, bool; matrices as arrays.

    Raises AttributeError, or KeyError, for a name that the model has not declared.
    """

    def __init__(self, values: Mapping[str, Value]) -> None:
        self.__dict__["_values"] = {
            name: np.array(value) if isinstance(value, tuple) else value
            for name, value in values.items()
        }

    def __getitem__(self, name: str) -> Any:
        try:
            return self._values[name]
        except KeyError:
            raise KeyError(self._unknown(name)) from None

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):  # what copy and pickle look for
            raise AttributeError(name)
        try:
            return self.__dict__["_values"][name]
        except KeyError:
            raise AttributeError(self._unknown(name)) from None

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{name}: the parameters of a cell cannot be changed")

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return ", ".join(f"{name} = {value!r}" for name, value in self.items())

    def _unknown(self, name: str) -> str:
        near = difflib.get_close_matches(str(name), self._values, n=1)
        meant = f"did you mean {near[0]}?" if near else f"there are {', '.join(self._values)}"
        return f"the model has no parameter {name!r}; {meant}"


def parameters_of(
    trajectory: Trajectory, declared: Mapping[str, Parameter], i: int = 0
) -> Parameters:
    """The parameters of the trajectory's i-th cell."""
    varying = {name: _as_declared(declared[name], v[i]) for name, v in trajectory.varying.items()}
    return Parameters({**trajectory.shared, **varying})


def _as_declared(parameter: Parameter, value: float) -> Value:
    if parameter.kind == "flag":
        return bool(value)
    return int(value) if parameter.kind == "integer" else float(value)
