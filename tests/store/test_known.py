"""A row for every cell of the grid, from what is saved."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.errors import UsageError
from sweep.models.status import status_words
from sweep.store.folder import Folder
from sweep.store.identities import in_words
from sweep.store.known import blank, coded, frame, known, looked_up
from tests.faults.laboratory import Laboratory, grid_of, text_of


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


def test_that_there_are_no_results_is_said_with_the_cure(laboratory: Laboratory) -> None:
    grid, folder = grid_of(laboratory.text), Folder(laboratory.folder / "my results", "grid")
    missing = (
        f"{folder.path}: no results yet, nor such a folder; "
        f"`sweep run grid.toml --results '{folder.results}'` makes them, or give the folder that "
        "has them with --results"
    )
    with pytest.raises(UsageError) as refusal:
        frame(grid, folder, print)
    assert str(refusal.value) == missing
    said: list[str] = []
    assert len(looked_up(grid, folder, said.append).ids) == 0
    assert said == [missing]
    assert not folder.results.exists()
    folder.prepare()
    with pytest.raises(UsageError, match=r"grid: no results yet; `sweep run"):
        frame(grid, folder, print)


def test_a_grid_of_which_nothing_is_computed_has_the_same_frame(laboratory: Laboratory) -> None:
    grid = grid_of(laboratory.text)
    laboratory.run_here()
    folder, columns = Folder(laboratory.results, "grid"), ["time_to_target", "Q"]
    computed = coded(grid, folder, print, columns)
    rows = blank(grid, columns)
    assert list(rows.columns) == list(computed.columns)
    assert len(rows) == 200
    assert rows[["status", "time_to_target", "Q"]].isna().all(axis=None)
    assert rows["x"].equals(computed["x"])


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
    pairs = zip(in_words(found.ids).to_pylist(), status_words(found.status), strict=True)
    assert dict(pairs) == dict(zip(rows["cell_id"], rows["status"], strict=True))
    assert rows["status"].tolist() == ["failed", "reached"]


def test_what_pictures_are_made_of_says_the_same_in_categories(laboratory: Laboratory) -> None:
    laboratory.write(text_of("y = [1, 2, 3]\nx = [0.5, 1]", behaviour="raise", bad=1))
    laboratory.run_here()
    grid, folder = grid_of(laboratory.text), Folder(laboratory.results, "grid")
    rows, plain = coded(grid, folder, print, ["x", "time_to_target"]), frame(grid, folder, print)
    assert rows["x"].dtype == rows["time_to_target"].dtype == float
    for name in rows:
        assert name in ("x", "time_to_target") or rows[name].dtype == "category", name
        assert rows[name].astype(plain[name].dtype).equals(plain[name]), name
