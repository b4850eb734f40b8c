"""A run over all its steps, and the series that it is told by."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.models.fourier import run as run_module
from sweep.models.fourier.maml import MODEL as MAML
from sweep.models.fourier.model import FourierModel
from sweep.models.fourier.reptile import MODEL as REPTILE
from sweep.models.fourier.run import series
from sweep.models.status import DIVERGED, NOT_REACHED, REACHED
from tests.models.fourier.cells_fourier import SMALL, cell, solve

BOTH = pytest.mark.parametrize("model", [MAML, REPTILE], ids=lambda model: model.name)


class TestRun:
    @BOTH
    def test_is_the_run_of_the_cell(self, model: FourierModel) -> None:
        run = model.run(cell(model, **SMALL, max_steps=12, target_error=0.0))
        answers = solve(model, **SMALL, max_steps=12, target_error=0.0)
        assert run.status == NOT_REACHED
        assert run.errors.shape == (13,)
        assert run.errors[0] == answers.error_initial[0]
        assert run.errors[-1] == answers.error_final[0]
        assert run.weight_steps.tolist() == list(range(13))
        assert np.array_equal(run.weights[-1], answers.lists["weights"][0])

    def test_goes_on_after_the_target(self) -> None:
        run = MAML.run(cell(MAML, **SMALL, init="uniform", max_steps=60, target_error=0.5))
        answers = solve(MAML, **SMALL, init="uniform", max_steps=60, target_error=0.5)
        assert run.status == REACHED
        assert run.time_to_target == answers.time_to_target[0] < 60
        assert len(run.errors) == 61

    def test_of_a_diverging_run(self) -> None:
        run = MAML.run(cell(MAML, **SMALL, inner_rate=5.0))
        assert run.status == DIVERGED
        assert np.isnan(run.errors[-1])
        assert run.weight_steps[-1] == len(run.errors) - 1
        assert run.message

    def test_a_long_run_keeps_some_of_its_weights(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(run_module, "RECORDED", 5)
        run = MAML.run(cell(MAML, **SMALL, max_steps=13, target_error=0.0))
        assert run.weight_steps.tolist() == [0, 3, 6, 9, 12, 13]
        assert len(run.errors) == 14


class TestSeries:
    def test_a_value_a_step(self) -> None:
        run = MAML.run(cell(MAML, **SMALL, init="uniform", max_steps=9))
        found = series(run)
        np.testing.assert_array_equal(found["error"], run.errors)
        np.testing.assert_array_equal(found["weight_1"], run.weights[:, 1])
        squares = (run.weights[:, 3:] ** 2).sum(axis=1)
        np.testing.assert_allclose(found["false_rms"] ** 2 * 30, squares)
        np.testing.assert_array_equal(found["false_max"], np.abs(run.weights[:, 3:]).max(axis=1))

    def test_of_a_long_run_are_those_of_its_recorded_weights(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(run_module, "RECORDED", 4)
        run = MAML.run(cell(MAML, **SMALL, max_steps=10))
        assert run.weight_steps.tolist() == [0, 3, 6, 9, 10]
        np.testing.assert_array_equal(series(run)["error"], run.errors[[0, 3, 6, 9, 10]])

    def test_without_false_features(self) -> None:
        found = series(MAML.run(cell(MAML, **{**SMALL, "D": 3}, max_steps=2)))
        for name in ("false_rms", "false_max"):
            assert found[name].tolist() == [0.0, 0.0, 0.0]

    @BOTH
    def test_are_those_that_the_model_declares(self, model: FourierModel) -> None:
        assert list(series(model.run(cell(model, **SMALL, max_steps=1)))) == list(model.series)
