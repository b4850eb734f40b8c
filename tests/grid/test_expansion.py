"""Expansion, against the plain product of the axes."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.errors import ParameterError
from sweep.grid import Axis
from sweep.grid.expansion import expand
from sweep.grid.expression import parse_expression
from sweep.models.parameters import Value
from tests.grid.fake import MODEL, grid

PARAMETERS = {parameter.name: parameter for parameter in MODEL.parameters}
VALUES: dict[str, list[Value]] = {
    "K": [1, 2, 3, 4],
    "M": [2, 3, 5],
    "eta_w": [0.5, 1.0, 2.0],
    "V": [10.0, float("inf")],
    "teacher": ["graded", "identity", 2.0],
}
CONDITIONS = ["K < M", "eta_w * K > V / 4", "teacher == 'graded' and M != 3", "not 1 < K <= M"]


@given(st.data())
def test_cells_are_the_product_without_what_is_excluded(data: st.DataObject) -> None:
    names = data.draw(st.permutations(list(VALUES)).flatmap(lambda p: st.just(p[:3])))
    axes = {
        name: tuple(data.draw(st.lists(st.sampled_from(VALUES[name]), min_size=1, unique=True)))
        for name in names
    }
    fixed = {name: p.default for name, p in PARAMETERS.items() if name not in axes}
    conditions = data.draw(st.lists(st.sampled_from(CONDITIONS), max_size=2))
    excludes = [parse_expression(text, PARAMETERS) for text in conditions]

    cells = expand(MODEL.parameters, fixed, axes, excludes=excludes)

    product = (dict(zip(axes, row, strict=True)) for row in itertools.product(*axes.values()))
    whole = ({name: {**fixed, **row}[name] for name in PARAMETERS} for row in product)
    expected = [cell for cell in whole if not any(eval(text, {}, cell) for text in conditions)]
    assert [cells.cell(i) for i in range(len(cells))] == expected


def test_the_first_axis_varies_slowest() -> None:
    cells = grid("axes = { eta_J = [1, 2], K = [3, 4] }").cells()
    assert cells.numbers("eta_J").tolist() == [1, 1, 2, 2]
    assert cells.numbers("K").tolist() == [3, 4, 3, 4]


def test_a_grid_is_expanded_once() -> None:
    g = grid("axes.K = [3, 4]")
    assert g.cells() is g.cells()
    assert len(g.replaced(axes={"K": Axis("K", (5,))}).cells()) == 1


def test_zipped_axes_advance_together_where_the_first_of_them_stands() -> None:
    cells = grid(
        """
        [axes]
        K = [3, 4]
        eta_w = [1, 2]
        M = [1, 2]
        [grid]
        zip = [["M", "K"]]
        """
    ).cells()
    assert cells.numbers("K").tolist() == [3, 3, 4, 4]
    assert cells.numbers("M").tolist() == [1, 1, 2, 2]
    assert cells.numbers("eta_w").tolist() == [1, 2, 1, 2]


def test_excludes_see_zipped_and_fixed_parameters() -> None:
    cells = grid(
        """
        fixed = { seed = 2 }
        axes = { K = [3, 4, 5], M = [5, 4, 3] }
        grid = { zip = [["K", "M"]], exclude = ["K < M", "K + M + seed == 10 and K > 4"] }
        """
    ).cells()
    assert cells.numbers("K").tolist() == [4]


def test_without_axes_there_is_one_cell() -> None:
    cells = grid().cells()
    assert len(cells) == 1
    assert cells.cell(0) == {p.name: p.default for p in MODEL.parameters}


def test_a_parameter_with_one_value_takes_no_memory() -> None:
    cells = grid("axes.seed = {int = [0, 999]}").cells()
    assert cells.codes["K"].strides == (0,)
    assert cells.take(cells.numbers("seed") > 5).codes["K"].strides == (0,)


def test_too_many_cells_are_refused_before_they_are_made() -> None:
    million = tuple(range(1, 1_000_001))
    axes = {"K": million, "M": million, "seed": million}
    fixed = {name: p.default for name, p in PARAMETERS.items() if name not in axes}
    with pytest.raises(ParameterError, match="at most 50,000,000"):
        expand(MODEL.parameters, fixed, axes)
