"""A model with every kind of parameter, and conditions between them, that computes nothing."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from sweep.errors import ParameterError
from sweep.grid.grid import Grid
from sweep.grid.read import parse_grid
from sweep.models.base import Answers, Constraint, Model, Trajectory
from sweep.models.parameters import Parameter, Value


def _square(named: Mapping[str, Value]) -> None:
    teacher, M = named["teacher"], named["M"]
    if isinstance(teacher, tuple) and {len(teacher), *map(len, teacher)} != {M}:
        raise ParameterError("teacher", f"found {len(teacher)} rows; allowed are M × M = {M} × {M}")


class FakeModel(Model):
    name = "fake"
    version = 3
    time_symbol = "α"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("K", "integer", 3, "units", low=1),
        Parameter("M", "integer", 3, "teacher's units", low=1),
        Parameter("eta_w", "real", 3.0, "inner rate", low=0, open_low=True),
        Parameter("eta_J", "real", 3.0, "outer rate", low=0, open_low=True),
        Parameter("P", "real", math.inf, "training samples", low=1, infinite=True, whole=True),
        Parameter("V", "real", math.inf, "validation samples", low=1, infinite=True, whole=True),
        Parameter("teacher", "matrix", "graded", "overlaps", choices=("graded", "identity")),
        Parameter("R0", "matrix", 1e-12, "start"),
        Parameter("order", "word", "first", "order", choices=("first", "second")),
        Parameter("seed", "integer", 0, "seed", low=0),
        Parameter("offset", "real", 0.0, "any number"),
        Parameter("target_error", "real", 0.01, "target", low=0, open_low=True),
        Parameter("alpha_max", "real", 450.0, "window", low=0, open_low=True, infinite=True),
        Parameter("zeta", "real", 0.0, "came later", later=True),
        Parameter("A_late", "real", 0.5, "came later", later=True),
    )
    solver = (
        Parameter("rtol", "real", 1e-9, "relative tolerance", low=0, open_low=True),
        Parameter("atol", "real", 1e-20, "absolute tolerance", low=0, open_low=True),
        Parameter("steps", "integer", 1000, "came later", low=1, later=True),
    )
    constraints = (Constraint(("M", "teacher"), _square),)

    def cost(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> float:
        raise NotImplementedError

    def warm_up(self, trajectory: Trajectory) -> None:
        raise NotImplementedError

    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:
        raise NotImplementedError


MODEL = FakeModel()


def grid(body: str = "", name: str = "x.toml") -> Grid:
    """The grid that a file with this text, below a line that names the model, would be."""
    return parse_grid(Path(name), f'model = "fake"\n{body}')
