"""The picture of a grid from Python."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.figure import Figure

from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.plots.picture import Choices, picture
from sweep.plots.plot import plot
from sweep.runner.run import run
from sweep.store.folder import Folder
from tests.faults.model import MODEL

AXES = {"x": [0.5, 1.0, 2.5], "y": [1, 2, 3], "target_error": [0.1, 0.01]}
GRID = Grid(MODEL, axes=AXES, plot={"facet": "target_error"}, name="mine")


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> Path:
    results = tmp_path_factory.mktemp("results")
    run(GRID, results)
    return results


def drawn(figure: Figure) -> bytes:
    stream = io.BytesIO()
    figure.savefig(stream, format="png")
    return stream.getvalue()


def test_it_is_the_picture_of_the_command_and_no_window(results: Path) -> None:
    figure = plot(GRID, results, x="x", y="y", value="error_final")
    assert isinstance(figure, Figure)
    assert plt.get_fignums() == []
    choices = Choices(x="x", y="y", value="error_final")
    assert drawn(figure) == drawn(picture(GRID, Folder(results, "mine"), choices, print))


def test_a_place_is_given_by_values_as_well_as_by_texts(results: Path) -> None:
    told = {"target_error": np.float64(0.1), "y": np.array([1, 3])}
    figure = plot(GRID, str(results), x="x", series="y", where=told)
    texts = {"target_error": ["0.1"], "y": ["1", "3"]}
    choices = Choices(x="x", series="y", where=texts)
    assert drawn(figure) == drawn(picture(GRID, Folder(results, "mine"), choices, print))


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"x": "z"}, "x: z"),
        ({"value": "errors"}, "value: errors: no such column"),
        ({"where": {"z": 3}}, "z: no such axis"),
        ({"where": {"y": "three"}}, 'y: found "three"; allowed is an integer'),
        ({"statistic": "modus"}, "modus: no such statistic; allowed: median, mean"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(results: Path, told: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError) as refusal:
        plot(GRID, results, **told)
    assert message in str(refusal.value)
