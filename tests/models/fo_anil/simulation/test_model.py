"""The model: its parameters, its rows, and what it settles at."""

from __future__ import annotations

import math
from dataclasses import fields

import numpy as np
import pytest

from sweep.errors import ParameterError
from sweep.models import load
from sweep.models.base import Answers, Trajectory
from sweep.models.fo_anil.parameters import ACTIVATION, PARAMETERS
from sweep.models.fo_anil.simulation.curves import Curves, curves
from sweep.models.fo_anil.simulation.model import DIMENSION, MODEL
from sweep.models.parameters import Value
from sweep.models.status import DIVERGED, NOT_REACHED, REACHED

DEFAULTS: dict[str, Value] = {p.name: p.default for p in MODEL.parameters}
SOLVER: dict[str, Value] = {p.name: p.default for p in MODEL.solver}
SMALL: dict[str, Value] = {**DEFAULTS, "N": 100, "P": 20.0, "V": 20.0, "eta_w": 4.0, "eta_J": 6.0}
FIGURE_2: dict[str, Value] = {**DEFAULTS, "eta_w": 4.0, "eta_J": 6.0, "alpha_max": 40.0}


def solve(cell: dict[str, Value], targets: list[float], ends: list[float]) -> Answers:
    together = MODEL.answered_together
    shared = {name: value for name, value in cell.items() if name not in together}
    varying = {"target_error": np.array(targets), "alpha_max": np.array(ends)}
    return MODEL.solve(Trajectory(np.arange(len(targets)), shared, varying), SOLVER)


def check(**changed: Value) -> None:
    for constraint in MODEL.constraints:
        constraint.check({**DEFAULTS, **changed})


def test_it_is_in_the_table_under_its_name() -> None:
    assert load("fo-anil-simulation") is MODEL


def test_its_parameters_are_the_theory_s_and_the_dimension() -> None:
    expected = (*PARAMETERS, ACTIVATION, DIMENSION)
    assert {p.name for p in MODEL.parameters} == {p.name for p in expected}
    assert (DEFAULTS["N"], DEFAULTS["P"], DEFAULTS["V"]) == (1000, 100, 100)


@pytest.mark.parametrize("name", ["P", "V"])
def test_infinitely_many_samples_cannot_be_drawn(name: str) -> None:
    (parameter,) = (p for p in MODEL.parameters if p.name == name)
    with pytest.raises(ParameterError, match=f"{name}: found inf; allowed is an integer ≥ 1"):
        parameter.coerce(math.inf)


def test_too_few_dimensions_are_refused() -> None:
    with pytest.raises(ParameterError, match=r"N: found 11; allowed is ≥ 2 \(K \+ M\) = 12"):
        check(N=11)


def test_defaults_meet_the_constraints() -> None:
    check()


def test_rows_do_not_depend_on_their_company() -> None:
    targets, ends = [0.3, 0.2, 0.01, 0.3, 0.25], [20.0, 30.0, 10.0, 0.5, 0.01]
    together = solve(SMALL, targets, ends)
    assert {REACHED, NOT_REACHED} == set(together.status)
    for i in range(len(targets)):
        alone = solve(SMALL, targets[i : i + 1], ends[i : i + 1])
        for field in fields(Answers):
            if field.name in ("rhs_evaluations", "numbers"):
                continue
            if field.name == "lists":
                for name in MODEL.list_columns:
                    np.testing.assert_array_equal(together.lists[name][i], alone.lists[name][0])
                continue
            np.testing.assert_array_equal(
                getattr(together, field.name)[i], getattr(alone, field.name)[0]
            )


def test_list_columns_have_the_overlaps_of_every_cell() -> None:
    rows = solve({**SMALL, "K": 2}, [0.1, 0.01], [1.0, 2.0])
    assert {name: column.shape for name, column in rows.lists.items()} == {"Q": (2, 4), "R": (2, 6)}


def test_a_cell_ends_by_its_alpha_max() -> None:
    rows = solve(SMALL, [0.0, 0.3], [3.0, 20.0])
    assert rows.time_final[0] == 3
    assert rows.status[1] == REACHED
    assert rows.time_to_target[1] == pytest.approx(rows.time_final[1] - 0.03)


def test_a_cell_that_blows_up_says_so() -> None:
    rows = solve({**SMALL, "weight_decay": 1e6}, [0.0], [20.0])
    assert rows.status == [DIVERGED]
    assert "no longer finite" in rows.message[0]


def test_the_forecast_grows_with_the_work() -> None:
    target = {"target_error": np.array([0.01])}
    shared = Trajectory(np.arange(1), FIGURE_2, {**target, "alpha_max": np.array([40.0])})
    larger = Trajectory(
        np.arange(1), {**FIGURE_2, "V": 400.0}, {**target, "alpha_max": np.array([80.0])}
    )
    assert 0 < 4 * MODEL.cost(shared, SOLVER) < MODEL.cost(larger, SOLVER)


def curve(cell: dict[str, Value], points: int, **solver: Value) -> Curves:
    return curves(cell, {**SOLVER, **solver}, points)


def test_curves_begin_at_the_start_and_reach_the_end() -> None:
    found = curve({**SMALL, "alpha_max": 3.0}, 31)
    np.testing.assert_allclose(found.time, np.linspace(0, 3, 31))
    np.testing.assert_array_equal(found.Q[0], 0.5 * np.eye(3))
    rows = solve(SMALL, [0.0], [3.0])
    np.testing.assert_array_equal(found.Q[-1].ravel(), rows.lists["Q"][0])
    np.testing.assert_array_equal(found.R[-1].ravel(), rows.lists["R"][0])


def test_curves_average_the_error_over_a_whole_window_around_each_time() -> None:
    cell = {**SMALL, "alpha_max": 3.0}
    single = curve(cell, 301, window=0.0).error
    assert len(single) == 301
    smooth = curve(cell, 301, window=0.1).error
    first = [min(max(i - 5, 0), 290) for i in range(301)]
    expected = [single[i : i + 10].mean() for i in first]
    np.testing.assert_allclose(smooth, expected, rtol=1e-12)


def test_curves_end_where_the_simulation_diverges() -> None:
    found = curve({**SMALL, "weight_decay": 1e6, "alpha_max": 20.0}, 201, window=0.0)
    assert 0 < found.time[-1] < 20
    assert np.isfinite(found.error).all()
    assert np.isfinite(found.Q).all()


def test_curves_of_less_than_a_window_average_what_there_is() -> None:
    cell = {**SMALL, "weight_decay": 1e6, "alpha_max": 20.0}
    single = curve(cell, 2001, window=0.0)
    found = curve(cell, 2001, window=15.0)
    np.testing.assert_array_equal(found.time, single.time)
    np.testing.assert_allclose(found.error, single.error[:-1].mean(), rtol=1e-12)


def test_samples_lift_the_error_as_finite_p_and_v_theory_has_it() -> None:
    """0.0388 at P = V = 100, against 0.0165 at P = V = ∞; the mean over 5 runs, within 3 %."""
    late = []
    for seed in range(5):
        found = curve({**FIGURE_2, "seed": seed}, 400, n_test=math.inf)
        late.append(found.error[found.time > 20].mean())
    assert np.mean(late) == pytest.approx(0.0388, rel=0.03)
