from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from sweep import models
from tests.cli.shell import GRID, compute, sweep, write_grid
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


def test_the_best_by_another_column(
    computed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    grid, results = computed
    rows = pd.read_parquet(results / "some")
    rows["alignment[0]"] = rows["alignment"].str[0]
    for value, words, best in (
        ("rhs_evaluations", (), "min"),
        ("alignment[0]", ("--largest",), "max"),
    ):
        command = ("best", grid, "--results", results, "--value", value, *words, "--json")
        assert sweep(*command) == 0
        found = json.loads(capsys.readouterr().out)["best"]
        medians = rows.groupby(["target_error", "eta_w", "eta_J"])[value].median()
        ends = rows.set_index(["target_error", "eta_w", "eta_J"])[value]
        for row, target in zip(found, [0.01, 0.02], strict=True):
            assert row[value] == pytest.approx(getattr(medians[target], best)())
            seeds = ends[target, row["eta_w"], row["eta_J"]]
            assert {row["best"], row["worst"]} == {seeds.min(), seeds.max()}
            assert row["best"] == getattr(seeds, best)()


def test_the_slowest_cell_is_one_that_reaches_the_target(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(models.MODELS, "faulty", model.__name__)
    grid = write_grid(tmp_path, text_of("x = [1, 2]\ny = [1, 2, 3]", target_error=0.001))
    assert sweep("run", grid, "--results", tmp_path) == 0
    capsys.readouterr()
    assert sweep("best", grid, "--results", tmp_path, "--largest", "--json") == 0
    (found,) = json.loads(capsys.readouterr().out)["best"]
    assert (found["x"], found["y"]) == (2, 1)
    assert found["time_to_target"] == pytest.approx(909.297, abs=0.001)


def test_the_fastest_seed_is_the_fastest_also_of_the_slowest_cell(
    computed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    grid, results = computed
    assert sweep("best", grid, "--results", results, "--largest", "--json") == 0
    for row in json.loads(capsys.readouterr().out)["best"]:
        assert row["fastest"] < row["slowest"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--value", "message"), "--value: message holds no numbers"),
        (("--value", "eta_w"), "--value: eta_w is given, not found"),
        (
            ("--value", "eror_final"),
            "--value: eror_final: no such column; did you mean",
        ),
        (("--over", "K"), "--over: K: no such axis; allowed: eta_w, eta_J, target_error, seed"),
    ],
)
def test_what_has_no_best_is_one_line(
    computed: tuple[Path, Path],
    words: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    grid, results = computed
    assert sweep("best", grid, "--results", results, *words) == 2
    err = capsys.readouterr().err
    assert err.startswith(f"sweep: {said}")
    assert err.count("\n") == 1


def test_what_is_no_rate_is_searched_only_where_it_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = GRID.replace('y = "eta_J"\nfacet = "target_error"', 'y = "target_error"')
    grid, results = compute(tmp_path, text.replace("eta_J = [3, 6, 12]", "eta_J = [3, 6]"))
    capsys.readouterr()

    def panels(*words: str) -> list[tuple[float, float]]:
        assert sweep("best", grid, "--results", results, "--json", *words) == 0
        found = json.loads(capsys.readouterr().out)["best"]
        return [(row["eta_J"], row["target_error"]) for row in found]

    assert panels() == [(3, 0.01), (3, 0.02), (6, 0.01), (6, 0.02)]
    assert panels("--over", "eta_w", "--over", "eta_J") == [(6, 0.01), (6, 0.02)]
    assert panels("--over", "eta_w", "--over", "target_error") == [(3, 0.02), (6, 0.02)]
    grid.write_text(text.replace('x = "eta_w"\ny = "target_error"', 'x = "target_error"'))
    assert sweep("best", grid, "--results", results) == 2
    assert "has no axis on which to look for the best; name some with --over" in (
        capsys.readouterr().err
    )
