"""Which axis of a grid has which part in its picture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sweep.errors import UsageError
from sweep.grid.read import parse_grid
from sweep.plots.picture import Choices, make_request
from sweep.plots.request import PictureRequest

AXES = {
    "eta_w": "eta_w = [1, 2, 3]",
    "eta_J": "eta_J = [1, 2, 4]",
    "K": "K = [3, 4, 5]",
    "M": "M = [2, 3, 4]",
    "V": "V = [100, inf]",
    "seed": "seed = [0, 1]",
}


def request(axes: str, rest: str = "", **choices: Any) -> PictureRequest:
    lines = "\n".join(AXES[name] for name in axes.split())
    text = f'title = "A grid"\nmodel = "fo-anil"\n[axes]\n{lines}\n{rest}'
    return make_request(parse_grid(Path("some.toml"), text), Choices(**choices))


def parts(found: PictureRequest) -> dict[str, str]:
    return {part: name for part, name in found.parts.items() if name is not None}


@pytest.mark.parametrize(
    ("axes", "expected"),
    [
        ("eta_w", {"x": "eta_w"}),
        ("K", {"x": "K"}),
        ("seed", {"x": "seed"}),
        ("eta_w seed", {"x": "eta_w"}),
        ("eta_J eta_w", {"x": "eta_w", "y": "eta_J"}),
        ("K eta_w", {"x": "eta_w", "y": "K"}),
        ("K eta_w eta_J", {"x": "eta_w", "y": "eta_J", "facet": "K"}),
        ("K eta_w eta_J seed", {"x": "eta_w", "y": "eta_J", "facet": "K"}),
        ("V K eta_w eta_J", {"x": "eta_w", "y": "eta_J", "rows": "V", "columns": "K"}),
    ],
)
def test_a_grid_without_a_plot_section_is_guessed_at(axes: str, expected: dict[str, str]) -> None:
    assert parts(request(axes)) == expected


@pytest.mark.parametrize(
    ("plot", "expected"),
    [
        ('x = "K"', {"x": "K", "series": "eta_w", "facet": "eta_J"}),
        ('y = "K"', {"x": "eta_w", "y": "K", "facet": "eta_J"}),
        ('facet = "eta_w"', {"x": "eta_J", "y": "K", "facet": "eta_w"}),
        ('series = "eta_J"', {"x": "eta_w", "series": "eta_J", "facet": "K"}),
        ('x = "eta_J"\nfacet = "K"', {"x": "eta_J", "y": "eta_w", "facet": "K"}),
        ('rows = "K"', {"x": "eta_w", "y": "eta_J", "rows": "K"}),
        ('x = "eta_J"\ncolumns = "K"', {"x": "eta_J", "y": "eta_w", "columns": "K"}),
    ],
)
def test_what_the_grid_file_leaves_open_is_guessed_at(plot: str, expected: dict[str, str]) -> None:
    assert parts(request("K eta_w eta_J", f"[plot]\n{plot}")) == expected


HEATMAP = '[plot]\nx = "eta_w"\ny = "eta_J"\nfacet = "K"\n'


@pytest.mark.parametrize(
    ("choices", "expected"),
    [
        ({"x": "eta_J"}, {"x": "eta_J", "y": "eta_w", "facet": "K"}),
        ({"facet": "eta_J"}, {"x": "eta_w", "y": "K", "facet": "eta_J"}),
        ({"series": "eta_J"}, {"x": "eta_w", "series": "eta_J", "facet": "K"}),
        ({"series": "K"}, {"x": "eta_w", "series": "K", "facet": "eta_J"}),
        ({"x": "K", "y": "eta_w"}, {"x": "K", "y": "eta_w", "facet": "eta_J"}),
    ],
)
def test_the_command_line_comes_before_the_grid_file(
    choices: dict[str, str], expected: dict[str, str]
) -> None:
    assert parts(request("K eta_w eta_J", HEATMAP, **choices)) == expected


def test_a_y_on_the_command_line_makes_a_heatmap_of_lines() -> None:
    lines = '[plot]\nx = "eta_w"\nseries = "eta_J"\n'
    assert parts(request("eta_w eta_J K", lines, y="K")) == {
        "x": "eta_w",
        "y": "K",
        "facet": "eta_J",
    }


def test_zipped_axes_have_one_part_between_them() -> None:
    zipped = '[grid]\nzip = [["K", "M"]]\n'
    assert parts(request("K M eta_w", zipped)) == {"x": "eta_w", "y": "K"}
    assert parts(request("K M eta_w", zipped, facet="M")) == {"x": "eta_w", "facet": "M"}


def test_an_axis_of_which_one_value_is_kept_needs_no_part() -> None:
    found = request("K eta_w eta_J", where={"K": ["4"]})
    assert parts(found) == {"x": "eta_w", "y": "eta_J"}
    assert found.where == {"K": (4,)}


def test_an_axis_of_which_several_values_are_kept_has_a_part() -> None:
    found = request("K eta_w eta_J", where={"K": ["3", "5", "3.0"]})
    assert parts(found) == {"x": "eta_w", "y": "eta_J", "facet": "K"}
    assert found.where == {"K": (3, 5)}


def test_value_title_and_level_are_those_of_the_grid_file() -> None:
    plot = '[plot]\nvalue = "error_final"\nlevel = 0.01\n'
    found = request("eta_w", plot)
    assert (found.value, found.title, found.level) == ("error_final", "A grid", 0.01)


def test_the_title_and_the_level_do_not_speak_of_another_value() -> None:
    plot = '[plot]\nvalue = "error_final"\nlevel = 0.01\n'
    found = request("eta_w", plot, value="wall_s")
    assert (found.value, found.title, found.level) == ("wall_s", "", None)


def test_without_a_target_that_can_be_met_the_error_is_drawn() -> None:
    for without in ("[fixed]\ntarget_error = 0\n", "target_error = [0]\n"):
        assert request("eta_w", without).value == "error_final"
        assert request("eta_w", without, value="wall_s").value == "wall_s"
        own = without + '[plot]\nvalue = "time_to_target"\n'
        assert request("eta_w", own).value == "time_to_target"
    assert request("eta_w", "target_error = [0, 0.1]\n").value == "time_to_target"
    assert request("eta_w").value == "time_to_target"


def test_ends_of_windows_are_times_where_no_target_is_met() -> None:
    windows = "alpha_max = [1, 2]\n[fixed]\ntarget_error = 0\n"
    assert request("eta_w", windows, value="error_final").at_times == "alpha_max"
    assert request("eta_w", windows, value="wall_s").at_times is None
    assert request("eta_w", "alpha_max = [1, 2]\n", value="error_final").at_times is None


@pytest.mark.parametrize(
    ("axes", "choices", "message"),
    [
        ("", {}, "some.toml: has no axis to draw over; `sweep cell` shows a single cell"),
        ("K", {"facet": "K"}, "no axis is left for x"),
        ("K", {"where": {"eta": ["3"]}}, "eta: no such axis"),
        ("K", {"where": {"K": ["3", "x"]}}, 'K: found "x"'),
    ],
)
def test_what_cannot_be_drawn_is_refused(axes: str, choices: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        request(axes, **choices)
    assert message in str(refusal.value)


def test_the_model_s_preferred_axes_are_the_first_and_its_columns_have_its_labels() -> None:
    text = 'model = "fourier-maml"\n[axes]\nD = [5, 7]\nouter_rate = [1, 2]\ninner_rate = [1, 2]\n'
    found = make_request(parse_grid(Path("some.toml"), text), Choices())
    assert parts(found) == {"x": "inner_rate", "y": "outer_rate", "facet": "D"}
    assert request("eta_w").columns["learned_units"].label == "teacher units learned"
    assert not found.columns
