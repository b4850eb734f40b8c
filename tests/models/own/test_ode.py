"""Models given by a right-hand side: their answers, whatever the functions look like."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest

from sweep.models import Ode, choice, integer, matrix, real
from sweep.models.base import Answers, Trajectory
from sweep.models.own.adapters import _depends_on_time
from sweep.models.own.constants import expression, flat
from sweep.models.parameters import Value
from sweep.models.status import DIVERGED, FAILED, NOT_REACHED, REACHED
from sweep.ode.arrays import Floats


class Constants(NamedTuple):
    rates: Floats
    matrix: Floats
    scale: float
    count: int
    more: tuple[float, Floats]


def start(p: Any) -> Floats:
    return np.ones(p.n)


def constants(p: Any) -> Constants:
    return Constants(np.full(p.n, p.rate), np.eye(p.n), 2.0, p.n, (0.5, np.arange(3)))


def slope(t: float, y: Floats, dy: Floats, c: Any) -> None:
    for i in range(c.count):
        dy[i] = 0.0
        for j in range(c.count):
            dy[i] -= c.scale * c.more[0] * c.rates[i] * c.matrix[i, j] * y[j] * c.more[1][1]


def error(y: Floats, c: Any) -> float:
    return float(y[0])


PARAMETERS = (integer("n", 2, least=1), real("rate", 1.0, least=0))


def decay(**changed: Any) -> Ode:
    given: dict[str, Any] = {
        "start": start,
        "constants": constants,
        "slope": slope,
        "error": error,
        "parameters": PARAMETERS,
    }
    return Ode("decay", **{**given, **changed})


DEFAULT = decay()
"""Compiled once for several tests."""


def cell(model: Ode, **given: Value) -> dict[str, Value]:
    return {p.name: p.coerce(given.get(p.name, p.default)) for p in model.parameters}


def solver(model: Ode) -> dict[str, Value]:
    return {setting.name: setting.default for setting in model.solver}


def solved(model: Ode, **given: Value) -> Answers:
    return model.solve(model.alone(cell(model, **given)), solver(model))


def test_what_comes_by_itself_comes_by_itself() -> None:
    names = [parameter.name for parameter in decay(time="alpha").parameters]
    assert names == ["n", "rate", "seed", "target_error", "alpha_max"]
    own = decay(parameters=(*PARAMETERS, real("t_max", 7.0, above=0)))
    assert [p.default for p in own.parameters if p.name == "t_max"] == [7.0]


@pytest.mark.parametrize("n", [1, 2, 4])
def test_the_time_to_the_target_is_right_for_states_of_any_length(n: int) -> None:
    answers = solved(DEFAULT, n=n, rate=3.0, target_error=0.01)
    assert answers.status[0] == REACHED
    assert answers.time_to_target[0] == pytest.approx(math.log(100) / 3, rel=1e-8)
    assert answers.error_initial[0] == 1.0
    assert answers.error_final[0] == 0.01


def test_a_window_ends_a_trajectory() -> None:
    answers = solved(DEFAULT, rate=0.1, t_max=5.0)
    assert answers.status[0] == NOT_REACHED
    assert math.isnan(answers.time_to_target[0])
    assert answers.time_final[0] == 5.0
    assert answers.error_final[0] == pytest.approx(math.exp(-0.5), rel=1e-8)


def test_one_trajectory_answers_targets_and_windows() -> None:
    single = DEFAULT.alone(cell(DEFAULT))
    varying = {"target_error": np.array([0.5, 0.1, 0.1, 0.0]), "t_max": np.array([9, 9, 1.0, 9])}
    answers = DEFAULT.solve(Trajectory(np.arange(4), single.shared, varying), solver(DEFAULT))
    assert answers.status.tolist() == [REACHED, REACHED, NOT_REACHED, NOT_REACHED]
    for i, (target, window) in enumerate(zip(*varying.values(), strict=True)):
        alone = solved(DEFAULT, target_error=target, t_max=window)
        np.testing.assert_array_equal(alone.time_to_target, answers.time_to_target[i : i + 1])
        assert alone.error_final[0] == answers.error_final[i]


def test_a_target_of_zero_is_never_reached() -> None:
    assert solved(DEFAULT, target_error=0.0, rate=1000.0).status[0] == NOT_REACHED


def test_compiled_functions_are_as_good_as_plain_ones() -> None:
    given = decay(slope=numba.njit(slope), error=numba.njit(error))
    assert solved(given).time_to_target[0] == solved(DEFAULT).time_to_target[0]


def test_a_slope_may_depend_on_time() -> None:
    """dy/dt = -2 t y, so that y = e^(-t²)."""

    def driven(t: float, y: Floats, dy: Floats, c: Any) -> None:
        dy[:] = -2.0 * t * y

    model = decay(slope=driven, constants=None)
    answers = solved(model, target_error=1e-4, n=2)
    assert answers.time_to_target[0] == pytest.approx(math.sqrt(math.log(1e4)), rel=1e-8)
    trace = model.trace(cell(model), solver(model), 2.0, 5)
    assert trace.series["y"].shape == (5, 2)
    np.testing.assert_allclose(trace.series["error"], np.exp(-(trace.time**2)), rtol=1e-7)


@pytest.mark.parametrize("timed", [False, True])
@pytest.mark.parametrize("given", [False, True])
def test_stiff_equations_need_few_steps_with_a_jacobian_or_without(
    timed: bool, given: bool
) -> None:
    """y_1 follows cos t within 1/1e6; y_0 decays at the rate 1/10."""

    def stiff(t: float, y: Floats, dy: Floats, c: Any) -> None:
        dy[0] = -0.1 * y[0]
        dy[1] = -1e6 * (y[1] - math.cos(t))

    def at_rest(t: float, y: Floats, dy: Floats, c: Any) -> None:
        dy[0] = -0.1 * y[0]
        dy[1] = -1e6 * (y[1] - y[0])

    def jacobian(t: float, y: Floats, J: Floats, c: Any) -> None:
        J[0, 0] = -0.1
        J[0, 1] = 0.0
        J[1, 0] = 0.0 if timed else 1e6
        J[1, 1] = -1e6

    model = decay(
        slope=stiff if timed else at_rest,
        constants=None,
        jacobian=jacobian if given else None,
    )
    answers = solved(model, target_error=0.01, t_max=100.0)
    assert answers.time_to_target[0] == pytest.approx(10 * math.log(100), rel=1e-7)
    assert answers.rhs_evaluations < 60_000  # a million without the stiff method
    assert answers.message == [""]


def test_growth_without_bound_diverges() -> None:
    def squared(t: float, y: Floats, dy: Floats, c: Any) -> None:
        dy[:] = y * y

    answers = solved(decay(slope=squared, constants=None))
    assert answers.status[0] == DIVERGED
    assert answers.time_final[0] == pytest.approx(1.0, abs=1e-6)
    assert "t = " in answers.message[0]


def test_an_exception_in_the_middle_fails_the_cell_with_its_story() -> None:
    def picky(t: float, y: Floats, dy: Floats, c: Any) -> None:
        if y[0] < 0.5:
            raise ValueError("y is too small")
        dy[:] = -y

    answers = solved(decay(slope=picky, constants=None))
    assert answers.status[0] == FAILED
    assert answers.message[0].endswith("ValueError: y is too small")
    assert answers.time_final[0] == pytest.approx(math.log(2), rel=1e-6)


def test_no_number_in_the_middle_fails_the_cell() -> None:
    def ill(t: float, y: Floats, dy: Floats, c: Any) -> None:
        dy[:] = -y if y[0] > 0.5 else math.nan * y

    answers = solved(decay(slope=ill, constants=None))
    assert answers.status[0] == FAILED
    assert "the step became too small to go on at t = 0.69314" in answers.message[0]


def test_an_error_that_is_no_number_at_the_start_fails_the_cell() -> None:
    answers = solved(decay(error=lambda y, c: math.log(-y[0]), constants=None, slope=_resting))
    assert answers.status[0] == FAILED
    assert answers.message == ["the error is nan at t = 0"]


def _resting(t: float, y: Floats, dy: Floats, c: Any) -> None:
    dy[:] = 0.0 * y


def test_too_many_steps_are_a_setting() -> None:
    model = decay()
    trajectory = model.alone(cell(model, t_max=1e6, rate=1e-3, target_error=0.0))
    answers = model.solve(trajectory, {**solver(model), "max_steps": 3})
    assert answers.status[0] == FAILED
    assert "max_steps of [solver]" in answers.message[0]


def test_further_columns_come_from_the_last_state() -> None:
    columns: Mapping[str, Callable[..., float]] = {
        "first": lambda p, y: y[0],
        "count": lambda p, y: p.n,
    }
    answers = solved(decay(columns=columns), target_error=0.25, n=3)
    assert answers.numbers["first"][0] == pytest.approx(0.25, rel=1e-8)
    assert answers.numbers["count"][0] == 3
    named = decay(columns=("norm",), series=lambda p, y: {"y": y, "norm": y.sum(axis=1)})
    assert solved(named, target_error=0.25).numbers["norm"][0] == pytest.approx(0.5, rel=1e-8)


def test_cells_that_only_ask_more_share_a_trajectory() -> None:
    """A threshold is none of the dynamics; each cell's column has its own."""
    model = decay(
        parameters=(*PARAMETERS, real("threshold", 0.5), integer("digits", 1)),
        columns={"above": lambda p, y: (y > p.threshold).sum() + 10 * p.digits},
        answered_together=("threshold", "digits"),
    )
    assert model.answered_together == ("threshold", "digits", "target_error", "t_max")
    alone = model.alone(cell(model, t_max=1.0, target_error=0.0))
    varying = {
        "threshold": np.array([0.1, 0.9]),
        "digits": np.array([1.0, 2.0]),
        "target_error": np.zeros(2),
        "t_max": np.ones(2),
    }
    answers = model.solve(Trajectory(np.arange(2), alone.shared, varying), solver(model))
    assert answers.numbers["above"].tolist() == [12, 20]


