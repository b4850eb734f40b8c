"""Cells that saved rows of another window answer, and those that they do not."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from sweep import models
from tests.cli.shell import GRID, sweep
from tests.faults import model
from tests.faults.laboratory import text_of

Said = pytest.CaptureFixture[str]

COSTS = ["rhs_evaluations", "wall_s"]


def grid(folder: Path, windows: list[float], **changes: str) -> Path:
    text = GRID.replace("alpha_max = 30\n", "").replace("[axes]", f"[axes]\nalpha_max = {windows}")
    for old, new in changes.items():
        text = text.replace(old, new)
    path = folder / "some.toml"
    path.write_text(text)
    return path


def rows(results: Path) -> pd.DataFrame:
    found = pd.read_parquet(results / "some").sort_values("cell_id", ignore_index=True)
    return found.drop(columns=COSTS)


def test_rows_of_another_window_are_what_computing_gives(tmp_path: Path, capsys: Said) -> None:
    some, fresh = tmp_path / "saved", tmp_path / "fresh"
    path = grid(tmp_path, [10])
    assert sweep("run", path, "--results", some, "--jobs", 1) == 0
    first = rows(some)
    path = grid(tmp_path, [3, 5.5, 10, 40])
    assert sweep("run", path, "--results", fresh, "--jobs", 1) == 0
    capsys.readouterr()
    assert sweep("plan", path, "--results", some, "--json") == 0
    planned = json.loads(capsys.readouterr().out)
    assert sweep("run", path, "--results", some, "--jobs", 1, "--json") == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    times = first["time_to_target"]
    expected = sum((times < window).sum() for window in (3, 5.5, 40))
    assert found["decided"] == expected > 20
    assert f"{expected} cells are answered by saved rows of other windows" in err
    assert found["computed"] == planned["pending"] == 3 * 24 - expected > 20
    pd.testing.assert_frame_equal(rows(some), rows(fresh), check_exact=True)
    assert sweep("run", path, "--results", some) == 0
    assert "computed 0 in" in capsys.readouterr().err


def test_what_differs_in_more_than_the_window_is_computed(tmp_path: Path, capsys: Said) -> None:
    results = tmp_path / "results"
    assert sweep("run", grid(tmp_path, [10]), "--results", results, "--jobs", 1) == 0
    for change in ({"1e-6": "1e-7"}, {"R0 = 0.1": "R0 = 0.2"}):
        path = grid(tmp_path, [9], **change)
        capsys.readouterr()
        assert sweep("run", path, "--results", results, "--jobs", 1, "--json") == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["decided"], found["computed"]) == (0, 24)


def test_a_crossing_at_the_very_end_of_the_window_is_computed(tmp_path: Path, capsys: Said) -> None:
    results = tmp_path / "results"
    one = {"[2, 3]": "[3]", "[3, 6, 12]": "[6]", "[0.01, 0.02]": "[0.02]", "[0, 1]": "[1]"}
    assert sweep("run", grid(tmp_path, [10], **one), "--results", results, "--jobs", 1) == 0
    time = float(rows(results)["time_to_target"].iloc[0])
    capsys.readouterr()
    path = grid(tmp_path, [time, 1.001 * time], **one)
    assert sweep("run", path, "--results", results, "--jobs", 1, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["decided"], found["computed"]) == (1, 1)


def test_models_that_do_not_say_so_compute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Said
) -> None:
    monkeypatch.setitem(models.MODELS, "faulty", model.__name__)
    path = tmp_path / "grid.toml"
    for window, axes in ((10.0, "x = [1, 2]"), (5.0, "x = [1, 2]")):
        path.write_text(text_of(axes, alpha_max=window))
        capsys.readouterr()
        assert sweep("run", path, "--results", tmp_path, "--json") == 0
        assert json.loads(capsys.readouterr().out)["computed"] == 2
