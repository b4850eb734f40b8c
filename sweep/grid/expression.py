"""The language of `exclude`: conditions on parameters, such as ``K < M or not 0 < eta_w <= 2*V``.

The text is parsed into Python's syntax tree, which is only ever walked here, node by node; what is
not listed here is refused, and nothing is compiled or run. All arithmetic is on floating-point
arrays, so that ``9**9**9`` is infinite at once instead of a number of 370 million digits. As
usual for such numbers, a comparison with an undefined one (``inf - inf``) does not hold.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from sweep.errors import ParameterError
from sweep.grid.problems import quoted, unknown
from sweep.models.parameters import Parameter, Value, rounded, shown
from sweep.ode.arrays import Floats, Truths

LONGEST = 1000
DEEPEST = 100
ALLOWED = (
    "parameters, numbers, inf, true, false, quoted words, + - * / **, < <= == != >= >, and, or, "
    "not, parentheses"
)


ARITHMETIC: dict[type[ast.AST], Callable[[Floats, Floats], Floats]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
SIGNS: dict[type[ast.AST], Callable[[Floats], Floats]] = {
    ast.UAdd: np.positive,
    ast.USub: np.negative,
}
EQUALITIES: dict[type[ast.AST], Callable[[Any, Any], Truths]] = {
    ast.Eq: np.equal,
    ast.NotEq: np.not_equal,
}
COMPARISONS: dict[type[ast.AST], Callable[[Any, Any], Truths]] = {
    **EQUALITIES,
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
}

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True)
class Operand:
    """A parameter's values, reshaped so that the operands of a grid broadcast with one another.

    codes: of a table of cells, the position of the value of every cell.
    """

    parameter: Parameter
    values: tuple[Value, ...]
    shape: tuple[int, ...] = ()
    codes: NDArray[np.int32] | None = None

    def numbers(self) -> Floats:
        """The values that are numbers; nan for words and matrices."""
        numbers = [value if isinstance(value, int | float) else np.nan for value in self.values]
        return self._laid_out(np.array(numbers, dtype=np.float64))

    def words(self) -> NDArray[np.str_]:
        """The values that are words; empty for numbers and matrices."""
        words = [value if isinstance(value, str) else "" for value in self.values]
        return self._laid_out(np.array(words, dtype=np.str_))

    def _laid_out(self, values: NDArray[Kind]) -> NDArray[Kind]:
        return values.reshape(self.shape) if self.codes is None else values[self.codes]


Operands = Mapping[str, Operand]


@dataclass(frozen=True)
class Expression:
    """A condition that has been checked; `text` is as the user wrote it."""

    text: str
    tree: ast.expr

    def holds(self, named: Operands) -> Truths:
        """Where the condition holds; the shape is what the operands in it broadcast to."""
        with np.errstate(all="ignore"):
            return _condition(self.tree, named)


def refuse_numberless(expression: Expression, named: Operands) -> None:
    """Refuse a condition that takes for a number what is none in any cell, and so never holds."""
    for left, right in _compared(expression.tree):
        if _is_word(left, named) or _is_word(right, named):
            continue
        for node in (*ast.walk(left), *ast.walk(right)):
            if isinstance(node, ast.Name) and node.id in named:
                operand = named[node.id]
                if not any(isinstance(value, int | float) for value in operand.values):
                    words = operand.parameter.choices
                    cure = f'say {node.id} == "{words[0]}"' if words else "leave it out"
                    raise ParameterError(
                        _place(expression.text),
                        f"takes {node.id} for a number, which is {shown(operand.values[0])}, and "
                        f"so never holds; {cure}",
                    )


def _compared(tree: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Both sides of every comparison."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield from pairwise((node.left, *node.comparators))


def parse_expression(text: str, parameters: Mapping[str, Parameter]) -> Expression:
    """Check `text` as a condition on `parameters`. Raises ParameterError."""
    expression = Expression(text, _tree(text))
    # What is refused depends on the form alone, so evaluating at the defaults is the whole check.
    defaults = {name: Operand(p, (p.default,)) for name, p in parameters.items()}
    try:
        expression.holds(defaults)
    except ParameterError as error:
        raise ParameterError(_place(text), str(error)) from None
    return expression


def _place(text: str) -> str:
    return f"exclude `{quoted(text)}`"


def _tree(text: str) -> ast.expr:
    place = _place(text)
    if len(text) > LONGEST:
        raise ParameterError(place, f"has {len(text)} characters; allowed are {LONGEST}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ParameterError(place, f"{error.msg}; allowed: {ALLOWED}") from None
    except (ValueError, MemoryError, RecursionError):
        raise ParameterError(place, f"is no condition; allowed: {ALLOWED}") from None
    if _depth(tree) > DEEPEST:
        raise ParameterError(place, "is nested too deeply; write two shorter conditions")
    return tree


def _depth(tree: ast.AST) -> int:
    depth, level = 0, [tree]
    while level:
        depth, level = depth + 1, [c for node in level for c in ast.iter_child_nodes(node)]
    return depth


def _condition(node: ast.expr, named: Operands) -> Truths:
    match node:
        case ast.BoolOp(op, operands):
            join = np.logical_and if isinstance(op, ast.And) else np.logical_or
            holds = _condition(operands[0], named)
            for operand in operands[1:]:
                holds = join(holds, _condition(operand, named))
            return holds
        case ast.UnaryOp(ast.Not(), operand):
            return np.logical_not(_condition(operand, named))
        case ast.Compare(left, operators, others):
            holds = np.array(True)
            for operator, right in zip(operators, others, strict=True):
                holds = np.logical_and(holds, _comparison(left, operator, right, named))
                left = right
            return holds
        case ast.Name(name) if name in named and named[name].parameter.kind == "flag":
            return np.not_equal(named[name].numbers(), 0.0)
    raise _refused(node, "no condition", named)


def _comparison(left: ast.expr, operator: ast.cmpop, right: ast.expr, named: Operands) -> Truths:
    for word, other in ((left, right), (right, left)):
        if _is_word(word, named):
            _check_choice(word, other, named)
            if type(operator) not in EQUALITIES:
                raise _refused(word, "words compare with == and != only", named)
            return EQUALITIES[type(operator)](_words(left, named), _words(right, named))
    if type(operator) not in COMPARISONS:
        raise _refused(ast.Compare(left, [operator], [right]), "no comparison", named)
    return COMPARISONS[type(operator)](_numbers(left, named), _numbers(right, named))


def _numbers(node: ast.expr, named: Operands) -> Floats:
    match node:
        case ast.BinOp(left, operator, right) if type(operator) in ARITHMETIC:
            return ARITHMETIC[type(operator)](_numbers(left, named), _numbers(right, named))
        case ast.UnaryOp(operator, operand) if type(operator) in SIGNS:
            return SIGNS[type(operator)](_numbers(operand, named))
        case ast.Constant(int() | float() as value) if not isinstance(value, bool):
            return _literal(node, value, named)
        case ast.Name("inf"):
            return np.array(np.inf)
        case ast.Name("true" | "false" as word):
            return np.array(float(word == "true"))
        case ast.Name(name) if name in named and named[name].parameter.kind != "word":
            return named[name].numbers()
    raise _refused(node, "no number", named)


def _literal(node: ast.expr, value: int | float, named: Operands) -> Floats:
    try:
        # A number is rounded as the values of parameters are, or equality would never hold.
        return np.array(rounded(value) if isinstance(value, float) else float(value))
    except OverflowError:
        raise _refused(node, "too large", named) from None


def _is_word(node: ast.expr, named: Operands) -> bool:
    match node:
        case ast.Constant(str()):
            return True
        case ast.Name(name):
            return name in named and named[name].parameter.kind == "word"
    return False


def _words(node: ast.expr, named: Operands) -> NDArray[np.str_]:
    match node:
        case ast.Constant(str() as word):
            return np.array(word)
        case ast.Name(name) if name in named and named[name].parameter.choices:
            return named[name].words()
    raise _refused(node, "no word", named)


def _check_choice(word: ast.expr, other: ast.expr, named: Operands) -> None:
    """A misspelt word would exclude nothing, without a sign of it."""
    match word, other:
        case ast.Constant(str() as text), ast.Name(name) if name in named:
            choices = named[name].parameter.choices
            if choices and text not in choices:
                raise unknown(text, name, choices)


def _refused(node: ast.expr, problem: str, named: Operands) -> ParameterError:
    if isinstance(node, ast.Name) and node.id not in named:
        return unknown(node.id, "parameter", named)
    return ParameterError(f"`{quoted(ast.unparse(node))}`", f"{problem}; allowed: {ALLOWED}")
