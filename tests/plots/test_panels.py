"""Matrices of panels, and pages of many panels."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sweep.errors import UsageError
from sweep.plots.draw import draw
from tests.plots.rows import SYMBOLS, WEDGE, Cell, request, rows, wedge
from tests.plots.test_heatmap import bars, panels

MATRIX: dict[str, Any] = {**WEDGE, "K": [3, 4, 5], "M": [2, 4]}
NAMES = {"symbols": {**SYMBOLS, "M": "M"}}


def of_matrix(**changes: Any) -> Figure:
    frame = rows(MATRIX, wedge)
    asked: dict[str, Any] = {"facet": None, "rows": "M", "columns_of": "K", **NAMES, **changes}
    return draw(frame[frame["K"] >= frame["M"]], request(MATRIX, **asked))


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.texts if text.get_text()]


def test_a_matrix_has_names_at_its_sides_and_no_panel_without_a_cell() -> None:
    figure = of_matrix()
    assert texts(figure) == ["$M$ = 2", "$M$ = 4", "$K$ = 3", "$K$ = 4", "$K$ = 5"]
    assert [p.get_title(loc="left") for p in panels(figure)] == [f"({c})" for c in "abcde"]
    above_nothing = panels(figure)[0]
    assert above_nothing.get_xlabel() == "$\\eta_w$"
    assert [bool(p.get_xlabel()) for p in panels(figure)] == [True, False, False, True, True]
    assert [bool(p.get_ylabel()) for p in panels(figure)] == [True, False, False, True, False]


@pytest.mark.parametrize(("part", "name"), [("rows", "K"), ("columns_of", "K")])
def test_a_matrix_may_have_one_row_or_one_column(part: str, name: str) -> None:
    nothing: dict[str, Any] = {"rows": None, "columns_of": None}
    figure = of_matrix(**{**nothing, part: name, "where": {"M": [2]}})
    assert texts(figure) == ["$M$ = 2", "$K$ = 3", "$K$ = 4", "$K$ = 5"]
    boxes = [p.get_position() for p in panels(figure)]
    along = {round(box.x0 if part == "rows" else box.y0, 6) for box in boxes}
    assert len(along) == 1


def test_lines_have_matrices_as_well() -> None:
    figure = of_matrix(x="eta_w", y=None, series="eta_J")
    assert texts(figure) == ["$M$ = 2", "$M$ = 4", "$K$ = 3", "$K$ = 4", "$K$ = 5"]
    assert len([a for a in figure.axes if a.lines]) == 5


def test_a_matrix_of_too_many_panels_is_refused() -> None:
    axes: dict[str, Any] = {"eta_w": [1.0], "eta_J": [1.0], "K": [*range(20)], "M": [*range(8)]}
    with pytest.raises(UsageError, match="rows and columns: 8 × 20 panels, at most 150 fit"):
        draw(rows(axes, lambda _: 1.0), request(axes, facet=None, rows="M", columns_of="K"))


@pytest.mark.parametrize(
    ("changes", "cure"),
    [
        ({"facet": "K"}, "draw a matrix of panels (rows = K, columns = M) or keep one of them"),
        ({"facet": "M"}, "draw a matrix of panels (rows = M, columns = K) or keep one of them"),
        ({"facet": None}, "give each a panel (facet = K) or keep one of them (where K=3)"),
        ({"facet": None, "rows": "M"}, "give each a panel (columns = K) or keep one of them"),
        ({"facet": "K", "y": None}, "give each a line (series = eta_J) or keep one of them"),
    ],
)
def test_axes_that_are_left_over_get_a_proposal(changes: dict[str, Any], cure: str) -> None:
    with pytest.raises(UsageError) as refusal:
        draw(rows(MATRIX, wedge), request(MATRIX, **changes))
    assert cure in str(refusal.value)


@pytest.mark.parametrize("count", [12, 33])
def test_names_and_minima_of_many_panels_keep_apart(count: int) -> None:
    axes: dict[str, Any] = {**WEDGE, "K": list(range(1001, 1001 + count))}

    def thin(cell: Cell) -> float:
        return 1.234e-5 * cell["K"] * cell["eta_w"]

    figure = draw(rows(axes, thin), request(axes))
    FigureCanvasAgg(figure).draw()
    boxes = []
    for panel in panels(figure):
        written = [panel._left_title, *panel.texts]  # type: ignore[attr-defined]
        assert len(written) == 2
        boxes += [text.get_window_extent() for text in written]
        assert panel.bbox.width / figure.dpi > 0.85
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)
    (bar,) = bars(figure)
    labels = [label.get_window_extent() for label in bar.get_yticklabels()]
    labels += [label.get_window_extent() for label in bar.get_xticklabels()]
    for one, other in itertools.combinations([b for b in labels if b.width > 0], 2):
        assert not one.overlaps(other)


def written(figure: Figure) -> list[Any]:
    """The boxes of all that is written above and beside the panels."""
    FigureCanvasAgg(figure).draw()
    inside = [text for axes in figure.axes for text in (axes._left_title, *axes.texts)]  # type: ignore[attr-defined]
    found = [text for text in (*figure.texts, *inside) if text.get_text()]
    return [text.get_window_extent() for text in found]


TITLES = ("A title", "A title that is as long as three lines of the picture are wide, " * 2)


@pytest.mark.parametrize("title", TITLES)
@pytest.mark.parametrize("y", ["eta_J", None])
@pytest.mark.parametrize("K", [[3], [3, 4]])
def test_names_of_a_matrix_keep_off_titles_and_labels(
    title: str, y: str | None, K: list[int]
) -> None:
    asked: dict[str, Any] = {"y": y} if y else {"y": None, "series": "eta_J"}
    frame = rows({**MATRIX, "alpha_max": [10.0, 20.0]}, lambda cell: cell["eta_J"])
    chosen = {"K": K, "M": [2], "alpha_max": [10.0]}
    axes = {**MATRIX, "alpha_max": [10.0, 20.0]}
    figure = draw(
        frame,
        request(
            axes, facet=None, rows="M", columns_of="K", where=chosen, title=title, **asked, **NAMES
        ),
    )
    boxes = written(figure)
    assert len(boxes) >= 3
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)
    assert all(box.x0 >= 0 and box.x1 <= figure.bbox.x1 for box in boxes)


@pytest.mark.parametrize("y", ["eta_J", None])
@pytest.mark.parametrize("width", [None, 2.6])
def test_what_is_drawn_is_named_within_the_picture(y: str | None, width: float | None) -> None:
    label = "a name of what is drawn that is longer than $\\eta_w$ panels of the picture are high"
    asked: dict[str, Any] = {"y": y} if y else {"y": None, "series": "eta_J"}
    axes = {name: values for name, values in WEDGE.items() if name != "K"}
    labels = {"time_to_target": label}
    drawn = request(axes, facet=None, labels=labels, width=width, **asked)
    figure = draw(rows(axes, lambda cell: cell["eta_J"]), drawn)
    FigureCanvasAgg(figure).draw()
    (axis,) = (a.yaxis for a in figure.axes if "drawn" in a.get_ylabel())
    box = axis.label.get_window_extent()
    assert " ".join(axis.label.get_text().split()) == label
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.x1
    assert box.y0 >= 0
    assert box.y1 <= figure.bbox.y1
    assert not any(box.overlaps(tick.get_window_extent()) for tick in axis.get_ticklabels())
