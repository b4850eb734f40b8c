"""What a model of one's own costs beside the built-in one of the same equations, in one run."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from sweep.models.base import Model
from sweep.models.fo_anil.model import MODEL as BUILT_IN
from tests.benchmarks.anil import MODEL as OWN
from tests.benchmarks.conftest import Note
from tests.benchmarks.timing import shortest

ETA_J, WINDOW = 3.0, 450.0

EVALUATION, OVERHEAD = 1.3, 0.3
"""The goals: how much longer an evaluation may take, and how much of the time of a trajectory, some
1 ms, may pass beside its integration."""


def solving(model: Model, **given: Any) -> Any:
    cell = {parameter.name: parameter.default for parameter in model.parameters} | given
    trajectory = model.alone(cell)
    model.warm_up(trajectory)
    solver = {setting.name: setting.default for setting in model.solver}
    return partial(model.solve, trajectory, solver)


def test_an_evaluation_takes_about_as_long_as_a_built_in_one(note: Note) -> None:
    """K = M = 3: 15 variables; the answers agree."""
    own = solving(OWN, tau_max=ETA_J * WINDOW)
    built_in = solving(BUILT_IN, eta_J=ETA_J, alpha_max=WINDOW)
    time = own().time_to_target[0] / ETA_J
    assert time == pytest.approx(built_in().time_to_target[0], rel=1e-9)
    times = shortest(40, own, built_in)
    per_evaluation = [
        t / solve().rhs_evaluations for t, solve in zip(times, (own, built_in), strict=True)
    ]
    ratio = per_evaluation[0] / per_evaluation[1]
    note("an own model, per evaluation, against the built-in one", ratio, "at most", EVALUATION)
    assert ratio <= EVALUATION


def test_little_passes_beside_the_integration(note: Note) -> None:
    """A target that is met at once leaves everything but the steps."""
    beside, whole = shortest(
        100, solving(OWN, target_error=1e6), solving(OWN, tau_max=ETA_J * WINDOW)
    )
    note("an own model, beside its integration", beside / whole, "at most", OVERHEAD)
    assert beside / whole <= OVERHEAD
