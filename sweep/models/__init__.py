"""What a cell means. The table of models; a model is imported only when a grid names it.

May import the integrator, `ode`; knows no grid file, no results and no picture.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sweep.models.base import Model

MODELS = {
    "fo-anil": "sweep.models.fo_anil.model",
    "fo-anil-simulation": "sweep.models.fo_anil.simulation.model",
    "fourier-maml": "sweep.models.fourier.maml",
    "fourier-reptile": "sweep.models.fourier.reptile",
}


def load(name: str) -> Model:
    """The model of that name. Raises KeyError for a name not in MODELS."""
    model: Model = import_module(MODELS[name]).MODEL
    return model
