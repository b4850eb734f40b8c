"""The section [refine]: what it says, and what is wrong with it in one line."""

from __future__ import annotations

import pytest

from sweep.grid import GridError
from tests.grid.fake import grid

AXES = """
[axes]
K = [2, 3]
eta_w = { lin = [0.5, 4.5], n = 5 }
eta_J = { log = [0.25, 16.0], n = 4 }
"""


def test_the_finest_axes_are_those_of_a_plain_grid_of_that_size() -> None:
    refine = grid(AXES + "[refine]\nlevels = 3").refine
    assert refine is not None
    plain = grid(AXES.replace("n = 5", "n = 33").replace("n = 4", "n = 25"))
    assert list(refine.axes) == ["eta_w", "eta_J"]
    for name, axis in refine.axes.items():
        assert axis == plain.axes[name]
    coarse = grid(AXES)
    for name, axis in refine.axes.items():
        assert axis.values[::8] == coarse.axes[name].values


@pytest.mark.parametrize(
    ("section", "names"),
    [
        ('axes = ["eta_J"]', ["eta_J"]),
        ("\n[plot]\nx = 'eta_J'\ny = 'eta_w'", ["eta_J", "eta_w"]),
    ],
)
def test_axes_are_named_or_those_of_the_picture(section: str, names: list[str]) -> None:
    refine = grid(f"{AXES}[refine]\nlevels = 1\n{section}").refine
    assert refine is not None
    assert list(refine.axes) == names


@pytest.mark.parametrize(
    ("section", "named"),
    [
        ("", "levels: is missing"),
        ("levels = 0", "levels: found 0"),
        ("levels = 20", "levels: found 20"),
        ("levels = 2.5", "levels: found 2.5"),
        ("levels = true", "levels: found true"),
        ("lewels = 2", "did you mean levels"),
        ('levels = 2\naxes = ["K"]', "axes: K is no axis like"),
        ('levels = 2\naxes = ["eta_q"]', "did you mean eta_"),
        ('levels = 2\naxes = ["eta_w", "eta_w"]', "every axis once"),
        ("levels = 2\naxes = []", "axes: found []"),
        ('levels = 2\naxes = "eta_w"', 'axes: found "eta_w"'),
        ("levels = 2\nprobes = -1", "probes: found -1"),
        ('levels = 2\nby = "statuz"', "did you mean status"),
        ("levels = 2\nby = 3", "by"),
        ('levels = 2\nby = "error_final"', "level: is missing"),
        ('levels = 2\nby = "fraction"', "level: is missing"),
        ('levels = 2\nby = "error_final"\nlevel = "low"', 'level: found "low"'),
        ("levels = 2\nlevel = 0.5", "status has no levels"),
        ("levels = 2\ntolerance = 0", "tolerance: found 0; allowed is"),
        ("levels = 2\ntolerance = 1", "tolerance: found 1; allowed is"),
        ("levels = 2\ntolerance = -1e-6", "tolerance: found -1e-06; allowed is"),
        ("levels = 2\ntolerance = 1e-13", "tolerance: found 1e-13; allowed is"),
        ("levels = 2\ntolerance = nan", "tolerance: found nan; allowed is"),
        ("levels = 2\ntolerance = true", "tolerance: found true; allowed is"),
        ('levels = 2\ntolerance = "fine"', 'tolerance: found "fine"; allowed is'),
        ("levels = 12\n", "cells of the finest grid"),
        ("levels = 2\n[plot]\nx = 'eta_w'\ny = 'eta_w'", "eta_w, which is x already"),
    ],
)
def test_a_mistake_is_told_in_one_line(section: str, named: str) -> None:
    with pytest.raises(GridError) as error:
        grid(f"{AXES}[refine]\n{section}")
    assert named in str(error.value)
    assert "\n" not in str(error.value)


def test_an_axis_of_one_value_and_no_axis_to_refine() -> None:
    with pytest.raises(GridError, match="n: found 1"):
        grid("[axes]\neta_w = { lin = [1, 2], n = 1 }\n[refine]\nlevels = 2")
    with pytest.raises(GridError, match=r"\[refine\] axes: there is no axis"):
        grid("[axes]\neta_w = [1, 2]\n[refine]\nlevels = 2")
    with pytest.raises(GridError, match="eta_w is zipped"):
        grid(
            "[axes]\neta_w = { lin = [1, 2], n = 3 }\nK = [1, 2, 3]\n"
            '[grid]\nzip = [["eta_w", "K"]]\n[refine]\nlevels = 2'
        )


def test_values_that_are_whole_have_none_between_them() -> None:
    text = "[axes]\nK = { lin = [1, 9], n = 3 }\n[refine]\nlevels = 2\n"
    refine = grid(text).refine
    assert refine is not None
    assert refine.axes["K"].values == tuple(range(1, 10))
    with pytest.raises(GridError, match=r"\[refine\] tolerance: K has whole values only"):
        grid(text + "tolerance = 1e-6")
