from __future__ import annotations

import math

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from sweep.errors import UsageError
from sweep.models.status import NOT_REACHED
from sweep.plots.colours import STATUS_COLOURS
from sweep.plots.draw import draw
from sweep.plots.edges import key, scale
from sweep.plots.request import PictureRequest
from tests.plots.rows import WEDGE, request, rows, wedge

ONE = {"eta_J": [0.25, 0.5, 1.0, 2.0, 4.0]}


def one_axis(**changes: object) -> PictureRequest:
    return request(ONE, x="eta_J", y=None, facet=None, **changes)


def strips(figure: Figure) -> list[Axes]:
    return [a for a in figure.axes if any(isinstance(c, QuadMesh) for c in a.collections)]


def test_one_axis_gives_one_line() -> None:
    figure = draw(rows(ONE, lambda cell: 8.0 / cell["eta_J"]), one_axis())
    (axes,) = figure.axes
    (line,) = axes.lines
    np.testing.assert_allclose(line.get_xdata(), ONE["eta_J"])
    np.testing.assert_allclose(line.get_ydata(), [32, 16, 8, 4, 2])
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_points_without_a_value_show_in_the_strip() -> None:
    figure = draw(
        rows(ONE, lambda cell: "not_reached" if cell["eta_J"] > 1 else 1 / cell["eta_J"]),
        one_axis(),
    )
    (strip,) = strips(figure)
    painted = np.asarray(strip.collections[0].get_array())[0]
    yellow = np.all(np.isclose(painted, to_rgba(STATUS_COLOURS[NOT_REACHED])), axis=1)
    assert yellow.tolist() == [False, False, False, True, True]
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["not reached"]
    line = figure.axes[0].lines[0]
    assert np.isnan(line.get_ydata()).tolist() == yellow.tolist()


SOME = {"x": "eta_w", "y": None, "where": {"eta_J": [1.0]}, "value": "error_final"}


def test_a_series_gives_lines_with_names() -> None:
    figure = draw(
        rows(WEDGE, wedge, error_final=lambda cell: 0.1 / cell["K"]),
        request(WEDGE, **SOME, facet=None, series="K"),
    )
    (axes,) = figure.axes
    assert len([line for line in axes.lines if len(line.get_xdata()) == 8]) == 7  # type: ignore[arg-type]
    names = [text.get_text() for text in axes.texts]
    assert names == ["3", "4", "5", "6", "7", "8", "9", "$K$"]


def test_a_facet_without_a_series_gives_panels_of_one_line() -> None:
    figure = draw(
        rows(WEDGE, lambda _: 1.0, error_final=lambda cell: 0.1 / cell["K"]),
        request(WEDGE, **SOME, facet="K"),
    )
    assert [a.get_title(loc="left") for a in figure.axes][1] == "(b) $K$ = 4"
    assert [len(axes.lines) for axes in figure.axes] == [1] * 7
    np.testing.assert_allclose(figure.axes[1].lines[0].get_ydata(), 0.1 / 4)


def test_there_are_only_so_many_panels() -> None:
    axes = {"eta_w": [1.0, 2.0], "K": list(range(1, 62))}
    with pytest.raises(UsageError, match="facet: K has 61 values, at most 60 fit"):
        draw(rows(axes, lambda _: 1.0), request(axes, x="eta_w", y=None, facet="K"))


def test_series_and_facet_give_panels_of_lines() -> None:
    figure = draw(
        rows(WEDGE, lambda _: 1.0), request(WEDGE, x="eta_w", y=None, facet="K", series="eta_J")
    )
    assert [a.get_title(loc="left") for a in figure.axes][:2] == ["(a) $K$ = 3", "(b) $K$ = 4"]
    assert len(figure.axes) == 7


