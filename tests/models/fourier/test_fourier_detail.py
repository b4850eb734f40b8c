"""What weights can do on unseen tasks."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.models.fourier.detail import few_shot, predict, unseen_functions
from sweep.models.fourier.features import features
from sweep.models.fourier.maml import MODEL as MAML
from tests.models.fourier.cells_fourier import SMALL, cell, solve


class TestPrediction:
    def test_is_the_truth_at_the_points(self) -> None:
        parameters = cell(MAML)
        prediction = predict(parameters, np.ones(501), task=3)
        seen = prediction.truth[prediction.points]
        assert len(seen) == 64
        for regressed in (prediction.meta_learned, prediction.closed_form):
            np.testing.assert_allclose(regressed[prediction.points], seen, atol=1e-12)
        assert np.array_equal(prediction.meta_learned, prediction.closed_form)

    def test_errs_as_the_evaluation_says(self) -> None:
        """The errors of all unseen tasks together give E."""
        parameters = cell(MAML, **SMALL)
        weights = 1 / np.arange(1, 34)
        wrong, size = 0.0, 0.0
        for task in range(20):
            prediction = predict(parameters, weights, task)
            wrong += np.mean((prediction.meta_learned - prediction.truth) ** 2)
            size += np.mean(prediction.truth**2)
        expected = few_shot(parameters, weights, [16]).meta_learned[0]
        assert wrong / size == pytest.approx(expected, rel=1e-10)

    def test_unseen_functions_are_of_the_true_features(self) -> None:
        truth = unseen_functions(cell(MAML, **SMALL))
        phi = features(np.arange(64), 33, 64)
        assert truth.shape == (20, 64)
        assert np.abs(truth @ phi[:, 3:]).max() < 1e-10


class TestFewShot:
    def test_curves(self) -> None:
        parameters = cell(MAML)
        weights = solve(MAML, target_error=0.0, max_steps=300).lists["weights"][0]
        curves = few_shot(parameters, weights, [2, 8, 64])
        assert curves.shots.tolist() == [2, 8, 64]
        assert (curves.oracle[1:] < 1e-20).all()
        assert curves.oracle[0] > 0.01
        assert (curves.meta_learned < curves.direct).all()
        assert curves.direct[1:] == pytest.approx([0.984, 0.875], abs=0.02)

    def test_at_the_cell_s_own_shots_is_its_error(self) -> None:
        answers = solve(MAML, **SMALL, max_steps=9)
        curves = few_shot(cell(MAML, **SMALL), answers.lists["weights"][0], [16])
        assert curves.meta_learned[0] == answers.error_final[0]
        assert curves.direct[0] == answers.error_initial[0]
