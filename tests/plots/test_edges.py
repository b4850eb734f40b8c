from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.grid import Axis
from sweep.models.parameters import canonical, rounded
from sweep.plots.draw import draw
from sweep.plots.edges import cell_edges, in_order, key, scale, spacing
from tests.plots.rows import request, rows

distinct = st.lists(st.floats(1e-3, 1e3).map(rounded), min_size=2, max_size=20, unique=True).map(
    sorted
)


@given(distinct, st.booleans())
def test_edges_bracket_their_values(values: list[float], logarithmic: bool) -> None:
    centres = np.array(values)
    edges = cell_edges(centres, logarithmic=logarithmic)
    assert len(edges) == len(centres) + 1
    assert np.all(edges[:-1] < centres)
    assert np.all(centres < edges[1:])


@given(distinct)
def test_logarithmic_edges_are_linear_edges_of_the_logarithm(values: list[float]) -> None:
    centres = np.array(values)
    edges = cell_edges(centres, logarithmic=True)
    np.testing.assert_allclose(np.log(edges), cell_edges(np.log(centres), logarithmic=False))


@given(distinct)
def test_logarithmic_edges_of_inverses_are_inverses(values: list[float]) -> None:
    centres = np.array(values)
    edges = cell_edges(centres, logarithmic=True)
    mirrored = cell_edges(1 / centres[::-1], logarithmic=True)
    np.testing.assert_allclose(mirrored, 1 / edges[::-1], rtol=1e-9)


@given(st.floats(0.01, 10), st.floats(0.01, 10), st.integers(3, 40))
def test_even_values_are_linear(start: float, step: float, n: int) -> None:
    values = [rounded(start + step * i) for i in range(n)]
    assert spacing(values) == "linear"


@given(st.floats(1e-4, 10), st.floats(1.05, 10), st.integers(3, 30))
def test_ratios_are_logarithmic(start: float, ratio: float, n: int) -> None:
    values = [rounded(start * ratio**i) for i in range(n)]
    assert spacing(values) == "log"


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ([3.0, 4.0, 5.0], "linear"),
        ([-1.0, 0.0, 3.0], "linear"),
        ([1.0, 2.0], "linear"),
        ([1.0, 100.0], "log"),
        ([1.0, 2.0, 5.0, 10.0, 20.0], "log"),
        ([1.0, 2.0, 3.0, 4.0, 6.0], "linear"),
        ([10.0, 100.0, math.inf], "category"),
        ([1.5], "category"),
        (["graded", "identity"], "category"),
    ],
)
def test_spacing(keys: list[float | str], expected: str) -> None:
    assert spacing(keys) == expected


def test_a_declared_spacing_is_not_judged_again() -> None:
    assert spacing([1.0, 100.0], "linear") == "linear"
    assert spacing([1.0, 2.0], "log") == "log"
    assert scale([1.0, 4.0], "log").edges.tolist() == pytest.approx([0.5, 2.0, 8.0])
    assert spacing([1.0], "log") == "category"


def test_a_picture_has_the_spacing_of_the_grid() -> None:
    values = {"eta_w": [1.0, 100.0], "eta_J": [1.0, 2.0]}
    axes = {
        "eta_w": Axis("eta_w", (1.0, 100.0), "linear"),
        "eta_J": Axis("eta_J", (1.0, 2.0), "log"),
    }
    panel = draw(rows(values, lambda _: 1.0), replace(request(values, facet=None), axes=axes)).axes[
        0
    ]
    assert (panel.get_xscale(), panel.get_yscale()) == ("linear", "log")


def test_integers_get_cells_of_width_one() -> None:
    assert scale([3.0, 4.0, 5.0]).edges.tolist() == [2.5, 3.5, 4.5, 5.5]


def test_categories_get_cells_of_width_one() -> None:
    assert scale([10.0, math.inf]).edges.tolist() == [-0.5, 0.5, 1.5]


def test_a_key_is_the_same_from_a_grid_and_from_results() -> None:
    matrix = ((1.0, 0.0), (0.0, 2.0))
    assert key(matrix) == key(canonical(matrix)) == key("[[1, 0], [0, 2]]")
    assert key("0.5") == key(0.5) == 0.5
    assert key(3) == 3.0
    assert key("graded") == key(canonical("graded")) == "graded"
    assert key(canonical(math.inf)) == math.inf
    assert key("true") == "true"


def test_numbers_are_ordered_and_words_keep_their_order() -> None:
    assert in_order([3.0, 1.0, math.inf, 1.0]) == (1.0, 3.0, math.inf)
    assert in_order(["graded", "identity", "graded"]) == ("graded", "identity")
