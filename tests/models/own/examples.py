"""The models of one's own that come with the grids, loaded from their files."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from sweep.models.base import Answers
from sweep.models.own.base import OwnModel
from sweep.models.own.values import Parameters
from sweep.models.parameters import Value

GRIDS = Path(__file__).parents[3] / "grids"


def example(name: str) -> ModuleType:
    """The module in grids/<name>.py."""
    spec = importlib.util.spec_from_file_location(f"example_{name}", GRIDS / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def cell(model: OwnModel, given: Mapping[str, Any]) -> dict[str, Value]:
    """A cell with these parameters; the others have their defaults."""
    assert given.keys() <= {p.name for p in model.parameters}
    return {p.name: p.coerce(given.get(p.name, p.default)) for p in model.parameters}


def parameters(model: OwnModel, **given: Any) -> Parameters:
    """As the functions of the model get them."""
    return Parameters(cell(model, given))


def solved(model: OwnModel, **given: Any) -> Answers:
    """The answer for one cell."""
    solver = {setting.name: setting.default for setting in model.solver}
    return model.solve(model.alone(cell(model, given)), solver)
