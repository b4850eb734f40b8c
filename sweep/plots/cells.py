"""The pictures of single cells: which part of this room draws which, by the names models declare.

Each part is a module with a function `draw`, of the model and of what the picture shows. Nothing
here loads matplotlib before it draws.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import TYPE_CHECKING

from sweep.analysis.trajectory import View
from sweep.grid.problems import unknown
from sweep.models.base import Model

if TYPE_CHECKING:
    from matplotlib.figure import Figure

PARTS: Mapping[str, str] = {
    "course": "sweep.plots.course",
    "overlaps": "sweep.plots.overlaps",
    "run": "sweep.plots.fourier.run",
    "features": "sweep.plots.fourier.features",
    "tasks": "sweep.plots.fourier.tasks",
    "closed-form": "sweep.plots.fourier.closed_form",
    "weights": "sweep.plots.fourier.weights",
    "shots": "sweep.plots.fourier.shots",
}


def draw(model: Model, view: View) -> Figure:
    """The picture of what a view shows. Raises UsageError for one that only the model knows."""
    if view.picture not in PARTS:
        raise unknown(view.picture, "picture that can be drawn", PARTS)
    figure: Figure = import_module(PARTS[view.picture]).draw(model, view.content)
    return figure
