"""Coasting in FO-ANIL: the same statuses and times, errors to 1e-6, and fewer evaluations."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sweep.models.base import Answers
from sweep.models.fo_anil.model import MODEL
from sweep.models.status import NOT_REACHED, REACHED
from sweep.ode import progress
from sweep.ode.coast import Lookout

SOLVER = {setting.name: setting.default for setting in MODEL.solver}

SLOW_ESCAPE = {"K": 3, "V": 100.0, "eta_w": 0.5, "eta_J": 256.0}
LATE_ESCAPE = {"K": 9, "V": 100.0, "eta_w": 0.5, "eta_J": 256.0}
SECOND_PLATEAU = {"K": 9, "V": 100.0, "eta_w": 3.25, "eta_J": 16.0}
MANIFOLD = {"K": 5, "V": np.inf, "eta_w": 3.5}
NOISY_GROWTH = {"K": 5, "V": 100.0, "eta_w": 3.25, "eta_J": 64.0}
FEW_SAMPLES = {"K": 3, "P": 100.0, "V": 100.0, "eta_w": 4.0, "target_error": 0.05}
SADDLE = {
    "activation": "relu", "inner_steps": 3.0, "eta_w": 4.86967525166,
    "weight_decay": 4.21696503429, "target_error": 0.0,
}  # fmt: skip


def answer(cell: dict[str, Any], **varying: Any) -> Answers:
    parameters = {p.name: p.default for p in MODEL.parameters} | cell
    trajectory = MODEL.alone(parameters)
    count = max((len(v) for v in varying.values()), default=1)
    columns = {name: np.full(count, column[0]) for name, column in trajectory.varying.items()}
    columns |= {name: np.array(values, dtype=float) for name, values in varying.items()}
    cells = np.arange(count)
    return MODEL.solve(type(trajectory)(cells, trajectory.shared, columns), SOLVER)


def never_coasting(monkeypatch: pytest.MonkeyPatch, cell: dict[str, Any], **more: Any) -> Answers:
    with monkeypatch.context() as patch:
        patch.setattr(progress, "FIRST", progress.NEVER)
        return answer(cell, **more)


@pytest.mark.parametrize(
    "cell",
    [SLOW_ESCAPE, LATE_ESCAPE, SECOND_PLATEAU, MANIFOLD, NOISY_GROWTH, FEW_SAMPLES],
)
def test_cells_end_as_without_coasting(
    monkeypatch: pytest.MonkeyPatch, cell: dict[str, Any]
) -> None:
    windows = {"alpha_max": [50.0, 100.0, 150.0, 450.0]}
    found, exact = answer(cell, **windows), never_coasting(monkeypatch, cell, **windows)
    assert found.status.tolist() == exact.status.tolist()
    np.testing.assert_array_equal(found.time_to_target, exact.time_to_target)
    np.testing.assert_allclose(found.error_final, exact.error_final, rtol=1e-6)
    for name in ("Q", "R"):
        size = np.abs(exact.lists[name]).max()
        np.testing.assert_allclose(found.lists[name], exact.lists[name], atol=1e-6 * size)


@pytest.mark.parametrize("cell", [NOISY_GROWTH, MANIFOLD])
def test_a_cell_that_is_not_reached_takes_fewer_evaluations(
    monkeypatch: pytest.MonkeyPatch, cell: dict[str, Any]
) -> None:
    found, exact = answer(cell), never_coasting(monkeypatch, cell)
    assert found.status == exact.status == NOT_REACHED
    assert 1.5 * found.rhs_evaluations < exact.rhs_evaluations


def test_a_saddle_that_is_left_late_is_gone_back_from(monkeypatch: pytest.MonkeyPatch) -> None:
    went_back = []
    go_back = Lookout.go_back

    def counted(*words: Any) -> progress.Progress:
        went_back.append(words[1])
        return go_back(*words)

    monkeypatch.setattr(Lookout, "go_back", counted)
    found = answer(SADDLE)
    assert went_back
    exact = never_coasting(monkeypatch, SADDLE)
    assert found.error_final == pytest.approx(exact.error_final, rel=1e-9)


def test_a_cell_that_is_reached_coasts_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither its time nor its overlaps move, to the last digit, whoever else asks."""
    cell = {"K": 3, "V": 100.0, "eta_w": 3.0}
    targets = {"target_error": [0.01, 0.5, 1e-4], "alpha_max": [450.0, 450.0, 450.0]}
    found, alone = answer(cell, **targets), answer(cell)
    exact = never_coasting(monkeypatch, cell, **targets)
    assert found.status.tolist() == [REACHED, REACHED, NOT_REACHED]
    for answers in (alone, exact):
        assert found.time_to_target[0] == answers.time_to_target[0]
        np.testing.assert_array_equal(found.lists["R"][0], answers.lists["R"][0])
