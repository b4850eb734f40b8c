"""Calling commands, and a small grid to call them with."""

from __future__ import annotations

from pathlib import Path

from sweep.cli.commands import commands

GRID = """
title = "Some cells"
model = "fo-anil"
[fixed]
K = 2
M = 2
R0 = 0.1
alpha_max = 30
[axes]
eta_w = [2, 3]
eta_J = [3, 6, 12]
target_error = [0.01, 0.02]
seed = [0, 1]
[solver]
rtol = 1e-6
[plot]
x = "eta_w"
y = "eta_J"
facet = "target_error"
"""


def sweep(*words: object) -> int:
    """The exit code of `sweep` with these words."""
    try:
        commands.main([str(word) for word in words], prog_name="sweep")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def write_grid(folder: Path, text: str = GRID) -> Path:
    """The grid as a file."""
    path = folder / "some.toml"
    path.write_text(text, encoding="utf-8")
    return path


def compute(folder: Path, text: str = GRID) -> tuple[Path, Path]:
    """The grid as a file, and the folder of its results."""
    grid, results = write_grid(folder, text), folder / "results"
    assert sweep("run", grid, "--results", results, "--jobs", 1) == 0
    return grid, results
