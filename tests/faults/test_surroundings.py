"""Runs in surroundings that lack something: open streams, shared memory, files, processes."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.laboratory import QUICK, Laboratory, text_of

pytestmark = pytest.mark.slow

PROCESSES_PAY = {**QUICK, "sweep.runner.session.PROCESSES_PAY_S": 0.0}
"""So that a run of a second chooses worker processes."""

IN_THREADS = "sweep: worker processes cannot be had here, so the work is done in threads: "
IN_ONE = "sweep: threads cannot be had here, so the work is done in one thread: "

READ_ONLY = "mount -t tmpfs -o ro none /dev/shm"
MISSING = "mount -t tmpfs -o ro none /dev"

STILLBORN = """
import os, sys
from pathlib import Path
mark = Path(__file__).with_name("once")
if any("popen_loky" in word for word in sys.orig_argv) and not mark.exists():
    {mark}
    os._exit(9)
"""
"""Ends every worker process before it is one, or as often as until `mark` is made."""


@pytest.fixture
def waiting(laboratory: Laboratory) -> Laboratory:
    """A laboratory whose runs choose worker processes."""
    return prepared(laboratory)


@pytest.fixture
def public() -> Iterator[Laboratory]:
    """The same, where other users may be."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        made = prepared(Laboratory(Path(folder)))
        yield made
        made.close()


def prepared(laboratory: Laboratory) -> Laboratory:
    laboratory.patch = PROCESSES_PAY
    laboratory.write(text_of("x = [1, 2, 3, 4]\ny = { int = [1, 5] }\ntarget_error = [0.1, 0.01]"))
    return laboratory


def mounting(command: str) -> list[str]:
    """What runs a command with a mount of its own, where this may be done."""
    under = ["unshare", "--mount", "sh", "-c", f'{command} && exec "$@"', "sh"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*under, "true"], capture_output=True).returncode
    ):
        pytest.skip("needs to mount a file system")
    return under


def limited(number: int) -> list[str]:
    """What runs a command as a user who has no processes yet, and may have so many."""
    powers = "-all,+dac_override,+dac_read_search"
    user = str(100_000 + os.getpid())
    under = ["setpriv", "--reuid", user, "--inh-caps", powers, "--ambient-caps", powers]
    under += ["--bounding-set", powers, "prlimit", f"--nproc={number}"]
    if (
        not shutil.which("setpriv")
        or subprocess.run([*under, "true"], capture_output=True).returncode
    ):
        pytest.skip("needs root, for whom the limit of processes does not hold")
    return under


def fewer_files(number: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))


@pytest.mark.parametrize("closed", [(1,), (2,), (1, 2), (0, 1, 2)])
def test_closed_streams_are_no_reason_to_compute_nothing(
    waiting: Laboratory, closed: Sequence[int]
) -> None:
    process = waiting.start(preexec_fn=lambda: [os.close(number) for number in closed])
    process.communicate()
    assert process.returncode == 0
    waiting.expect_results()


@pytest.mark.parametrize("command", [READ_ONLY, MISSING])
def test_without_shared_memory_the_work_is_done_in_threads(
    waiting: Laboratory, command: str
) -> None:
    under = mounting(command)
    said = waiting.run("--jobs", 2, under=under)
    assert said.startswith(f"{IN_THREADS}there are no semaphores; they need /dev/shm")
    waiting.expect_results()


def test_where_joblib_is_told_to_have_no_processes_it_has_none(waiting: Laboratory) -> None:
    env = {"JOBLIB_MULTIPROCESSING": "0"}
    assert waiting.run("--backend", "loky", env=env, code=2) == (
        "sweep: --backend loky: worker processes cannot be had here: JOBLIB_MULTIPROCESSING is 0; "
        "--backend threading does without them\n"
    )
    said = waiting.run("--jobs", 2, env=env)
    assert said.startswith(f"{IN_THREADS}JOBLIB_MULTIPROCESSING is 0\n")
    waiting.expect_results()


@pytest.mark.parametrize(("number", "expected"), [(20, [IN_THREADS, IN_ONE]), (64, [])])
def test_few_open_files_are_enough(
    waiting: Laboratory, number: int, expected: Sequence[str]
) -> None:
    said = waiting.run("--jobs", 2, preexec_fn=fewer_files(number))
    assert len(said.splitlines()) == len(expected) + 1
    for line, start in zip(said.splitlines(), expected, strict=False):
        assert line.startswith(f"{start}OSError: [Errno 24] Too many open files")
    waiting.expect_results()


@pytest.mark.parametrize(("number", "expected"), [(12, [IN_THREADS, IN_ONE]), (200, [])])
def test_few_processes_are_enough(public: Laboratory, number: int, expected: Sequence[str]) -> None:
    said = public.run("--jobs", 2, under=limited(number))
    assert len(said.splitlines()) == len(expected) + 1
    for line, start in zip(said.splitlines(), expected, strict=False):
        assert line.startswith(f"{start}RuntimeError: can't start new thread")
    public.expect_results()


def test_a_run_that_can_have_no_thread_says_so(public: Laboratory) -> None:
    said = public.run(under=limited(2), env={"OPENBLAS_NUM_THREADS": "1"}, code=2)
    last = said.splitlines()[-1]  # other libraries may have spoken first
    assert last.startswith("sweep: a run needs some threads: can't start new thread; ")


def stillborn(folder: Path, mark: str) -> dict[str, str]:
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(STILLBORN.format(mark=mark))
    return {"PYTHONPATH": str(folder)}


def test_workers_that_are_never_ready_fail_no_cell(waiting: Laboratory, tmp_path: Path) -> None:
    env = stillborn(tmp_path / "never", "pass")
    said = waiting.run("--backend", "loky", "--jobs", 2, env=env, code=2)
    assert said.startswith("sweep: --backend loky: worker processes cannot be had here: they die ")
    assert not waiting.saved()
    said = waiting.run("--jobs", 2, env=env)
    assert said.startswith(f"{IN_THREADS}they die before they are ready: ")
    waiting.expect_results()


def test_a_worker_that_dies_once_while_it_is_born_is_born_again(
    waiting: Laboratory, tmp_path: Path
) -> None:
    said = waiting.run("--jobs", 2, env=stillborn(tmp_path / "once", "mark.touch()"))
    assert len(said.splitlines()) == 1
    waiting.expect_results()


def test_more_jobs_than_any_machine_has_are_refused(waiting: Laboratory) -> None:
    said = waiting.run("--jobs", 100_000, code=2)
    assert said.startswith("sweep: Invalid value for '--jobs'")
    assert "100000 is not in the range 1<=x<=1000" in said
