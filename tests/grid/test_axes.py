"""The values of an axis."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.errors import ParameterError
from sweep.grid.axes import read_axis
from sweep.models.parameters import Parameter, rounded
from tests.grid.fake import MODEL

PARAMETERS = {parameter.name: parameter for parameter in MODEL.parameters}
REAL = Parameter("r", "real", 0.0, "any real number")

finite = st.floats(-1e9, 1e9, allow_subnormal=False)


def values(name: str, raw: object) -> tuple[object, ...]:
    return read_axis(PARAMETERS[name], raw).values


def test_a_list_keeps_its_order_and_takes_the_declared_type() -> None:
    assert values("K", [5, 3.0, 4]) == (5, 3, 4)
    assert [type(v) for v in values("K", [5, 3.0])] == [int, int]
    assert [type(v) for v in values("eta_w", [1, 2.5])] == [float, float]


def test_infinity_words_and_matrices_are_values() -> None:
    assert values("V", [100, math.inf]) == (100.0, math.inf)
    assert values("teacher", ["graded", 2, [[1, 0], [0, 2]]]) == (
        "graded",
        2.0,
        ((1.0, 0.0), (0.0, 2.0)),
    )


def test_int_is_inclusive_and_takes_a_step() -> None:
    assert values("K", {"int": [3, 9]}) == (3, 4, 5, 6, 7, 8, 9)
    assert values("K", {"int": [3, 9], "step": 4}) == (3, 7)
    assert values("V", {"int": [10, 30], "step": 10}) == (10.0, 20.0, 30.0)
    assert values("K", {"int": [3, 3]}) == (3,)


def test_integers_may_be_written_with_a_point_everywhere() -> None:
    assert values("K", {"int": [3.0, 9.0], "step": 2.0}) == (3, 5, 7, 9)
    assert values("eta_w", {"lin": [1, 4], "n": 4.0}) == (1.0, 2.0, 3.0, 4.0)
    assert values("eta_w", {"log": [1, 4], "n": 3.0}) == (1.0, 2.0, 4.0)


@pytest.mark.parametrize(
    ("raw", "spacing"),
    [
        ({"int": [3, 9], "step": 2}, "linear"),
        ({"lin": [1, 100], "n": 2}, "linear"),
        ({"log": [1, 2], "n": 2}, "log"),
        ([1, 2, 3], "listed"),
    ],
)
def test_an_axis_knows_how_it_is_spaced(raw: object, spacing: str) -> None:
    assert read_axis(REAL, raw).spacing == spacing


def test_lin_and_log_are_inclusive() -> None:
    assert values("eta_w", {"lin": [0.25, 1], "n": 4}) == (0.25, 0.5, 0.75, 1.0)
    assert values("eta_J", {"log": [0.25, 16.0], "n": 7}) == (0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
    assert values("K", {"lin": [3, 9], "n": 4}) == (3, 5, 7, 9)


def test_a_linear_axis_meets_zero_exactly() -> None:
    assert read_axis(REAL, {"lin": [-0.3, 0.6], "n": 4}).values == (-0.3, 0.0, 0.3, 0.6)


@given(finite, finite, st.integers(2, 60))
def test_lin_is_the_exact_value_at_12_digits(a: float, b: float, n: int) -> None:
    a, b = rounded(min(a, b)), rounded(max(a, b))
    if b - a <= 1e-6 * max(abs(a), abs(b)):
        return
    low, high = Fraction(repr(a)), Fraction(repr(b))
    expected = [rounded(float(low + (high - low) * i / (n - 1))) for i in range(n)]
    assert read_axis(REAL, {"lin": [a, b], "n": n}).values == tuple(expected)


@given(st.floats(1e-6, 1e3), st.floats(1.1, 1e6), st.integers(2, 60), st.integers(2, 5))
def test_a_refined_log_axis_keeps_every_value(a: float, ratio: float, n: int, by: int) -> None:
    a, b = rounded(a), rounded(a * ratio)
    coarse = read_axis(REAL, {"log": [a, b], "n": n}).values
    fine = read_axis(REAL, {"log": [a, b], "n": by * (n - 1) + 1}).values
    assert fine[::by] == coarse
    assert all(
        v == pytest.approx(a * (b / a) ** (i / (n - 1)), rel=1e-11) for i, v in enumerate(coarse)
    )


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("K", [], "empty"),
        ("K", 3, "[fixed]"),
        ("K", "3", "a list of values"),
        ("K", {}, "found {}"),
        ("K", {"int": [3, 4], "lin": [3, 4], "n": 2}, "{int = [a, b]}"),
        ("K", {"intt": [3, 4]}, "did you mean int?"),
        ("K", {"int": [3, 4], "n": 2}, "n: no such key"),
        ("K", {"int": [4, 3]}, "the first must not exceed the last"),
        ("K", {"int": [3]}, "two integers"),
        ("K", {"int": [3.5, 4]}, "two integers"),
        ("K", {"int": [3, math.inf]}, "found [3, Infinity]; allowed is [a, b], two integers"),
        ("K", {"int": [3, True]}, "two integers"),
        ("K", {"int": [3, 4], "step": 0}, "integer ≥ 1"),
        ("K", {"int": [3, 4], "step": 1.5}, "step: found 1.5; allowed is an integer ≥ 1"),
        ("K", {"int": [1, 10**30]}, "at most 1,000,000"),
        ("K", {"int": [0, 3]}, "allowed is an integer ≥ 1"),
        ("K", [1, True], "found true"),
        ("K", {"lin": [3, 4], "n": 3}, "found 3.5; allowed is an integer ≥ 1"),
        ("eta_w", {"lin": [1, 2]}, "n is missing"),
        ("eta_w", {"lin": [1, 2], "n": 1}, "integer ≥ 2"),
        ("eta_w", {"lin": [1, 2], "n": 4.5}, "n: found 4.5; allowed is an integer ≥ 2"),
        ("eta_w", {"lin": [1, 2], "n": math.inf}, "n: found inf; allowed is an integer ≥ 2"),
        ("eta_w", {"lin": [1, 2], "n": 10**9}, "at most 1,000,000"),
        ("eta_w", {"lin": [1, 2], "n": True}, "found true"),
        ("eta_w", {"lin": [2, 1], "n": 3}, "the first must be below the last"),
        ("eta_w", {"lin": [1, math.inf], "n": 3}, "two finite numbers"),
        ("eta_w", {"lin": [1, 10**400], "n": 3}, "two finite numbers"),
        ("eta_w", {"log": [0, 1], "n": 3}, "two positive numbers"),
        ("eta_w", {"lin": [-1, 1], "n": 3}, "found -1; allowed is a number > 0"),
        ("eta_w", [0.1, 0.1 + 1e-15], "found 0.1 twice"),
        ("K", [3, 3.0], "found 3 twice"),
        ("eta_w", [math.nan], "found nan"),
    ],
)
def test_what_is_no_axis_is_refused_with_the_cure(name: str, raw: object, words: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        values(name, raw)
    assert refusal.value.name == name
    assert words in str(refusal.value)
