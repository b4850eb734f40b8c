"""The pictures of the Fourier models: single runs, and what they are made of.

Each is a module with a function `draw`, of a model and all parameters of one cell. They are drawn
from a run of their own, not from saved results. Nothing here loads matplotlib before it draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sweep.models.fourier.model import FourierModel
    from sweep.parameters import Value


@dataclass(frozen=True)
class Picture:
    """meaning: what it shows, on one line of a help text."""

    module: str
    meaning: str

    def __call__(self, model: FourierModel, parameters: Mapping[str, Value]) -> Figure:
        """Draw it."""
        figure: Figure = import_module(f"{__name__}.{self.module}").draw(model, parameters)
        return figure


PICTURES: Mapping[str, Picture] = {
    "run": Picture("run", "test error, feature weights, and an unseen task, of one run"),
    "features": Picture("features", "some of the features against x"),
    "tasks": Picture("tasks", "several tasks and their labels"),
    "closed-form": Picture("closed_form", "the closed form at the training points and between"),
    "weights": Picture("weights", "feature weights before, during and after, from both starts"),
    "shots": Picture("shots", "test error against the number of points of an unseen task"),
}
