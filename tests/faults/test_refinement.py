"""Runs of refined grids that are killed, or out of time: they go on where they were."""

from __future__ import annotations

import json
import os
import signal

import pytest

from sweep.grid import Shard
from sweep.store.lock import locked
from tests.faults.laboratory import Laboratory, contents, text_of

pytestmark = pytest.mark.slow

AXES = "x = { lin = [0, 1], n = 5 }\ny = { int = [1, 5] }\n"
SECTION = '[refine]\nlevels = 3\nby = "time_to_target"\nlevel = 50\nprobes = 10\n'


def refined(seconds: float) -> str:
    return text_of(AXES + SECTION, seconds=seconds)


def test_a_refined_run_that_is_killed_at_any_level_computes_nothing_twice(
    laboratory: Laboratory,
) -> None:
    laboratory.write(refined(0.02))
    saved: set[str] = set()
    for kill in (10, 30, 45):
        process = laboratory.start("--jobs", 2)
        laboratory.wait_for(lambda kill=kill: len(laboratory.computed()) >= kill, process)  # type: ignore[misc]
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        saved |= laboratory.saved()
    before = laboratory.computed()
    said = laboratory.run("--jobs", 2)
    assert "missing" not in said
    again = laboratory.computed()
    assert all(again[one] == before[one] for one in saved)
    rows = contents(laboratory.rows_folder)
    for part in laboratory.rows_folder.iterdir():
        part.unlink()
    laboratory.run("--jobs", 2)
    assert contents(laboratory.rows_folder) == rows
    laboratory.run("--jobs", 2)
    assert laboratory.output("status", "grid.toml", "--check")


def test_a_refined_run_out_of_time_says_so_and_goes_on(laboratory: Laboratory) -> None:
    laboratory.write(refined(0.3))
    laboratory.run("--max-time", "4s", "--jobs", 2, "--backend", "threading", code=3)
    assert len(laboratory.saved()) > 0
    laboratory.output("status", "grid.toml", "--check", code=3)
    before = laboratory.computed()
    laboratory.run("--jobs", 50, "--backend", "threading")
    assert all(n == before[one] for one, n in laboratory.computed().items() if one in before)


def test_boxes_with_a_corner_that_failed_are_split_by_the_others(laboratory: Laboratory) -> None:
    laboratory.write(text_of(AXES + SECTION, behaviour="raise", bad=3))
    laboratory.run("--jobs", 2, code=1)
    rows = contents(laboratory.rows_folder)
    assert len(rows) > 5 * 5


def test_failed_corners_that_are_run_again_lead_on(laboratory: Laboratory) -> None:
    laboratory.write(text_of(AXES + SECTION, behaviour="ill", bad=3))
    laboratory.run("--jobs", 2, code=1)
    (laboratory.folder / "log.medicine").touch()
    said = laboratory.run("--jobs", 2, "--retry-failed")
    assert "failed" not in said
    rows = contents(laboratory.rows_folder)
    for part in laboratory.rows_folder.iterdir():
        part.unlink()
    laboratory.run("--jobs", 2)
    assert contents(laboratory.rows_folder).keys() <= rows.keys()


def test_a_shard_runs_failed_corners_again_once_while_another_is_at_work(
    laboratory: Laboratory,
) -> None:
    laboratory.write(text_of(AXES + SECTION, behaviour="ill", bad=3))
    laboratory.run_here()
    before = laboratory.computed()
    (laboratory.folder / "log.medicine").touch()
    parts = [Shard(number, 2) for number in (1, 2)]
    for _ in range(10):
        for mine, other in (parts, parts[::-1]):
            with locked(laboratory.aside, other, print):
                said = laboratory.run_here(retry_failed=True, shard=mine)
        if not said:
            break
    assert not said
    computed = laboratory.computed()
    assert set(computed.values()) == {1}
    assert len(computed) > len(before)
    status = json.loads(laboratory.output("status", "grid.toml", "--json"))
    assert (status["failed"], status["missing"]) == (0, 0)
    (laboratory.folder / "whole").mkdir()
    whole = Laboratory(laboratory.folder / "whole", laboratory.text)
    (whole.folder / "log.medicine").touch()
    whole.run_here()
    assert whole.computed().keys() <= computed.keys()
