"""The model from the outside: cells in, answers out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from sweep.errors import ParameterError
from sweep.models.base import Answers, Trajectory
from sweep.models.cells import Cells, group_by
from sweep.models.fo_anil.model import MODEL
from sweep.models.parameters import Value
from sweep.models.status import DIVERGED, NOT_REACHED, REACHED

SOLVER = {setting.name: setting.default for setting in MODEL.solver}
INF = np.inf


def cell(**named: Any) -> dict[str, Value]:
    """A cell in canonical form, with defaults filled in."""
    known = {parameter.name: parameter for parameter in MODEL.parameters}
    assert not set(named) - set(known)
    return {name: p.coerce(named.get(name, p.default)) for name, p in known.items()}


def table(rows: Sequence[dict[str, Value]]) -> Cells:
    values = {name: tuple(dict.fromkeys(row[name] for row in rows)) for name in rows[0]}
    codes = {
        name: np.array([values[name].index(row[name]) for row in rows], dtype=np.int32)
        for name in values
    }
    return Cells(values, codes)


def together(rows: Sequence[dict[str, Value]]) -> Trajectory:
    """One trajectory for all of these cells."""
    names = MODEL.answered_together
    shared = {name: value for name, value in rows[0].items() if name not in names}
    varying = {name: np.array([row[name] for row in rows], dtype=float) for name in names}
    return Trajectory(np.arange(len(rows)), shared, varying)


def solve(*rows: dict[str, Value]) -> Answers:
    return MODEL.solve(together(rows), SOLVER)


def test_a_reached_cell_has_its_time_and_the_state_at_that_time() -> None:
    found = solve(cell())
    assert found.status.tolist() == [REACHED]
    assert found.time_to_target == pytest.approx([29.8644994], abs=1e-6)
    assert found.time_final.tolist() == found.time_to_target.tolist()
    assert found.error_initial == pytest.approx([0.66889273770], abs=1e-10)
    assert found.error_final.tolist() == [0.01]
    assert found.lists["Q"].shape == found.lists["R"].shape == (1, 9)
    assert found.lists["alignment"].shape == (1, 3)
    assert found.numbers["learned_units"].tolist() == [3]
    assert list(found.message) == [""]
    assert found.rhs_evaluations > 100


def test_a_cell_out_of_reach_ends_with_its_window() -> None:
    found = solve(cell(eta_w=9.0))
    assert found.status.tolist() == [NOT_REACHED]
    assert np.isnan(found.time_to_target).all()
    assert found.time_final.tolist() == [450.0]
    assert found.error_final == pytest.approx([0.037319], abs=1e-6)


def test_a_cell_below_its_target_at_the_start_is_reached_at_once() -> None:
    found = solve(cell(target_error=0.7))
    assert (found.status[0], found.time_to_target[0]) == (REACHED, 0.0)
    assert found.error_final[0] == found.error_initial[0] < 0.7
    np.testing.assert_array_equal(found.lists["Q"][0], (np.eye(3) / 2).ravel())


def test_a_cell_that_runs_away_says_when() -> None:
    found = solve(cell(eta_J=1e10, V=1), cell(eta_J=1e10, V=1, alpha_max=1e-12))
    assert found.status.tolist() == [DIVERGED, NOT_REACHED]
    assert np.isnan(found.time_to_target).all()
    assert 0 < found.time_final[0] < 450
    assert "beyond 1e+08 at α = " in found.message[0]


def test_an_inner_loop_that_diverges_is_named() -> None:
    found = solve(cell(inner_steps=10_000, eta_w=10.0))
    assert found.status.tolist() == [DIVERGED]
    assert "inner loop diverges" in found.message[0]
    assert found.rhs_evaluations < 10


VARIED = [
    {"eta_J": eta_J, "target_error": target, "alpha_max": window}
    for eta_J, target, window in [
        (3.0, 0.01, 450.0), (3.0, 0.01, 20.0), (3.0, 0.1, 450.0), (0.7, 0.01, 450.0),
        (0.7, 0.3, 33.0), (12.0, 0.05, 8.0), (12.0, 0.9, 450.0), (5.0, 0.0, 100.0),
    ]
]  # fmt: skip


@pytest.mark.parametrize("common", [{}, {"eta_w": 4.0}, {"K": 5, "eta_w": 2.0, "seed": 3}])
def test_answers_do_not_depend_on_which_cells_share_a_trajectory(common: dict[str, Any]) -> None:
    same_answers([cell(**common, **varied) for varied in VARIED])


def test_answers_at_finite_V_do_not_depend_on_which_cells_share_a_trajectory() -> None:
    same_answers([cell(eta_w=2.5, V=25 * v["eta_J"], **v) for v in VARIED if v["eta_J"] != 0.7])


def same_answers(rows: list[dict[str, Value]]) -> None:
    all_at_once = solve(*rows)
    for i, row in enumerate(rows):
        alone = solve(row)
        for name in ("status", "time_to_target", "error_initial", "error_final", "time_final"):
            np.testing.assert_array_equal(getattr(all_at_once, name)[i], getattr(alone, name)[0])
        for name, found in alone.lists.items():
            np.testing.assert_array_equal(all_at_once.lists[name][i], found[0])
        assert all_at_once.numbers["learned_units"][i] == alone.numbers["learned_units"][0]
        assert all_at_once.message[i] == alone.message[0]


def test_without_diffusion_eta_J_is_the_clock() -> None:
    found = solve(cell(eta_J=3.0), cell(eta_J=12.0))
    assert found.time_to_target[0] == pytest.approx(4 * found.time_to_target[1], rel=1e-14)


def test_with_diffusion_eta_J_is_the_clock_at_a_fixed_ratio_to_V() -> None:
    times = [solve(cell(eta_J=3 * c, V=100 * c)).time_to_target[0] for c in (1, 2, 5)]
    assert times == pytest.approx([times[0], times[0] / 2, times[0] / 5], rel=1e-12)
    assert solve(cell(eta_J=3, V=50)).time_to_target[0] != pytest.approx(times[0], rel=1e-4)


def trajectories(rows: list[dict[str, Value]]) -> int:
    cells = table(rows)
    keys = [cells.codes[name] for name in cells.codes if name not in MODEL.answered_together]
    return int(group_by([*keys, *MODEL.dynamics_keys(cells)])[0].max()) + 1


def test_cells_that_differ_in_the_clock_and_the_question_share_a_trajectory() -> None:
    rows = [cell(**varied) for varied in VARIED]
    assert trajectories(rows) == 1
    assert trajectories([{**row, "V": 100.0} for row in rows]) == 4  # of as many η_J
    assert trajectories([cell(eta_J=e, V=50 * e) for e in (1.0, 2.0, 4.0)]) == 1
    assert trajectories([cell(eta_J=e, weight_decay=e / 100) for e in (1.0, 2.0, 4.0)]) == 1
    assert trajectories([cell(eta_J=e, weight_decay=0.01) for e in (1.0, 2.0, 4.0)]) == 3
    for name, value in {"eta_w": 2.0, "seed": 1, "K": 4, "sigma_u": 2.0, "Q0": 0.4}.items():
        assert trajectories([cell(), cell(**{name: value})]) == 2


def test_weight_decay_is_per_unit_of_alpha() -> None:
    # Cells of one trajectory: the decay a unit of α differs, that a unit of τ does not.
    rows = [cell(eta_J=e, weight_decay=e / 300) for e in (3.0, 6.0)]
    found = solve(*rows)
    assert found.time_to_target[0] == pytest.approx(2 * found.time_to_target[1], rel=1e-12)
    assert found.time_to_target[0] != pytest.approx(29.8644994, rel=1e-3)


def test_an_explicit_start_agrees_with_the_same_start_drawn() -> None:
    drawn = (1e-12 * np.random.default_rng(0).random((3, 3))).tolist()
    explicit = cell(R0=drawn, Q0=(np.eye(3) / 2).tolist(), teacher=np.diag([1, 2, 3]).tolist())
    rounded_to_12_digits = solve(explicit).time_to_target[0]
    assert rounded_to_12_digits == pytest.approx(solve(cell()).time_to_target[0], rel=1e-11)


def test_the_start_of_another_seed_takes_another_time() -> None:
    times = [solve(cell(seed=seed)).time_to_target[0] for seed in range(8)]
    assert len(set(times)) == 8
    assert (min(times), max(times)) == pytest.approx((25.5, 33.8), abs=0.05)


SYMMETRIC = [{"R0": 0}, {"R0": [[1e-12] * 3] * 3}, {"R0": [[0, 0, 0], [0.1, 0, 0], [0.1, 0, 0]]}]


@pytest.mark.parametrize("named", SYMMETRIC)
def test_a_start_with_interchangeable_units_warns_once(named: dict[str, Any]) -> None:
    cells = table([cell(**named, seed=seed, eta_w=w) for seed in range(5) for w in (1.0, 2.0)])
    (line,) = MODEL.warnings(cells)
    assert "interchangeable" in line
    assert "R0 = 1e-12" in line
    assert "\n" not in line


def test_a_start_with_units_apart_does_not_warn() -> None:
    apart = [
        {},
        {"R0": 1e-12, "K": 9},
        {"K": 1, "R0": 0},
        {"R0": [[0, 0, 1e-9], [0] * 3, [1e-9, 0, 0]]},
    ]
    for named in apart:
        assert MODEL.warnings(table([cell(**named)])) == []


def test_a_loosely_solved_cell_is_another_answer() -> None:
    loose = MODEL.solve(together([cell()]), {"rtol": 1e-3, "atol": 1e-12})
    assert loose.time_to_target[0] != pytest.approx(29.8644994, abs=1e-6)
    assert loose.rhs_evaluations < solve(cell()).rhs_evaluations


def test_finite_P_goes_with_one_inner_step_only() -> None:
    for constraint in MODEL.constraints:
        if "inner_steps" in constraint.names:
            with pytest.raises(ParameterError, match="inner_steps = 1 only"):
                constraint.check(cell(P=100, inner_steps=2))
            constraint.check(cell(P=INF, inner_steps=2))
            constraint.check(cell(P=100, inner_steps=1))


@pytest.mark.parametrize("named", [{}, {"K": 9}, {"V": 100.0, "K": 6}, {"M": 1, "K": 1}])
def test_the_forecast_is_a_positive_time_that_grows_with_the_problem(named: dict[str, Any]) -> None:
    forecast = MODEL.cost(together([cell(**named)]), SOLVER)
    larger = MODEL.cost(together([cell(**{**named, "M": 10})]), SOLVER)
    assert 0 < forecast < larger < 10


@pytest.mark.parametrize(
    ("dear", "cheap", "times"),
    [
        ({"K": 9, "V": 100.0}, {"K": 9}, 3),  # the noise of V samples is most of the work there
        ({"K": 9, "V": 100.0}, {"V": 100.0}, 5),
        ({"P": 100.0}, {}, 3),
        ({"activation": "relu"}, {}, 2),
        ({"target_error": 0.0}, {}, 1.2),  # that is never met
        ({"K": 3, "M": 4}, {"K": 4, "M": 4}, 1.0),  # nor is one with too few units
    ],
)
def test_the_forecast_knows_what_is_dear(
    dear: dict[str, Any], cheap: dict[str, Any], times: float
) -> None:
    one, other = (MODEL.cost(together([cell(**named)]), SOLVER) for named in (dear, cheap))
    assert one > times * other


def test_a_trace_is_the_trajectory_of_the_cell() -> None:
    trace = MODEL.trace(cell(), SOLVER, until=60.0, points=31)
    assert trace.time.tolist() == np.linspace(0, 60, 31).tolist()
    at_30 = solve(cell(alpha_max=30.0, target_error=0.0))
    assert trace.series["error"][15] == at_30.error_final[0]
    np.testing.assert_array_equal(trace.series["R"][15].ravel(), at_30.lists["R"][0])
    assert trace.series["error"][0] == at_30.error_initial[0]
    assert trace.series["rho"].shape == (31, 3, 3)
