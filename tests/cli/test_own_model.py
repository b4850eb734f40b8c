"""A model of one's own, in a file outside the package, through every command and every backend."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.shell import sweep
from tests.models.own.files import DECAY, DECAY_GRID, WALK, WALK_GRID, changed, write

Said = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SLURM_ARRAY_TASK_ID", raising=False)
    return tmp_path


def rows(name: str = "own") -> pd.DataFrame:
    found = pd.read_parquet(f"results/{name}").sort_values("cell_id", ignore_index=True)
    return found.drop(columns="wall_s")


def test_a_right_hand_side_goes_through_all_commands(folder: Path, capsys: Said) -> None:
    grid = write(folder)
    assert sweep("plan", grid, "--json") == 0
    plan = json.loads(capsys.readouterr().out)
    assert (plan["model"], plan["cells"], plan["trajectories"]) == ("decay", 10, 10)
    assert sweep("run", grid, "--plot", "--backend", "threading") == 0
    found = rows()
    assert found.columns[1:8].tolist() == [
        *("rate", "n", "size", "colour", "loud", "seed", "target_error"),
    ]
    assert found.loud.dtype == bool
    exact = math.log(50) / (2 * found.rate)
    reached = exact <= 3.0
    assert (found.status == "reached").tolist() == reached.tolist()
    pd.testing.assert_series_equal(
        found.time_to_target[reached], exact[reached], check_names=False, rtol=1e-8
    )
    assert Path("results/own.png").stat().st_size > 10_000
    capsys.readouterr()
    assert sweep("status", grid, "--check") == 0
    assert sweep("best", grid) == 0
    assert sweep("plot", grid, "--value", "last", "-o", "last.png") == 0
    assert sweep("export", grid, "own.csv") == 0
    assert len(pd.read_csv("own.csv")) == 10
    capsys.readouterr()
    assert sweep("cell", grid, "rate=1", "n=2", "loud=true") == 0
    said = capsys.readouterr()
    assert said.out.split()[:4] == ["t", "error", "y_1", "y_2"]
    assert said.err.startswith("sweep: reached at t = 1.9560115")
    assert sweep("cell", grid, "rate=1", "-o", "cell.png") == 0
    assert sweep("cell", grid, "rtae=1") == 2
    assert "did you mean rate?" in capsys.readouterr().err


@pytest.mark.parametrize(("model", "grid"), [(DECAY, DECAY_GRID), (WALK, WALK_GRID)])
def test_every_backend_and_split_gives_the_same_rows(folder: Path, model: str, grid: str) -> None:
    """Worker processes get the text of the file, which they need not have."""
    path = write(folder, model, grid)
    assert sweep("run", path, "--jobs", 1, "--backend", "sequential") == 0
    alone = rows()
    for words in (
        ("--backend", "loky", "--jobs", 2),
        ("--backend", "threading", "--jobs", 2),
    ):
        assert sweep("run", path, *words, "--results", "others") == 0
        found = pd.read_parquet("others/own").sort_values("cell_id", ignore_index=True)
        pd.testing.assert_frame_equal(found.drop(columns="wall_s"), alone, check_exact=True)
        for file in Path("others/own").iterdir():
            file.unlink()
    for shard in ("1/3", "2/3", "3/3"):
        assert sweep("run", path, "--shard", shard, "--results", "parts") == 0
    parts = pd.read_parquet("parts/own").sort_values("cell_id", ignore_index=True)
    pd.testing.assert_frame_equal(parts.drop(columns="wall_s"), alone, check_exact=True)


def test_an_edited_file_never_mixes_with_its_old_rows(folder: Path, capsys: Said) -> None:
    path = write(folder, WALK, WALK_GRID)
    assert sweep("run", path, "--backend", "sequential") == 0
    before = rows()
    assert sweep("run", path, "--backend", "sequential") == 0
    assert "computed 0 in" in capsys.readouterr().err
    write(folder, changed(WALK, ("height = 1.0", "height = 2.0")), WALK_GRID)
    assert sweep("status", path, "--check") == 3
    assert sweep("run", path, "--backend", "sequential") == 0
    assert "computed 6 in" in capsys.readouterr().err
    assert len(rows()) == 2 * len(before)
    assert sweep("export", path, "own.csv") == 0
    assert (pd.read_csv("own.csv").error_initial == 2.0).all()
    write(folder, WALK, WALK_GRID)
    assert sweep("status", path, "--check") == 0


def test_with_a_version_a_changed_file_warns_and_computes_nothing(
    folder: Path, capsys: Said
) -> None:
    versioned = changed(WALK, ("run=run,", "run=run, version=1,"))
    path = write(folder, versioned, WALK_GRID)
    assert sweep("run", path, "--backend", "sequential") == 0
    write(folder, versioned + "# a remark\n", WALK_GRID)
    capsys.readouterr()
    assert sweep("run", path, "--backend", "sequential") == 0
    said = capsys.readouterr().err
    assert "computed 0 in" in said
    assert "the file of walk has changed since its saved rows were computed" in said
    write(folder, changed(versioned, ("version=1", "version=2")), WALK_GRID)
    assert sweep("run", path, "--backend", "sequential") == 0
    said = capsys.readouterr().err
    assert "computed 6 in" in said
    assert "has changed" not in said


def test_what_is_wrong_with_a_model_ends_in_one_line_before_anything_runs(
    folder: Path, capsys: Said
) -> None:
    path = write(folder, changed(DECAY, ("-rate * y[i]", "-rate * z[i]")))
    assert sweep("run", path) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "model.py, line 19: NameError" in said
    assert not list(Path("results/own").glob("*"))


def test_failed_cells_tell_their_story(folder: Path, capsys: Said) -> None:
    text = changed(WALK, ("    height = 1.0", "    height = 1.0 / (p.seed != 1)"))
    path = write(folder, text, WALK_GRID)
    assert sweep("run", path, "--backend", "sequential") == 1
    failed = rows().query("status == 'failed'")
    assert failed.seed.tolist() == [1, 1, 1]
    story = "ZeroDivisionError: float division by zero (model.py, line 10)"
    assert failed.message.unique().tolist() == [story]
    capsys.readouterr()
    assert sweep("cell", path, "bias=0.2", "seed=1") == 2
    assert f"this cell fails: {story}" in capsys.readouterr().err


def test_flags_and_words_are_axes_and_conditions(folder: Path) -> None:
    grid = """
