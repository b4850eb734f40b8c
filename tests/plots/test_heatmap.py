from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from sweep.errors import UsageError
from sweep.models.status import DIVERGED, NOT_REACHED
from sweep.plots.colours import HATCH, MISSING_GREY, SEQUENTIAL, STATUS_COLOURS, norm_of
from sweep.plots.draw import draw
from tests.plots.rows import WEDGE, Cell, request, rows, wedge

YELLOW = to_rgba(STATUS_COLOURS[NOT_REACHED])
RED = to_rgba(STATUS_COLOURS[DIVERGED])


def panels(figure: Figure) -> list[Axes]:
    """The axes that are panels: they carry a mesh and are no colour bar."""
    return [a for a in figure.axes if mesh_of(a) is not None and not hasattr(a, "_colorbar")]


def mesh_of(axes: Axes) -> QuadMesh | None:
    return next((c for c in axes.collections if isinstance(c, QuadMesh)), None)


def colours(axes: Axes) -> np.ndarray:
    """RGBA of the cells, shape (y, x, 4)."""
    mesh = mesh_of(axes)
    assert mesh is not None
    array = mesh.get_array()
    assert array is not None
    return np.asarray(array)


def bars(figure: Figure) -> list[Axes]:
    return [a for a in figure.axes if hasattr(a, "_colorbar")]


def legend_words(figure: Figure) -> list[str]:
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def test_seven_panels_with_letters_and_one_colour_bar() -> None:
    figure = draw(rows(WEDGE, wedge), request(WEDGE))
    names = [p.get_title(loc="left") for p in panels(figure)]
    assert names == [f"({c}) $K$ = {K}" for c, K in zip("abcdefg", range(3, 10), strict=True)]
    assert len(bars(figure)) == 1
    assert bars(figure)[0].get_xlabel() == r"time $\tilde{\alpha}$ to $\varepsilon$ = 0.01"
    assert legend_words(figure) == ["not reached", "diverged"]


def test_cells_have_the_colour_of_their_value_or_status() -> None:
    frame = rows(WEDGE, wedge)
    figure = draw(frame, request(WEDGE))
    norm = norm_of(frame["time_to_target"].to_numpy())
    for K, panel in zip(WEDGE["K"], panels(figure), strict=True):
        painted = colours(panel)
        for i, w in enumerate(WEDGE["eta_w"]):
            for j, J in enumerate(WEDGE["eta_J"]):
                outcome = wedge({"K": K, "eta_w": w, "eta_J": J})
                expected = {"not_reached": YELLOW, "diverged": RED}.get(str(outcome))
                if isinstance(outcome, float):
                    expected = SEQUENTIAL(norm(outcome))
                np.testing.assert_allclose(painted[j, i], expected)


def test_axes_follow_the_spacing_of_the_values() -> None:
    panel = panels(draw(rows(WEDGE, wedge), request(WEDGE)))[0]
    assert (panel.get_xscale(), panel.get_yscale()) == ("linear", "log")
    assert panel.get_xlim() == pytest.approx((0.25, 4.25))
    assert panel.get_ylim() == pytest.approx((0.25 / math.sqrt(2), 16 * math.sqrt(2)))


def test_the_star_marks_the_minimum() -> None:
    frame = rows(WEDGE, wedge)
    figure = draw(frame, request(WEDGE))
    for K, panel in zip(WEDGE["K"], panels(figure), strict=True):
        best = frame.loc[frame["time_to_target"].where(frame["K"] == K).idxmin()]
        (star,) = panel.lines
        assert star.get_xydata().tolist() == [[best["eta_w"], best["eta_J"]]]  # type: ignore[union-attr]
        assert panel.get_title(loc="right") == f"min {best['time_to_target']:.3g}"


def test_a_panel_without_a_value_has_no_star() -> None:
    axes = {"K": [3], "eta_w": [1.0, 2.0], "eta_J": [1.0, 2.0]}
    (panel,) = panels(draw(rows(axes, lambda _: "not_reached"), request(axes)))
    assert not panel.lines
    assert panel.get_title(loc="right") == ""
    assert panel.get_title(loc="left") == "$K$ = 3"


def half(cell: Cell) -> float | str | None:
    return None if cell["K"] > 5 or cell["eta_J"] < 1 else wedge(cell)


