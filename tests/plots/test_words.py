"""Titles, names that are too long, and letters that no font has."""

from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg

from sweep.plots.draw import draw, save
from sweep.plots.edges import in_order
from sweep.plots.labels import wrapped
from tests.plots.rows import SYMBOLS, WEDGE, request, rows, wedge
from tests.plots.test_heatmap import legend_words, panels
from tests.plots.test_picture import request as asked

LONG = ((1.0, 0.5, 0.0), (0.5, 2.0, 0.0), (0.0, 0.0, 3.0))
TEACHERS: dict[str, Any] = {"eta_w": [1.0, 2.0], "teacher": ["graded", LONG, 2.0]}
KEY = ["$T$ A = 2", "$T$ B = graded", "$T$ C = [1 0.5 0], [0.5 2 0], [0 0 3]"]


@pytest.mark.parametrize("parts", [{"y": "teacher"}, {"x": "teacher", "y": "eta_w"}])
def test_names_that_do_not_fit_along_an_axis_have_a_key(parts: dict[str, str]) -> None:
    symbols = {**SYMBOLS, "teacher": "T"}
    figure = draw(
        rows(TEACHERS, lambda _: 1.0), request(TEACHERS, facet=None, symbols=symbols, **parts)
    )
    FigureCanvasAgg(figure).draw()
    (panel,) = panels(figure)
    ticks = panel.get_yticklabels() if parts["y"] == "teacher" else panel.get_xticklabels()
    assert [tick.get_text() for tick in ticks] == ["A", "B", "C"]
    assert legend_words(figure) == KEY


def test_names_that_do_not_fit_at_the_ends_of_lines_have_a_key() -> None:
    symbols = {**SYMBOLS, "teacher": "T"}
    lines = request(TEACHERS, y=None, facet=None, series="teacher", symbols=symbols)
    figure = draw(rows(TEACHERS, lambda _: 1.0), lines)
    assert [text.get_text() for text in figure.axes[0].texts] == ["A", "B", "C", "$T$"]
    assert legend_words(figure) == KEY


def test_numbers_come_in_order_before_words() -> None:
    assert in_order(["b", 3.0, "a", 1.0, math.inf]) == (1.0, 3.0, math.inf, "b", "a")


def test_a_long_title_is_wrapped_within_the_figure() -> None:
    title = r"A title of many words and $\alpha = 1$, " * 6
    figure = draw(rows(WEDGE, wedge), request(WEDGE, title=title))
    FigureCanvasAgg(figure).draw()
    (text,) = figure.texts
    box = text.get_window_extent()
    assert 0 < box.x0 < box.x1 < figure.bbox.width
    assert box.y0 > max(panel.bbox.y1 for panel in panels(figure))
    assert text.get_text().replace("\n", " ") == title.strip()


def test_a_line_breaks_between_words_and_not_within_mathematics() -> None:
    assert wrapped("a $x = 1$ b", 3) == "a\n$x = 1$\nb"
    assert wrapped("two\nlines", 100) == "two\nlines"


def test_the_title_says_which_other_quantity_is_drawn() -> None:
    asked_for = asked("eta_w", value="wall_s")
    assert (asked_for.title, asked_for.named) == ("", "some")
    frame = rows(WEDGE, wedge, wall_s=lambda cell: cell["eta_w"])
    figure = draw(frame, request(WEDGE, value="wall_s", named="fig5"))
    assert [text.get_text() for text in figure.texts] == ["fig5: computing time in seconds"]


def test_inner_steps_are_called_so() -> None:
    assert not asked("eta_w").symbols["inner_steps"]


@pytest.mark.parametrize("title", ["∇ ⟨τ⟩ ✓ ☃ 时间", "☃ 时间 $\\alpha$"])
@pytest.mark.parametrize("suffix", ["png", "pdf"])
def test_letters_that_the_font_lacks_are_drawn_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, title: str, suffix: str
) -> None:
    axes = {**WEDGE, "K": [3]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=DeprecationWarning)  # of what matplotlib calls
        save(draw(rows(axes, wedge), request(axes, title=title)), tmp_path / f"a.{suffix}")
    assert not caplog.records
