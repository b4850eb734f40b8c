"""`sweep --help`, `--version` and completion answer without loading anything heavy."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from sweep.cli.commands import commands
from tests.cli.shell import sweep

HEAVY = ("numpy", "pandas", "pyarrow", "numba", "scipy", "matplotlib", "joblib", "rich")

PROBE = """
import sys
sys.argv = ["sweep", *{words!r}]
from sweep.cli import main
try:
    main()
finally:
    print("loaded:", [name for name in {heavy!r} if name in sys.modules], file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("words", "environment"),
    [
        (["--help"], {}),
        (["--version"], {}),
        (["run", "--help"], {}),
        (["plot", "--help"], {}),
        ([], {"_SWEEP_COMPLETE": "bash_complete", "COMP_WORDS": "sweep pl", "COMP_CWORD": "1"}),
    ],
)
def test_nothing_heavy_is_loaded(words: list[str], environment: dict[str, str]) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", PROBE.format(words=words, heavy=HEAVY)],
        capture_output=True,
        text=True,
        env={**os.environ, **environment},
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout
    assert "loaded: []" in answer.stderr


def test_the_help_cuts_no_summary(capsys: pytest.CaptureFixture[str]) -> None:
    assert sweep("--help") == 0
    text = f"{' '.join(capsys.readouterr().out.split())} "
    for name, command in commands.commands.items():
        summary = " ".join((command.help or "").partition("\n\n")[0].split())
        assert f" {name} {summary} " in text
