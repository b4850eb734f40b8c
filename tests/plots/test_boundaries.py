"""The boundaries of all panels in one picture."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sweep.errors import UsageError
from sweep.grid import lin, log
from sweep.grid.grid import Grid
from sweep.plots.boundaries import boundaries
from sweep.plots.colours import SEQUENTIAL
from sweep.plots.direct import Curve, label_on
from tests.grid.fake import MODEL

WINDOW = {"eta_w": lin(0.0625, 4, 5), "eta_J": log(0.25, 16, 4)}


def grid_of(axes: dict[str, Any], on: list[str], **changes: Any) -> Grid:
    return Grid(MODEL, axes=axes, refine={"levels": 1, "axes": on}, name="mine", **changes)


def arch(K: int, between: str = "reached | not_reached", **panel: object) -> pd.DataFrame:
    """A boundary that grows with K."""
    x = np.linspace(2 - 0.2 * K, 2 + 0.2 * K, 30)
    y = 1 + 10 * (x - 2) ** 2
    return pd.DataFrame(
        {
            "K": K, **panel, "between": between, "line": 0,
            "eta_w": x, "eta_J": y, "along": "eta_J", "half_width": 0.1,
        }
    )  # fmt: skip


def texts(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.texts]


def test_every_panel_has_a_line_of_its_own_lightness_and_a_label_on_it() -> None:
    grid = grid_of({"K": [3, 4, 5], **WINDOW}, ["eta_w", "eta_J"], title="Where")
    figure = boundaries(grid, pd.concat([arch(K) for K in (3, 4, 5)]))
    (axes,) = figure.axes
    assert len(axes.lines) == 3
    assert texts(axes) == ["$K$ = 3", "4", "5"]
    assert (axes.get_xlabel(), axes.get_yscale()) == ("eta w", "log")
    light = [np.mean(line.get_color()[:3]) for line in axes.lines]
    assert light == sorted(light, reverse=True)
    assert axes.lines[-1].get_color() == SEQUENTIAL(1.0)
    for text, line in zip(axes.texts, axes.lines, strict=True):
        at = axes.transAxes.transform(text.xy)  # type: ignore[attr-defined]
        along = axes.transData.transform(np.column_stack(line.get_data()))
        assert np.hypot(*(along - at).T).min() < 1e-6
        others = [o for o in axes.lines if o is not line]
        assert all(
            np.hypot(*(axes.transData.transform(np.column_stack(o.get_data())) - at).T).min() > 3
            for o in others
        )


def test_pairs_of_outcomes_have_dashes_and_a_legend_and_other_axes_have_panels() -> None:
    grid = grid_of({"M": [2, 3], "K": [3, 4], **WINDOW}, ["eta_w", "eta_J"], plot={"facet": "K"})
    points = pd.concat(
        [
            arch(K, between, M=M)
            for M in (2, 3)
            for K in (3, 4)
            for between in ("reached | not_reached", "reached | diverged")
        ]
    )
    figure = boundaries(grid, points)
    assert [axes.get_title(loc="left") for axes in figure.axes] == ["(a) $M$ = 2", "(b) $M$ = 3"]
    assert [len(axes.lines) for axes in figure.axes] == [4, 4]
    (legend,) = figure.legends
    words = [text.get_text() for text in legend.get_texts()]
    assert words == ["reached – not reached", "reached – diverged"]


def test_a_boundary_along_one_axis_is_drawn_against_another() -> None:
    grid = grid_of({"K": [3, 4], **WINDOW}, ["eta_J"])
    points = pd.DataFrame(
        [
            {"K": K, "eta_w": w, "between": "reached | not_reached", "line": 0, "eta_J": K * w,
             "along": "eta_J", "half_width": 0.1}
            for w in (3.0, 1.0, 2.0) for K in (3, 4)
        ]
    )  # fmt: skip
    points = points[["K", "eta_w", "between", "line", "eta_J", "along", "half_width"]]
    drawn = boundaries(
        grid_of({"eta_w": WINDOW["eta_w"], "K": [3, 4], "eta_J": WINDOW["eta_J"]}, ["eta_J"]),
        points[["eta_w", "K", *points.columns[2:]]],
    )
    (axes,) = drawn.axes
    assert [line.get_xdata().tolist() for line in axes.lines] == [[1, 2, 3]] * 2  # type: ignore[union-attr]
    assert axes.lines[0].get_ydata().tolist() == [3, 6, 9]  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="needs another axis of numbers"):
        boundaries(
            grid_of({"eta_J": WINDOW["eta_J"]}, ["eta_J"]), points.drop(columns=["K", "eta_w"])
        )
    assert isinstance(boundaries(grid, points), Figure)


@pytest.mark.parametrize(
    ("values", "lines"), [([10, 100, 1000, math.inf], [3, 1]), ([100, math.inf], [2])]
)
def test_a_point_at_infinity_is_drawn_in_its_place(values: list[Any], lines: list[int]) -> None:
    """Beyond the gap where the others are numbers; two values stand beside one another as names."""
    grid = grid_of({"V": values, "eta_J": WINDOW["eta_J"]}, ["eta_J"], plot={"x": "V"})
    points = pd.DataFrame(
        {
            "V": [float(value) for value in values], "between": "reached | not_reached",
            "line": 0, "eta_J": 2.0, "along": "eta_J", "half_width": 0.1,
        }
    )  # fmt: skip
    (axes,) = boundaries(grid, points).axes
    drawn = [line for line in axes.lines if line.get_marker() == "o"]
    assert [len(line.get_xdata()) for line in drawn] == lines  # type: ignore[arg-type]
    low, high = axes.get_xlim()
    places = np.concatenate([np.asarray(line.get_xdata()) for line in drawn])
    assert np.all((low < places) & (places < high))
    ticks = [label for label in axes.xaxis.get_major_formatter().format_ticks(places) if label]
    assert ticks == [*map(str, values[:-1]), "∞"]


def test_three_axes_are_too_many_and_no_points_make_an_empty_window() -> None:
    axes = {"P": lin(1, 9, 3), **WINDOW}
    points = arch(3).assign(P=1.0)
    three = points[["between", "line", "P", "eta_w", "eta_J", "along", "half_width"]]
    with pytest.raises(UsageError, match="three dimensions"):
        boundaries(grid_of(axes, list(axes)), three)
    empty = boundaries(grid_of({"K": [3], **WINDOW}, ["eta_w", "eta_J"]), arch(3)[:0])
    assert not empty.axes[0].lines


def test_a_label_keeps_off_bends_borders_and_other_curves() -> None:
    axes = Figure(figsize=(4, 4)).add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 1), ylim=(0, 1))
    x = np.linspace(0, 1, 201)
    cusp = np.column_stack([x, 0.5 + 0.3 * np.exp(-(((x - 0.3) / 0.01) ** 2))])
    beside = np.column_stack([x[:40] + 0.5, np.full(40, 0.52)])
    label_on(axes, [Curve("one", cusp, "black"), Curve("out", beside + 3, "black")])
    (text,) = axes.texts
    assert text.get_text() == "one"
    label_on(axes, [Curve("one", cusp, "black"), Curve("two", beside, "black")])
    one = axes.texts[1].xy  # type: ignore[attr-defined]
    assert abs(one[0] - 0.3) > 0.03
    assert not 0.48 < one[0] < 0.72
    assert 0.05 < one[0] < 0.95
