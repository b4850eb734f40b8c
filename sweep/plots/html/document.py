"""One file: the page, its style and script, the figure, and the data."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from matplotlib.figure import Figure

from sweep.plots.html.packed import Arrays
from sweep.plots.style import style

SCRIPTS = ("data", "course", "chart", "marks", "place", "figure", "details", "table", "main")
"""In the order in which they are read."""

SHARP, MANY_CELLS = 400, 20_000
SMALL = 220  # dots an inch for pictures of more cells, whose pixels take most of a page


def document(
    title: str,
    figure: Figure | None,
    header: Mapping[str, Any],
    arrays: Arrays,
    about: Mapping[str, str],
) -> str:
    """The text of a page. about: what it says of its own making."""
    parts = {
        "title": html.escape(title),
        "meta": _meta(about),
        "style": _asset("page.css"),
        "picture": "" if figure is None else svg(figure, arrays.length("status")),
        "about": _json(about),
        "header": _json({**header, "arrays": arrays.names}),
        "data": arrays.text(),
        "script": "\n".join(_asset(f"{name}.js") for name in SCRIPTS),
    }
    return re.sub(r"<!-- (\w+) -->", lambda found: parts[found[1]], _asset("page.html"))


def svg(figure: Figure, cells: int = 0) -> str:
    """The figure as an element of a page, on no ground of its own."""
    buffer = io.StringIO()
    dpi = SHARP if cells <= MANY_CELLS else SMALL
    with style():
        figure.savefig(buffer, format="svg", dpi=dpi, facecolor="none", metadata={"Date": None})
    text = buffer.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.DOTALL)
    return re.sub(
        r'<svg ([^>]*?)width="[^"]*"',
        r'<svg class="picture" aria-hidden="true" \1',
        re.sub(r'(<svg [^>]*?) height="[^"]*"', r"\1", text, count=1),
        count=1,
    )


def _meta(about: Mapping[str, str]) -> str:
    names = {
        "generator": f"meta-sweep {about.get('sweep_version', '')}",
        "sweep-grid": about.get("grid_name", ""),
        "sweep-commit": about.get("git_commit", ""),
    }
    return "\n".join(
        f'<meta name="{name}" content="{html.escape(content)}">' for name, content in names.items()
    )


def _json(content: Mapping[str, Any]) -> str:
    """JSON that ends no element of a page."""
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


@cache
def _asset(name: str) -> str:
    return files("sweep.plots.html").joinpath(name).read_text(encoding="utf-8")
