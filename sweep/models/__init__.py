"""What a cell means. The table of models; a model is imported only when a grid names it.

A model of one's own is a file that imports `Ode` or `Process` and the kinds of parameters from
here; or an installed package offers it, as an entry point of the group `sweep.models`.

May import the integrator, `ode`; knows no grid file, no results and no picture.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from sweep.models.base import Model
    from sweep.models.own.kinds import choice, flag, integer, matrix, real
    from sweep.models.own.ode import Ode
    from sweep.models.own.process import Process

__all__ = ["MODELS", "Ode", "Process", "choice", "flag", "integer", "load", "matrix", "real"]

MODELS = {
    "fo-anil": "sweep.models.fo_anil.model",
    "fo-anil-simulation": "sweep.models.fo_anil.simulation.model",
    "fourier-maml": "sweep.models.fourier.maml",
    "fourier-reptile": "sweep.models.fourier.reptile",
}


HOMES = {
    "Ode": "sweep.models.own.ode",
    "Process": "sweep.models.own.process",
    **dict.fromkeys(("choice", "flag", "integer", "matrix", "real"), "sweep.models.own.kinds"),
}
"""Where the public names are, which are loaded when they are first used."""

OWN = ".py"
"""How the name of a model ends that is a file."""

GROUP = "sweep.models"
"""The entry points by which packages offer models."""


def load(name: str, beside: Path | None = None) -> Model:
    """The model of that name.

    A name that ends in .py is a file, relative to the folder `beside`. Raises KeyError for a name
    that is neither in MODELS nor offered by a package, and UsageError for a file that is no model.
    """
    if name in MODELS:
        model: Model = import_module(MODELS[name]).MODEL
        return model
    if name.endswith(OWN):
        from pathlib import Path

        from sweep.models.own.loading import model_of
        from sweep.models.own.source import read_source

        return model_of(read_source((beside or Path()) / name))
    from sweep.models.own.offered import offered_model

    return offered_model(name)


def names() -> list[str]:
    """The names of the models that ship, then of those that installed packages offer."""
    from sweep.models.own.offered import offered

    return [*MODELS, *(name for name in offered() if name not in MODELS)]


def __getattr__(name: str) -> Any:
    if name in HOMES:
        return getattr(import_module(HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
