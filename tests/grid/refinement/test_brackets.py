"""Crossings that are bracketed, on lines on which they are known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from sweep.grid.refinement.boxes import NEITHER, UNKNOWN
from sweep.grid.refinement.brackets import Brackets, places_around
from sweep.grid.refinement.zeros import zeros
from sweep.ode.arrays import Floats

CROSSINGS = np.array([0.1234567, 0.5003, 0.77777])
POINTS = np.linspace(0.0, 1.0, 21)

Function = Callable[[Floats, Floats], Floats]
"""Of places, and of the crossings beside them."""


def smooth(x: Floats, crossing: Floats) -> Floats:
    return np.sinh(x - crossing)


def bent(x: Floats, crossing: Floats) -> Floats:
    """Another function on either side."""
    return np.where(x < crossing, 3 * np.sin(x - crossing), np.expm1(0.2 * (x - crossing)))


def steep(x: Floats, crossing: Floats) -> Floats:
    """It falls ever more steeply towards the crossing, from one side."""
    gap = np.maximum(crossing + 1e-4 - x, 1e-300)
    return np.where(x < crossing, np.log(1e-4) - np.log(gap), x - crossing)


def jump(x: Floats, crossing: Floats) -> Floats:
    return np.where(x < crossing, -1.0 - x, 2.0 + x)


def nothing(x: Floats, crossing: Floats) -> Floats:  # noqa: ARG001
    return np.full_like(x, np.nan)


def brackets_of(function: Function, tolerance: float | None) -> Brackets:
    at = np.searchsorted(POINTS, CROSSINGS) - 1
    axis = np.zeros(len(at), dtype=np.int64)
    places = places_around([POINTS], at, axis, 1)
    values = function(places, CROSSINGS[:, None])
    sides = np.zeros(len(at), dtype=np.int32)
    return Brackets(places, values, sides, np.zeros(len(at), dtype=np.bool_), tolerance)


def followed(brackets: Brackets, function: Function) -> Brackets:
    """Told all that they ask for."""
    while not brackets.finished:
        crossing, x = CROSSINGS[brackets.pending], brackets.pending_places
        brackets.tell((x > crossing).astype(np.int32), function(x, crossing))
    return brackets


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-10])
@pytest.mark.parametrize(
    ("function", "points"), [(smooth, 8), (bent, 8), (steep, 40), (jump, 45), (nothing, 45)]
)
def test_every_crossing_is_bracketed_to_the_tolerance(
    function: Function, points: int, tolerance: float
) -> None:
    found = followed(brackets_of(function, tolerance), function)
    low, high = found.places[:, 2], found.places[:, 3]
    assert (low <= CROSSINGS).all()
    assert (high >= CROSSINGS).all()
    assert (high - low <= tolerance * high).all()
    assert len(found.asked) <= points * len(CROSSINGS)
    np.testing.assert_allclose(found.estimates(), CROSSINGS, rtol=tolerance)


def test_what_asks_for_nothing_knows_where_it_is_and_what_is_fine_enough_asks_for_nothing() -> None:
    brackets = brackets_of(bent, None)
    assert brackets.finished
    assert not len(brackets.asked)
    np.testing.assert_allclose(brackets.estimates(), CROSSINGS, atol=1e-4)
    middle = brackets_of(nothing, None)
    np.testing.assert_allclose(middle.estimates(), middle.places[:, 2:4].mean(axis=1))
    assert brackets_of(smooth, 0.9).finished


def test_answers_may_come_bit_by_bit() -> None:
    at_once = followed(brackets_of(steep, 1e-6), steep)
    brackets, numbers = brackets_of(steep, 1e-6), np.random.default_rng(3)
    while not brackets.finished:
        crossing, x = CROSSINGS[brackets.pending], brackets.pending_places
        known = numbers.random(len(x)) < 0.5
        labels = np.where(known, x > crossing, UNKNOWN).astype(np.int32)
        brackets.tell(labels, np.where(known, steep(x, crossing), np.nan))
    np.testing.assert_array_equal(brackets.asked_places, at_once.asked_places)
    np.testing.assert_array_equal(brackets.places, at_once.places)


def test_points_that_take_no_side_are_left_out_and_a_line_of_them_given_up() -> None:
    brackets, numbers = brackets_of(smooth, 1e-6), np.random.default_rng(4)
    while not brackets.finished:
        crossing, x = CROSSINGS[brackets.pending], brackets.pending_places
        labels = (x > crossing).astype(np.int32)
        labels[::2] = np.where(numbers.random(len(labels[::2])) < 0.5, NEITHER, labels[::2])
        labels[crossing == CROSSINGS[1]] = NEITHER
        brackets.tell(labels, smooth(x, crossing))
    low, high = brackets.places[:, 2], brackets.places[:, 3]
    assert ((low <= CROSSINGS) & (high >= CROSSINGS)).all()
    np.testing.assert_array_equal(high - low <= 1e-6 * high, [True, False, True])


def test_a_strip_of_something_else_does_not_hide_the_end_of_the_first_side() -> None:
    brackets = brackets_of(nothing, 1e-6)
    while not brackets.finished:
        crossing, x = CROSSINGS[brackets.pending], brackets.pending_places
        labels = np.where(x < crossing, 0, np.where(x < crossing + 0.001, 2, 1)).astype(np.int32)
        brackets.tell(labels, nothing(x, crossing))
    low, high = brackets.places[:, 2], brackets.places[:, 3]
    assert ((low <= CROSSINGS) & (high >= CROSSINGS)).all()


def test_a_zero_is_sought_where_the_surer_side_has_it() -> None:
    places = np.array([[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]])
    line = np.array([[-2.25, -1.25, -0.25, 5.0, 1.0, 9.0]])
    assert zeros(places, line)[0] == pytest.approx(2.25)
    assert zeros(places, -line[:, ::-1])[0] == pytest.approx(2.75)
    one_side = np.array([[np.nan, -1.25, -0.25, np.nan, np.nan, np.nan]])
    assert zeros(places, one_side)[0] == pytest.approx(2.25)
    ends = np.array([[np.nan, np.nan, -1.0, 3.0, np.nan, np.nan]])
    assert zeros(places, ends)[0] == pytest.approx(2.25)
    assert np.isnan(zeros(places, np.full((1, 6), np.nan))[0])