def test_a_half_finished_grid_keeps_its_extent_and_shows_what_is_missing() -> None:
    figure = draw(rows(WEDGE, half), request(WEDGE))
    whole = draw(rows(WEDGE, wedge), request(WEDGE))
    assert len(panels(figure)) == 7
    assert legend_words(figure)[-1] == "missing"
    for panel, full in zip(panels(figure), panels(whole), strict=True):
        assert panel.get_xlim() == full.get_xlim()
        assert panel.get_ylim() == full.get_ylim()
        assert panel.patch.get_hatch() == HATCH
        assert full.patch.get_hatch() is None
    assert np.all(colours(panels(figure)[0])[:2, :, 3] == 0)
    assert np.all(colours(panels(figure)[0])[2:, :, 3] == 1)


@pytest.mark.parametrize("word", [None, "missing", float("nan")])
def test_a_grid_without_any_result_is_drawn(word: Any) -> None:
    frame = rows(WEDGE, wedge).assign(status=word, time_to_target=None)
    figure = draw(frame, request(WEDGE))
    assert legend_words(figure) == ["missing"]
    assert not bars(figure)


def test_the_pixels_have_the_colours_of_the_statuses() -> None:
    axes = {"K": [3], "eta_w": [1.0, 2.0, 3.0, 4.0], "eta_J": [1.0]}
    outcomes = {1.0: 5.0, 2.0: "not_reached", 3.0: "diverged", 4.0: None}
    figure = draw(rows(axes, lambda cell: outcomes[cell["eta_w"]]), request(axes))
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    image = np.asarray(canvas.buffer_rgba())[::-1] / 255
    (panel,) = panels(figure)

    def pixels(w: float) -> np.ndarray:
        corners = panel.transData.transform([(w - 0.4, -0.4), (w + 0.4, -0.1)]).astype(int)
        (left, low), (right, high) = corners
        return image[low:high, left:right].reshape(-1, 4)

    np.testing.assert_allclose(pixels(2.0) - YELLOW, 0, atol=1 / 255)
    np.testing.assert_allclose(pixels(3.0) - RED, 0, atol=1 / 255)
    grey = np.isclose(pixels(4.0), to_rgba(MISSING_GREY), atol=1 / 255).all(axis=1)
    assert 0.3 < grey.mean() < 0.99  # the rest is the hatch


@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_legend_lies_within_the_figure(count: int) -> None:
    axes = WEDGE | {"K": WEDGE["K"][:count], "seed": [0, 1]}
    outcomes = [3.0, "not_reached", "diverged", "failed", None]
    frame = rows(axes, lambda cell: None if cell["seed"] else outcomes[int(cell["eta_w"])])
    figure = draw(frame, request(axes))
    FigureCanvasAgg(figure).draw()
    (legend,) = figure.legends
    box = legend.get_window_extent()
    width, height = figure.bbox.size
    assert legend_words(figure)[-1] == "(some seeds to come)"
    assert 0 <= box.x0 < box.x1 <= width
    assert 0 <= box.y0 < box.y1 <= height


def test_cells_that_are_not_in_the_grid_stay_white() -> None:
    axes = {"K": [3, 4, 5], "M": [3, 4, 5], "eta_w": [1.0]}
    frame = rows(axes, lambda cell: float(cell["M"]))
    frame = frame[frame["K"] >= frame["M"]]
    (panel,) = panels(draw(frame, request(axes, x="K", y="M", facet=None)))
    white = np.all(colours(panel) == 1.0, axis=2)
    assert white.tolist() == [[False] * 3, [True, False, False], [True, True, False]]


def test_zipped_axes_need_no_filter() -> None:
    axes = {"K": [3, 4], "M": [3, 4], "eta_w": [1.0, 2.0], "eta_J": [1.0, 2.0]}
    frame = rows(axes, lambda cell: cell["eta_w"])
    frame = frame[frame["K"] == frame["M"]]
    assert len(panels(draw(frame, request(axes)))) == 2


def test_infinity_words_and_matrices_are_categories() -> None:
    matrix = ((1.0, 0.0), (0.0, 2.0))
    axes = {"V": [10.0, 100.0, math.inf], "teacher": ["graded", matrix]}
    frame = rows(axes, lambda cell: 2.0 if cell["V"] == math.inf else 1.0)
    (panel,) = panels(draw(frame, request(axes, x="V", y="teacher", facet=None)))
    FigureCanvasAgg(panel.get_figure(root=True)).draw()  # type: ignore[arg-type]
    assert [label.get_text() for label in panel.get_xticklabels()] == ["10", "100", "∞"]
    assert [label.get_text() for label in panel.get_yticklabels()] == ["graded", "[1 0], [0 2]"]
    assert np.ptp(colours(panel)[:, :2], axis=(0, 1)).max() == 0
    assert np.abs(colours(panel)[:, 2] - colours(panel)[:, 1]).max() > 0.1


