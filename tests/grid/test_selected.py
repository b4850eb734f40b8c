"""Cells of a grid, chosen on the command line."""

from __future__ import annotations

import math

import pytest

from sweep.errors import UsageError
from sweep.grid import cell_ids
from tests.grid.fake import grid

BODY = """
[fixed]
target_error = 0.05
[axes]
K = [3, 4, 5]
M = [1, 2, 3]
eta_w = {lin = [0.5, 2], n = 4}
seed = [7]
[grid]
zip = [["K", "M"]]
exclude = ["K == 5"]
"""


def test_every_axis_is_given_has_one_value_or_follows_its_group() -> None:
    cells = grid(BODY).selected({"eta_w": ["1.5"], "K": ["4"]})
    assert len(cells) == 1
    cell = cells.cell(0)
    assert (cell["K"], cell["M"], cell["eta_w"], cell["seed"]) == (4, 2, 1.5, 7)
    assert cell["target_error"] == 0.05


def test_it_is_the_cell_of_the_grid() -> None:
    g = grid(BODY)
    chosen = g.selected({"eta_w": ["1.5"], "K": ["4"]})
    assert cell_ids(chosen, g.model, g.solver)[0] in cell_ids(g.cells(), g.model, g.solver)


def test_a_value_off_the_axes_and_a_fixed_parameter_may_be_given() -> None:
    given = {"eta_w": "9.75", "K": "8", "M": "2", "V": "inf", "teacher": "[[1, 0], [0, 2]]"}
    cell = grid(BODY).selected({name: [text] for name, text in given.items()}).cell(0)
    assert (cell["eta_w"], cell["K"], cell["V"]) == (9.75, 8, math.inf)
    assert cell["teacher"] == ((1.0, 0.0), (0.0, 2.0))


def test_an_excluded_cell_may_be_looked_at() -> None:
    assert grid(BODY).selected({"eta_w": ["1"], "K": ["5"]}).cell(0)["M"] == 3


def test_axes_that_are_left_open_keep_their_order_groups_and_conditions() -> None:
    cells = grid(BODY).selected({"seed": ["3"]})
    found = [tuple(cells.cell(i)[name] for name in ("K", "M", "eta_w")) for i in range(len(cells))]
    assert found == [(K, M, w) for K, M in ((3, 1), (4, 2)) for w in (0.5, 1.0, 1.5, 2.0)]
    assert {cells.cell(i)["seed"] for i in range(len(cells))} == {3}


def test_a_zipped_axis_is_settled_by_the_one_that_is_named() -> None:
    cells = grid(BODY).selected({"M": ["2"]})
    assert [cells.cell(i)["K"] for i in range(len(cells))] == [4, 4, 4, 4]


def found(given: dict[str, list[str]], *names: str) -> list[tuple[object, ...]]:
    cells = grid(BODY).selected(given)
    return [tuple(cells.cell(i)[name] for name in names) for i in range(len(cells))]


def test_a_parameter_that_is_given_again_has_several_values() -> None:
    given = {"K": ["4"], "eta_w": ["9", "0.5"], "V": ["100", "inf", "100.0"]}
    expected = [(9.0, 100.0), (9.0, math.inf), (0.5, 100.0), (0.5, math.inf)]
    assert found(given, "eta_w", "V") == expected


def test_zipped_axes_go_with_each_of_several_values() -> None:
    assert found({"K": ["4", "3"], "eta_w": ["1"]}, "K", "M") == [(3, 1), (4, 2)]
    both = {"K": ["4", "3"], "M": ["2", "7"], "eta_w": ["1"]}
    assert found(both, "K", "M") == [(4, 2), (4, 7), (3, 2), (3, 7)]


def test_of_several_values_none_is_left_out_without_a_word() -> None:
    assert found({"K": ["4", "5"], "eta_w": ["1"]}, "K", "M") == [(4, 2), (5, 3)]
    with pytest.raises(UsageError, match=r"exclude: leaves no such cell with K = 5; choose anot"):
        found({"K": ["4", "5"]})


def test_several_values_of_which_one_has_no_partner_are_refused() -> None:
    with pytest.raises(UsageError, match=r"\[axes\] M: none of its 3 values goes with K = 8"):
        found({"K": ["4", "8"]})


def test_nothing_named_is_the_whole_grid() -> None:
    g = grid(BODY)
    assert cell_ids(g.selected({}), g.model, g.solver) == cell_ids(g.cells(), g.model, g.solver)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"K": "8"}, "[axes] M: none of its 3 values goes with K = 8; choose one, like M=1"),
        ({"K": "5"}, "[grid] exclude: leaves no such cell with K = 5; choose another"),
        ({"etaw": "1"}, "etaw: no such parameter of fake; did you mean eta_w?"),
        ({"eta_w": "-1"}, "eta_w: found -1; allowed is a number > 0"),
        ({"eta_w": "fast"}, 'eta_w: found "fast"; allowed is a number > 0'),
        ({"eta_w": ""}, 'eta_w: found ""'),
        ({"eta_w": "NaN"}, "eta_w: found nan"),
        ({"eta_w": "9" * 5000}, "eta_w: found"),
        ({"R0": "[" * 100_000}, "R0: found"),
        ({"eta_w": "1", "K": "4", "teacher": "[[1]]"}, "teacher: found 1 rows; allowed are M × M"),
    ],
)
def test_what_is_no_cell_is_refused(given: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        grid(BODY).selected({name: [text] for name, text in given.items()})
    assert message in str(refusal.value)
