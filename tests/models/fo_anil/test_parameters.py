"""The start of a cell: what it is, and what is refused in which words."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from sweep.errors import ParameterError
from sweep.models.fo_anil.model import MODEL
from sweep.models.fo_anil.parameters import (
    PARAMETERS,
    START,
    interchangeable_units,
    start_overlaps,
)
from sweep.models.parameters import Value
from tests.models.fo_anil.cases import C

BY_NAME = {parameter.name: parameter for parameter in PARAMETERS}


def start(**named: Any) -> dict[str, Value]:
    """The parameters of a start, in canonical form, with defaults filled in."""
    return {
        name: BY_NAME[name].coerce(named.get(name, BY_NAME[name].default)) for name in START.names
    }


def refusal(**named: Any) -> ParameterError:
    with pytest.raises(ParameterError) as caught:
        START.check(start(**named))
    return caught.value


def test_the_default_start_is_the_paper_s() -> None:
    Q, R, T = start_overlaps(start(K=4, seed=7))
    np.testing.assert_array_equal(Q, np.eye(4) / 2)
    np.testing.assert_array_equal(R, 1e-12 * np.random.default_rng(7).random((4, 3)))
    np.testing.assert_array_equal(T, np.diag([1.0, 2.0, 3.0]))


@pytest.mark.parametrize(
    ("teacher", "expected"),
    [
        ("identity", np.eye(2)),
        ("graded", np.diag([1, 2])),
        (0.5, 0.5 * np.eye(2)),
        ([[2, 1], [1, 3]], [[2, 1], [1, 3]]),
    ],
)
def test_a_teacher_may_be_a_word_a_number_or_a_matrix(teacher: Any, expected: Any) -> None:
    np.testing.assert_array_equal(start_overlaps(start(M=2, teacher=teacher))[2], expected)


def test_matrices_are_taken_as_they_are() -> None:
    Q, R, T = C[:2, :2], C[:2, 2:], C[2:, 2:]
    named = {"Q0": Q.tolist(), "R0": R.tolist(), "teacher": T.tolist()}
    for found, expected in zip(start_overlaps(start(K=2, M=2, **named)), (Q, R, T), strict=True):
        np.testing.assert_array_equal(found, expected)


REFUSED = {
    "Q0 is no covariance": ("Q0", {"Q0": [[1, 2], [2, 1]]}, "-1"),
    "Q0 is not symmetric": ("Q0", {"Q0": [[1, 0.5], [0.4, 1]]}, "symmetric"),
    "Q0 has another K": ("Q0", {"Q0": [[1]]}, "1 × 1; allowed is 2 × 2"),
    "Q0 is absurd": ("Q0", {"Q0": [[1e7, 0], [0, 1]]}, "1e\\+07"),
    "R0 has another M": ("R0", {"R0": [[0.1], [0.1]]}, "2 × 1; allowed is 2 × 2"),
    "R0 is too large for Q0": ("R0", {"R0": [[0.9, 0], [0, 0.1]], "Q0": 0.5}, "R0 smaller"),
    "R0, drawn, is too large for Q0": ("R0", {"R0": 2.0, "Q0": 0.5}, "R0 smaller"),
    "R0 is absurd": ("R0", {"R0": [[1e7, 0], [0, 1]]}, "1e\\+07"),
    "T is no covariance": ("teacher", {"teacher": [[1, 2], [2, 1]]}, "positive definite"),
    "T is singular": ("teacher", {"teacher": [[1, 1], [1, 1]]}, "positive definite"),
    "T is not symmetric": ("teacher", {"teacher": [[2, 1], [0, 2]]}, "symmetric"),
    "T has another M": ("teacher", {"teacher": [[1]]}, "1 × 1; allowed is 2 × 2"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_start_that_cannot_be_is_refused_with_the_key_to_blame(case: str) -> None:
    name, named, words = REFUSED[case]
    refused = refusal(K=2, M=2, **named)
    assert refused.name == name
    assert "\n" not in refused.problem
    assert re.search(words, refused.problem)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, bad) for name in ("K", "M") for bad in (0, -1, 2.5, 1001, "three", True)),
        *((name, bad) for name in ("eta_w", "eta_J", "sigma_u") for bad in (0, -1, np.inf, np.nan)),
        *(("Q0", bad) for bad in (-0.1, 1e7, np.inf, np.nan, "graded", [[1, 2], [3]], [])),
        *(("R0", bad) for bad in (1e7, -1e7, np.nan, "small", [["a"]])),
        *(("teacher", bad) for bad in (0, -1, 1e7, "diagonal", [[np.nan]])),
        *((name, bad) for name in ("P", "V") for bad in (0, 0.5, -np.inf, np.nan)),
        *(("inner_steps", bad) for bad in (0, 1.5)),
        *(("alpha_max", bad) for bad in (0, np.inf)),
        ("target_error", -0.01),
        ("seed", -1),
        ("weight_decay", -1e-3),
    ],
)
def test_values_out_of_range_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ParameterError) as caught:
        BY_NAME[name].coerce(value)
    assert caught.value.name == name


@pytest.mark.parametrize(
    ("Q0", "R0"),
    [
        ([[1, 0], [0, 2]], [[1, 0], [0, 2]]),  # the student's units are the teacher's
        ([[1, 1], [1, 1]], [[1, 0], [1, 0]]),  # the student's units coincide
        ([[1, 0], [0, 0]], [[1, 0], [0, 0]]),  # a unit has no length
        (0, 1e-12),
    ],
)
def test_starts_on_the_edge_of_the_covariances_are_allowed(Q0: Any, R0: Any) -> None:
    START.check(start(K=2, M=2, Q0=Q0, R0=R0))


def test_a_drawn_start_is_judged_exactly_where_a_bound_is_not_enough() -> None:
    # R0 = 0.9 is beyond the bound for some draws, but the draw of seed 0 is a covariance.
    R = np.random.default_rng(0).random((1, 1))[0, 0]
    largest = np.sqrt(0.5) / R
    START.check(start(K=1, M=1, R0=0.999 * largest))
    assert refusal(K=1, M=1, R0=1.001 * largest).name == "R0"


def test_no_start_within_the_bound_is_refused_by_its_eigenvalues() -> None:
    for seed in range(20):
        for K, M in ((1, 1), (2, 5), (6, 3)):
            R0 = np.sqrt(0.5 / (K * M))
            Q, R, T = start_overlaps(start(K=K, M=M, R0=R0, seed=seed))
            assert np.linalg.eigvalsh(np.block([[Q, R], [R.T, T]]))[0] >= 0


def test_units_are_interchangeable_where_their_exchange_changes_nothing() -> None:
    R = np.array([[0.1, 0.2], [0.3, 0.0], [0.1, 0.2]])
    assert interchangeable_units(np.eye(3), R) == (0, 2)
    assert interchangeable_units(np.diag([1.0, 1.0, 2.0]), R) is None
    # of one length, but differently placed towards the second unit
    Q = np.array([[1.0, 0.5, 0.0], [0.5, 1.0, 0.1], [0.0, 0.1, 1.0]])
    assert interchangeable_units(Q, R) is None
    assert interchangeable_units(np.eye(1), np.ones((1, 2))) is None


def test_infinity_is_a_value_where_it_is_a_limit() -> None:
    for name in ("P", "V", "inner_steps"):
        assert BY_NAME[name].coerce(np.inf) == np.inf
        assert BY_NAME[name].parse("inf") == np.inf


def test_defaults_are_their_own_canonical_form_and_a_valid_cell() -> None:
    cell = {parameter.name: parameter.default for parameter in MODEL.parameters}
    for parameter in MODEL.parameters:
        assert parameter.coerce(parameter.default) == parameter.default
    for constraint in MODEL.constraints:
        constraint.check({name: cell[name] for name in constraint.names})