def test_another_column_is_drawn_where_the_target_is_not_reached_as_well() -> None:
    frame = rows(WEDGE, wedge, error_final=lambda cell: 0.01 * cell["eta_w"])
    figure = draw(frame, request(WEDGE, value="error_final"))
    assert legend_words(figure) == ["diverged"]
    assert bars(figure)[0].get_xlabel() == r"final error $\varepsilon$"


def test_small_integers_are_categories() -> None:
    frame = rows(WEDGE, wedge, learned_units=lambda cell: 1 + (cell["eta_w"] > 2) * 2)
    figure = draw(frame, request(WEDGE, value="learned_units"))
    (bar,) = bars(figure)
    FigureCanvasAgg(figure).draw()
    assert [label.get_text() for label in bar.get_xticklabels()] == ["1", "2", "3"]
    assert len(np.unique(colours(panels(figure)[0]).reshape(-1, 4), axis=0)) == 3  # with diverged


def test_the_status_itself_can_be_drawn() -> None:
    figure = draw(rows(WEDGE, wedge), request(WEDGE, value="status"))
    assert legend_words(figure) == ["reached", "not reached", "diverged"]
    assert not bars(figure)


def test_words_can_be_drawn() -> None:
    frame = rows(WEDGE, wedge, phase=lambda cell: "low" if cell["eta_w"] < 2 else "high")
    (bar,) = bars(draw(frame, request(WEDGE, value="phase")))
    assert bar.get_xlabel() == "phase"


def test_a_filter_leaves_the_other_panels_out() -> None:
    figure = draw(rows(WEDGE, wedge), request(WEDGE, where={"K": [5]}))
    assert [p.get_title(loc="left") for p in panels(figure)] == ["$K$ = 5"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"value": "error_finl"}, "value: error_finl: no such column; did you mean error_final?"),
        ({"x": "eta_v"}, "x: eta_v: no such axis; did you mean eta_w?"),
        ({"y": "eta_w"}, "x, y, facet and series must differ; found K, eta_w, eta_w"),
        ({"series": "K"}, "series: goes with lines"),
        ({"statistic": "meadian"}, "meadian: no such statistic; did you mean median?"),
        ({"where": {"etaJ": 1.0}}, "where: etaJ: no such axis; did you mean eta_J?"),
        ({"where": {"K": [5, 12]}}, "where: no cell has K = 12; there are 3, 4, 5, 6, …, 9"),
        ({"facet": None}, "K: takes several values (3, 4, 5, 6, …, 9)"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_one_line(changes: dict[str, Any], message: str) -> None:
    frame = rows(WEDGE, wedge, error_final=lambda _: 0.1)
    with pytest.raises(UsageError) as error:
        draw(frame, request(WEDGE, **changes))
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_no_row_at_all_is_refused() -> None:
    with pytest.raises(UsageError, match="no cell"):
        draw(rows(WEDGE, wedge).iloc[:0], request(WEDGE))


def test_the_columns_of_a_parquet_file_will_do() -> None:
    frame = rows(WEDGE, half).convert_dtypes()
    assert isinstance(frame, pd.DataFrame)
    figure = draw(frame, request(WEDGE))
    plain = draw(rows(WEDGE, half), request(WEDGE))
    for a, b in zip(panels(figure), panels(plain), strict=True):
        np.testing.assert_array_equal(colours(a), colours(b))


@pytest.mark.parametrize("y", ["eta_J", None])
def test_what_is_kept_of_an_axis_that_does_not_show_is_named(y: str | None) -> None:
    axes: dict[str, Any] = {**WEDGE, "V": [10.0, math.inf], "seed": [0, 1, 2]}
    where = {"V": (math.inf,), "seed": (0, 2), "K": (3, 4)}
    series = None if y else "eta_J"
    figure = draw(
        rows(axes, wedge), request(axes, y=y, series=series, where=where, title="A title")
    )
    assert [text.get_text() for text in figure.texts] == ["A title\n$V$ = ∞, seed = 0, 2"]
