"""Models that installed packages offer, as entry points of the group `sweep.models`."""

from __future__ import annotations

import inspect
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from sweep.models import GROUP
from sweep.models.base import Model
from sweep.models.own.base import OwnModel
from sweep.models.own.source import ModelError, Source, told

_loaded: dict[str, Model] = {}


def offered() -> dict[str, EntryPoint]:
    """What is offered, by name."""
    return {point.name: point for point in entry_points(group=GROUP)}


def offered_model(name: str) -> Model:
    """The model that a package offers by this name.

    Raises KeyError where none does, and ModelError where it is none.
    """
    if name not in _loaded:
        _loaded[name] = _model(offered()[name])
    return _loaded[name]


def _model(point: EntryPoint) -> Model:
    where = f"{point.value} (a model that {_package(point)} offers)"
    try:
        found = point.load()
        source = Source(where, inspect.getsource(import_module(point.module)))
    except (Exception, SystemExit) as error:
        raise ModelError(where, told(error, "")[1]) from None
    if not isinstance(found, Model):
        raise ModelError(where, f"is a {type(found).__name__}; allowed is an Ode or a Process")
    if isinstance(found, OwnModel):
        found.come_from(source, (offered_model, (point.name,)))
    return found


def _package(point: EntryPoint) -> str:
    return point.dist.name if point.dist is not None else "a package"
