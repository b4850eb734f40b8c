"""Grids that are made in Python are those that a file would be, also in what is wrong."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.errors import ParameterError, UsageError
from sweep.grid import Grid, GridError, PlotSettings, cell_ids, integers, lin, log, read_grid
from sweep.grid.contents import Contents
from sweep.grid.read import parse_grid
from tests.grid.fake import MODEL, grid

BODY = """\
title = "All of it"
fixed = { M = 2, teacher = [[1.0, 0.5], [0.5, 2.0]], V = inf, order = "second" }
grid = { zip = [["K", "seed"]], exclude = ["K < M", "eta_w > 7"] }
solver = { rtol = 1e-7 }
plot = { x = "eta_w", y = "eta_J", value = "error_final", level = 0.5 }
[axes]
K = { int = [1, 9], step = 2 }
eta_w = { lin = [0.25, 8.0], n = 4 }
eta_J = { log = [0.25, 16], n = 7 }
seed = [0, 1, 2, 3, 4]
"""


def made(**changed: Any) -> Grid:
    told = {
        "title": "All of it",
        "fixed": {"M": 2, "teacher": [[1, 0.5], [0.5, 2]], "V": math.inf, "order": "second"},
        "axes": {
            "K": integers(1, 9, step=2),
            "eta_w": lin(0.25, 8, 4),
            "eta_J": log(0.25, 16, 7),
            "seed": range(5),
        },
        "zip": [("K", "seed")],
        "exclude": ["K < M", "eta_w > 7"],
        "solver": {"rtol": 1e-7},
        "plot": {"x": "eta_w", "y": "eta_J", "value": "error_final", "level": 0.5},
        "name": "x",
    }
    return Grid("fake", **(told | changed))


def same(one: Contents, other: Contents) -> None:
    """Assert that two grids are, but for where their texts stand."""
    for name in ("name", "title", "model", "fixed", "zipped", "solver", "plot"):
        assert getattr(one, name) == getattr(other, name), name
    assert list(one.axes.items()) == list(other.axes.items())
    assert [e.text for e in one.excludes] == [e.text for e in other.excludes]
    ids = [cell_ids(grid.cells(), grid.model, grid.solver) for grid in (one, other)]
    assert ids[0] == ids[1]


REFINE: dict[str, Any] = {"levels": 2, "axes": ["eta_J"], "probes": np.int64(5), "tolerance": 1e-6}


def test_a_refined_grid_is_that_of_a_file_and_is_refused_for_the_same_reasons() -> None:
    refined = Grid("fake", axes={"eta_J": log(0.25, 16, 7)}, refine=REFINE, name="x")
    again = parse_grid(Path("x.toml"), refined.text)
    assert refined.refine == again.refine
    assert refined.refine is not None
    assert refined.refine.tolerance == 1e-6
    assert parse_grid(Path("x.toml"), made().text).refine is None
    with pytest.raises(GridError, match=r"x: \[refine\] levels: is missing"):
        Grid("fake", axes={"eta_J": log(0.25, 16, 7)}, refine={}, name="x")


def test_it_is_the_grid_that_a_file_would_be() -> None:
    same(made(), grid(BODY))
    assert made().path is None
    assert made().place == "x"


def test_its_text_is_that_of_a_file_that_is_the_same_grid(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(made().text, encoding="utf-8")
    same(read_grid(tmp_path / "x.toml"), made())
    assert "eta_w = { lin = [0.25, 8], n = 4 }" in made().text


def test_everything_but_the_model_may_be_left_out() -> None:
    bare = Grid("fake")
    same(bare, grid(name="grid.toml"))
    assert bare.text == 'title = "grid"\nmodel = "fake"\n'


def test_a_model_is_as_good_as_its_name() -> None:
    by_name, itself = (Grid(model, fixed={"K": 4}) for model in ("fake", MODEL))
    same(itself, by_name)
    assert itself.text == by_name.text


def test_the_path_of_a_model_is_named_in_full(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for path in ("own.py", Path("own.py")):
        with pytest.raises(UsageError) as refusal:
            Grid(path)
        assert str(refusal.value) == f"{tmp_path}/own.py: no such file"


@pytest.mark.parametrize(
    "values",
    [
        np.array([1, 3]),
        np.array([1, 3], dtype=np.int8),
        np.array([1.0, 3.0], dtype=np.float32),
        np.array([1.0, 3.0], dtype=np.longdouble),
        (np.int64(1), np.float64(3)),
        [np.longdouble(1), np.uint8(3)],
        range(1, 4, 2),
        pd.Series([1, 3]),
        [np.array(1), 3],
    ],
    ids=repr,
)
def test_arrays_and_their_numbers_are_values(values: Any) -> None:
    found = Grid("fake", axes={"K": values, "eta_w": values})
    assert found.swept == {"K": (1, 3), "eta_w": (1.0, 3.0)}
    same(parse_grid(Path("grid.toml"), found.text), found)


def test_arrays_are_matrices_and_words() -> None:
    matrix = np.array([[1, 0.5], [0.5, 2]])
    found = Grid(
        "fake",
        fixed={"M": np.int32(2), "R0": matrix, "V": np.inf, "order": np.str_("second")},
        axes={"teacher": [matrix, "graded"], "eta_w": np.geomspace(0.1, 10, 3)},
    )
    assert found.fixed["R0"] == ((1.0, 0.5), (0.5, 2.0))
    assert found.swept["teacher"] == (((1.0, 0.5), (0.5, 2.0)), "graded")
    assert found.swept["eta_w"] == (0.1, 1.0, 10.0)
    same(parse_grid(Path("grid.toml"), found.text), found)


def test_it_says_what_it_is_in_a_few_words() -> None:
    assert repr(made()) == "<Grid x: fake, K 5 × eta_w 4 × eta_J 7 × seed 5, 84 cells>"
    assert repr(Grid("fake")) == "<Grid grid: fake, 1 cell>"


def test_what_is_wrong_can_be_told_by_another_process() -> None:
    with pytest.raises(GridError) as refusal:
        Grid("fake", fixed={"K": 0})
    for error in (refusal.value, ParameterError("K", "found 0")):
        back = pickle.loads(pickle.dumps(error))
        assert (type(back), str(back), vars(back)) == (type(error), str(error), vars(error))


def test_it_does_not_change_with_what_it_was_made_of() -> None:
    values = [1, 2]
    found = Grid("fake", axes={"K": values})
    values.append(3)
    assert len(found.cells()) == 2


def ring() -> list[Any]:
    entry: list[Any] = []
    entry.append(entry)
    return entry


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"fixed": {"eta_q": 3}}, "[fixed] eta_q: no such parameter of fake; did you mean eta_"),
        ({"fixed": {3: 3}}, "[fixed] 3: no such parameter of fake"),
        ({"fixed": {"K": np.float64(0.5)}}, "[fixed] K: found 0.5; allowed is an integer ≥ 1"),
        ({"fixed": {"K": None}}, "[fixed] K: found null; allowed is an integer ≥ 1"),
        ({"fixed": {"K": np.bool_(True)}}, "[fixed] K: found true; allowed is an integer ≥ 1"),
        ({"fixed": {"K": 1 + 2j}}, "[fixed] K: found"),
        ({"fixed": {"eta_w": Fraction(1, 2)}}, '[fixed] eta_w: found "1/2"; allowed is a number'),
        ({"fixed": {"V": math.nan}}, "[fixed] V: found nan; allowed is an integer ≥ 1 or inf"),
        ({"fixed": {"R0": ring()}}, "[fixed] R0: found"),
        ({"fixed": {"rtol": 3}}, "[fixed] rtol: no parameter of fake; it belongs in [solver]"),
        ({"fixed": [3]}, "fixed: found [3]"),
        ({"axes": {"K": 3}}, "[axes] K: found 3; allowed is a list of values"),
        ({"axes": {"K": np.array([])}}, "[axes] K: found an empty list"),
        ({"axes": {"K": {1, 2}}}, "[axes] K: found"),
        ({"axes": {"K": lin(1, 3, 0)}}, "[axes] K: n: found 0; allowed is an integer ≥ 2"),
        ({"axes": {"eta_w": log(0, 3, 4)}}, "[axes] eta_w: log: found [0, 3]; allowed is [a, b]"),
        ({"axes": {"K": integers(3, 1)}}, "[axes] K: int: found [3, 1]; the first must not"),
        ({"axes": {"K": [1]}, "fixed": {"K": 1}}, "[fixed] K: is in [axes] as well"),
        ({"axes": {"K": [1, 2]}, "zip": ["K", "M"]}, '[grid] zip: found ["K", "M"]; allowed is'),
        ({"exclude": "K < M"}, '[grid] exclude: found "K < M"; allowed is a list'),
        ({"exclude": ["k < M"]}, "[grid] exclude `k < M`: k: no such parameter"),
        ({"solver": {"rtol": -1}}, "[solver] rtol: found -1; allowed is a number > 0"),
        ({"plot": {"x": "etaw"}}, "[plot] x: etaw: no such parameter; did you mean eta_w?"),
        ({"plot": {"z": "K"}}, "[plot] z: no such key of [plot]; allowed: x, y"),
        ({"title": 3}, "title: found 3; allowed is a text"),
        ({"title": "a\udcff"}, "has a text with '\\udcff', which is no Unicode character"),
        ({"fixed": {"teacher": np.eye(2)}}, "[fixed] teacher: found 2 rows; allowed are M × M"),
        ({"axes": {"seed": range(90000), "K": range(1, 90000)}}, "at most 50,000,000"),
    ],
)
def test_what_is_wrong_is_said_as_of_a_file(told: dict[str, Any], message: str) -> None:
    with pytest.raises(GridError) as refusal:
        Grid("fake", name="mine", **told)
    line = str(refusal.value)
    assert line.startswith("mine: ")
    assert message in line
    assert line.isprintable()


@pytest.mark.parametrize(
    ("model", "message"),
    [("fak", "model: fak: no such model; did you mean fake?"), (3, "model: found 3"), ("", "mod")],
)
def test_the_model_must_be_one_there_is(model: Any, message: str) -> None:
    with pytest.raises(GridError) as refusal:
        Grid(model)
    assert message in str(refusal.value)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/", ".sweep", "a\nb", "a\0", 3, None])
def test_a_name_must_be_one_for_a_folder(name: Any) -> None:
    with pytest.raises(GridError, match=r"name: found .*; allowed is what its folder of results"):
        Grid("fake", name=name)


@pytest.mark.parametrize("name", ["fig5", "fig 5", "fig5.1", ".fig5", "a\\b", "fig5.toml", "β"])
def test_any_other_name_is_taken(name: str) -> None:
    assert Grid("fake", name=name).name == name


# What was said, at random, comes back from the text


VALUES = {
    "K": st.integers(1, 2**53),
    "eta_w": st.floats(1e-300, 1e300),
    "V": st.integers(1, 2**53) | st.just(math.inf),
    "R0": st.floats(-1e300, 1e300)
    | st.lists(st.lists(st.floats(-1e9, 1e9), min_size=2, max_size=2), min_size=1, max_size=3),
    "order": st.sampled_from(["first", "second"]),
    "offset": st.floats(allow_nan=False, allow_infinity=False),
}
SPACED: dict[str, st.SearchStrategy[Any]] = {
    "K": st.builds(integers, st.integers(1, 5), st.integers(5, 9), st.integers(1, 3)),
    "eta_w": st.builds(lin, st.floats(1e-3, 1), st.floats(2, 1e3), st.integers(2, 5)),
    "V": st.builds(log, st.just(1), st.sampled_from([16, 16.0]), st.sampled_from([2, 3, 5])),
}
AXES = st.fixed_dictionaries(
    {}, optional={name: st.lists(v, min_size=1, max_size=3) for name, v in VALUES.items()}
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)


@given(
    fixed=st.fixed_dictionaries({}, optional=VALUES),
    axes=AXES,
    spaced=st.fixed_dictionaries({}, optional=SPACED),
    as_array=st.sampled_from([lambda values: values, tuple, np.array]),
    exclude=st.lists(st.sampled_from(['order == "first"', "K > 3 * V", "V < inf"]), max_size=2),
    zipped=st.booleans(),
    texts=st.fixed_dictionaries({}, optional={"title": TEXTS}),
    plot=st.fixed_dictionaries(
        {}, optional={"x": st.just("K"), "value": TEXTS, "level": st.floats(-1e9, 1e9)}
    ),
)
def test_the_text_says_all_of_it(
    fixed: dict[str, Any],
    axes: dict[str, Any],
    spaced: dict[str, Any],
    as_array: Callable[[Any], Any],
    exclude: list[str],
    zipped: bool,
    texts: dict[str, str],
    plot: dict[str, Any],
) -> None:
    plain = {n: as_array(v) if n not in ("R0", "order") else v for n, v in axes.items()}
    swept = plain | spaced
    group = [["K", "offset"]] if zipped and {"K", "offset"} <= swept.keys() else []
    told = {
        "fixed": {name: value for name, value in fixed.items() if name not in swept},
        "axes": swept,
        "zip": group,
        "exclude": exclude,
        "plot": plot,
        "name": "mine",
        **texts,
    }
    try:
        found = Grid("fake", **told)
    except UsageError:  # twice the same value, or no cell left
        return
    same(parse_grid(Path("mine.toml"), found.text), found)


def test_a_grid_with_other_contents_is_expanded_anew() -> None:
    found = made()
    assert len(found.cells()) > 1
    defaults = {parameter.name: parameter.default for parameter in MODEL.parameters}
    other = found.replaced(axes={}, fixed=defaults, zipped=(), excludes=())
    assert len(other.cells()) == 1
    assert isinstance(other, Grid)
    assert other.plot == PlotSettings("eta_w", "eta_J", value="error_final", level=0.5)
