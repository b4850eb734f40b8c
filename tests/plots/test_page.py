from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.text import Annotation

from sweep.plots.direct import End, label_ends
from sweep.plots.labels import title
from sweep.plots.layout import size_of
from sweep.plots.page import PAGE, Page
from sweep.plots.style import style


def page(count: int, columns: int, words: int = 0, heading: str = "") -> Page:
    entries = ([Patch() for _ in range(words)], [f"a long word {i}" for i in range(words)])
    return Page(
        count,
        columns,
        lambda width: width / 2,
        sides=(0.5, 0.7),
        gaps=(0.2, 0.3),
        heading=heading,
        entries=entries,
    )


def test_the_panels_take_the_width_of_the_page() -> None:
    made = page(5, 3)
    assert made.figure.get_size_inches()[0] == pytest.approx(PAGE)
    first, last = made.panel(0), made.panel(4)
    width = (PAGE - 0.5 - 0.7 - 2 * 0.2) / 3
    assert size_of(first) == pytest.approx((width, width / 2))
    assert first.get_position().y0 > last.get_position().y1
    assert not made.full


def test_the_outer_panels_alone_are_labelled() -> None:
    made = page(5, 3)
    panels = [made.panel(slot) for slot in range(5)]
    for slot, axes in enumerate(panels):
        made.label(axes, slot, "x", "y", one_y=True)
    assert [axes.get_xlabel() for axes in panels] == ["", "", "x", "x", "x"]
    assert [axes.get_ylabel() for axes in panels] == ["y", "", "", "y", ""]


@pytest.mark.parametrize("words", [1, 6, 20])
def test_a_legend_has_room_below_the_panels(words: int) -> None:
    with style():
        made = page(2, 2, words, heading="A title")
        panel = made.panel(0)
        made.label(panel, 0, "x")
        FigureCanvasAgg(made.figure).draw()
        box, around = made.figure.legends[0].get_window_extent(), panel.get_tightbbox()
    assert around is not None
    assert box.x0 >= 0
    assert box.x1 <= made.figure.bbox.x1
    assert 0 <= box.y0 < box.y1 <= around.y0


def test_labels_stand_at_the_ends_of_lines_on_any_axis() -> None:
    axes = page(1, 1).panel(0)
    axes.set(yscale="log", ylim=(1e-4, 1.0), xlim=(0.0, 8.0))
    label_ends(axes, [End("a", 1e-2, "black"), End("b", 1e-1, "black", x=4.0)], header="s")
    places = {text.get_text(): text.xy for text in axes.texts if isinstance(text, Annotation)}
    assert places["a"] == pytest.approx((1.0, 0.5))
    assert places["b"] == pytest.approx((0.5, 0.75))
    assert places["s"][0] == places["b"][0]
    assert places["s"][1] > places["b"][1]
    cased = {text.get_text() for text in axes.texts if text.get_path_effects()}
    assert cased == {"b", "s"}  # other lines may pass these


def test_of_lines_that_end_on_one_another_the_first_is_labelled_on_top() -> None:
    axes = page(1, 1).panel(0)
    label_ends(axes, [End(name, 0.5, "black") for name in "abc"])
    heights = [text.xy[1] for text in axes.texts if isinstance(text, Annotation)]
    assert heights == sorted(heights, reverse=True)
    assert np.mean(heights) == pytest.approx(0.5)


@pytest.mark.parametrize("text", [r"$\foo$", "$x_{$", "fine\n$a_{b$"])
def test_a_title_that_is_no_mathematics_is_drawn_as_it_is_written(text: str) -> None:
    figure = Figure()
    title(figure, text)
    figure.savefig(BytesIO(), format="png", dpi=30)
    assert [(t.get_text(), t.get_parse_math()) for t in figure.texts] == [(text, False)]


def test_a_title_that_is_mathematics_is_set_as_such() -> None:
    figure = Figure()
    title(figure, r"The rate $\eta_w$")
    assert figure.texts[0].get_parse_math()
