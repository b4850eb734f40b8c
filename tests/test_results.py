"""A row for every cell of the grid, from what is saved."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.models.base import STATUSES
from sweep.results import frame, known
from sweep.store.folder import Folder

from .faults.laboratory import Laboratory, grid_of, text_of


@pytest.fixture
def laboratory(tmp_path: object) -> Laboratory:
    return Laboratory(tmp_path)  # type: ignore[arg-type]


def test_there_is_a_row_for_every_cell_in_the_grid_s_order(laboratory: Laboratory) -> None:
    laboratory.run_here()
    turned = text_of("target_error = [0.01, 0.1]\ny = [5, 9, 1]\nx = [1, 0]")
    grid = grid_of(turned)
    rows = frame(grid, Folder(laboratory.results, "grid"), print)
    assert rows[["target_error", "y", "x"]].values.tolist() == [
        [target, y, x] for target in (0.01, 0.1) for y in (5, 9, 1) for x in (1, 0)
    ]
    assert (rows["y"] == 9).equals(rows["status"].isna())
    there = rows[rows["status"].notna()]
    expected = np.abs(np.sin(there["x"]) * there["y"]) / there["target_error"]
    assert np.array_equal(there["time_to_target"].to_numpy(float), expected)


def test_all_is_missing_where_nothing_is_saved(laboratory: Laboratory) -> None:
    grid = grid_of(laboratory.text)
    rows = frame(grid, Folder(laboratory.results, "grid"), print)
    assert len(rows) == 200
    assert rows["status"].isna().all()
    assert not laboratory.results.exists()


def test_only_what_is_asked_for_is_read(laboratory: Laboratory) -> None:
    laboratory.run_here()
    folder = Folder(laboratory.results, "grid")
    rows = frame(grid_of(laboratory.text), folder, print, ["time_to_target"])
    assert "Q" not in rows
    assert {"cell_id", "status", "x", "time_to_target"} <= set(rows)


def test_what_is_known_is_identity_and_status(laboratory: Laboratory) -> None:
    laboratory.write(text_of("y = [1, 2]", behaviour="raise", bad=1))
    laboratory.run_here()
    found = known(Folder(laboratory.results, "grid"), print)
    rows = frame(grid_of(laboratory.text), Folder(laboratory.results, "grid"), print)
    pairs = zip(found.ids.to_pylist(), [STATUSES[code] for code in found.status], strict=True)
    assert dict(pairs) == dict(zip(rows["cell_id"], rows["status"], strict=True))
    assert rows["status"].tolist() == ["failed", "reached"]
