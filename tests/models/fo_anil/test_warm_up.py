"""What is compiled before a run is what its cells take."""

from __future__ import annotations

import math
from typing import Any

import pytest

from sweep.models.fo_anil.model import MODEL
from sweep.ode import build, cache, news

KINDS = {
    ("erf", math.inf): "the kernels of fo-anil for erf units",
    ("erf", 100.0): "the kernels of fo-anil for erf units at finite P",
    ("linear", math.inf): "the kernels of fo-anil for linear units",
    ("linear", 100.0): "the kernels of fo-anil for linear units",
    ("relu", math.inf): "the kernels of fo-anil for relu units",
}


@pytest.mark.parametrize(("activation", "P"), KINDS)
def test_nothing_is_left_to_compile_for_the_cells(
    activation: str, P: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = {p.name: p.default for p in MODEL.parameters}
    trajectory = MODEL.alone({**cell, "activation": activation, "P": P, "alpha_max": 0.1})
    assert MODEL.kernels(trajectory) == KINDS[activation, P]
    MODEL.warm_up(trajectory)

    def too_late(*_: Any) -> None:
        pytest.fail("a kernel is looked for, or compiled, within a cell")

    monkeypatch.setattr(cache, "load", too_late)
    monkeypatch.setattr(build, "_compiled", too_late)
    MODEL.solve(trajectory, {p.name: p.default for p in MODEL.solver})


def test_what_is_compiled_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(news, "_say", said.append)
    with news.about("the kernels of a model"):
        for name in ("slope", "observable"):
            with news.compiling(name):
                pass
    with news.compiling("lonely"), news.compiling("what it calls"):
        pass
    assert said == [
        "compiling the kernels of a model, once for this version: some 15 s",
        "compiling the kernel lonely, once for this version: some 15 s",
    ]
