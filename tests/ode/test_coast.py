"""Coasting: cheaper where nothing grows, and never taken for an answer where something may."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from sweep.ode import coast, progress
from sweep.ode.arrays import Floats
from sweep.ode.compiled import kernel
from sweep.ode.equations import Equations, differences, unresolved
from sweep.ode.integrator import FINISHED, STUCK
from sweep.ode.solve import Solution, ask, solve

NOTHING = (0.0,)
ONES = np.ones(3)
LIKE_RATES = (0.5, np.array([1.0, 2.0, 100.0]))
"""Of the types of constants in `test_solve`, so that there is one integrator for both."""


@kernel
def settling(y, dy, c, memory):  # type: ignore[no-untyped-def]  # noqa: ARG001
    """y0 settles slowly, y1 drifts, and y2 dies out fast."""
    dy[0] = -0.05 * (y[0] - 0.2)
    dy[1] = 0.0
    dy[2] = -20.0 * y[2]


@kernel
def escaping(y, dy, c, memory):  # type: ignore[no-untyped-def]  # noqa: ARG001
    """y0 dies out while y1 < 0 and grows, from what is left of it, once y1 > 0."""
    dy[0] = y[1] * y[0] - y[0] ** 3
    dy[1] = 0.01
    dy[2] = -20.0 * y[2]


@kernel
def ending(y, dy, c, memory):  # type: ignore[no-untyped-def]  # noqa: ARG001
    """y1 falls to 0 in finite time, beyond which there are no states."""
    dy[0] = 0.0
    dy[1] = -math.sqrt(y[1]) if y[1] > 0.0 else math.nan
    dy[2] = -20.0 * y[2]


@kernel
def first(y, c, memory):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return y[0]


@kernel
def fallen(y, c, memory):  # type: ignore[no-untyped-def]  # noqa: ARG001
    return 1.0 / (1.0 + y[0] * y[0])


SETTLING = Equations(settling, first, unresolved, differences)
ESCAPING = Equations(escaping, fallen, unresolved, differences)
ENDING = Equations(ending, first, unresolved, differences)


class Watched:
    """Counts how often a trajectory begins to coast, and how often it has to go back."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.went_back, self.scales = 0, set[float]()
        look, go_back = coast.Lookout.look, coast.Lookout.go_back

        def looked(*words: Any) -> progress.Progress:
            found = look(*words)
            self.scales |= {found.watch.scale} if found.watch.coasting else set()
            return found

        def gone_back(*words: Any) -> progress.Progress:
            self.went_back += 1
            return go_back(*words)

        monkeypatch.setattr(coast.Lookout, "look", looked)
        monkeypatch.setattr(coast.Lookout, "go_back", gone_back)

    @property
    def coasted(self) -> bool:
        return bool(self.scales)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    return Watched(monkeypatch)


def run(
    equations: Equations, y: list[float], targets: list[float], ends: list[float], sizes: Any
) -> tuple[Solution, Floats, Floats]:
    """The solution, and for each question its crossing time and the value at its end."""
    questions, target_of, end_of = ask(np.array(targets), np.array(ends))
    solution = solve(
        equations, np.array(y), questions, LIKE_RATES, NOTHING, rtol=1e-9, atol=1e-20, probe=True,
        sizes=sizes,
    )  # fmt: skip
    return solution, solution.replies.crossing[target_of], solution.replies.end_value[end_of]


def of_order_one(y: Floats) -> Floats:  # noqa: ARG001
    return ONES


def test_what_dies_out_no_longer_holds_the_steps_down(watched: Watched) -> None:
    y, ends = [1.0, 1.0, 1.0], [30.0, 150.0]
    cheap, _, values = run(SETTLING, y, [-1.0, -1.0], ends, of_order_one)
    assert watched.coasted
    dear, _, exact = run(SETTLING, y, [-1.0, -1.0], ends, None)
    assert cheap.outcome.code == FINISHED
    assert cheap.evaluations < dear.evaluations / 2
    np.testing.assert_allclose(values, 0.2 + 0.8 * np.exp(-0.05 * np.array(ends)), rtol=1e-7)
    np.testing.assert_allclose(exact, values, rtol=1e-7)


def test_targets_met_while_coasting_are_met_as_without_it(watched: Watched) -> None:
    y, targets = [1.0, 1.0, 1.0], [0.9, 0.3, 0.25]
    _, times, _ = run(SETTLING, y, targets, [150.0] * 3, of_order_one)
    assert watched.coasted
    _, exact, _ = run(SETTLING, y, targets, [150.0] * 3, None)
    assert times.tolist() == exact.tolist()


def test_answers_do_not_depend_on_what_else_is_asked(watched: Watched) -> None:
    y = [1.0, 1.0, 1.0]
    targets, ends = [0.9, 0.3, 0.3, 0.1, 0.1], [150.0, 150.0, 20.0, 33.3, 150.0]
    _, times, values = run(SETTLING, y, targets, ends, of_order_one)
    assert watched.coasted
    for i, (target, end) in enumerate(zip(targets, ends, strict=True)):
        _, time, value = run(SETTLING, y, [target], [end], of_order_one)
        if times[i] <= end:
            assert times[i] == time[0]
        else:
            assert values[i] == value[0]


def test_an_escape_that_is_yet_to_come_is_met_with_all_its_digits(watched: Watched) -> None:
    """y0 shrinks to 1e-25 and is back at its first size at t = 200."""
    y, targets, ends = [1e-3, -1.0, 1.0], [0.7, -1.0], [400.0, 400.0]
    _, times, values = run(ESCAPING, y, targets, ends, of_order_one)
    assert watched.coasted
    assert watched.went_back > 0
    _, exact, at_end = run(ESCAPING, y, targets, ends, None)
    assert times[0] == exact[0] > 200.0
    assert values[1] == pytest.approx(at_end[1], rel=1e-7)


def test_what_ends_while_coasting_ends_as_without_it(watched: Watched) -> None:
    y = [1.0, 400.0, 1.0]
    solution, _, _ = run(ENDING, y, [-1.0], [100.0], of_order_one)
    assert watched.coasted
    assert watched.went_back > 0
    alone, _, _ = run(ENDING, y, [-1.0], [100.0], None)
    assert solution.outcome == alone.outcome
    assert solution.outcome.code == STUCK


def test_a_lower_value_is_told_as_exactly_in_proportion(watched: Watched) -> None:
    run(SETTLING, [1.0, 1.0, 1.0], [-1.0], [150.0], of_order_one)
    assert min(watched.scales) == pytest.approx(0.2, rel=0.01)
    assert max(watched.scales) <= 1.0
