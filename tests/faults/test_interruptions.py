"""Runs that are told to stop, or are killed: what is finished is kept, and only once computed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
from collections.abc import Callable
from contextlib import suppress
from itertools import cycle
from pathlib import Path

import pytest

from tests.faults.laboratory import PATIENT, Laboratory, children, ended, text_of, wait_until_gone
from tests.faults.model import WARM_UP

pytestmark = pytest.mark.slow

Process = subprocess.Popen[str]

LONG = text_of(seconds=0.3)
"""Ten seconds of work, so that there is time to interrupt it."""

SHORT = text_of(seconds=0.03)


def parent(process: Process, number: int) -> None:
    process.send_signal(number)


def group(process: Process, number: int) -> None:
    os.killpg(process.pid, number)


def twice(process: Process, number: int) -> None:
    for _ in range(2):
        os.killpg(process.pid, number)


WITH_ONE_WITHOUT_END = text_of("x = [1]\ny = { int = [1, 9] }", behaviour="slow", bad=4)

BACKENDS = ("loky", "threading")


@pytest.mark.parametrize(
    ("backend", "send", "number", "code"),
    [
        ("loky", group, signal.SIGINT, 130),
        ("loky", parent, signal.SIGINT, 130),
        ("loky", parent, signal.SIGTERM, 143),
        ("loky", group, signal.SIGTERM, 143),
        ("threading", group, signal.SIGHUP, 129),
        ("threading", group, signal.SIGINT, 130),
        ("sequential", parent, signal.SIGTERM, 143),
    ],
)
def test_a_run_that_is_told_to_stop_saves_all_it_has_computed(
    laboratory: Laboratory,
    backend: str,
    send: Callable[[Process, int], None],
    number: int,
    code: int,
) -> None:
    laboratory.write(LONG)
    laboratory.patch = PATIENT
    process = laboratory.start("--backend", backend, "--jobs", 2)
    laboratory.wait_for_parts(process)
    workers = children(process)
    send(process, number)
    assert "missing" in ended(process, code)
    wait_until_gone(workers)
    assert laboratory.saved() == set(laboratory.computed())
    laboratory.expect_whole(known=laboratory.saved())
    assert set(laboratory.computed().values()) == {1}


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_second_ctrl_c_does_not_wait(laboratory: Laboratory, backend: str) -> None:
    laboratory.write(LONG)
    laboratory.patch = PATIENT
    process = laboratory.start("--backend", backend, "--jobs", 2)
    laboratory.wait_for_parts(process)
    workers = children(process)
    twice(process, signal.SIGINT)
    ended(process, 130)
    wait_until_gone(workers)
    laboratory.expect_whole(known=laboratory.saved())


@pytest.mark.parametrize("backend", BACKENDS)
def test_ctrl_c_does_not_wait_for_a_trajectory_without_end(
    laboratory: Laboratory, backend: str
) -> None:
    laboratory.write(WITH_ONE_WITHOUT_END)
    process = laboratory.start("--backend", backend, "--jobs", 2)
    laboratory.wait_for(lambda: len(laboratory.saved()) == 8, process)
    workers = children(process)
    group(process, signal.SIGINT)
    ended(process, 130)
    wait_until_gone(workers)
    assert len(laboratory.saved()) == 8


@pytest.mark.parametrize("backend", BACKENDS)
def test_max_time_does_not_wait_for_a_trajectory_without_end(
    laboratory: Laboratory, backend: str
) -> None:
    laboratory.write(WITH_ONE_WITHOUT_END)
    process = laboratory.start("--backend", backend, "--jobs", 2, "--max-time", "2s")
    assert "missing" in ended(process, 3)
    wait_until_gone(children(process))
    assert laboratory.saved() <= set(laboratory.computed())


@pytest.mark.parametrize("backend", BACKENDS)
def test_max_time_for_less_than_a_trajectory_is_said(laboratory: Laboratory, backend: str) -> None:
    laboratory.write(text_of("x = [1]\ny = [2, 3]", behaviour="slow"))
    said = laboratory.run("--backend", backend, "--jobs", 2, "--max-time", "0.1s", code=3)
    assert said.endswith(
        "sweep: --max-time: no trajectory was finished in that time; the longest missing one is "
        "forecast to take 1 h 0 min; give more\n"
    )


def test_max_time_ends_a_run_between_trajectories(laboratory: Laboratory) -> None:
    laboratory.write(text_of(seconds=0.2))
    laboratory.patch = PATIENT
    said = laboratory.run("--backend", "threading", "--jobs", 2, "--max-time", "2s", code=3)
    assert "forecast" not in said
    known = laboratory.saved()
    assert known == set(laboratory.computed())
    assert not laboratory.expect_whole(known=known)
    assert set(laboratory.computed().values()) == {1}


@pytest.mark.parametrize("backend", BACKENDS)
def test_max_time_is_not_measured_by_a_clock_that_somebody_sets(
    laboratory: Laboratory, backend: str
) -> None:
    words = ("--backend", backend, "--jobs", 2, "--max-time", "30m")
    laboratory.run(*words, env={"SWEEP_TEST_CLOCK": "1"})
    laboratory.expect_results()


@pytest.mark.parametrize("time", ["1000000d", "1e300"])
def test_max_time_may_be_longer_than_anybody_waits(laboratory: Laboratory, time: str) -> None:
    laboratory.run("--max-time", time)
    laboratory.expect_results()


@pytest.mark.parametrize(
    ("backend", "send"), [("loky", parent), ("loky", group), ("threading", parent)]
)
def test_a_run_that_is_killed_keeps_what_was_saved(
    laboratory: Laboratory, backend: str, send: Callable[[Process, int], None]
) -> None:
    laboratory.write(LONG)
    process = laboratory.start("--backend", backend, "--jobs", 2)
    laboratory.wait_for_parts(process, 2)
    workers = children(process)
    send(process, signal.SIGKILL)
    process.communicate()
    wait_until_gone(workers)
    saved = laboratory.saved()
    assert saved
    laboratory.expect_whole(known=saved)


def test_a_run_survives_the_death_of_a_worker(laboratory: Laboratory) -> None:
    laboratory.write(SHORT)
    process = laboratory.start("--backend", "loky", "--jobs", 2)
    laboratory.wait_for_parts(process)
    saved = laboratory.saved()
    os.kill(children(process)[0], signal.SIGKILL)
    ended(process, 0)
    laboratory.expect_results()
    assert all(laboratory.computed()[one] == 1 for one in saved)


def test_ctrl_c_while_kernels_are_loaded(laboratory: Laboratory, tmp_path: Path) -> None:
    process = laboratory.start(env={WARM_UP: str(tmp_path / "warming")})
    laboratory.wait_for((tmp_path / "warming").exists, process)
    group(process, signal.SIGINT)
    ended(process, 130)
    laboratory.expect_whole()


def test_an_end_at_every_step_of_a_run(laboratory: Laboratory) -> None:
    """Killed or told to stop before each change to the file system, the first to the last.

    Every run has cells of its own, and finds what the one before has left.
    """
    ends = {signal.SIGKILL: -9, signal.SIGINT: 130, signal.SIGTERM: 143}
    steps = cycle(ends)
    for i in range(1, 100):
        laboratory.write(text_of("x = [1, 2]\ny = [1, 2]", seconds=0.001 * i))
        number = next(steps)
        process = laboratory.start("--backend", "threading", step=f"{i} {int(number)}")
        changes, said = process.communicate()
        assert "Traceback" not in said
        laboratory.saved()  # which no duplicates or halves disturb
        if process.returncode == 0:
            break
        assert process.returncode == ends[number], (changes, said)
    assert 10 < i < 99
    for j in range(1, i + 1):
        laboratory.write(text_of("x = [1, 2]\ny = [1, 2]", seconds=0.001 * j))
        laboratory.run_here()
    laboratory.expect_results(extra=4 * (i - 1))


@pytest.mark.parametrize("seed", range(4))
def test_three_random_deaths_at_random_moments(laboratory: Laboratory, seed: int) -> None:
    chance = random.Random(seed)
    laboratory.write(text_of(seconds=0.01))
    for _ in range(3):
        known, before = laboratory.saved(), laboratory.computed()
        backend = chance.choice(["loky", "threading"])
        process = laboratory.start("--backend", backend, "--jobs", 2)
        with suppress(subprocess.TimeoutExpired):
            process.wait(chance.uniform(0.3, 3))
        workers = children(process)
        if process.poll() is None:
            death = chance.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
            chance.choice([parent, group])(process, death)
        process.communicate()
        wait_until_gone(workers)
        assert known <= laboratory.saved()
        assert all(laboratory.computed()[one] == before[one] for one in known)
    laboratory.expect_whole(known=laboratory.saved())


def test_a_picture_is_the_old_or_the_new_one_wherever_the_command_ends(
    laboratory: Laboratory,
) -> None:
    """Ended before each change to the file system; only who is killed leaves something aside."""
    laboratory.run_here()
    picture = laboratory.folder / "picture.png"
    ends = cycle({signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -9}.items())
    words = ("plot", "grid.toml", "--x", "x", "--y", "y", "-o", picture.name)
    laboratory.run(*words)
    new = picture.read_bytes()
    for i in range(1, 20):
        picture.write_bytes(b"old")
        number, code = next(ends)
        process = laboratory.start(*words, step=f"{i} {int(number)}")
        _, said = process.communicate()
        assert "Traceback" not in said
        assert picture.read_bytes() in (b"old", new)
        aside = list(laboratory.folder.glob(".*"))
        assert len(aside) <= (number == signal.SIGKILL)
        for file in aside:
            file.unlink()
        if process.returncode == 0:
            break
        assert process.returncode == code
    assert 3 < i < 19
    assert picture.read_bytes() == new
