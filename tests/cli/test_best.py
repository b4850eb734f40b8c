from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from sweep import models
from tests.cli.shell import compute, sweep, write_grid
from tests.faults import model
from tests.faults.laboratory import text_of


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return compute(tmp_path_factory.mktemp("best"))


def test_the_best_cells_as_json(
    computed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    grid, results = computed
    assert sweep("best", grid, "--results", results, "--json") == 0
    shown = capsys.readouterr()
    found = json.loads(shown.out)
    assert found["grid"] == "some"
    rows = pd.read_parquet(results / "some")
    medians = rows.groupby(["target_error", "eta_w", "eta_J"])["time_to_target"].median()
    for row, target in zip(found["best"], [0.01, 0.02], strict=True):
        assert row["target_error"] == target
        assert row["time_to_target"] == medians[target].min()
        assert row["fastest"] <= row["time_to_target"] <= row["slowest"]
        assert (row["reached"], row["seeds"]) == (1.0, 2)
        assert isinstance(row["seeds"], int)
    assert "sweep: eta_J: a best value lies at the end of the axis" in shown.err


def test_the_best_cells_as_a_table(
    computed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    grid, results = computed
    assert sweep("best", grid, "--results", results) == 0
    header, *lines = capsys.readouterr().out.splitlines()
    assert header.split() == [
        "target_error", "eta_w", "eta_J", "time_to_target", "fastest", "slowest", "reached",
        "seeds",
    ]  # fmt: skip
    assert len(lines) == 2


def test_without_results_the_cure_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep("best", write_grid(tmp_path), "--results", tmp_path / "none") == 2
    said = capsys.readouterr().err
    assert said.startswith(f"sweep: {tmp_path}/none/some: no results yet, nor such a folder; ")


def test_what_failed_everywhere_is_said_to_have_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(models.MODELS, "faulty", model.__name__)
    grid = write_grid(tmp_path, text_of("x = [1, 2]\ny = [1, 2]", behaviour="raise"))
    assert sweep("run", grid, "--results", tmp_path) == 1
    capsys.readouterr()
    assert sweep("best", grid, "--results", tmp_path) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"sweep: {grid}: all 4 cells that are computed have failed; ")
    assert said.count("\n") == 1
