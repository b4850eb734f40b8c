from __future__ import annotations

import json
import signal
from collections import Counter
from pathlib import Path

import pandas as pd
import pytest

from sweep.grid import Grid, cell_ids
from sweep.grid.read import parse_grid
from sweep.runner import session
from sweep.runner.session import Report
from sweep.store.parquet import metadata_of
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
target_error = 0.15
alpha_max = 2.0
[axes]
eta_w = [2.0, 4.0]
sigma_u = [0.8, 1.0]
seed = [0, 1, 2]
[solver]
n_test = inf
"""
RANDOM_STARTS = GRID.replace("[[0.2, 0.0], [0.0, 0.2]]", "0.2")


AS_LONG = """
model = "fo-anil-simulation"
[fixed]
N = 10000
K = 2
M = 2
R0 = [[0.3, 0.1], [0.1, 0.4]]
target_error = 0
eta_w = 3
eta_J = 10
alpha_max = 0.5
[axes]
seed = { int = [20, 39] }
"""

SLOW = """
model = "fo-anil-simulation"
[fixed]
R0 = [[0.1, 0.05, 0.0], [0.0, 0.1, 0.05], [0.05, 0.0, 0.1]]
eta_w = 6.0
eta_J = 4.0
target_error = 0.055
alpha_max = 15
[axes]
seed = { int = [0, 9] }
"""


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("compare")
    grid, results = write_grid(folder, GRID), folder / "results"
    assert sweep("compare", grid, "--results", results, "--jobs", 2) == 0
    return grid, results


def test_both_are_computed_once(
    computed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    grid, results = computed
    assert sweep("compare", grid, "--results", results) == 0
    out, err = capsys.readouterr()
    assert "computed" not in err
    assert "judged by  " in out
    assert len(out.split("\n\n")[0].splitlines()) == 1 + 4
    assert "P and V as simulated" in out
    assert sweep("status", grid, "--results", results, "--check") == 0


def test_the_files_of_theory_say_what_they_hold(computed: tuple[Path, Path]) -> None:
    grid, results = computed
    (file,) = (results / "some-theory").glob("*.parquet")
    metadata = metadata_of(file)
    assert metadata["model"] == "fo-anil"
    assert metadata["grid"] != grid.read_text(encoding="utf-8")
    read = parse_grid(Path("some-theory.toml"), metadata["grid"])
    ids = set(pd.read_parquet(file)["cell_id"])
    assert set(cell_ids(read.cells(), read.model, read.solver)) == ids


def test_json_has_the_cells_and_what_they_come_to(
    computed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    grid, results = computed
    assert sweep("compare", grid, "--results", results, "--json") == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["grid"], said["theory"]) == ("some", "finite")
    assert sum(said["counts"].values()) == len(said["cells"]) == 4
    for cell in said["cells"]:
        assert cell["runs"] == 3
        assert (cell["z"] is None) == (cell["verdict"] not in ("agrees", "differs"))


@pytest.mark.parametrize(
    ("text", "expected"), [(AS_LONG, 0.0516), (SLOW, 0.055)], ids=["last window", "first passage"]
)
def test_like_is_judged_by_like(
    text: str, expected: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """ε falls by a third within the last window; or so slowly that noise meets the target early."""
    grid, results = write_grid(tmp_path, text), tmp_path / "results"
    assert sweep("compare", grid, "--results", results, "--json", "--jobs", 1) == 0
    said = json.loads(capsys.readouterr().out)
    (cell,) = said["cells"]
    assert cell["verdict"] == "agrees"
    assert cell["theory"] == pytest.approx(expected, rel=1e-3)
    if cell["reached_theory"]:
        assert cell["time_to_target"] < 0.8 * cell["time_to_target_theory"]


def test_the_infinite_theory_is_another(
    computed: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    grid, results = computed
    said = []
    for theory in ("finite", "infinite"):
        words = ("compare", grid, "--results", results, "--theory", theory, "--json")
        assert sweep(*words) == 0
        said.append(json.loads(capsys.readouterr().out))
    assert said[1]["theory"] == "infinite"
    assert [c["theory"] for c in said[0]["cells"]] != [c["theory"] for c in said[1]["cells"]]
    assert sweep("compare", grid, "--results", results, "--theory", "infinite") == 0
    assert "P = V = inf" in capsys.readouterr().out


def test_starts_from_the_seed_have_a_theory_each(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grid, results = write_grid(tmp_path, RANDOM_STARTS), tmp_path / "results"
    assert sweep("compare", grid, "--results", results, "--jobs", 1) == 0
    assert "some-theory: computed 12 cells" in capsys.readouterr().err


def test_the_picture(computed: tuple[Path, Path], tmp_path: Path) -> None:
    grid, results = computed
    picture = tmp_path / "compare.png"
    assert sweep("compare", grid, "--results", results, "-o", picture) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("words", "cure"),
    [
        (("eta_w=2",), "unexpected extra argument"),
        (("--theory", "both"), "'finite', 'infinite'"),
    ],
)
def test_misuse_says_the_cure(
    computed: tuple[Path, Path],
    words: tuple[str, ...],
    cure: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert sweep("compare", computed[0], *words) == 2
    assert cure in capsys.readouterr().err


def test_the_grid_of_theory_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep("compare", write_grid(tmp_path), "--results", tmp_path / "results") == 2
    assert "allowed is fo-anil-simulation" in capsys.readouterr().err
    assert not (tmp_path / "results").exists()


def test_a_signal_at_the_end_of_a_run_ends_the_comparison(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The run has nothing left to stop by then, but this command has."""
    runs = []

    def complete(grid: Grid, *_: object) -> Report:
        runs.append(grid.name)
        return Report(Counter(), 0, complete=True, longest=0.0, seconds=0.0, signal=signal.SIGINT)

    monkeypatch.setattr(session, "run", complete)
    assert sweep("compare", write_grid(tmp_path, GRID), "--results", tmp_path) == 130
    assert len(runs) == 1
