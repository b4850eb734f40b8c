"""A run as a table."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.models.fourier import detail
from sweep.models.fourier.detail import trace
from sweep.models.fourier.maml import MODEL as MAML
from sweep.models.fourier.table import trace_table
from tests.models.fourier.cells_fourier import SMALL, cell


def test_a_row_a_step() -> None:
    run = trace(MAML, cell(MAML, **SMALL, init="uniform", max_steps=9))
    table = trace_table(run)
    assert table["step"].tolist() == list(range(10))
    np.testing.assert_array_equal(table["error"], run.errors)
    np.testing.assert_array_equal(table["weight_1"], run.weights[:, 1])
    np.testing.assert_allclose(table["false_rms"] ** 2 * 30, (run.weights[:, 3:] ** 2).sum(axis=1))
    np.testing.assert_array_equal(table["false_max"], np.abs(run.weights[:, 3:]).max(axis=1))


def test_a_long_run_has_the_rows_of_its_recorded_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detail, "RECORDED", 4)
    run = trace(MAML, cell(MAML, **SMALL, max_steps=10))
    table = trace_table(run)
    assert table["step"].tolist() == [0, 3, 6, 9, 10]
    np.testing.assert_array_equal(table["error"], run.errors[[0, 3, 6, 9, 10]])


def test_without_false_features() -> None:
    table = trace_table(trace(MAML, cell(MAML, **{**SMALL, "D": 3}, max_steps=2)))
    assert (table[["false_rms", "false_max"]] == 0).all(axis=None)
