"""The kinds of parameters of one's own models: bounds, defaults, symbols."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.errors import ParameterError
from sweep.models import choice, flag, integer, matrix, real
from sweep.models.own.kinds import symbol_of
from sweep.models.own.values import Parameters


@pytest.mark.parametrize(
    ("parameter", "good", "bad", "allowed"),
    [
        (integer("K", 3, least=1), 1, 0, "an integer ≥ 1"),
        (integer("K", 3, least=1, most=9), 9, 10, "an integer ≥ 1 and ≤ 9"),
        (real("eta", 1.0, above=0), 1e-9, 0, "a number > 0"),
        (real("p", 0.5, least=0, below=1), 0, 1, "a number ≥ 0 and < 1"),
        (real("p", 0.5, above=0, most=1), 1, 0, "a number > 0 and ≤ 1"),
        (real("V", np.inf, least=1, infinite=True), np.inf, 0.5, "a number ≥ 1 or inf"),
        (real("x", 0.0), -5, np.inf, "a number"),
        (choice("loss", "mse", ("mse", "hinge")), "hinge", "huber", "one of mse, hinge"),
        (flag("loud"), True, 1, "true or false"),
        (matrix("T", 1.0, choices=("graded",)), "graded", "identity", "a number, graded or a"),
    ],
)
def test_a_kind_takes_what_is_allowed_and_says_what_is(
    parameter: object, good: object, bad: object, allowed: str
) -> None:
    assert parameter.coerce(good) == good  # type: ignore[attr-defined]
    with pytest.raises(ParameterError, match="allowed is") as refused:
        parameter.coerce(bad)  # type: ignore[attr-defined]
    assert allowed in str(refused.value)


def test_a_default_must_be_allowed() -> None:
    with pytest.raises(ParameterError, match="eta: found -1; allowed is a number > 0"):
        real("eta", -1.0, above=0)
    with pytest.raises(ParameterError, match="one of a, b"):
        choice("mode", "c", ("a", "b"))
    with pytest.raises(ParameterError, match="true or false"):
        flag("loud", 1)


def test_the_words_of_a_choice_alone_begin_with_the_default() -> None:
    assert choice("mode", ("b", "a")) == choice("mode", "b", ("b", "a"))
    with pytest.raises(ValueError, match="needs the words"):
        choice("mode", "b")


def test_a_matrix_may_be_an_array() -> None:
    assert matrix("T", np.eye(2)).default == ((1.0, 0.0), (0.0, 1.0))


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("eta", r"\eta"),
        ("eta_w", r"\eta_{w}"),
        ("K", "K"),
        ("R0", "R_{0}"),
        ("sigma_noise", r"\sigma_{noise}"),
        ("weight_decay", ""),
        ("n_hidden", "n_{hidden}"),
        ("width", ""),
    ],
)
def test_symbols_come_from_names(name: str, symbol: str) -> None:
    assert symbol_of(name) == symbol
    assert real(name, 1.0).symbol == symbol
    assert real(name, 1.0, symbol="x").symbol == "x"


def test_parameters_are_had_by_name_and_no_other() -> None:
    p = Parameters({"K": 3, "eta": 0.5, "T": ((1.0, 2.0), (3.0, 4.0)), "mode": "a"})
    assert p.K == p["K"] == 3
    assert p.mode == "a"
    assert p.T.shape == (2, 2)
    assert dict(p).keys() == {"K", "eta", "T", "mode"}
    with pytest.raises(AttributeError, match="no parameter 'etta'; did you mean eta"):
        _ = p.etta
    with pytest.raises(KeyError, match="no parameter 'x'"):
        _ = p["x"]
    with pytest.raises(AttributeError, match="cannot be changed"):
        p.K = 4
