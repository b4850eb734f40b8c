"""How much is said: --quiet, --verbose; and what the environment says instead of options."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sweep.cli import output
from tests.cli.shell import sweep
from tests.faults.laboratory import PATIENCE_S, text_of

Said = pytest.CaptureFixture[str]


@pytest.fixture
def grid(here: Path) -> Path:
    path = here / "grid.toml"
    path.write_text(text_of("x = [1, 2]\ny = [1, 2]", behaviour="raise", bad=2))
    return path


@pytest.mark.parametrize("words", [("--quiet", "run"), ("run", "--quiet")])
def test_quiet_is_nothing_but_the_exit_code(
    grid: Path, words: tuple[str, ...], capsys: Said
) -> None:
    assert sweep(*words, grid) == 1
    assert capsys.readouterr() == ("", "")
    assert sweep("status", grid, "--quiet", "--results", "none") == 0
    out, err = capsys.readouterr()
    assert (out.splitlines()[-1].split(), err) == (["missing", "4"], "")
    assert sweep("run", grid) == 1, "the next command speaks again"
    assert capsys.readouterr().err


def test_quiet_does_not_hide_what_is_wrong(grid: Path, capsys: Said) -> None:
    assert sweep("run", "none.toml", "--quiet") == 2
    assert "none.toml" in capsys.readouterr().err
    assert sweep("run", grid, "--quiet", "--no-such-option") == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_verbose_tells_what_is_done(grid: Path, capsys: Said) -> None:
    log = logging.getLogger("sweep")
    before = (log.level, list(log.handlers))
    assert sweep("run", grid, "--verbose", "--jobs", 1) == 1
    said = capsys.readouterr().err
    assert (
        "sweep: 4 of 4 cells are to be computed by 4 trajectories on 1 cores (threading), forecast"
        in said
    )
    assert " rows, " in said
    assert (log.level, log.handlers) == before
    assert not output.VOICE.quiet


def test_quiet_and_verbose_do_not_go_together(grid: Path, capsys: Said) -> None:
    assert sweep("run", grid, "--verbose", "--quiet") == 2
    assert "--quiet and --verbose do not go together" in capsys.readouterr().err


def test_the_environment_says_where_the_results_are_and_how_many_cores_to_use(
    grid: Path, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SWEEP_RESULTS", "elsewhere")
    monkeypatch.setenv("SWEEP_JOBS", "3")
    sweep("run", grid, "--verbose")
    assert "on 3 cores" in capsys.readouterr().err
    assert Path("elsewhere/grid").is_dir()
    assert not Path("results").exists()
    sweep("run", grid, "--results", "results", "--jobs", 2, "--verbose")
    assert "on 2 cores" in capsys.readouterr().err
    assert Path("results/grid").is_dir()
    monkeypatch.setenv("SWEEP_JOBS", "many")
    assert sweep("run", grid) == 2
    assert "SWEEP_JOBS" in capsys.readouterr().err


def test_a_run_as_json(grid: Path, capsys: Said) -> None:
    assert sweep("run", grid, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert found.pop("seconds") >= 0
    assert found == {
        "grid": "grid",
        "cells": 4,
        "reached": 2,
        "not_reached": 0,
        "diverged": 0,
        "failed": 2,
        "missing": 0,
        "computed": 4,
        "reused": 0,
        "decided": 0,
        "complete": True,
        "exit_code": 1,
    }
    assert sweep("run", grid, "--json", "--results", "shards", "--shard", "1/3") in (0, 1)
    found = json.loads(capsys.readouterr().out)
    assert sum(found["missing_parts"].values()) == found["missing"] > 0


MODEL = '''
"""Runs that take for ever."""
import time
from sweep.models import Process, real

def run(p):
    yield 0.0, 1.0
    print("begun", flush=True)
    time.sleep(3600)

MODEL = Process("p", parameters=(real("x", 1.0),), run=run, time="steps")
'''


def test_ctrl_c_ends_a_long_cell_with_a_word(tmp_path: Path) -> None:
    (tmp_path / "p.py").write_text(MODEL)
    (tmp_path / "p.toml").write_text('model = "p.py"\n[axes]\nx = [1]\n')
    command = [sys.executable, "-c", "from sweep.cli import main; main()", "cell", "p.toml"]
    process = subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert process.stderr is not None
    assert process.stderr.readline() == "begun\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130
    assert out == ""
    assert err.splitlines()[-1] == "sweep: p.toml: stopped by Ctrl-C; nothing of it is kept"
