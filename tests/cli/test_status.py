"""`sweep status --failed`: which cells have failed or diverged, and why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.shell import sweep

MODEL = '''
"""Runs that diverge for x > 2, at times of their own, and fail for y = 3."""
from sweep.models import Process, integer, real

def run(p):
    yield 0.0, 1.0
    if p.y == 3:
        raise RuntimeError(f"y is {p.y}, which {'x' if p.x < 2 else 'nothing'} can bear")
    yield 1.0 + p.x, float("inf") if p.x > 2 else 0.001

MODEL = Process("p", parameters=(real("x", 1.0), integer("y", 1)), run=run, time="steps")
'''
GRID = 'model = "p.py"\n[axes]\nx = [1, 2, 3, 4]\ny = [1, 2, 3]\n'

Said = pytest.CaptureFixture[str]


@pytest.fixture
def grid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("p.py").write_text(MODEL)
    Path("grid.toml").write_text(GRID)
    assert sweep("run", "grid.toml", "--backend", "sequential") == 1
    return Path("grid.toml")


def test_failed_and_diverged_cells_are_listed_by_the_reason(grid: Path, capsys: Said) -> None:
    capsys.readouterr()
    assert sweep("status", grid, "--failed") == 0
    counts, *groups = capsys.readouterr().out.rstrip("\n").split("\n\n")
    assert "failed        4" in counts.splitlines()
    nothing, x, steps = (group.splitlines() for group in groups)
    assert nothing == [
        "failed, 3 cells with y = 3: RuntimeError: y is 3, which nothing can bear (p.py, line 8)",
        "  x = 2",
        "  x = 3",
        "  x = 4",
    ]
    assert x == [
        "failed, 1 cell with x = 1, y = 3: RuntimeError: y is 3, which x can bear (p.py, line 8)"
    ]
    assert steps[0] == "diverged, 4 cells: the error is inf at steps = …"
    assert steps[1:] == [
        "  x = 3, y = 1: the error is inf at steps = 4",
        "  x = 3, y = 2: the error is inf at steps = 4",
        "  x = 4, y = 1: the error is inf at steps = 5",
        "  x = 4, y = 2: the error is inf at steps = 5",
    ]


def test_failed_cells_as_json(grid: Path, capsys: Said) -> None:
    capsys.readouterr()
    assert sweep("status", grid, "--failed", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["failed"], found["diverged"]) == (4, 4)
    assert [group["number"] for group in found["groups"]] == [3, 1, 4]
    assert found["groups"][1] == {
        "status": "failed",
        "reason": "RuntimeError: y is 3, which x can bear (p.py, line 8)",
        "number": 1,
        "alike": {"x": 1, "y": 3},
        "cells": [{"message": "RuntimeError: y is 3, which x can bear (p.py, line 8)"}],
    }
    assert found["groups"][2]["cells"][2] == {
        "x": 4,
        "y": 1,
        "message": "the error is inf at steps = 5",
    }


def test_long_groups_are_cut_short_for_people(
    grid: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sweep.cli.status.MOST_SHOWN", 2)
    capsys.readouterr()
    assert sweep("status", grid, "--failed") == 0
    groups = capsys.readouterr().out.split("\n\n")[1:]
    assert groups[0].endswith("  x = 2\n  x = 3\n  … and 1 more, which --json lists")
    assert groups[2].endswith("  … and 2 more, which --json lists\n")


def test_nothing_failed_is_no_group(tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "p.py").write_text(MODEL)
    one = tmp_path / "one.toml"
    one.write_text(GRID.replace("[1, 2, 3, 4]", "[1]").replace("[1, 2, 3]", "[1]"))
    sweep("run", one, "--results", tmp_path, "--backend", "sequential")
    capsys.readouterr()
    assert sweep("status", one, "--results", tmp_path, "--failed") == 0
    assert capsys.readouterr().out.splitlines()[-1].split() == ["missing", "0"]
