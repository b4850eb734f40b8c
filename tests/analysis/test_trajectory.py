from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sweep.analysis.trajectory import Courses, Look, look_into, table, view
from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.grid.read import parse_grid
from sweep.models.base import Model
from sweep.models.fourier.pictures import SomeFeatures
from sweep.models.status import DIVERGED, REACHED

BODY = """
[fixed]
K = 2
M = 2
R0 = 0.1
eta_J = 6.0
alpha_max = 40.0
[axes]
eta_w = [2.0, 3.0, 9.0]
"""


def grid(body: str = BODY, model: str = "fo-anil") -> Grid:
    return parse_grid(Path("some.toml"), f'model = "{model}"\n{body}')


def looks(of: Grid, until: float | None = None, **named: str) -> list[Look]:
    return look_into(of, of.selected({name: [text] for name, text in named.items()}), until)


@pytest.mark.parametrize(
    "named",
    [{"eta_w": "3"}, {"eta_w": "9"}, {"eta_w": "2", "V": "100"}, {"eta_w": "2", "P": "50"}],
)
def test_the_error_at_every_time_is_that_of_a_window_which_ends_there(
    named: dict[str, str],
) -> None:
    of = grid()
    (look,) = looks(of, **named)
    trace = of.model.trace(look.cell, of.solver, look.until, 8)
    for i, time in enumerate(trace.time[1:], start=1):
        window = {**look.cell, "alpha_max": float(time), "target_error": 0.0}
        answers = of.model.solve(of.model.alone(window), of.solver)
        assert trace.series["error"][i] == answers.error_final[0]
        for name in ("Q", "R"):
            np.testing.assert_array_equal(trace.series[name][i].ravel(), answers.lists[name][0])


def test_a_trace_begins_at_the_start() -> None:
    of = grid()
    (look,) = looks(of, eta_w="3")
    trace = of.model.trace(look.cell, of.solver, look.until, 3)
    assert trace.series["error"][0] == look.answers.error_initial[0]
    np.testing.assert_array_equal(trace.series["Q"][0], 0.5 * np.eye(2))
    R = 0.1 * np.random.default_rng(0).random((2, 2))
    np.testing.assert_array_equal(trace.series["R"][0], R)
    np.testing.assert_allclose(trace.series["rho"][0], R / np.sqrt(0.5 * np.array([1.0, 2.0])))


def test_a_cell_is_followed_somewhat_beyond_its_target_or_to_the_end_of_its_window() -> None:
    reached, _, short = looks(grid())
    assert reached.crossing is not None
    assert reached.answers.status[0] == REACHED
    assert 1.5 * reached.crossing <= reached.until < 1.65 * reached.crossing
    assert float(f"{reached.until:.2g}") == reached.until
    assert short.crossing is None
    assert short.until == 40.0
    assert looks(grid(), target_error="5", eta_w="3")[0].until == 40.0


def test_the_window_may_be_moved() -> None:
    (look,) = looks(grid(), until=0.5, eta_w="3")
    assert (look.crossing, look.until, look.cell["alpha_max"]) == (None, 0.5, 0.5)
    assert look.answers.time_final[0] == 0.5


def test_what_diverges_is_followed_as_far_as_it_goes() -> None:
    of = grid()
    (look,) = looks(of, eta_w="9", V="2", eta_J="50", activation="linear")
    assert look.answers.status[0] == DIVERGED
    rows = table(of, [look], 100)
    assert 1 < len(rows) <= 100
    assert rows["alpha"].max() <= look.answers.time_final[0] < 40
    assert np.isfinite(rows["error"]).all()
    courses = view(of, of.selected({"eta_w": ["9"]}), [look], 100).content
    assert isinstance(courses, Courses)
    np.testing.assert_array_equal(courses.traces[0].time, rows["alpha"])


def test_what_diverges_at_its_start_has_no_course() -> None:
    of = grid()
    (look,) = looks(of, eta_w="9", Q0="5", inner_steps="400")
    with pytest.raises(UsageError, match="no course to show; the cell diverges at its very start"):
        table(of, [look], 10)


def test_cells_stand_below_one_another_with_what_tells_them_apart() -> None:
    of = grid(BODY.replace("K = 2\n", "").replace("[axes]", "[axes]\nK = [2, 3]"))
    rows = table(of, looks(of, eta_w="3"), 5)
    assert list(rows.columns[:2]) == ["K", "alpha"]
    assert rows["K"].tolist() == [2] * 5 + [3] * 5
    assert rows["Q_33"].notna().tolist() == [False] * 5 + [True] * 5
    assert not {"eta_w", "Q_21"} & set(rows.columns)


def test_units_of_two_digits_are_kept_apart() -> None:
    of = grid(BODY.replace("K = 2", "K = 10"))
    rows = table(of, looks(of, until=0.1, eta_w="3"), 2)
    assert {"Q_1_10", "Q_10_10", "R_10_2", "rho_1_1"} <= set(rows.columns)


def test_a_view_names_what_tells_cells_apart_and_what_they_share() -> None:
    of = grid()
    cells = of.selected({"V": ["100"], "seed": ["3"]})
    courses = view(of, cells, look_into(of, cells, 1.0), 20).content
    assert isinstance(courses, Courses)
    assert [look.apart for look in courses.looks] == [{"eta_w": w} for w in (2.0, 3.0, 9.0)]
    assert courses.shared == {"K": 2, "M": 2, "eta_J": 6.0, "V": 100.0, "R0": 0.1, "seed": 3}
    assert [len(trace.time) for trace in courses.traces] == [20] * 3


