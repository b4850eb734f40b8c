"""Cells with every option: their times, how they end at the edges, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sweep.errors import ParameterError
from sweep.models.base import Answers
from sweep.models.fo_anil import parameters
from sweep.models.fo_anil.activations import ACTIVATIONS, unsupported
from sweep.models.fo_anil.model import MODEL
from sweep.models.fo_anil.simulation import setting
from sweep.models.status import Status
from tests import oracle
from tests.oracle import INF

SOLVER = {parameter.name: parameter.default for parameter in MODEL.solver}

START: dict[str, Any] = {"K": 2, "M": 2, "R0": [[0.2, 0.05], [-0.03, 0.15]]}


def cell(**given: Any) -> dict[str, Any]:
    """The values of a cell, as a grid would hold them."""
    values = {parameter.name: parameter.default for parameter in MODEL.parameters}
    for parameter in MODEL.parameters:
        if parameter.name in given:
            values[parameter.name] = parameter.coerce(given[parameter.name])
    for constraint in MODEL.constraints:
        constraint.check({name: values[name] for name in constraint.names})
    return values


def answer(**given: Any) -> Answers:
    return MODEL.solve(MODEL.alone(cell(**given)), SOLVER)


def status(answers: Answers) -> str:
    return Status(answers.status[0]).word


KNOWN = [
    ({"P": 100}, 3.408234035),
    ({"P": 100, "V": 100}, 3.436602618),
    (
        {"P": 30, "V": 50, "sigma_u": 0.8, "sigma_y": 0.3, "sigma_B": 0.4, "weight_decay": 0.01},
        8.323504020,
    ),
    ({"inner_steps": 3, "V": 100}, 1.457873658),
    ({"inner_steps": INF}, 1.089710147),
]
"""Times by the oracle, which takes long at finite P."""


@pytest.mark.parametrize(("options", "time"), KNOWN)
def test_times_have_their_known_values(options: dict[str, Any], time: float) -> None:
    found = answer(**START, eta_w=2, eta_J=3, target_error=0.06, **options)
    assert found.time_to_target[0] == pytest.approx(time, abs=2e-6)


EVERY = {"sigma_u": 0.9, "sigma_y": 0.3, "sigma_B": 0.2, "weight_decay": 0.01}
OPTIONS = [
    {"V": 20.0},
    {"sigma_u": 0.8},
    {"sigma_y": 0.5, "V": 20.0},
    {"sigma_B": 0.3},
    {"weight_decay": 0.01},
    {"inner_steps": 3.0},
    {"inner_steps": INF, **EVERY},
    {"inner_steps": 2.0, "V": 30.0, **EVERY},
    {"activation": "linear"},
    {"activation": "linear", "P": 30.0},
    {"activation": "linear", "P": 30.0, "V": 50.0, **EVERY},
    {"activation": "linear", "inner_steps": 3.0, "V": 50.0, **EVERY},
    {"activation": "linear", "inner_steps": INF, **EVERY},
    {"activation": "relu"},
    {"activation": "relu", **EVERY},
    {"activation": "relu", "inner_steps": 3.0},
    {"activation": "relu", "inner_steps": INF},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_times_agree_with_the_plain_integration(options: dict[str, Any]) -> None:
    Q, R, T = np.eye(2) / 2, START["R0"], np.diag([1.0, 2.0])
    start = oracle.error(Q, R, T, 0.5, **{k: v for k, v in options.items() if k not in OUTER})
    target = round(0.7 * start, 3)
    expected = oracle.integrate(Q, R, T, 0.5, 3.0, target, 20.0, **options)
    found = answer(**START, eta_w=0.5, eta_J=3, target_error=target, alpha_max=20, **options)
    assert status(found) == expected.status == "reached"
    assert found.time_to_target[0] == pytest.approx(expected.time, abs=2e-6)
    np.testing.assert_allclose(found.lists["Q"][0], expected.Q.ravel(), atol=1e-7)
    np.testing.assert_allclose(found.lists["R"][0], expected.R.ravel(), atol=1e-7)


OUTER = ("V", "weight_decay")
"""Options that the error does not depend on."""


TWINS: dict[str, Any] = {
    "K": 3,
    "Q0": [[0.5, 0.5, 0], [0.5, 0.5, 0], [0, 0, 0.5]],
    "R0": [[0.1, 0.05, 0.02], [0.1, 0.05, 0.02], [0.05, 0.2, 0.1]],
}
EVERY_ACTIVATION = pytest.mark.parametrize("activation", ACTIVATIONS)


@EVERY_ACTIVATION
def test_least_squares_of_coinciding_units_says_that_it_has_no_one_solution(
    activation: str,
) -> None:
    found = answer(**TWINS, inner_steps=INF, activation=activation)
    assert status(found) == "diverged"
    assert "no one solution where student units coincide" in found.message[0]
    assert found.rhs_evaluations == 1


@EVERY_ACTIVATION
@pytest.mark.parametrize("inner_steps", [1, 3])
def test_coinciding_units_move_together(activation: str, inner_steps: int) -> None:
    options = {"inner_steps": inner_steps, "activation": activation, "eta_w": 1}
    found = answer(**TWINS, **options, target_error=0, alpha_max=5)
    assert status(found) == "not_reached"
    R = found.lists["R"].reshape(3, 3)
    np.testing.assert_allclose(R[0], R[1], rtol=1e-9, atol=1e-12)


def test_coinciding_rectified_linear_units_come_to_rest() -> None:
    # A Jacobian by differences would leave the covariances there.
    found = answer(**TWINS, eta_w=1, activation="relu", target_error=0)
    assert status(found) == "not_reached"


@EVERY_ACTIVATION
def test_a_unit_of_length_zero_stays_so(activation: str) -> None:
    Q0, R0 = np.diag([0, 0.5, 0.5]), [[0, 0, 0], *TWINS["R0"][1:]]
    found = answer(Q0=Q0.tolist(), R0=R0, eta_w=1, activation=activation, target_error=0)
    assert status(found) == "not_reached"
    assert np.all(found.lists["R"].reshape(3, 3)[0] == 0)


def test_rectified_linear_units_need_no_overlap_to_begin_with() -> None:
    lengths = [[0.4, 0, 0], [0, 0.5, 0], [0, 0, 0.6]]
    found = answer(Q0=lengths, R0=0, activation="relu", inner_steps=INF)
    assert status(found) == "reached"


def test_rectified_linear_units_that_start_alike_stay_so() -> None:
    found = answer(R0=0, activation="relu", inner_steps=INF, alpha_max=50)
    assert status(found) == "not_reached"
    R, Q = found.lists["R"].reshape(3, 3), found.lists["Q"].reshape(3, 3)
    np.testing.assert_array_equal(R, np.tile(R[0], (3, 1)))
    np.testing.assert_array_equal(np.diag(Q), np.full(3, Q[0, 0]))


@EVERY_ACTIVATION
def test_an_inner_loop_that_diverges_from_the_start_says_so_at_once(activation: str) -> None:
    found = answer(eta_w=30, inner_steps=50, activation=activation)
    assert status(found) == "diverged"
    assert "the inner loop diverges: η_w λ_max(I_JJ) = " in found.message[0]
    assert found.rhs_evaluations == 1


def test_an_inner_loop_at_the_edge_comes_to_rest_in_few_steps_and_says_so() -> None:
    # All modes of the inner loop turn over without decaying: after 50 steps nothing is learned.
    found = answer(eta_w=9, inner_steps=50)
    assert status(found) == "not_reached"
    assert "the inner loop is about to diverge: η_w λ_max(I_JJ) = 2" in found.message[0]
    assert found.error_final[0] == pytest.approx(found.error_initial[0], rel=1e-3)
    assert found.rhs_evaluations < 20_000


def test_overlaps_that_vanish_but_for_rounding_ask_for_no_shorter_steps() -> None:
    # Least squares of linear units leaves Q as it is; Q_kl = 0 stays at 1e-17, not at 0.
    found = answer(**START, activation="linear", inner_steps=INF, target_error=0.06)
    assert np.abs(found.lists["Q"].reshape(2, 2)[0, 1]) < 1e-15
    assert found.rhs_evaluations < 2000


REFUSED = [
    ({"P": 100, "inner_steps": 2}, "P: found 100 together with inner_steps = 2; .* with P = inf"),
    ({"P": 9, "inner_steps": INF}, "P: found 9 together with inner_steps = inf; .* with P = inf"),
    ({"activation": "relu", "V": 100}, "activation: found relu .* V = 100, .* or erf or linear"),
    ({"activation": "relu", "P": 100}, "activation: found relu .* P = 100, .* or erf or linear"),
]


@pytest.mark.parametrize(("options", "line"), REFUSED, ids=str)
def test_what_has_no_closed_form_is_refused_with_the_key_and_the_cure(
    options: dict[str, Any], line: str
) -> None:
    with pytest.raises(ParameterError, match=line) as refused:
        cell(**options)
    assert "\n" not in str(refused.value)


@EVERY_ACTIVATION
def test_units_that_decay_to_nothing_come_to_rest(activation: str) -> None:
    found = answer(eta_w=0.1, weight_decay=3, activation=activation)
    assert status(found) == "not_reached"
    assert np.abs(found.lists["R"]).max() < 1e-20
    nothing = answer(Q0=0, R0=0, activation=activation)
    assert found.error_final[0] == pytest.approx(nothing.error_initial[0])


@pytest.mark.parametrize(
    "options",
    [{"K": 1, "M": 1}, {"inner_steps": INF, "eta_J": 30}, {"activation": "linear", "K": 1, "M": 1}],
    ids=str,
)
def test_an_error_of_zero_is_out_of_reach_whatever_rounding_makes_of_it(
    options: dict[str, Any],
) -> None:
    found = answer(**options, target_error=0)
    assert abs(found.error_final[0]) < 1e-6  # all is learned, and yet
    assert status(found) == "not_reached"
    assert found.time_final[0] == 450
    together = MODEL.alone(cell(**options))
    together.varying["target_error"][:] = 0
    assert np.isnan(MODEL.solve(together, SOLVER).time_to_target[0])


RUN_AWAY = [
    {"activation": "linear", "K": 1, "M": 1, "V": 10, "R0": 0.1, "eta_w": 5, "inner_steps": 5,
     "eta_J": 30},
    {"V": 100, "eta_J": 1e300},
    {"V": 100, "eta_J": 1e300, "P": 100},
    {"V": 100, "eta_J": 1e300, "activation": "linear"},
]  # fmt: skip


@pytest.mark.parametrize("options", RUN_AWAY, ids=str)
def test_overlaps_without_bound_in_finite_time_have_diverged(options: dict[str, Any]) -> None:
    found = answer(**options)
    assert status(found) == "diverged"
    assert "the overlaps grow without bound at α = " in found.message[0]
    assert found.time_final[0] < 1e-3


def test_every_activation_is_declared_in_the_same_order_everywhere() -> None:
    # Kernels of the simulation know activations by their positions.
    assert tuple(ACTIVATIONS) == parameters.ACTIVATION.choices == setting.ACTIVATIONS


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("P", [100.0, INF])
@pytest.mark.parametrize("V", [100.0, INF])
def test_what_an_activation_supports_is_what_can_be_solved(
    activation: str, P: float, V: float
) -> None:
    if unsupported(activation, P, V):
        with pytest.raises(ParameterError, match=f"activation: found {activation}"):
            cell(**START, activation=activation, P=P, V=V)
    else:
        found = answer(**START, activation=activation, P=P, V=V, eta_w=0.3, alpha_max=0.1)
        assert status(found) == "not_reached"
