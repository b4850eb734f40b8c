"""`sweep boundary`, and what the other commands say of a refined grid."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.shell import compute, sweep, write_grid

TEXT = """
model = "fo-anil"
[fixed]
M = 3
[axes]
K = [3, 4]
eta_w = { lin = [2.0, 4.0], n = 4 }
eta_J = { log = [0.0625, 4.0], n = 5 }
[refine]
levels = 2
probes = 20
"""


def test_the_boundary_as_a_table_json_and_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid, results = compute(tmp_path, TEXT)
    capsys.readouterr()
    assert sweep("boundary", grid, "--results", results) == 0
    said = capsys.readouterr()
    assert said.out.split("\n")[0].split() == [
        "K", "between", "line", "eta_w", "eta_J", "along", "half_width",
    ]  # fmt: skip
    assert "reached | not_reached" in said.out
    assert "probes, none contradicted: with 95 % confidence less than" in said.err
    assert sweep("boundary", grid, "--results", results, "--json") == 0
    data = json.loads(capsys.readouterr().out)
    assert data["complete"]
    assert data["probes"]["contradicted"] == 0
    assert {point["K"] for point in data["points"]} == {3, 4}
    for name, read in (("b.csv", pd.read_csv), ("b.parquet", pd.read_parquet)):
        assert sweep("boundary", grid, "--results", results, "-o", tmp_path / name) == 0
        table = read(tmp_path / name)
        assert len(table) == len(data["points"])
        assert table["half_width"].min() > 0
    narrow = ("-o", tmp_path / "b.csv", "--columns", "eta_w,line")
    assert sweep("boundary", grid, "--results", results, *narrow) == 0
    assert list(pd.read_csv(tmp_path / "b.csv")) == ["eta_w", "line"]
    for name, start in (("b.png", b"\x89PNG"), ("b.pdf", b"%PDF"), ("b.svg", b"<?xml")):
        assert sweep("boundary", grid, "--results", results, "-o", tmp_path / name) == 0
        assert (tmp_path / name).read_bytes().startswith(start)
    capsys.readouterr()
    assert sweep("boundary", grid, "--results", results, "-o", tmp_path / "b.txt") == 2
    assert "allowed is .csv, .parquet, .png, .pdf or .svg" in capsys.readouterr().err
    assert sweep("boundary", grid, "--results", results, "-o", results / "some" / "b.png") == 2
    assert sweep("boundary", grid, "--results", results, "-o", results / "some" / "b.csv") == 2


def test_plan_and_status_tell_levels(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid = write_grid(tmp_path, TEXT)
    words = (grid, "--results", tmp_path / "results", "--json")
    assert sweep("plan", *words) == 0
    before = json.loads(capsys.readouterr().out)
    assert before["full_grid"] == 2 * 13 * 17
    assert before["cells"] < before["expected_cells"] <= before["full_grid"]
    assert sweep("status", *words, "--check") == 3
    capsys.readouterr()
    compute(tmp_path, TEXT)
    assert sweep("plan", *words) == 0
    after = json.loads(capsys.readouterr().out)
    levels = [after[f"expected_at_level_{level}"] for level in range(3)]
    assert sum(levels) == after["cells"] == after["expected_cells"] == after["done"]
    capsys.readouterr()
    assert sweep("status", *words, "--check") == 0
    status = json.loads(capsys.readouterr().out)
    assert (status["level"], status["levels"], status["missing"]) == (2, 2, 0)


def test_other_commands_take_the_cells_that_were_wanted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid, results = compute(tmp_path, TEXT)
    capsys.readouterr()
    assert sweep("status", grid, "--results", results, "--json") == 0
    cells = json.loads(capsys.readouterr().out)["cells"]
    assert sweep("export", grid, tmp_path / "all.csv", "--results", results) == 0
    assert len(pd.read_csv(tmp_path / "all.csv")) == cells
    assert sweep("best", grid, "--results", results) == 0
    for value in ("time_to_target", "status"):
        words = ("--results", results, "-o", tmp_path / f"{value}.png", "--value", value)
        assert sweep("plot", grid, *words) == 0
    assert sweep("cell", grid, "K=3", "eta_w=3", "eta_J=3") == 0