def test_matrices_and_words_reach_the_functions() -> None:
    model = decay(
        parameters=(matrix("A", ((1.0, 0.0), (0.0, 2.0))), choice("mode", ("slow", "fast"))),
        start=lambda p: np.ones(len(p.A)),
        constants=lambda p: (p.A * (10 if p.mode == "fast" else 1),),
        slope=_linear,
    )
    slow, fast = (float(solved(model, mode=mode).time_to_target[0]) for mode in ("slow", "fast"))
    assert slow == pytest.approx(10 * fast, rel=1e-8)


def _linear(t: float, y: Floats, dy: Floats, c: Any) -> None:
    for i in range(y.size):
        dy[i] = 0.0
        for j in range(y.size):
            dy[i] -= c[0][i, j] * y[j]


def test_a_model_without_a_file_travels_as_it_is_and_arrives_once() -> None:
    cloudpickle = pytest.importorskip("cloudpickle")
    sent = cloudpickle.dumps(decay())
    first, second = pickle.loads(sent), pickle.loads(sent)
    assert first is second
    assert first.version == decay().version
    assert solved(first).time_to_target[0] == solved(DEFAULT).time_to_target[0]


def test_other_functions_are_another_version() -> None:
    assert decay().version == decay().version
    assert decay(slope=_resting).version != decay().version
    assert decay(version=3).version == 3


