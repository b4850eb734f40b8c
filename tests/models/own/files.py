"""Small models of one's own, as the text of their files, and grids for them."""

from __future__ import annotations

from pathlib import Path

from sweep.grid import Grid, read_grid

DECAY = '''"""Decay at a rate, from a size: the error e^(-2 rate t) size^2 / 2 is known."""

import numpy as np

from sweep.models import Ode, choice, flag, integer, real


def start(p):
    return np.full(p.n, p.size)


def constants(p):
    return (p.rate, np.arange(p.n))


def slope(t, y, dy, c):
    rate, index = c
    for i in index:
        dy[i] = -rate * y[i]


def error(y, c):
    return 0.5 * np.sum(y * y) / y.size


MODEL = Ode(
    "decay",
    parameters=(
        real("rate", 1.0, above=0, meaning="of decay"),
        integer("n", 2, least=1, most=5),
        real("size", 1.0),
        choice("colour", "red", ("red", "blue")),
        flag("loud"),
    ),
    start=start,
    constants=constants,
    slope=slope,
    error=error,
    columns={"last": lambda p, y: y[-1]},
)
'''

DECAY_GRID = """
model = "model.py"
[fixed]
t_max = 3.0
target_error = 0.01
[axes]
rate = { log = [0.25, 4.0], n = 5 }
n = [1, 2]
[plot]
x = "rate"
y = "n"
"""

WALK = '''"""A biased walk down, one step a time."""

import numpy as np

from sweep.models import Process, real


def run(p):
    rng = np.random.default_rng(p.seed)
    height = 1.0
    for step in range(1000):
        yield step, height, {"twice": 2 * height}
        height -= p.bias * rng.random()


MODEL = Process("walk", parameters=(real("bias", 0.1, above=0),), run=run, columns=("twice",))
'''

WALK_GRID = """
model = "model.py"
[fixed]
steps_max = 40
target_error = 0.5
[axes]
bias = [0.01, 0.05, 0.2]
seed = [0, 1]
"""


def write(folder: Path, model: str = DECAY, grid: str = DECAY_GRID) -> Path:
    """The grid's file, with the model's beside it."""
    (folder / "model.py").write_text(model, encoding="utf-8")
    path = folder / "own.toml"
    path.write_text(grid, encoding="utf-8")
    return path


def grid_of(folder: Path, model: str = DECAY, grid: str = DECAY_GRID) -> Grid:
    """The grid, read."""
    return read_grid(write(folder, model, grid))


def changed(text: str, *replacements: tuple[str, str]) -> str:
    """The text with each first replaced by the second, which must be there."""
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new)
    return text