@pytest.mark.parametrize(
    "many",
    [
        [float(i) for i in range(1, 21)],
        [2.0**i for i in range(-5, 15)],
        [*(float(i) for i in range(1, 20)), math.inf],
        [f"word {i}" for i in range(20)],
    ],
)
def test_more_lines_than_names_have_the_colours_of_a_bar(many: list[float | str]) -> None:
    axes = {"eta_w": [1.0, 2.0], "eta_J": many}
    figure = draw(rows(axes, lambda _: 1.0), request(axes, y=None, facet=None, series="eta_J"))
    FigureCanvasAgg(figure).draw()
    bar = next(a for a in figure.axes if hasattr(a, "_colorbar"))
    shown = bar._colorbar  # type: ignore[attr-defined]
    assert bar.get_ylabel() == r"$\eta_J$"
    assert len(bar.get_yticklabels()) >= 3
    named = scale([key(value) for value in many])
    for line, at in zip(figure.axes[0].lines, named.centres, strict=True):
        np.testing.assert_allclose(line.get_color(), shown.cmap(shown.norm(at)))


def test_infinity_stands_apart_from_the_other_points_of_a_line() -> None:
    axes = {"V": [10.0, 20.0, 100.0, math.inf]}
    panel = draw(rows(axes, lambda _: 2.0), request(axes, x="V", y=None, facet=None)).axes[0]
    finite, infinite = (line for line in panel.lines if line.get_marker() == "o")
    np.testing.assert_array_equal(finite.get_xdata(), [10, 20, 100])
    (place,) = infinite.get_xdata()  # type: ignore[misc]
    assert panel.get_xscale() == "log"
    assert 100 < place < panel.get_xlim()[1]
    FigureCanvasAgg(panel.figure).draw()  # type: ignore[arg-type]
    assert [label.get_text() for label in panel.get_xticklabels()] == ["10", "20", "100", "∞"]


def test_nothing_computed_is_drawn() -> None:
    figure = draw(rows(ONE, lambda _: None), one_axis())
    assert len(strips(figure)) == 1


def test_a_status_needs_two_axes() -> None:
    with pytest.raises(UsageError, match="two axes"):
        draw(rows(ONE, lambda _: 1.0), one_axis(value="status"))


def test_names_of_lines_that_end_on_one_another_stand_in_order_from_the_top() -> None:
    axes = {"eta_J": [1.0, 2.0, 4.0, 8.0], "eta_w": [1.0, 2.0, 3.0]}
    frame = rows(
        axes,
        lambda cell: 5.0 + cell["eta_J"] * (3 - cell["eta_w"]) + 1e-9 * math.sin(cell["eta_J"]),
    )
    panel = draw(frame, request(axes, y=None, facet=None, series="eta_J")).axes[0]
    heights = {text.get_text(): text.xy[1] for text in panel.texts}  # type: ignore[attr-defined]
    assert sorted(heights, key=heights.__getitem__, reverse=True)[1:] == ["1", "2", "4", "8"]


def test_a_level_is_drawn_where_it_is_within_the_panel() -> None:
    axes = {"eta_w": [1.0, 2.0, 3.0]}
    frame = rows(axes, lambda cell: 10.0 ** -cell["eta_w"])
    for level, drawn in ((0.05, True), (5.0, False), (None, False)):
        asked = request(axes, y=None, facet=None, level=level)
        lines = draw(frame, asked).axes[0].lines
        assert any(list(line.get_ydata()) == [level, level] for line in lines) is drawn  # type: ignore[arg-type]


def test_the_ends_of_windows_are_times() -> None:
    axes = {"alpha_max": [10.0, 20.0], "eta_w": [1.0, 2.0, 3.0]}
    frame = rows(axes, lambda _: "not_reached", error_final=lambda cell: cell["eta_w"])
    asked = request(
        axes, y=None, facet=None, series="alpha_max", value="error_final", at_times="alpha_max"
    )
    figure = draw(frame, asked)
    assert figure.axes[0].get_ylabel() == r"error $\varepsilon$"
    assert r"$\alpha$" in {text.get_text() for text in figure.axes[0].texts}
