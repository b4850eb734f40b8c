"""Lines over several seeds: what is drawn of them, and the band around it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from sweep.plots.draw import draw
from tests.plots.rows import Cell, request, rows
from tests.plots.test_heatmap import legend_words

TIMES: dict[float, list[float | str]] = {
    1.0: [1.0, 2.0, 3.0, 4.0, 10.0],
    2.0: [2.0, 2.0, 2.0, 2.0, "not_reached"],
    3.0: [5.0, 6.0, 7.0, "not_reached", "not_reached"],
    4.0: ["not_reached"] * 5,
}
AXES: dict[str, Any] = {"eta_w": list(TIMES), "seed": list(range(5))}


def lines_of(**changes: Any) -> Axes:
    def time(cell: Cell) -> float | str:
        return TIMES[cell["eta_w"]][cell["seed"]]

    return draw(rows(AXES, time), request(AXES, y=None, facet=None, **changes)).axes[0]


def heights(axes: Axes) -> list[float]:
    return np.asarray(axes.lines[0].get_ydata(), dtype=float).tolist()


def band(axes: Axes, x: float) -> tuple[float, float]:
    """The lowest and the highest point of the band above a place."""
    points = np.concatenate([path.vertices for path in axes.collections[0].get_paths()])
    at = points[np.isclose(points[:, 0], x), 1]
    return float(at.min()), float(at.max())


def words(axes: Axes) -> list[str]:
    return legend_words(axes.figure)  # type: ignore[arg-type]


def test_a_median_has_its_quartiles_and_an_endless_one_goes_beyond_the_panel() -> None:
    axes = lines_of()
    assert heights(axes)[:3] == [3.0, 2.0, 7.0]
    assert band(axes, 1.0) == pytest.approx((2.0, 4.0))
    assert band(axes, 2.0) == pytest.approx((2.0, 2.0))
    assert band(axes, 3.0) == pytest.approx((6.0, axes.get_ylim()[1]))
    assert words(axes) == ["not reached", "25 % to 75 % of seeds"]


def test_quantiles_say_between_which_the_band_is() -> None:
    axes = lines_of(quantiles=(0.0, 1.0))
    assert band(axes, 1.0) == pytest.approx((1.0, 10.0))
    assert words(axes)[-1] == "0 % to 100 % of seeds"
    assert band(lines_of(quantiles=(0.1, 0.9)), 1.0) == pytest.approx((1.4, 7.6))


def test_a_mean_has_its_standard_error_and_is_endless_with_one_of_its_seeds() -> None:
    axes = lines_of(statistic="mean")
    assert heights(axes)[0] == 4.0
    assert np.isnan(heights(axes)[1:]).all()
    error = np.std([1, 2, 3, 4, 10], ddof=1) / np.sqrt(5)
    assert band(axes, 1.0) == pytest.approx((4 - error, 4 + error))
    assert words(axes) == ["not reached", "± one standard error"]
    assert axes.get_ylabel().endswith(", mean over seeds")


def test_a_fraction_of_nothing_is_a_point_at_zero() -> None:
    axes = lines_of(statistic="fraction")
    assert heights(axes) == [1.0, 0.8, 0.6, 0.0]
    error = (0.8 * 0.2 / 5) ** 0.5
    assert band(axes, 2.0) == pytest.approx((0.8 - error, 0.8 + error))
    assert words(axes) == ["± one standard error"]


def test_a_spread_and_a_single_seed_have_no_band() -> None:
    assert not lines_of(statistic="spread").collections
    assert not lines_of(where={"seed": [0]}).collections


def test_what_is_not_computed_has_no_fraction() -> None:
    frame = rows(AXES, lambda cell: None if cell["eta_w"] > 2 else 1.0)
    figure = draw(frame, request(AXES, y=None, facet=None, statistic="fraction"))
    ends = np.asarray(figure.axes[0].lines[0].get_ydata(), dtype=float)
    assert np.isnan(ends).tolist() == [False, False, True, True]
