"""What the [plot] table, the options and the keywords say of a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import LogNorm

from sweep.errors import UsageError
from sweep.plots.colours import SIGNED
from sweep.plots.draw import draw, save
from tests.plots.rows import WEDGE, request, rows, wedge
from tests.plots.test_heatmap import bars, colours, panels
from tests.plots.test_picture import AXES
from tests.plots.test_picture import request as asked

LOG = "eta_J = { log = [0.25, 16], n = 13 }"


def kept(axes: str, told: Any, name: str) -> tuple[object, ...]:
    return asked(axes, where={name: told}).where[name]


def test_the_nearest_value_of_a_spaced_axis_is_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(AXES, "log", LOG)
    for told in ("0.707107", "0.7", "0.66", 0.70711):
        (value,) = kept("log eta_w", [told], "eta_J")
        assert value == pytest.approx(0.5**0.5)
    assert kept("log eta_w", ["0.3"], "eta_J")[0] == pytest.approx(0.25 * 2**0.5)
    for far in (40.0, 0.1):
        with pytest.raises(UsageError, match=rf"no cell has eta_J = {far:g}; there are 0\.25, "):
            kept("log eta_w", [far], "eta_J")


def test_a_listed_axis_has_what_its_numbers_look_like() -> None:
    assert kept("eta_w eta_J", ["2.000001"], "eta_w") == (2.0,)
    with pytest.raises(UsageError, match=r"where: no cell has eta_w = 2\.1; there are 1, 2, 3"):
        kept("eta_w eta_J", ["2.1"], "eta_w")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (["2..4"], (2.0, 4.0)),
        (["2.."], (2.0, 4.0)),
        (["..2"], (1.0, 2.0)),
        ([".."], (1.0, 2.0, 4.0)),
        ({"between": [1.5, 4]}, (2.0, 4.0)),
        ([{"between": [0, 1]}, 4], (1.0, 4.0)),
        (["4", "1"], (1.0, 4.0)),
    ],
)
def test_ranges_and_lists_keep_values_in_the_order_of_the_axis(told: Any, expected: object) -> None:
    assert kept("eta_w eta_J", told, "eta_J") == expected


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"where": {"eta_J": ["5..9"]}}, "no value of eta_J lies between 5 and 9; there are 1 to"),
        ({"where": {"eta_J": ["4..1"]}}, "--where: eta_J: found {"),
        ({"where": {"eta_J": {"from": 1}}}, "allowed is { between = [low, high] }"),
        ({"limits": [3, 1]}, "--limits: found [3, 1]; allowed is [low, high], two numbers"),
        ({"scale": "logarithmic"}, "--scale: logarithmic: no such scale; allowed: log, linear"),
        ({"quantiles": [0.5, 2]}, "--quantiles: found [0.5, 2]; allowed is [low, high]"),
        ({"contours": ["a"]}, '--contours: found ["a"]; allowed is a list of numbers'),
        ({"width": 0.1}, "--width: found 0.1; allowed is a number of inches from 1 to 60"),
        ({"dpi": 7.5}, "--dpi: found 7.5; allowed is an integer from 20 to 2400"),
        ({"boundary": 1}, "--boundary: found 1; allowed is true or false"),
        ({"labels": {"eta": "x"}}, "--labels: eta: no such parameter or column; did you mean eta"),
        ({"facet": "eta_J", "rows": "V"}, "--facet: goes without rows and columns"),
        ({"rows": "eta_w", "x": "eta_w"}, "--rows: found eta_w, which is x already"),
    ],
)
def test_what_is_wrong_is_said_with_the_option(told: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        asked("eta_w eta_J V", **told)
    assert message in str(refusal.value)


FILE = """[plot]
where = { eta_J = 2, V = [100] }
statistic = "mean"
quantiles = [0.1, 0.9]
limits = [1, 400]
scale = "log"
contours = [0.01]
boundary = true
width = 5
dpi = 300
labels = { eta_w = "inner rate" }
"""


def test_the_grid_file_says_all_of_it_and_the_command_line_more() -> None:
    found = asked("eta_w eta_J V seed", FILE)
    assert found.where == {"eta_J": (2.0,), "V": (100.0,)}
    assert (found.statistic, found.quantiles) == ("mean", (0.1, 0.9))
    assert (found.limits, found.scale, found.contours) == ((1.0, 400.0), "log", (0.01,))
    assert (found.boundary, found.width, found.dpi) == (True, 5.0, 300)
    assert found.labels == {"eta_w": "inner rate"}
    more = asked(
        "eta_w eta_J V seed", FILE, where={"eta_J": ["1", "4"]}, boundary=False, limits=[2, 3]
    )
    assert more.where == {"eta_J": (1.0, 4.0), "V": (100.0,)}
    assert (more.boundary, more.limits, more.dpi) == (False, (2.0, 3.0), 300)


def test_the_limits_of_one_quantity_are_not_those_of_another() -> None:
    for other in ({"value": "error_final"}, {"statistic": "fraction"}):
        found = asked("eta_w eta_J V seed", FILE, **other)
        assert (found.limits, found.scale, found.contours) == (None, None, ())


def test_limits_and_scale_are_those_of_the_colours() -> None:
    frame = rows(WEDGE, wedge)
    (bar,) = bars(draw(frame, request(WEDGE, limits=(1.0, 10.0), scale="linear")))
    norm = bar._colorbar.norm  # type: ignore[attr-defined]
    assert (type(norm).__name__, norm.vmin, norm.vmax) == ("Normalize", 1.0, 10.0)
    assert bar._colorbar.extend == "both"  # type: ignore[attr-defined]
    (bar,) = bars(draw(frame, request(WEDGE, limits=(0.1, 1000.0))))
    assert isinstance(bar._colorbar.norm, LogNorm)  # type: ignore[attr-defined]
    assert bar._colorbar.extend == "neither"  # type: ignore[attr-defined]


def test_limits_are_those_of_the_heights_of_lines() -> None:
    plain = request(WEDGE, y=None, series="eta_J", limits=(1.0, 10.0), scale="linear")
    axes = draw(rows(WEDGE, wedge), plain).axes[0]
    assert (axes.get_ylim(), axes.get_yscale()) == ((1.0, 10.0), "linear")


def test_a_logarithm_of_what_is_not_positive_is_refused() -> None:
    frame = rows(WEDGE, wedge, R=lambda cell: -cell["eta_w"])
    with pytest.raises(UsageError, match="scale: found log, for limits or values that are not pos"):
        draw(frame, request(WEDGE, value="R", scale="log"))


def test_signed_values_have_two_colours_around_zero() -> None:
    frame = rows(WEDGE, wedge, R=lambda cell: cell["eta_w"] - 1.5)
    figure = draw(frame, request(WEDGE, value="R"))
    (bar,) = bars(figure)
    norm = bar._colorbar.norm  # type: ignore[attr-defined]
    assert (norm.vmin, norm.vmax) == (-2.5, 2.5)
    middle = colours(panels(figure)[0])[0, WEDGE["eta_w"].index(1.5)]
    np.testing.assert_allclose(middle, SIGNED(0.5))


def test_level_lines_lie_where_the_values_pass_them() -> None:
    frame = rows(WEDGE, wedge, error_final=lambda cell: 10.0 ** -cell["eta_w"])
    figure = draw(frame, request(WEDGE, value="error_final", contours=(10.0**-2.25, 7.0)))
    for panel in panels(figure):
        lines = [c for c in panel.collections if type(c).__name__ == "QuadContourSet"]
        (path,) = lines[0].get_paths()
        np.testing.assert_allclose(path.vertices[:, 0], 2.25)  # type: ignore[index]


def test_labels_are_the_user_s_and_their_dollars_may_be_dollars() -> None:
    labels = {"eta_w": "costs in $", "eta_J": r"rate $\eta$", "time_to_target": "days"}
    figure = draw(rows(WEDGE, wedge), request(WEDGE, labels=labels))
    panel = panels(figure)[0]
    assert panel.get_ylabel() == r"rate $\eta$"
    assert bars(figure)[0].get_xlabel() == "days"
    assert panels(figure)[-1].get_xlabel() == r"costs in \$"


def test_width_and_resolution_are_those_of_the_picture(tmp_path: Path) -> None:
    figure = draw(rows(WEDGE, wedge), request(WEDGE, width=4.0, dpi=50))
    assert figure.get_size_inches()[0] == pytest.approx(4.0)
    assert figure.dpi == 50
    save(figure, tmp_path / "a.png", 50)
    header = (tmp_path / "a.png").read_bytes()[16:20]
    assert int.from_bytes(header) == 200


def test_a_single_value_of_the_file_s_y_is_named_and_not_drawn_along() -> None:
    found = asked("K eta_w eta_J", '[plot]\nx = "eta_w"\ny = "eta_J"\n', where={"eta_J": ["2"]})
    assert (found.x, found.y) == ("eta_w", "K")


def test_many_values_that_are_kept_are_named_by_the_first_and_the_last() -> None:
    axes: dict[str, Any] = {**WEDGE, "seed": list(range(12))}
    frame = rows(axes, wedge)
    for where, name in (
        (range(2, 10), "2 ≤ seed ≤ 9"),
        ((0, 1, 2, 3, 5, 6, 9), "seed = 0, …, 9 (7 values)"),
    ):
        figure = draw(frame, request(axes, where={"seed": tuple(where)}))
        assert [text.get_text() for text in figure.texts] == [name]
