"""What TAB offers: axes, and parameters of models that ship and of one's own, at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sweep import models
from sweep.grid.examples import examples
from sweep.store.schema import schema
from tests.cli.shell import GRID
from tests.cli.test_start_up import HEAVY, PROBE
from tests.models.own.files import DECAY, DECAY_GRID, write


def offered(folder: Path, *words: str) -> list[str]:
    """What is offered for the last of the words; nothing heavy may be loaded for it."""
    line = " ".join(["sweep", *words])
    environment = {
        "_SWEEP_COMPLETE": "bash_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words)),
    }
    answer = subprocess.run(
        [sys.executable, "-c", PROBE.format(words=[], heavy=HEAVY)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        cwd=folder,
        check=True,
    )
    assert "loaded: []" in answer.stderr
    return re.findall(r"^plain,(.*)$", answer.stdout, flags=re.MULTILINE)


@pytest.fixture
def grid(tmp_path: Path) -> str:
    (tmp_path / "some.toml").write_text(GRID)
    return "some.toml"


def test_axes_are_offered(tmp_path: Path, grid: str) -> None:
    assert offered(tmp_path, "plot", grid, "--x", "eta") == ["eta_w", "eta_J"]
    assert offered(tmp_path, "plot", grid, "--where", "s") == ["seed="]


def test_parameters_of_models_that_ship_are_offered(tmp_path: Path, grid: str) -> None:
    assert offered(tmp_path, "cell", grid, "eta_w=3", "eta") == ["eta_w=", "eta_J="]
    assert "weight_decay=" in offered(tmp_path, "cell", grid, "w")
    declared = {parameter.name for parameter in models.load("fo-anil").parameters}
    for letter in "aKPRt":
        found = offered(tmp_path, "cell", grid, letter)
        assert {f"{name}=" for name in declared if name.startswith(letter)} <= set(found)


def test_parameters_of_a_model_of_ones_own_are_offered(tmp_path: Path) -> None:
    write(tmp_path, DECAY, DECAY_GRID)
    assert offered(tmp_path, "cell", "own.toml", "lo") == ["loud="]
    assert offered(tmp_path, "cell", "own.toml", "t") == ["t_max=", "target_error="]


def test_nothing_is_offered_for_a_value_which_bash_takes_for_a_word_of_its_own(
    tmp_path: Path, grid: str
) -> None:
    for words in (("eta_w", "="), ("eta_w", "=", "s")):
        assert offered(tmp_path, "cell", grid, *words) == []
        assert offered(tmp_path, "plot", grid, "--where", *words) == []
    assert offered(tmp_path, "cell", grid, "eta_w", "=", "3", "eta_J") == ["eta_J="]


def test_settings_of_the_solver_are_no_parameters(tmp_path: Path, grid: str) -> None:
    assert offered(tmp_path, "cell", grid, "rt") == []
    declared = [parameter.name for parameter in models.load("fo-anil").parameters]
    assert sorted(offered(tmp_path, "cell", grid, "")) == sorted(f"{name}=" for name in declared)


def test_what_a_grid_has_from_another_is_offered(tmp_path: Path, grid: str) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "more.toml").write_text(f'extends = "../{grid}"\n[axes]\nK = [2, 3]\n')
    found = offered(tmp_path, "plot", "sub/more.toml", "--x", "")
    assert found == ["eta_w", "eta_J", "target_error", "seed", "K"]


def test_grid_files_are_offered_and_no_others(tmp_path: Path, grid: str) -> None:
    for name in ("sub/one.toml", "sub/two.toml", ".git/not.toml", "other.csv", "sub/three.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert offered(tmp_path, "plan", "") == [grid, "sub/one.toml", "sub/two.toml"]
    assert offered(tmp_path, "plot", "sub/t") == ["sub/two.toml"]
    assert offered(tmp_path, "run", "./so") == [f"./{grid}"]


def test_columns_are_offered_for_a_value(tmp_path: Path, grid: str) -> None:
    found = offered(tmp_path, "plot", grid, "--value", "")
    model = models.load("fo-anil")
    lists = [f"{name}[0]" for name in model.list_columns]
    there = {*schema(model).names, *lists} - {"cell_id", "message", *model.list_columns}
    assert sorted(found) == sorted(there)


def test_the_simulation_is_not_offered_what_theory_alone_has(tmp_path: Path) -> None:
    (tmp_path / "some.toml").write_text(GRID.replace('"fo-anil"', '"fo-anil-simulation"'))
    assert offered(tmp_path, "plot", "some.toml", "--value", "al") == ["alpha_max"]
    assert offered(tmp_path, "cell", "some.toml", "N") == ["N="]


def test_columns_and_pictures_of_a_model_of_ones_own_are_offered(tmp_path: Path) -> None:
    write(tmp_path, DECAY, DECAY_GRID)
    assert offered(tmp_path, "plot", "own.toml", "--value", "la") == ["last"]
    assert offered(tmp_path, "cell", "own.toml", "--picture", "") == ["course"]


@pytest.mark.parametrize("name", models.MODELS)
def test_the_pictures_of_a_model_are_offered(tmp_path: Path, name: str) -> None:
    (tmp_path / "some.toml").write_text(f'model = "{name}"\n')
    found = offered(tmp_path, "cell", "some.toml", "--picture", "")
    assert sorted(found) == sorted(models.load(name).pictures)


def test_models_and_examples_are_offered(tmp_path: Path) -> None:
    (tmp_path / "mine.py").touch()
    assert offered(tmp_path, "models", "") == [*models.names(), "mine.py"]
    assert set(offered(tmp_path, "new", "")) == {*examples(), *models.names(), "mine.py"}


@pytest.mark.parametrize("text", ["[[[", "model = 3", 'model = "missing.py"', ""])
def test_a_grid_that_is_none_offers_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "some.toml").write_text(text)
    assert offered(tmp_path, "cell", "some.toml", "e") == []
