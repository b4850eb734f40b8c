"""What TAB offers: axes, and parameters of models that ship and of one's own, at once."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sweep import models
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


@pytest.mark.parametrize("text", ["[[[", "model = 3", 'model = "missing.py"', ""])
def test_a_grid_that_is_none_offers_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "some.toml").write_text(text)
    assert offered(tmp_path, "cell", "some.toml", "e") == []
