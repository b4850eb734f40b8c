"""Cells to run in the tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sweep.models.base import Answers, Trajectory
from sweep.models.fourier.model import FourierModel
from sweep.models.parameters import Value

SMALL = {"D": 33, "n_train": 16, "n_val": 16, "n_shot": 16, "pool": 64}
"""A cell of a millisecond a hundred steps."""


def cell(model: FourierModel, **changes: Value) -> dict[str, Value]:
    """The model's defaults, with changes."""
    defaults = {parameter.name: parameter.default for parameter in model.parameters}
    assert changes.keys() <= defaults.keys()
    return defaults | changes


def solve(
    model: FourierModel, questions: Sequence[Mapping[str, Value]] = ({},), **changes: Value
) -> Answers:
    """One trajectory; its cells differ by `questions`."""
    shared = cell(model, **changes)
    varying = {
        name: np.array([float((shared | question)[name]) for question in questions])  # type: ignore[arg-type]
        for name in model.answered_together
    }
    for name in varying:
        del shared[name]
    return model.solve(Trajectory(np.arange(len(questions)), shared, varying), {})
