"""The pictures of the Fourier models, by what they hold."""

from __future__ import annotations

import subprocess
import sys
import warnings

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from sweep.analysis.trajectory import View
from sweep.models.fourier.detail import few_shot, predict
from sweep.models.fourier.features import inputs
from sweep.models.fourier.maml import MODEL as MAML
from sweep.models.fourier.model import FourierModel
from sweep.models.fourier.reptile import MODEL as REPTILE
from sweep.models.parameters import Value
from sweep.plots.cells import draw
from sweep.plots.fourier.common import TRUE_COLOURS
from tests.models.fourier.cells_fourier import SMALL, cell

RUN = {**SMALL, "init": "uniform", "max_steps": 30, "target_error": 0.3}


OWN = [name for name, picture in MAML.pictures.items() if picture.details is not None]


def drawn(name: str, model: FourierModel, cells: list[dict[str, Value]]) -> Figure:
    details = model.pictures[name].details
    assert details is not None
    return draw(model, View(name, details(model, cells)))


def both_starts(model: FourierModel) -> list[dict[str, Value]]:
    return [cell(model, **{**RUN, "init": start}) for start in ("ones", "uniform")]


def titles(figure: Figure) -> list[str]:
    return [axes.get_title(loc="left") for axes in figure.axes]


def heights(axes: Axes, colour: str) -> list[np.ndarray]:
    """The lines of a colour."""
    return [
        np.asarray(line.get_ydata(), dtype=float)
        for line in axes.lines
        if to_rgba(line.get_color()) == to_rgba(colour)
    ]


@pytest.mark.parametrize("name", OWN)
def test_every_picture_is_drawn(name: str) -> None:
    drawn_without_warnings(name, MAML)


@pytest.mark.parametrize("name", ["run", "weights", "shots"])
@pytest.mark.parametrize(
    ("model", "changes"),
    [
        (REPTILE, {}),
        (MAML, {"inner_rate": 5.0}),
        (MAML, {"outer_rate": 300.0}),
        (MAML, {"D": 3, "n_train": 1, "n_shot": 1, "max_steps": 1, "order": 1}),
        (MAML, {"target_error": 0.0}),
    ],
    ids=["reptile", "diverges at once", "explodes", "tiny", "no target"],
)
def test_every_run_is_drawn(name: str, model: FourierModel, changes: dict[str, Value]) -> None:
    drawn_without_warnings(name, model, **changes)


def drawn_without_warnings(name: str, model: FourierModel, **changes: Value) -> None:
    with warnings.catch_warnings(action="error"):
        # Those of libraries about one another are not ours.
        warnings.simplefilter("ignore", DeprecationWarning)
        figure = drawn(name, model, [cell(model, **{**RUN, **changes})])
        FigureCanvasAgg(figure).draw()
    letters = [title[:3] for title in titles(figure) if title]
    assert letters == [f"({letter})" for letter in "abcdefgh"[: len(letters)]]


def test_the_table_of_pictures_does_not_load_matplotlib() -> None:
    code = "import sys, sweep.plots.cells; print('matplotlib' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"


class TestRun:
    def test_error_and_weights_are_those_of_the_run(self) -> None:
        parameters = cell(MAML, **RUN)
        run = MAML.run(parameters)
        error, weights = drawn("run", MAML, [parameters]).axes[:2]
        np.testing.assert_array_equal(error.lines[0].get_ydata(), run.errors)
        assert error.get_yscale() == "log"
        for j, colour in enumerate(TRUE_COLOURS):
            (line,) = heights(weights, colour)
            np.testing.assert_array_equal(line, run.weights[:, j])
        (false,) = [c for c in weights.collections if isinstance(c, LineCollection)]
        assert len(false.get_segments()) == 30

    def test_target_zero_and_crossing_are_marked(self) -> None:
        parameters = cell(MAML, **RUN)
        error = drawn("run", MAML, [parameters]).axes[0]
        step = int(MAML.run(parameters).time_to_target)
        assert {text.get_text() for text in error.texts} == {"zero", "target", f"step {step}"}

    def test_a_divergence_is_marked_where_the_errors_end(self) -> None:
        parameters = cell(MAML, **{**RUN, "outer_rate": 300.0, "target_error": 1e-9})
        error, weights = drawn("run", MAML, [parameters]).axes[:2]
        assert "diverges next" in {text.get_text() for text in error.texts}
        assert weights.get_yscale() == "symlog"

    def test_the_task_is_learned_twice_from_the_same_points(self) -> None:
        parameters = cell(MAML, **RUN)
        learned = predict(parameters, MAML.run(parameters).weights[-1])
        panels = drawn("run", MAML, [parameters]).axes[2:]
        x = inputs(64)[learned.points]
        for axes, regressed in zip(
            panels, (learned.closed_form, learned.meta_learned), strict=True
        ):
            truth, prediction, points = axes.lines
            np.testing.assert_array_equal(truth.get_ydata(), learned.truth)
            np.testing.assert_array_equal(prediction.get_ydata(), regressed)
            np.testing.assert_array_equal(points.get_xdata(), x)
        assert panels[0].get_ylim() == panels[1].get_ylim()