model = "model.py"
[axes]
loud = [true, false]
colour = ["red", "blue"]
rate = [1, 2, 4]
[grid]
exclude = ["loud and colour == 'red'"]
[plot]
x = "rate"
y = "loud"
facet = "colour"
"""
    path = write(folder, DECAY, grid)
    assert sweep("run", path, "--plot", "--backend", "threading") == 0
    found = rows()
    assert len(found) == 9
    assert not (found.loud & (found.colour == "red")).any()


def test_the_file_is_found_beside_the_grid_from_anywhere(folder: Path) -> None:
    (folder / "deep").mkdir()
    path = write(folder / "deep", WALK, WALK_GRID)
    assert sweep("plan", path) == 0
    assert sweep("plan", path.relative_to(folder)) == 0


def test_an_installed_package_offers_models(folder: Path) -> None:
    """By an entry point, which is found where packages are."""
    site = folder / "site"
    (site / "walks-1.0.dist-info").mkdir(parents=True)
    (site / "walks.py").write_text(WALK, encoding="utf-8")
    (site / "walks-1.0.dist-info" / "METADATA").write_text("Name: walks\nVersion: 1.0\n")
    (site / "walks-1.0.dist-info" / "entry_points.txt").write_text(
        "[sweep.models]\nwalk = walks:MODEL\nnone = walks:np\n"
    )
    grid = write(folder, WALK, changed(WALK_GRID, ("model.py", "walk")))
    command = [sys.executable, "-m", "sweep", "run", str(grid), "--jobs", "2"]
    python_path = {"PYTHONPATH": f"{site}:{Path(__file__).parents[2]}"}
    run = subprocess.run(command, env=_environment() | python_path, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert len(rows()) == 6
    grid.write_text(changed(WALK_GRID, ("model.py", "none")))
    run = subprocess.run(command, env=_environment() | python_path, capture_output=True, text=True)
    assert run.returncode == 2
    assert "walks:np (a model that walks offers): is a module; allowed is an Ode" in run.stderr


README = Path(__file__).parents[2] / "sweep" / "models" / "own" / "README.md"


def test_the_models_of_the_readme_are_models(folder: Path) -> None:
    text = README.read_text(encoding="utf-8")
    phase, perceptron, *_ = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    (folder / "phase.py").write_text(phase, encoding="utf-8")
    (grid,) = re.findall(r"^```toml\n(model = .*?)^```", text, re.DOTALL | re.MULTILINE)
    (folder / "phase.toml").write_text(grid, encoding="utf-8")
    assert sweep("run", "phase.toml", "--plot", "--backend", "threading") == 0
    found = rows("phase")
    assert set(found.status) == {"reached", "not_reached"}
    assert sweep("cell", "phase.toml", "coupling=1", "detuning=0.1", "-o", "cell.png") == 0
    (folder / "perceptron.py").write_text(perceptron, encoding="utf-8")
    (folder / "perceptron.toml").write_text(
        'model = "perceptron.py"\n[fixed]\nN = 20\ntarget_error = 0.2\n[axes]\nseed = [0, 1]\n'
    )
    assert sweep("run", "perceptron.toml", "--backend", "sequential") == 0
    assert (rows("perceptron").status == "reached").all()


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_where_it_was(folder: Path) -> None:
    """With worker processes, which compute as slowly as they are told to."""
    slow = changed(WALK, ("        yield", "        time.sleep(0.01)\n        yield"))
    slow = changed(slow, ("import numpy", "import time\n\nimport numpy"))
    path = write(folder, slow, changed(WALK_GRID, ("[0, 1]", "{ int = [0, 9] }")))
    command = [sys.executable, "-m", "sweep", "run", str(path), "--jobs", "2"]
    run = subprocess.Popen(command, env=_environment(), stderr=subprocess.DEVNULL)
    while not list(Path("results").glob("own/*.parquet")) and run.poll() is None:
        time.sleep(0.05)
    run.kill()
    run.wait()
    kept = pd.read_parquet("results/own").cell_id.tolist()
    assert sweep("run", path, "--jobs", 2) == 0
    found = rows()
    assert len(found) == 30
    assert set(kept) <= set(found.cell_id)
    assert found.cell_id.is_unique
    assert sweep("run", path, "--jobs", 1, "--backend", "sequential", "--results", "others") == 0
    others = pd.read_parquet("others/own").sort_values("cell_id", ignore_index=True)
    pd.testing.assert_frame_equal(others.drop(columns="wall_s"), found, check_exact=True)


@pytest.mark.slow
def test_a_dask_worker_needs_no_file(folder: Path) -> None:
    pytest.importorskip("distributed")
    from tests.runner.cluster import cluster

    path = write(folder)
    assert sweep("run", path, "--backend", "sequential") == 0
    with cluster(folder, workers=1) as dask:
        words = ("--backend", "dask", "--scheduler", dask.address, "--results", "others")
        assert sweep("run", path, *words) == 0
    others = pd.read_parquet("others/own").sort_values("cell_id", ignore_index=True)
    pd.testing.assert_frame_equal(others.drop(columns="wall_s"), rows(), check_exact=True)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("SLURM")}
