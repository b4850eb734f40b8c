"""Type, line widths and file settings of every picture; the same on every machine.

Only fonts that come with matplotlib are used, and the settings a user may have are set aside.
"""

from __future__ import annotations

import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, ParamSpec

import matplotlib as mpl
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

P = ParamSpec("P")

SMALL, NORMAL, LARGE = 7.0, 8.0, 9.5  # points
INK = "#222222"
FAINT = "#666666"

_SETTINGS: dict[Any, Any] = {
    "font.family": ["STIXGeneral", "DejaVu Sans"],  # the second has what the first lacks
    "font.size": NORMAL,
    "mathtext.fontset": "stix",
    "axes.linewidth": 0.6,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": NORMAL,
    "axes.labelpad": 2.5,
    "axes.unicode_minus": True,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": SMALL,
    "ytick.labelsize": SMALL,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.size": 1.5,
    "ytick.minor.size": 1.5,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.pad": 2.0,
    "ytick.major.pad": 2.0,
    "hatch.linewidth": 0.5,
    "lines.linewidth": 1.1,
    "legend.fontsize": SMALL,
    "pdf.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "sweep",
}

# matplotlib's settings belong to the process: one picture at a time changes and restores them.
_LOCK = threading.RLock()


@contextmanager
def style() -> Iterator[None]:
    """The settings of all pictures, for the time of a `with` block.

    A letter that no font has is a box in the picture, which says enough of itself.
    """
    with _LOCK, mpl.rc_context(), warnings.catch_warnings(), _quiet("matplotlib.mathtext"):
        warnings.filterwarnings("ignore", r"Glyph \d+ .* missing from font", UserWarning)
        mpl.rcdefaults()
        mpl.rcParams.update(_SETTINGS)
        yield


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """Have a logger say nothing but errors."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Have a function draw its figure in the style of all pictures, ready to be saved."""

    @wraps(draw)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with style():
            figure = draw(*args, **kwargs)
            FigureCanvasAgg(figure)
        return figure

    return drawn