def test_several_values_of_a_fixed_parameter_stand_side_by_side() -> None:
    of = grid()
    cells = of.selected({"eta_w": ["3"], "V": ["100", "inf"]})
    found = look_into(of, cells, 1.0)
    assert [look.summary("alpha").partition(":")[0] for look in found] == ["V = 100", "V = inf"]
    assert table(of, found, 3)["V"].tolist() == [100.0] * 3 + [np.inf] * 3


def test_the_summary_says_what_a_cell_comes_to() -> None:
    reached, _, short = [look.summary("alpha") for look in looks(grid())]
    assert reached.startswith("eta_w = 2: reached at alpha = ")
    assert "→ 0.01; learned_units 2; rhs_evaluations" in reached
    assert short.startswith("eta_w = 9: not reached at alpha = 40; error ")


def test_more_cells_than_fit_are_refused() -> None:
    of = grid(BODY.replace("[axes]", "[axes]\nseed = [0, 1, 2]"))
    with pytest.raises(UsageError) as refusal:
        looks(of)
    assert str(refusal.value) == (
        "some.toml: 9 cells are left (values: seed 3, eta_w 3), of which at most 6 stand side by "
        "side; choose, as in seed=0 eta_w=2"
    )


def test_a_simulation_is_looked_into_alike() -> None:
    body = "[fixed]\nN = 40\nK = 2\nM = 2\nR0 = 0.1\nP = 5\nV = 5\nalpha_max = 1.0\n"
    of = grid(body, "fo-anil-simulation")
    found = looks(of)
    rows = table(of, found, 11)
    np.testing.assert_allclose(rows["alpha"], np.linspace(0, 1, 11), atol=1e-12)
    assert {"error", "Q_12", "R_21", "rho_22"} <= set(rows.columns)
    assert view(of, of.selected({}), found, 11).picture == "overlaps"


NOISY = """
[fixed]
N = 500
K = 2
M = 2
P = 50
V = 50
R0 = 0.1
eta_w = 4
eta_J = 4
target_error = 0.1
alpha_max = 10
[solver]
window = 0.3
n_test = inf
"""


def test_a_simulation_reaches_its_target_when_its_row_says() -> None:
    """The middle of the window whose average meets it; the run ends with that window."""
    of = grid(NOISY, "fo-anil-simulation")
    (look,) = looks(of)
    assert look.crossing == look.answers.time_to_target[0] == 1.673
    assert look.summary("alpha").startswith(
        "reached at alpha = 1.673, ended at 1.824; error 0.3725 → 0.09963, "
        "means over the first and the last Δα = 0.3; "
    )


@pytest.mark.parametrize(
    "named",
    [
        {},
        {"target_error": "0", "alpha_max": "1"},
        {"target_error": "0", "alpha_max": "0.1"},
        {"target_error": "1"},
    ],
    ids=["reached", "not reached", "less than a window", "reached at once"],
)
def test_the_table_of_a_simulation_begins_and_ends_as_its_row(named: dict[str, str]) -> None:
    of = grid(NOISY, "fo-anil-simulation")
    (look,) = looks(of, **named)
    assert look.until >= look.answers.time_final[0]
    errors = table(of, [look], 11)["error"]
    assert errors.iloc[0] == look.answers.error_initial[0]
    if look.crossing is None:
        assert errors.iloc[-1] == look.answers.error_final[0]
    else:
        trace = of.model.trace(look.cell, of.solver, float(look.answers.time_final[0]), 11)
        assert trace.series["error"][-1] == look.answers.error_final[0]


def test_a_fourier_run_has_steps_and_pictures_with_names() -> None:
    of = grid("[fixed]\nmax_steps = 6\ntarget_error = 0\n", "fourier-maml")
    found = looks(of)
    rows = table(of, found, 4)
    assert rows["step"].tolist() == [0, 2, 4, 6]
    assert rows["error"][0] == found[0].answers.error_initial[0]
    assert rows["error"].iloc[-1] == found[0].answers.error_final[0]
    assert view(of, of.selected({}), found, 4).picture == "run"
    features = view(of, of.selected({}), found, 4, "features").content
    assert isinstance(features, SomeFeatures)
    assert features.chosen == [0, 1, 2, 3, 4, 9, 40, 500]
    with pytest.raises(
        UsageError, match="wights: no such picture of fourier-maml; did you mean we"
    ):
        view(of, of.selected({}), found, 4, "wights")
    with pytest.raises(UsageError, match="max_steps: found"):
        looks(of, until=2.5)


def test_a_picture_of_one_cell_refuses_several() -> None:
    of = grid('[fixed]\nmax_steps = 2\n[axes]\ninit = ["ones", "uniform"]\n', "fourier-maml")
    cells = of.selected({})
    with pytest.raises(UsageError) as refusal:
        view(of, cells, looks(of), 4, "run")
    assert str(refusal.value) == (
        'init: has 2 values, of which this picture shows one; choose, as in init="ones"'
    )
    assert view(of, cells, looks(of), 4, "weights").picture == "weights"


def test_a_model_that_shows_no_course_says_so() -> None:
    class Silent(Model):
        name = "silent"

        def cost(self, *_: Any) -> float:
            return 0.0

        def warm_up(self, *_: Any) -> None:
            pass

        def solve(self, *_: Any) -> Any:
            return None

    cell: Mapping[str, Any] = {}
    with pytest.raises(UsageError, match="model silent: shows no course of a cell"):
        Silent().trace(cell, cell, 1.0, 10)
