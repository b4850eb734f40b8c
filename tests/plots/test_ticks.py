from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.plots.direct import spread
from sweep.plots.edges import scale
from sweep.plots.layout import arrangement
from sweep.plots.ticks import linear_ticks, log_ticks, number_text, numbers, ticks_of, words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.25, "0.25"),
        (16.0, "16"),
        (1000.0, "1000"),
        (0.001, "0.001"),
        (1e-4, "$10^{-4}$"),
        (3e6, r"$3\times10^{6}$"),
        (-0.5, "−0.5"),
        (0.0, "0"),
        (math.inf, "∞"),
    ],
)
def test_numbers_as_one_writes_them(value: float, text: str) -> None:
    assert number_text(value) == text


def test_powers_of_ten_on_one_axis_look_alike() -> None:
    assert numbers([1e-4, 1e-3, 1e-2]) == ["$10^{-4}$", "$10^{-3}$", "$10^{-2}$"]
    assert numbers([0.01, 0.1, 1.0]) == ["0.01", "0.1", "1"]


def test_a_matrix_is_written_by_its_rows() -> None:
    assert words("[[1.0,0.0],[0.0,2.0]]") == "[1 0], [0 2]"


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.25, 16.0, [0.25, 1.0, 4.0, 16.0]),
        (1.0, 1000.0, [1.0, 10.0, 100.0, 1000.0]),
        (2.5, 430.0, [3.0, 10.0, 30.0, 100.0, 300.0]),
    ],
)
def test_logarithmic_ticks_are_round(low: float, high: float, ticks: list[float]) -> None:
    assert log_ticks(low, high) == ticks


@given(st.floats(1e-12, 1e6), st.floats(1.5, 1e12))
def test_logarithmic_ticks_are_few_and_inside(low: float, span: float) -> None:
    ticks = log_ticks(low, low * span)
    assert 1 <= len(ticks) <= 8
    assert all(low * (1 - 1e-6) <= t <= low * span * (1 + 1e-6) for t in ticks)


@given(st.floats(-1e3, 1e3), st.floats(1e-3, 1e3))
def test_linear_ticks_are_few_and_inside(low: float, span: float) -> None:
    ticks = linear_ticks(low, low + span)
    assert 2 <= len(ticks) <= 7
    assert all(low - 1e-6 * span <= t <= low + span * (1 + 1e-6) for t in ticks)


def test_an_axis_of_few_values_has_a_tick_at_each() -> None:
    assert ticks_of(scale([1.0, 2.0, 5.0]), 2.0, upright=False) == ([1, 2, 5], ["1", "2", "5"])


def test_the_ticks_of_integers_are_integers() -> None:
    ticks, _ = ticks_of(scale([float(i) for i in range(1, 14)]), 3.0, upright=True)
    assert len(ticks) >= 3
    assert all(tick == round(tick) for tick in ticks)


def test_infinity_has_a_tick_however_many_values_there_are() -> None:
    keys = [float(2**i) for i in range(30)] + [math.inf]
    ticks, labels = ticks_of(scale(keys), 1.5, upright=False)
    assert labels[-1] == "∞"
    assert len(ticks) <= 10


@pytest.mark.parametrize(
    ("count", "expected"),
    [(1, (1, 1)), (2, (1, 2)), (3, (1, 3)), (4, (2, 2)), (7, (2, 4)), (9, (3, 3)), (12, (3, 4))],
)
def test_panels_are_arranged_compactly(count: int, expected: tuple[int, int]) -> None:
    assert arrangement(count) == expected


@given(st.lists(st.floats(0, 1), min_size=1, max_size=15), st.floats(0.001, 0.2))
def test_labels_keep_their_distance_and_their_order(wanted: list[float], gap: float) -> None:
    places = spread(wanted, gap, 0.0, 1.0)
    assert places.min() >= -1e-9
    assert places.max() <= 1 + 1e-9
    fits = min(gap, 1 / max(1, len(wanted) - 1))
    ordered = sorted(zip(wanted, places, strict=True))
    for (_, lower), (_, upper) in itertools.pairwise(ordered):
        assert abs(upper - lower) >= fits - 1e-9


def test_labels_with_room_stay_where_they_belong() -> None:
    assert spread([0.9, 0.1, 0.5], 0.1, 0.0, 1.0).tolist() == pytest.approx([0.9, 0.1, 0.5])


def test_a_scale_of_many_decades_has_few_ticks() -> None:
    assert log_ticks(1e-43, 1.0) == [1e-40, 1e-30, 1e-20, 1e-10, 1.0]
