"""Models given by a generator: what is asked of it, and what the cells come to."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from sweep.errors import UsageError
from sweep.models import Process, real
from sweep.models.base import Answers, Trajectory
from sweep.models.status import DIVERGED, NOT_REACHED, REACHED


def model(run: Callable[[Any], Any], **given: Any) -> Process:
    return Process("p", parameters=(real("x", 1.0),), run=run, time="t", **given)


def solved(process: Process, targets: list[float], windows: list[float]) -> Answers:
    cell = {parameter.name: parameter.default for parameter in process.parameters}
    shared = process.alone(cell).shared
    varying = {"target_error": np.array(targets), "t_max": np.array(windows)}
    return process.solve(Trajectory(np.arange(len(targets)), shared, varying), {})


def halving(p: Any) -> Iterator[tuple[float, float]]:
    for t in itertools.count():
        yield t, 2.0**-t


def test_one_run_answers_targets_and_windows() -> None:
    answers = solved(model(halving), [0.25, 0.3, 0.25, 0.0], [9.0, 9.0, 1.5, 4.0])
    assert answers.status.tolist() == [REACHED, REACHED, NOT_REACHED, NOT_REACHED]
    np.testing.assert_array_equal(answers.time_to_target, [2.0, 2.0, np.nan, np.nan])
    np.testing.assert_array_equal(answers.error_final, [0.25, 0.25, 0.5, 0.0625])
    np.testing.assert_array_equal(answers.time_final, [2.0, 2.0, 1.0, 4.0])
    np.testing.assert_array_equal(answers.error_initial, 1.0)
    assert list(answers.message) == [""] * 4


def test_the_sweep_stops_asking_at_the_last_target() -> None:
    asked: list[float] = []
    ended: list[str] = []

    def run(p: Any) -> Iterator[tuple[float, float]]:
        try:
            for t, error in halving(p):
                asked.append(t)
                yield t, error
        finally:
            ended.append("closed")

    solved(model(run), [0.25], [100.0])
    assert asked == [0, 1, 2]
    assert ended == ["closed"]


def test_the_sweep_stops_asking_at_the_window() -> None:
    assert solved(model(halving), [0.0], [7.0]).time_final[0] == 7.0


def test_what_is_reached_at_the_start_is_reached_at_once() -> None:
    answers = solved(model(halving), [1.0], [7.0])
    assert answers.status[0] == REACHED
    assert answers.time_to_target[0] == 0.0


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_an_error_that_is_no_number_diverges(bad: float) -> None:
    answers = solved(model(lambda p: iter([(0, 1.0), (1, 0.4), (2, bad)])), [0.5, 0.1], [9.0, 9.0])
    assert answers.status.tolist() == [REACHED, DIVERGED]
    assert answers.message[1] == f"the error is {bad:g} at t = 2"


def test_a_run_that_ends_by_itself_says_so() -> None:
    answers = solved(model(lambda p: iter([(0, 1.0), (3, 0.5)])), [0.1, 0.1], [9.0, 3.0])
    assert answers.status.tolist() == [NOT_REACHED, NOT_REACHED]
    assert list(answers.message) == ["the run ended by itself at t = 3, before its window", ""]


def test_columns_are_kept_from_the_last_moment_asked_for() -> None:
    def run(p: Any) -> Iterator[Any]:
        for t, error in halving(p):
            yield t, error, {"norm": 10 * t}

    answers = solved(model(run, columns=("norm",)), [0.25, 0.0], [9.0, 4.0])
    assert answers.numbers["norm"].tolist() == [20.0, 40.0]


@pytest.mark.parametrize(
    ("moments", "problem"),
    [
        ([], "yielded nothing"),
        ([(20, 1.0)], "yielded nothing up to the end of the window"),
        ([(0, 1.0), (2, 1.0), (1, 1.0)], "yielded t = 1 after 2"),
        ([(0, 1.0), (0, 1.0)], "yielded t = 0 after 0"),
        ([(float("nan"), 1.0)], "yielded t = nan"),
        ([(float("inf"), 1.0)], "yielded t = inf"),
        ([0], "allowed is \\(time, error\\)"),
        ([(0, "low")], "allowed is \\(time, error\\)"),
        ([(0, 1.0, {"other": 1})], "not among columns="),
        ([(0, 1.0, {"norm": np.ones(2)})], "norm is an array of the shape"),
    ],
)
def test_what_is_not_as_declared_fails_the_cell(moments: list[Any], problem: str) -> None:
    columns = ("norm",) if "norm" in str(moments) else ()
    with pytest.raises((TypeError, ValueError), match=problem):
        solved(model(lambda p: iter(moments), columns=columns), [0.1], [9.0])


def test_a_run_that_yields_nothing_at_all_is_told_from_one() -> None:
    with pytest.raises(TypeError, match="gave a int; it is to yield"):
        solved(model(lambda p: 3), [0.1], [9.0])


def test_an_exception_in_the_middle_is_handed_on() -> None:
    def run(p: Any) -> Iterator[tuple[float, float]]:
        yield 0, 1.0
        raise RuntimeError("out of data")

    with pytest.raises(RuntimeError, match="out of data"):
        solved(model(run), [0.1], [9.0])


def test_a_course_has_about_as_many_times_as_wanted() -> None:
    process = model(halving)
    cell = {parameter.name: parameter.default for parameter in process.parameters}
    trace = process.trace(cell, {}, 50.0, 11)
    np.testing.assert_array_equal(trace.time, np.arange(0, 51, 5))
    np.testing.assert_array_equal(trace.series["error"], 2.0**-trace.time)


def test_columns_may_not_be_called_like_others() -> None:
    for name in ("status", "x", "t_max"):
        with pytest.raises(UsageError, match=f"columns: {name} is a column already"):
            model(halving, columns=(name,))
