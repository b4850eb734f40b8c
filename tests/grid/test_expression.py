"""The language of `exclude`: what it means, and that it runs nothing."""

from __future__ import annotations

import contextlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.errors import ParameterError
from sweep.grid.expression import Operand, parse_expression
from sweep.models.parameters import Value
from tests.grid.fake import MODEL

PARAMETERS = {parameter.name: parameter for parameter in MODEL.parameters}


def holds(text: str, **values: Value) -> bool:
    """Whether the condition holds in one cell."""
    expression = parse_expression(text, PARAMETERS)
    columns = {
        name: Operand(parameter, (values.get(name, parameter.default),))
        for name, parameter in PARAMETERS.items()
    }
    return bool(expression.holds(columns))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("K < M", True),
        ("M < K", False),
        ("2 <= K < M <= 5", True),
        ("K < M > 9", False),
        ("not K < M or K == 2", True),
        ("not (K < M or K == 2)", False),
        ("K < M and not K == 3", True),
        ("K**2 + M - 1 == 8 / 1", True),
        ("-K < +1 * M", True),
        ("(K + M) * 2 == 14", True),
        ("eta_w == 0.3", True),
        ("eta_w == 0.3000000000000004", True),
        ("V == inf", True),
        ("P < inf", True),
        ("V - V == 0", False),
        ("teacher == 'identity'", True),
        ('"identity" != teacher', False),
        ("order == 'first'", True),
        ("R0 < 0.1", True),
        ("9**9**9**9 == inf", True),
        ("K / 0 == inf", True),
        ("seed == 9007199254740991", True),
    ],
)
def test_conditions_mean_what_they_say(text: str, expected: bool) -> None:
    cell: dict[str, Value] = {
        "K": 2,
        "M": 5,
        "eta_w": 0.3,
        "P": 50.0,
        "V": math.inf,
        "teacher": "identity",
        "seed": 2**53 - 1,
    }
    assert holds(text, **cell) is expected


def test_a_matrix_is_neither_a_number_nor_a_word() -> None:
    matrix = ((1.0, 0.0), (0.0, 2.0))
    assert not holds("teacher == 'graded'", teacher=matrix)
    assert not holds("teacher < 5 or teacher >= 5", teacher=matrix)
    assert holds("teacher != 'graded'", teacher=matrix)


NUMBERS = st.recursive(
    st.sampled_from(["K", "M", "seed", "2", "3", "0.5"]),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from("+-*"), inner),
        st.builds("-{}".format, inner),
    ),
    max_leaves=5,
)
COMPARISONS = st.sampled_from(["<", "<=", "==", "!=", ">=", ">"])
CONDITIONS = st.recursive(
    st.one_of(
        st.builds("{} {} {}".format, NUMBERS, COMPARISONS, NUMBERS),
        st.builds("{} {} {} {} {}".format, NUMBERS, COMPARISONS, NUMBERS, COMPARISONS, NUMBERS),
    ),
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(["and", "or"]), inner),
        st.builds("(not {})".format, inner),
    ),
    max_leaves=4,
)


@given(CONDITIONS)
def test_columns_give_what_python_gives_cell_by_cell(text: str) -> None:
    K, M, seed = (1, 2, 3, 7), (2, 5), (0, 1, 4)
    columns = {
        "K": Operand(PARAMETERS["K"], K, (4, 1, 1)),
        "M": Operand(PARAMETERS["M"], M, (1, 2, 1)),
        "seed": Operand(PARAMETERS["seed"], seed, (1, 1, 3)),
    }
    found = np.broadcast_to(parse_expression(text, PARAMETERS).holds(columns), (4, 2, 3))
    expected = [[[eval(text, {"K": k, "M": m, "seed": s}) for s in seed] for m in M] for k in K]
    assert found.tolist() == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "invalid syntax"),
        ("K <", "invalid syntax"),
        ("K = 3", "=="),
        ("K", "`K`: no condition"),
        ("True", "`True`: no condition"),
        ("K + 1", "`K + 1`: no condition"),
        ("K and M < 3", "`K`: no condition"),
        ("K < (M < 3)", "`M < 3`: no number"),
        ("K < True", "`True`: no number"),
        ("K < None", "`None`: no number"),
        ("K < 1j", "`1j`: no number"),
        ("K < ...", "`...`: no number"),
        ("K < ~M", "`~M`: no number"),
        ("K % 2 == 0", "`K % 2`: no number"),
        ("K // 2 == 0", "`K // 2`: no number"),
        ("1 << 9 < K", "`1 << 9`: no number"),
        ("K is M", "`K is M`: no comparison"),
        ("K in (1, 2)", "`K in (1, 2)`: no comparison"),
        ("__import__('os').system('true')", "no condition"),
        ("K < abs(M)", "`abs(M)`: no number"),
        ("K.real < 3", "`K.real`: no number"),
        ("K[0] < 3", "`K[0]`: no number"),
        ("(lambda: K)() < 3", "no number"),
        ("[K for K in (1, 2)] == 3", "no number"),
        ("(K := 3) < 4", "no number"),
        ("K < 3 if M else 4", "no condition"),
        ("f'{K}' == teacher", "no number"),
        ("b'graded' == teacher", "no number"),
        ("k < 3", "did you mean K?"),
        ("etaw < 3", "did you mean eta_w?"),
        ("print < 3", "print: no such parameter"),
        ("teacher == 'gradd'", "did you mean graded?"),
        ("order < 'first'", "== and != only"),
        ("order + 1 < 3", "`order`: no number"),
        ("K == 'graded'", "`K`: no word"),
        ("order == 1", "`1`: no word"),
        ("K < 0x1" + "0" * 400, "too large"),
        ("K < " + "9" * 5000, "1000"),
        ("-" * 900 + "K < 3", "nested too deeply"),
        ("(" * 300 + "K" + ")" * 300 + " < 3", "nested"),
        ("K < 3\0", "exclude"),
        ("K < 3; M < 3", "invalid syntax"),
        ("K < 3\nM < 3", "invalid syntax"),
    ],
)
def test_anything_else_is_refused(text: str, words: str) -> None:
    with pytest.raises(ParameterError) as refusal:
        parse_expression(text, PARAMETERS)
    assert words in str(refusal.value)


@given(st.text() | st.text("KM<>=()+-*/.'[]{} 19notadrielf\\:,~@%&|^!", max_size=40))
def test_any_text_is_a_condition_or_is_refused(text: str) -> None:
    with contextlib.suppress(ParameterError):
        holds(text)
