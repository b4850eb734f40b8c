"""Numbers as large and as small as there are: a picture of them, and no error."""

from __future__ import annotations

import math
from dataclasses import replace
from io import BytesIO

import numpy as np
import pytest

from sweep.grid import Axis
from sweep.grid.axes import Spacing
from sweep.models.base import Series, Trace
from sweep.plots.course import Case, draw_courses
from sweep.plots.draw import draw
from sweep.plots.edges import padded, scale
from sweep.plots.ticks import log_ticks
from tests.plots.rows import request, rows

LARGEST, SMALLEST = 1.7e308, 5e-324
EXTREMES: dict[str, tuple[list[float], Spacing]] = {
    "a long list": ([1e-300, 1.0, 1e300], "listed"),
    "two far apart": ([1e-290, 1e290], "listed"),
    "ratios": ([1e-300, 1e-150, 1.0, 1e150, 1e300], "log"),
    "all ratios": ([1e-308, 1e-154, 1.0, 1e154, LARGEST], "log"),
    "tiny ones": ([SMALLEST, 1e-320, 1e-310], "listed"),
    "even": ([1.0, 2.5e299, 5e299, 7.5e299, 1e300], "linear"),
    "even to the end": ([-LARGEST, 0.0, LARGEST], "linear"),
    "even and large": ([i / 20 * LARGEST for i in range(21)], "linear"),
    "many ratios": ([10.0**n for n in range(-300, 301, 30)], "log"),
}


@pytest.mark.filterwarnings("error", "ignore::DeprecationWarning")
@pytest.mark.parametrize("what", EXTREMES)
@pytest.mark.parametrize("y", ["eta_J", None])
def test_axes_of_any_numbers_are_drawn(what: str, y: str | None) -> None:
    values, spacing = EXTREMES[what]
    axes = {"eta_w": values, "eta_J": values}
    series = None if y else "eta_J"
    frame = rows(axes, lambda cell: 1.0 if cell["eta_w"] < cell["eta_J"] else "diverged")
    asked = replace(
        request(axes, facet=None, y=y, series=series),
        axes={name: Axis(name, tuple(values), spacing) for name in axes},
    )
    figure = draw(frame, asked)
    figure.savefig(BytesIO(), format="png", dpi=30)


@pytest.mark.filterwarnings("error", "ignore::DeprecationWarning")
@pytest.mark.parametrize("y", ["eta_J", None])
@pytest.mark.parametrize(
    "values", [(SMALLEST, 1.0), (-LARGEST, LARGEST), (1e-300, 1e300), (SMALLEST, 1e-320), (0.0,)]
)
def test_values_of_any_size_are_drawn(values: tuple[float, ...], y: str | None) -> None:
    axes = {"eta_w": [1.0, 2.0, 3.0], "eta_J": [1.0, 2.0]}
    frame = rows(axes, lambda _: 1.0, error_final=lambda c: values[int(c["eta_w"]) % len(values)])
    series = None if y else "eta_J"
    figure = draw(frame, request(axes, facet=None, y=y, series=series, value="error_final"))
    figure.savefig(BytesIO(), format="png", dpi=30)


@pytest.mark.filterwarnings("error", "ignore::DeprecationWarning")
@pytest.mark.parametrize("target", [0.0, SMALLEST, 1e-320, 1e-290, 1e300, LARGEST])
@pytest.mark.parametrize("height", [1.0, SMALLEST, 1e-290, 1e300, LARGEST])
def test_courses_of_any_height_are_drawn_with_any_target(target: float, height: float) -> None:
    time = np.array([0.0, 1.0])
    trace = Trace(time, {"error": np.array([height, height / 2]), "x": np.array([-height, height])})
    series = {"error": Series(r"\varepsilon", log=True)}
    figure = draw_courses([Case("", trace, target, 0.5 if target else None)], series)
    figure.savefig(BytesIO(), format="png", dpi=30)


@pytest.mark.parametrize("what", EXTREMES)
def test_edges_that_no_number_is_large_enough_for_are_those_of_names(what: str) -> None:
    values, spacing = EXTREMES[what]
    edges = scale(values, spacing).edges
    assert np.isfinite(edges).all()
    assert np.all(np.diff(edges) > 0)


def test_ticks_span_all_decades() -> None:
    ticks = log_ticks(1e-300, 1e300)
    assert 3 <= len(ticks) <= 6
    assert ticks[0] < 1e-50
    assert ticks[-1] > 1e50


def test_a_padded_range_holds_its_ends_where_it_can() -> None:
    assert padded(1.0, 100.0, 0.5, logarithmic=True) == pytest.approx((0.1, 1000.0))
    assert padded(1.0, 3.0, 0.5, logarithmic=False) == (0.0, 4.0)
    low, high = padded(SMALLEST, LARGEST, 0.05, logarithmic=True)
    assert 0 < low < high < math.inf