def test_features_are_named_by_their_formulas() -> None:
    figure = drawn("features", MAML, [cell(MAML, **SMALL)])
    assert titles(figure)[0] == r"(a) $\varphi_0 = 1$"
    assert titles(figure)[-1] == r"(g) $\varphi_{32} = \sqrt{2}\,\cos\,16\pi x$"
    for axes, formula in zip(figure.axes[:4], "1sc2", strict=True):
        x, y = np.asarray(axes.lines[1].get_data())
        expected = {
            "1": np.ones_like(x),
            "s": np.sqrt(2) * np.sin(np.pi * x),
            "c": np.sqrt(2) * np.cos(np.pi * x),
            "2": np.sqrt(2) * np.sin(2 * np.pi * x),
        }[formula]
        np.testing.assert_allclose(y, expected, atol=1e-12)


def test_tasks_have_their_labels_on_their_functions() -> None:
    figure = drawn("tasks", REPTILE, [cell(REPTILE, **SMALL)])
    assert len(figure.axes) == 4
    for axes in figure.axes:
        function, labels = axes.lines
        x, y = np.asarray(labels.get_data())
        assert len(x) == 16
        everywhere = dict(zip(*np.asarray(function.get_data()), strict=True))
        assert [everywhere[at] for at in x] == y.tolist()


def test_the_closed_form_is_perfect_at_the_points_alone() -> None:
    figure = drawn("closed-form", MAML, [cell(MAML, **SMALL)])
    labels, regressed = figure.axes[0].lines
    np.testing.assert_allclose(labels.get_ydata(), regressed.get_ydata(), atol=1e-12)
    truth, prediction, _ = figure.axes[1].lines
    difference = np.asarray(truth.get_ydata()) - np.asarray(prediction.get_ydata())
    assert np.abs(difference).max() > 0.1


class TestWeights:
    @pytest.mark.parametrize("model", [MAML, REPTILE], ids=lambda model: model.name)
    def test_rows_are_starts_and_columns_moments(self, model: FourierModel) -> None:
        parameters = cell(model, **RUN)
        figure = drawn("weights", model, both_starts(model))
        for row, start in enumerate(("ones", "uniform")):
            run = model.run({**parameters, "init": start})
            panels = figure.axes[4 * row : 4 * row + 4]
            for axes, moment in ((panels[0], 0), (panels[2], -1)):
                np.testing.assert_array_equal(axes.lines[0].get_ydata(), run.weights[moment, 3:])
            np.testing.assert_array_equal(panels[3].lines[0].get_ydata(), run.errors)
            assert f"from {start}" in panels[0].get_title(loc="left")

    def test_during_is_half_way_to_the_target(self) -> None:
        parameters = cell(MAML, **RUN)
        step = MAML.run(parameters).time_to_target
        figure = drawn("weights", MAML, [parameters])
        assert figure.axes[1].get_title(loc="left") == f"(b) during (step {int(np.ceil(step / 2))})"

    def test_weights_that_diverge_flatten_no_other_panel(self) -> None:
        parameters = cell(MAML, **{**RUN, "target_error": 1e-9})
        wild = {**parameters, "outer_rate": 300.0}
        alone = drawn("weights", MAML, [parameters]).axes
        figure = drawn("weights", MAML, [parameters, wild])
        diverging = figure.axes[6]
        assert diverging.get_title(loc="left").startswith("(g) diverges next")
        for quiet, same in zip(figure.axes[:3], alone[:3], strict=True):
            assert np.ptp(quiet.get_ylim()) < 2 * np.ptp(same.get_ylim())
        assert np.ptp(diverging.get_ylim()) > 10 * np.ptp(figure.axes[0].get_ylim())

    def test_true_features_have_their_colours(self) -> None:
        figure = drawn("weights", MAML, [cell(MAML, **RUN)])
        for j, colour in enumerate(TRUE_COLOURS):
            assert len(heights(figure.axes[2], colour)) == 2, j


def test_shots_are_those_of_the_last_weights() -> None:
    parameters = cell(MAML, **RUN)
    figure = drawn("shots", MAML, [parameters])
    FigureCanvasAgg(figure).draw()
    (axes,) = figure.axes
    shots = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64]
    curves = few_shot(parameters, MAML.run(parameters).weights[-1], shots)
    by_length = {len(np.asarray(line.get_ydata())): line for line in axes.lines}
    assert np.asarray(by_length[len(shots)].get_xdata()).tolist() == shots
    lines = [
        np.asarray(line.get_ydata())
        for line in axes.lines
        if len(np.asarray(line.get_ydata())) == len(shots)
    ]
    for line, curve in zip(lines, (curves.direct, curves.meta_learned, curves.oracle), strict=True):
        np.testing.assert_array_equal(line, curve)
    assert "zero" in {text.get_text() for text in axes.texts}


def test_several_runs_stand_together_where_they_can() -> None:
    cells = both_starts(MAML)
    assert len(drawn("weights", MAML, cells).axes) == 8
    names = {text.get_text() for text in drawn("shots", MAML, cells).axes[0].texts}
    assert {"learned from ones, step 30", "learned from uniform, step 30"} <= names
    assert drawn("features", MAML, cells).axes
