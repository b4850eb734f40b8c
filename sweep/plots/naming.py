"""What the picture of a grid is called where nobody names a file."""

from __future__ import annotations

import re
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.grid.drawing import PLOT_KEYS
from sweep.plots.picture import Choices, make_request

LONGEST = 100  # letters that choices add to a name
BY_THEMSELVES = ("value", "statistic", "where")
"""Choices that are told by what is chosen alone."""


def picture_place(grid: Grid, results: Path, choices: Choices) -> Path:
    """Where the picture of a grid is, unless the user names another file.

    One with other choices than the grid's own has a name of its own. Raises UsageError.
    """
    own = results / f"{grid.name}.png"
    if not choices.given or make_request(grid, choices) == make_request(grid, Choices()):
        return own
    name = f"{grid.name}-{_words(choices)}"
    if (results / name).is_dir():
        raise UsageError(
            f"{results / name}.png: is where the picture would be, but it is that of the grid "
            f"{name}; name another file, as in sweep plot GRID -o FILE"
        )
    return results / f"{name}.png"


def _words(choices: Choices) -> str:
    """The choices as a part of a file's name."""
    given = choices.given
    texts = [
        _text(given[key]) if key in BY_THEMSELVES else f"{key}={_text(given[key])}"
        for key in dict.fromkeys((*BY_THEMSELVES, *PLOT_KEYS))
        if key in given
    ]
    text = re.sub(r"[^\w.,=+\[\]-]", "_", "-".join(texts))
    if len(text.encode()) <= LONGEST:
        return text
    return f"{text[: LONGEST // 4]}-{sha256('-'.join(texts).encode()).hexdigest()[:12]}"


def _text(told: object) -> str:
    if isinstance(told, Mapping):
        return "-".join(f"{name}={_text(value)}" for name, value in told.items())
    if isinstance(told, list | tuple):
        return ",".join(map(_text, told))
    return str(told)
