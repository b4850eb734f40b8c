from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.shell import sweep, write_grid

GRID = """
title = "Some cells"
model = "fo-anil-simulation"
[fixed]
K = 2
M = 2
N = 50
P = 20
V = 20
eta_J = 6.0
R0 = [[0.2, 0.0], [0.0, 0.2]]
alpha_max = 2.0
[axes]
eta_w = [2.0, 4.0]
sigma_u = [0.8, 1.0]
seed = [0, 1, 2]
[solver]
n_test = inf
"""
CELL = ("eta_w=2", "sigma_u=1")


def test_the_late_error_of_runs_and_theories_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid = write_grid(tmp_path, GRID)
    assert sweep("curves", grid, *CELL) == 0
    first, *rows = capsys.readouterr().out.splitlines()
    assert first == "mean error from alpha = 1 on"
    assert [row.split("  ")[0] for row in rows] == [
        "simulation, 3 runs",
        "theory, P and V as simulated",
        "theory, P = V = inf",
    ]


def test_a_single_run_has_no_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid = write_grid(tmp_path, GRID)
    assert sweep("curves", grid, *CELL, "seed=1") == 0
    _, simulated, *_ = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"simulation, 1 run +\d\.\d{5}", simulated)
    assert sweep("curves", grid, *CELL, "seed=1", "--json") == 0
    assert json.loads(capsys.readouterr().out)["se"] is None


def test_json_and_a_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    grid, picture = write_grid(tmp_path, GRID), tmp_path / "runs.svg"
    assert sweep("curves", grid, *CELL, "--json", "-o", picture) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["runs"], said["since"]) == (3, 1.0)
    assert set(said["theory"]) == {"finite", "infinite"}
    assert picture.read_text().rstrip().endswith("</svg>")


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        ((), "choose, as in eta_w=2 sigma_u=0.8"),
        ((*CELL, "-o", "x.gif"), "x.gif: found the ending '.gif'; allowed is .png, .pdf or .svg"),
    ],
)
def test_misuse_says_the_cure(
    tmp_path: Path, words: tuple[str, ...], cure: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep("curves", write_grid(tmp_path, GRID), *words) == 2
    assert cure in capsys.readouterr().err


def test_runs_that_diverge_at_once_have_no_picture(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid, picture = write_grid(tmp_path, GRID), tmp_path / "runs.png"
    assert sweep("curves", grid, "eta_w=1e200", "sigma_u=1", "-o", picture) == 2
    assert capsys.readouterr().err == "sweep: no course to draw; a run diverges at its very start\n"
    assert not picture.exists()


def test_the_grid_of_theory_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep("curves", write_grid(tmp_path)) == 2
    assert "allowed is fo-anil-simulation" in capsys.readouterr().err
