"""Errors that nobody foresaw, and streams that take nothing: one line and an exit code each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.shell import write_grid
from tests.faults.laboratory import Laboratory

BREAK = """
import sys
from pathlib import Path
{fault}
sys.argv = ["sweep", *{words!r}]
from sweep.cli import main
main()
"""

IN_A_COMMAND = """
import sweep.runner.plan
def broken(*args, **options):
    raise KeyError("K\\nK")
sweep.runner.plan.make_plan = broken
"""
AT_IMPORT = """
import builtins
there = builtins.__import__
def broken(name, *args):
    if name == "numpy":
        raise ImportError("libblas.so: cannot open")
    return there(name, *args)
builtins.__import__ = broken
"""
OF_CLICK = "sys.modules['click'] = None"
IN_A_THREAD = """
import sweep.runner.plan
from threading import Thread
make_plan = sweep.runner.plan.make_plan
def broken(*args, **options):
    thread = Thread(target=lambda: 1 // 0)
    thread.start()
    thread.join()
    return make_plan(*args, **options)
sweep.runner.plan.make_plan = broken
"""
OF_MEMORY = """
import sweep.runner.plan, numpy
def greedy(*args, **options):
    return numpy.ones((2**28, 2**28))
sweep.runner.plan.make_plan = greedy
"""
WITH_A_WARNING = """
import warnings, sweep.runner.plan
make_plan = sweep.runner.plan.make_plan
def warned(*args, **options):
    warnings.warn("Glyph\\n1 is missing")
    return make_plan(*args, **options)
sweep.runner.plan.make_plan = warned
"""
FAULTS = {
    "in a command": (IN_A_COMMAND, "unexpected error: KeyError: 'K\\nK'"),
    "at import": (AT_IMPORT, "unexpected error: ImportError: libblas.so: cannot open"),
    "of what reads the command line": (OF_CLICK, "unexpected error: ModuleNotFoundError: "),
    "in a thread": (IN_A_THREAD, "unexpected error: ZeroDivisionError: "),
    "of memory": (OF_MEMORY, "out of memory: "),
}


def broken(
    folder: Path, fault: str, *words: str, **variables: str
) -> subprocess.CompletedProcess[str]:
    """`sweep plan` of a small grid, with a fault."""
    words = ("plan", str(write_grid(folder)), "--results", str(folder / "results"), *words)
    return subprocess.run(
        [sys.executable, "-c", BREAK.format(fault=fault, words=words)],
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(folder), **variables},
        check=False,
    )


@pytest.mark.parametrize("where", FAULTS)
def test_an_unexpected_error_is_exit_code_70_and_one_line_that_names_the_traceback(
    tmp_path: Path, where: str
) -> None:
    fault, said = FAULTS[where]
    ended = broken(tmp_path, fault)
    assert ended.returncode == 70
    lines = [line for line in ended.stderr.splitlines() if "no results yet" not in line]
    (line,) = lines
    assert line.startswith(f"sweep: {said}")
    (story,) = tmp_path.glob("sweep-traceback-*.txt")
    assert line.endswith(f"; the traceback is in {story}")
    assert "Traceback (most recent call last)" in story.read_text()
    assert story.read_text().startswith("sweep plan ")


def test_the_line_of_an_array_that_is_too_large_says_how_large(tmp_path: Path) -> None:
    said = broken(tmp_path, OF_MEMORY).stderr
    assert "Unable to allocate 512. PiB" in said
    assert "(268435456, 268435456)" in said


def test_an_error_while_it_is_told_changes_nothing(tmp_path: Path) -> None:
    """As where a file of the user's, in the current folder, hides a module of Python's."""
    ended = broken(
        tmp_path,
        IN_A_COMMAND + "\nsys.modules.pop('tempfile', 0)\n"
        "class Hidden:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'tempfile':\n"
        "            raise ValueError('mine')\n"
        "sys.meta_path.insert(0, Hidden())\n",
    )
    assert ended.returncode == 70
    assert ended.stderr.splitlines()[-1].endswith("; the traceback is shown with --traceback")
    assert "Traceback" not in ended.stderr


def test_a_warning_of_a_library_is_one_line(tmp_path: Path) -> None:
    ended = broken(tmp_path, WITH_A_WARNING)
    assert ended.returncode == 0
    assert "sweep: UserWarning: Glyph 1 is missing" in ended.stderr.splitlines()
    assert "warnings.warn" not in ended.stderr


@pytest.mark.parametrize(
    ("words", "variables"), [(("--traceback",), {}), ((), {"SWEEP_TRACEBACK": "1"})]
)
def test_the_traceback_is_shown_to_those_who_ask(
    tmp_path: Path, words: tuple[str, ...], variables: dict[str, str]
) -> None:
    ended = broken(tmp_path, IN_A_COMMAND, *words, **variables)
    assert ended.returncode == 70
    assert "Traceback (most recent call last)" in ended.stderr
    assert ended.stderr.splitlines()[-1].startswith("sweep: unexpected error: KeyError")
    assert not list(tmp_path.glob("sweep-traceback-*"))


def test_an_error_goes_before_what_a_broken_off_thread_lets_a_run_say(tmp_path: Path) -> None:
    """The results have no failed cell, and all are there."""
    laboratory = Laboratory(tmp_path)
    fault = (
        "import threading, sweep.models as models\n"
        "models.MODELS['faulty'] = 'tests.faults.model'\n"
        "threading.Thread(target=lambda: 1 // 0).start()\n"
    )
    script = "import sys\nfrom sweep.cli import unexpected\n"
    script += "unexpected.watch_threads([])\n" + fault
    script += "sys.argv = ['sweep', 'run', 'grid.toml']\nfrom sweep.cli import main\nmain()\n"
    ended = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={
            **laboratory.environment(),
            "PYTHONPATH": str(Path(__file__).parents[2]),
            "TMPDIR": str(tmp_path),
        },
        check=False,
    )
    assert ended.returncode == 70
    assert "unexpected error: ZeroDivisionError" in ended.stderr
    assert "200 cells, 200 reached" in ended.stderr


def command(words: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """A command of the shell in which `sweep` and a small grid are at hand."""
    write_grid(folder)
    return subprocess.run(
        [
            "bash",
            "-c",
            f"set -o pipefail; sweep() {{ '{sys.executable}' -m sweep \"$@\"; }}; {words}",
        ],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, **variables},
        check=False,
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("buffered", ["", "1"])
@pytest.mark.parametrize("words", ["status some.toml", "plan some.toml --json", "--help", "run -h"])
def test_a_stdout_that_is_full_is_one_line(tmp_path: Path, words: str, buffered: str) -> None:
    ended = command(f"sweep {words} >/dev/full", tmp_path, PYTHONUNBUFFERED=buffered)
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1] == (
        "sweep: stdout: cannot be written (No space left on device)"
    )
    assert "Traceback" not in ended.stderr


def test_a_stdout_that_is_closed_is_one_line_where_there_is_something_to_print(
    tmp_path: Path,
) -> None:
    ended = command("sweep status some.toml >&-", tmp_path)
    assert ended.returncode == 2
    assert "sweep: stdout: is closed" in ended.stderr


@pytest.mark.parametrize("words", ["plan some.toml", "status some.toml --json", "--help"])
@pytest.mark.parametrize("buffered", ["", "1"])
def test_a_reader_that_has_left_ends_a_command_silently(
    tmp_path: Path, words: str, buffered: str
) -> None:
    ended = command(f"sweep {words} | true", tmp_path, PYTHONUNBUFFERED=buffered)
    assert ended.returncode == 141
    assert [line for line in ended.stderr.splitlines() if "no results yet" not in line] == []


def test_what_an_encoding_lacks_is_spelt_out(tmp_path: Path) -> None:
    write_grid(tmp_path)
    script = "from sweep.cli import main; import sys; from sweep.cli import output\n"
    script += "output.print_json = lambda data: output.echo('∞ \\udcff')\n"
    script += "sys.argv = ['sweep', 'status', 'some.toml', '--json']\nmain()"
    ended = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (0, b"\\u221e \\udcff\n")
