"""The pictures of single cells, of any model, by what it declares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from sweep import models
from sweep.analysis.trajectory import View, look_into, view
from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.grid.read import parse_grid
from sweep.models.base import Answers, Model, Picture, Series, Trace, Trajectory
from sweep.models.parameters import Parameter, Value
from sweep.models.status import REACHED
from sweep.plots.cells import PARTS, draw


class Decay(Model):
    """An error that halves at every time, and two weights that grow with it."""

    name = "decay"
    version = 1
    time_symbol = "epochs"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("rate", "real", 1.0, "how fast", r"\eta"),
        Parameter("target_error", "real", 0.1, "target", low=0),
        Parameter("alpha_max", "real", 10.0, "window"),
    )
    solver = ()
    always_named = ("rate",)
    series: ClassVar[Mapping[str, Series]] = {
        "weights": Series("w", "j"),
        "error": Series(r"\varepsilon", log=True),
    }

    def cost(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> float:
        raise NotImplementedError

    def warm_up(self, trajectory: Trajectory) -> None:
        pass

    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:  # noqa: ARG002
        rate = float(str(trajectory.shared["rate"]))
        target = float(str(trajectory.shared["target_error"]))
        time = -np.log2(target) / rate if target else np.nan
        return Answers(
            status=np.full(1, REACHED if target else 1, dtype=np.int8),
            time_to_target=np.full(1, time),
            error_initial=np.ones(1),
            error_final=np.full(1, target),
            time_final=np.full(1, time if target else 10.0),
            rhs_evaluations=1,
        )

    def trace(
        self,
        cell: Mapping[str, Value],
        solver: Mapping[str, Value],  # noqa: ARG002
        until: float,
        points: int,
    ) -> Trace:
        time = np.linspace(0.0, until, points)
        error = 2.0 ** (-float(str(cell["rate"])) * time)
        return Trace(time, {"error": error, "weights": np.outer(1 - error, [1.0, -3.0])})


def grid(body: str) -> Grid:
    return parse_grid(Path("some.toml"), body)


def grid_of(model: Model) -> Grid:
    """Without an axis, all parameters at their defaults."""
    fixed = {parameter.name: parameter.default for parameter in model.parameters}
    return grid('model = "fo-anil"\n').replaced(model=model, fixed=fixed, solver={})


def drawn(of: Grid, name: str | None = None, until: float | None = None, **named: str) -> Figure:
    cells = of.selected({key: text.split() for key, text in named.items()})
    found = view(of, cells, look_into(of, cells, until), 20, name)
    figure = draw(of.model, found)
    FigureCanvasAgg(figure).draw()
    return figure


def test_every_picture_that_a_model_declares_is_drawn_by_some_part() -> None:
    for name in models.MODELS:
        assert set(models.load(name).pictures) <= set(PARTS), name


def test_a_picture_that_only_the_model_knows_is_refused() -> None:
    with pytest.raises(UsageError, match="cours: no such picture that can be drawn; did you mean"):
        draw(Decay(), View("cours", None))


def test_any_course_is_drawn() -> None:
    """Numbers and vectors, a panel each in the order that is declared."""
    figure = drawn(grid_of(Decay()))
    weights, error = figure.axes
    assert [axes.get_ylabel() for axes in figure.axes] == ["$w_{j}$", r"$\varepsilon$"]
    assert [axes.get_yscale() for axes in figure.axes] == ["linear", "log"]
    assert error.get_xlabel() == "epochs"
    assert [text.get_text() for text in weights.texts] == ["$w_{2}$", "$w_{1}$"]
    heights = [np.asarray(line.get_ydata()) for line in error.lines]
    assert len(heights[0]) == 20
    assert heights[1].tolist() == [0.1, 0.1]
    assert error.texts[0].get_text() == "epochs = 3.322"
    for j, factor in enumerate((1.0, -3.0)):
        np.testing.assert_allclose(weights.lines[j].get_ydata(), factor * (1 - heights[0]))
    (title,) = [text.get_text() for text in figure.texts]
    assert title == r"$\eta$ = 1"


def test_a_model_without_a_target_has_no_line_for_it() -> None:
    class Aimless(Decay):
        parameters: ClassVar[tuple[Parameter, ...]] = tuple(
            parameter for parameter in Decay.parameters if parameter.name != "target_error"
        )

        def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:
            shared = {**trajectory.shared, "target_error": 0.0}
            return super().solve(replace(trajectory, shared=shared), solver)

    assert len(drawn(grid_of(Aimless())).axes[1].lines) == 1


def test_several_courses_of_any_model_stand_side_by_side() -> None:
    figure = drawn(grid_of(Decay()), rate="1 2", target_error="0")
    assert [axes.get_title(loc="left") for axes in figure.axes[::2]] == [
        r"(a) $\eta$ = 1",
        r"(b) $\eta$ = 2",
    ]
    assert figure.axes[0].get_ylim() == figure.axes[2].get_ylim()
    assert len(figure.axes[1].lines) == 1


def test_a_course_whose_model_declares_nothing_of_it_is_drawn() -> None:
    class Silent(Decay):
        series: ClassVar[Mapping[str, Series]] = {}

        def trace(self, *arguments: Any) -> Trace:
            trace = super().trace(*arguments)
            matrices = np.tile(np.arange(6.0).reshape(2, 3), (len(trace.time), 1, 1))
            return Trace(trace.time, {**trace.series, "some_matrix": matrices})

    figure = drawn(grid_of(Silent()))
    assert [axes.get_ylabel() for axes in figure.axes] == ["error", "weights", "some matrix"]
    assert [axes.get_yscale() for axes in figure.axes] == ["linear"] * 3
    assert {text.get_text() for text in figure.axes[2].texts} == {"12", "13", "21", "22", "23"}


def test_entries_on_a_logarithmic_axis_are_named_where_they_end() -> None:
    class Logarithmic(Decay):
        series: ClassVar[Mapping[str, Series]] = {"weights": Series("w_0", log=True)}

    weights = drawn(grid_of(Logarithmic()), "course").axes[0]
    assert weights.get_yscale() == "log"
    assert [text.get_text() for text in weights.texts] == ["${w_0}_{1}$"]  # the other is negative
    assert float(weights.texts[0].xy[1]) == pytest.approx(1.0, abs=0.15)  # type: ignore[attr-defined]


def test_a_model_s_own_picture_is_asked_for_its_details() -> None:
    class Own(Decay):
        pictures: ClassVar[Mapping[str, Picture]] = {
            "own": Picture("the rates", details=lambda _, cells: [cell["rate"] for cell in cells])
        }

    of = grid_of(Own())
    cells = of.selected({"rate": ["1", "2"]})
    assert view(of, cells, look_into(of, cells), 20) == View("own", [1.0, 2.0])


FO_ANIL = """
model = "fo-anil"
[fixed]
K = 2
M = 2
R0 = 0.1
eta_J = 6.0
[axes]
eta_w = [2.0, 3.0]
"""


def test_fo_anil_has_its_overlaps_or_the_course_alone() -> None:
    figure = drawn(grid(FO_ANIL), until=1.0, V="100", seed="3")
    assert len(figure.axes) == 11
    names = [axes.get_title(loc="left") for axes in figure.axes]
    assert [name for name in names if name] == [r"(a) $\eta_w$ = 2", r"(b) $\eta_w$ = 3"]
    (title,) = [text.get_text() for text in figure.texts]
    assert title == r"$K$ = 2, $M$ = 2, $\eta_J$ = 6, $V$ = 100, $R_0$ = 0.1, $\mathrm{seed}$ = 3"
    assert len(drawn(grid(FO_ANIL), "course", until=1.0, eta_w="2").axes) == 4


def test_values_of_a_fixed_parameter_tell_the_columns_apart() -> None:
    figure = drawn(grid(FO_ANIL), until=1.0, eta_w="2", V="100 inf")
    names = [axes.get_title(loc="left") for axes in figure.axes]
    assert [name for name in names if name] == ["(a) $V$ = 100", "(b) $V$ = ∞"]


def test_a_fourier_run_has_a_course_as_well() -> None:
    figure = drawn(grid('model = "fourier-maml"\n[fixed]\nmax_steps = 3\n'), "course")
    assert [axes.get_ylabel() for axes in figure.axes] == [
        r"$\varepsilon$", "$w_0$", "$w_1$", "$w_2$", "others, rms", "others, max",
    ]  # fmt: skip
