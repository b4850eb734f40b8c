"""The pictures of the Fourier models: single runs, and what they are made of.

Each is a module with a function `draw`, of a model and one or several cells (all parameters of
each). They are drawn from runs of their own, not from saved results. Nothing here loads matplotlib
before it draws.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from sweep.errors import UsageError
from sweep.models.parameters import Value, shown

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sweep.models.fourier.model import FourierModel


@dataclass(frozen=True)
class Picture:
    """meaning: what it shows, on one line of a help text.

    alike: the parameters in which the cells of one picture must agree; None: it is of one cell.
    """

    module: str
    meaning: str
    alike: tuple[str, ...] | None

    def __call__(self, model: FourierModel, cells: Sequence[Mapping[str, Value]]) -> Figure:
        """Draw it. Raises UsageError where it cannot show the cells together."""
        for name in cells[0] if self.alike is None else self.alike:
            values = list(dict.fromkeys(cell[name] for cell in cells))
            if len(values) > 1:
                raise UsageError(
                    f"{name}: has {len(values)} values, of which this picture shows one; "
                    f"choose, as in {name}={shown(values[0])}"
                )
        figure: Figure = import_module(f"{__name__}.{self.module}").draw(model, cells)
        return figure


PICTURES: Mapping[str, Picture] = {
    "run": Picture("run", "test error, feature weights, and an unseen task, of one run", None),
    "features": Picture("features", "some of the features against x", ("D",)),
    "tasks": Picture("tasks", "several tasks and their labels", ("pool", "n_train", "seed")),
    "closed-form": Picture(
        "closed_form",
        "the closed form at the training points and between",
        ("D", "pool", "n_shot", "seed"),
    ),
    "weights": Picture("weights", "feature weights before, during and after, and errors", ("D",)),
    "shots": Picture(
        "shots", "test error against the points of an unseen task", ("D", "pool", "seed")
    ),
}
