"""Runs that are killed: no worker outlives them, whatever it is at, and nobody complains."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.faults.laboratory import Laboratory, children, ended, text_of, wait_until_gone

pytestmark = pytest.mark.slow

IMPORTING = """
import sys, time
from pathlib import Path
if any("popen_loky" in word for word in sys.orig_argv):
    Path(__file__).with_name("importing").touch()
    time.sleep(1.5)
"""
"""What has every worker process take its time before it is what it is to be."""


def slow_imports(folder: Path) -> dict[str, str]:
    """The environment in which workers do so; they make a file `importing` in the folder."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(IMPORTING)
    return {"PYTHONPATH": str(folder)}


def killed(laboratory: Laboratory, *words: object, mark: Path, **how: Any) -> str:
    """Kill a run with its workers at work once a file is there; what they all said, to their end.

    All of them hold stderr, the trackers of semaphores as well.
    """
    process = laboratory.start("--backend", "loky", "--jobs", 2, *words, **how)
    laboratory.wait_for(mark.exists, process)
    workers = children(process)
    assert workers
    process.send_signal(signal.SIGKILL)
    wait_until_gone(workers)
    return process.communicate(timeout=30)[1]


@pytest.mark.parametrize("behaviour", ["slow", "deaf"])
def test_a_worker_does_not_outlive_the_run_in_a_trajectory_without_end(
    laboratory: Laboratory, behaviour: str
) -> None:
    laboratory.write(text_of("x = [1]\ny = [1, 2]", behaviour=behaviour))
    mark = laboratory.folder / f"log.{behaviour}"
    assert killed(laboratory, mark=mark) == ""


def test_a_worker_does_not_outlive_the_run_while_it_is_born(
    laboratory: Laboratory, tmp_path: Path
) -> None:
    env = slow_imports(tmp_path / "late")
    assert killed(laboratory, mark=tmp_path / "late" / "importing", env=env) == ""


def test_a_worker_that_has_nothing_to_do_does_not_outlive_the_run(laboratory: Laboratory) -> None:
    """Six trajectories for four workers, one of them without end, so three are idle at last."""
    laboratory.write(text_of("x = [1]\ny = { int = [1, 6] }", behaviour="deaf", bad=1))
    assert killed(laboratory, "--jobs", 4, mark=laboratory.folder / "log.deaf") == ""


def test_ctrl_c_while_workers_are_born(laboratory: Laboratory, tmp_path: Path) -> None:
    laboratory.write(text_of(seconds=0.1))
    env = slow_imports(tmp_path / "late")
    process = laboratory.start("--backend", "loky", "--jobs", 2, env=env)
    laboratory.wait_for((tmp_path / "late" / "importing").exists, process)
    os.killpg(process.pid, signal.SIGINT)
    ended(process, 130)
