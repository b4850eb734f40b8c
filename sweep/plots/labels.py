"""What axes, panels and colour bars are called."""

from __future__ import annotations

import re
from collections.abc import Sequence
from string import ascii_lowercase
from typing import TYPE_CHECKING

from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

from sweep.plots.edges import Key, in_order, key
from sweep.plots.entries import split_entry
from sweep.plots.request import PictureRequest
from sweep.plots.style import LARGE
from sweep.plots.table import Facet, Table
from sweep.plots.ticks import length, number_text, words

if TYPE_CHECKING:
    import pandas as pd

    from sweep.grid import Axis

NO_BREAK = "\N{NO-BREAK SPACE}"
MOST_KEPT = 6  # values of an axis that are named one by one

NAMES = {
    "error_final": r"final error $\varepsilon$",
    "error_initial": r"initial error $\varepsilon$",
    "rhs_evaluations": "evaluations of the right-hand side",
    "wall_s": "computing time in seconds",
    "status": "outcome",
}


def symbol(name: str, request: PictureRequest) -> str:
    """A parameter's symbol, or its name where it has none; the end of a window may be a time.

    A label of the user's own stays as it is.
    """
    if name in request.labels:
        return as_written(request.labels[name])
    if name == request.at_times:
        return as_math(request.time_symbol)
    return as_math(request.symbols.get(name) or name.replace("_", " "))


def as_math(text: str) -> str:
    """LaTeX without dollars gets them; words stay words."""
    if "$" in text:
        return text
    looks_like_math = len(text) <= 2 or any(c in text for c in "\\_^")
    return f"${text}$" if looks_like_math else text


def as_written(text: str) -> str:
    """A user's text; its dollars are dollars where they hold no mathematics."""
    return text if _is_mathematics(text) else text.replace("$", r"\$")


def setting(name: str, k: Key, request: PictureRequest) -> str:
    """Such as "K = 3"."""
    return f"{symbol(name, request)} = {words(k)}"


def panel_name(facet: Facet, request: PictureRequest) -> str:
    """What a panel is called; nothing where its row and its column are."""
    if request.facet is None or isinstance(facet, tuple):
        return ""
    return setting(request.facet, facet, request)


def heading(request: PictureRequest, drawn: str = "") -> str:
    """The title of the figure, and what `where` keeps of axes that do not show.

    drawn: what is drawn, as `quantity` says; the title where the grid's speaks of something else.
    """
    roles = request.parts.values()
    kept = [
        _kept(name, [key(value) for value in values], request)
        for name, values in request.where.items()
        if name not in roles
    ]
    title = request.title or (f"{request.named}: {drawn}" if request.named else "")
    return "\n".join(line for line in (title, ", ".join(kept)) if line)


def _kept(name: str, kept: Sequence[Key], request: PictureRequest) -> str:
    """Such as "V = 10, 100"; many values by the first and the last of them."""
    called = symbol(name, request)
    if len(kept) <= MOST_KEPT:
        return f"{called} = {', '.join(map(words, kept))}"
    if _neighbours(kept, request.axes[name]):
        return f"{words(kept[0])} ≤ {called} ≤ {words(kept[-1])}"
    return f"{called} = {words(kept[0])}, …, {words(kept[-1])} ({len(kept)} values)"


def _neighbours(kept: Sequence[Key], axis: Axis) -> bool:
    """Whether values are all that an axis has from the first to the last of them."""
    declared = in_order([key(value) for value in axis.values])
    numbers = all(isinstance(k, float) for k in declared)
    first = declared.index(kept[0]) if kept[0] in declared else 0
    return numbers and tuple(kept) == declared[first : first + len(kept)]


def quantity(frame: pd.DataFrame, request: PictureRequest, table: Table) -> str:
    """What the colours or the heights stand for."""
    if request.value in request.labels:
        return as_written(request.labels[request.value])
    if request.statistic == "fraction":
        return f"fraction of seeds that reach {_target(frame, request)}"
    name = _plain_quantity(frame, request)
    if request.statistic == "spread":
        between = "slowest / fastest" if request.value == "time_to_target" else "largest / smallest"
        return f"{name}: {between if table.ratio else 'largest − smallest'} seed"
    return f"{name}, {request.statistic} over seeds" if table.summarised else name


def _plain_quantity(frame: pd.DataFrame, request: PictureRequest) -> str:
    if request.value == "time_to_target":
        return f"{_time(request, tilde=True)} to {_target(frame, request)}"
    if request.value == "time_final":
        return f"{_time(request)} at the end"
    if request.value == "error_final" and request.at_times:
        return r"error $\varepsilon$"
    column, entry = split_entry(request.value)
    if column in request.columns:
        return request.columns[column].label.format(1 if entry is None else entry + 1)
    return NAMES.get(request.value, request.value.replace("_", " "))


def _time(request: PictureRequest, *, tilde: bool = False) -> str:
    """Such as "time $\\alpha$", or "outer steps"; the time to a target carries a tilde."""
    time = as_math(request.time_symbol)
    if "$" not in time:
        return time
    return rf"time $\tilde{{{time.strip('$')}}}$" if tilde else f"time {time}"


def _target(frame: pd.DataFrame, request: PictureRequest) -> str:
    if "target_error" in request.parts.values():
        return r"$\varepsilon$"
    target = target_of(frame, request)
    return "the target" if target is None else rf"$\varepsilon$ = {number_text(target)}"


def target_of(frame: pd.DataFrame, request: PictureRequest) -> float | None:
    """The one target error of all rows that are drawn; None where there are several or none."""
    if "target_error" not in frame.columns:
        return None
    targets = request.where.get("target_error", frame["target_error"].unique())
    return float(str(targets[0])) if len(targets) == 1 else None


def letter(slot: int) -> str:
    """a, b, …, z, aa, ab, …"""
    first, second = divmod(slot, len(ascii_lowercase))
    return (ascii_lowercase[first - 1] if first else "") + ascii_lowercase[second]


def title(figure: Figure, text: str) -> None:
    """The title of the whole figure; as it is written where its dollars hold no mathematics."""
    if text:
        figure.text(
            0.5,
            1 - 0.1 / float(figure.get_size_inches()[1]),
            text,
            ha="center",
            va="top",
            size=LARGE,
            parse_math=all(map(_is_mathematics, text.splitlines())),
        )


def wrapped(text: str, letters: int) -> str:
    """Lines of at most so many letters, as far as words and mathematics let them be broken."""
    lines = [line for part in text.splitlines() for line in _broken(part, letters)]
    return "\n".join(lines).replace(NO_BREAK, " ")


def _broken(text: str, letters: int) -> list[str]:
    lines = [""]
    for word in re.findall(r"(?:\$[^$]*\$|[^ $]|\$)+", text):
        longer = f"{lines[-1]} {word}".strip()
        if lines[-1] and length(longer) > letters:
            lines.append(word)
        else:
            lines[-1] = longer
    return lines


def _is_mathematics(line: str) -> bool:
    """Whether matplotlib can set what is between the dollars of a line."""
    try:
        MathTextParser("path").parse(line)
    except ValueError:
        return False
    return True