@pytest.mark.parametrize(
    ("function", "depends"),
    [
        (lambda t, y, dy, c: None, False),
        (lambda time, y, dy, c: y[int(time)], True),
        (lambda t, y, dy, c: [t for _ in y], True),
        (numba.njit(lambda t, y, dy, c: t), True),
    ],
)
def test_whether_a_slope_depends_on_time_is_seen_from_it(function: Any, depends: bool) -> None:
    assert _depends_on_time(function) is depends


def test_constants_come_together_again_as_they_were() -> None:
    value = Constants(np.arange(3.0), np.eye(2)[:, ::-1], 1.5, 4, (2.5, np.array([True, False])))
    apart = flat(value)
    classes: dict[str, Any] = {}
    text = expression(apart.structure, classes)
    arrays = {array.ctypes.data: array for array in (*apart.value[:2], apart.value[4][1])}
    again = eval(
        text,
        {
            **classes,
            "floats": apart.floats,
            "integers": apart.integers,
            "carray": lambda array, shape: array.reshape(shape),
            "floats_at": arrays.__getitem__,
            "integers_at": arrays.__getitem__,
        },
    )
    assert isinstance(again, Constants)
    np.testing.assert_array_equal(again.rates, value.rates)
    np.testing.assert_array_equal(again.matrix, value.matrix)
    assert (again.scale, again.count, again.more[0]) == (1.5, 4, 2.5)
    np.testing.assert_array_equal(again.more[1], [1, 0])
