from __future__ import annotations

import math
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_hex

from sweep.analysis.z_scores import (
    AGREES,
    DIFFERS,
    ERROR,
    MISSING,
    NO_SCATTER,
    SOME_DIVERGE,
    TIME,
    WINDOW_ERROR,
    WINDOW_STATUS,
    WINDOW_TIME,
    judge,
)
from sweep.errors import UsageError
from sweep.grid import Axis
from sweep.models.seeds import ABSENT
from sweep.plots.colours import STATUS_COLOURS
from sweep.plots.compare import Z_COLOURS, draw_comparison
from sweep.plots.draw import save
from sweep.plots.request import PictureRequest

AXES: dict[str, list[Any]] = {"eta_w": [1.0, 2.0, 3.0], "eta_J": [1.0, 2.0], "seed": [0, 1]}
WORDS = ("theory", "simulation")


def made_up(axes: dict[str, list[Any]] = AXES) -> pd.DataFrame:
    """Runs that end within 2 % of theory."""
    index = pd.MultiIndex.from_product(list(axes.values()), names=list(axes))
    rows = index.to_frame(index=False)
    time = 10 / rows["eta_J"] + rows["eta_w"]
    near = time * (1 + 0.02 * (rows["seed"] - 0.4))
    for suffix, times in (("", near), ("_theory", time)):
        rows[f"status{suffix}"] = "reached"
        rows[TIME + suffix] = times
        rows[ERROR + suffix] = rows[WINDOW_ERROR + suffix] = times / 100
    rows[WINDOW_STATUS], rows[WINDOW_TIME] = rows["status"], time
    return rows.assign(target_error=0.01)


def request(axes: dict[str, list[Any]] = AXES, **changes: Any) -> PictureRequest:
    declared = {name: Axis(name, tuple(values)) for name, values in axes.items()}
    usual: dict[str, Any] = {"axes": declared, "x": "eta_w", "y": "eta_J", "title": "Both"}
    return PictureRequest(**(usual | changes))


def colours(axes: Axes) -> np.ndarray[Any, Any]:
    """The cells' colours, shape (y, x)."""
    (mesh,) = [c for c in axes.collections if isinstance(c, QuadMesh)]
    flat = np.asarray(mesh.get_array()).reshape(-1, 4)
    return np.array([to_hex(tuple(rgba)) for rgba in flat]).reshape(2, 3)


def with_z(pairs: pd.DataFrame, z: list[float]) -> pd.DataFrame:
    """The judged cells, their z replaced; the grid's order is η_w first, η_J fastest."""
    cells = judge(pairs, list(AXES))
    return cells.assign(z=z, verdict=[AGREES if abs(v) < 2 else DIFFERS for v in z])


def test_every_z_has_its_colour_at_its_place() -> None:
    z = [-9.0, -4.5, -0.5, 0.5, 2.5, math.inf]
    pairs = made_up()
    figure = draw_comparison(pairs, with_z(pairs, z), request(), *WORDS)
    expected = np.array([Z_COLOURS[i] for i in (0, 0, 4, 5, 7, 9)]).reshape(3, 2).T
    np.testing.assert_array_equal(colours(figure.axes[2]), expected)
    assert [a.get_title("left") for a in figure.axes[:2]] == ["(a) theory", "(b) simulation"]


def test_both_panels_have_one_scale_of_colours() -> None:
    pairs = made_up()
    later = pairs.assign(**{TIME: pairs[TIME] * 3})
    figure = draw_comparison(later, judge(later, list(AXES)), request(), *WORDS)
    theory, simulation = (colours(axes) for axes in figure.axes[:2])
    assert not np.isin(theory[1, :2], simulation).any()
    assert len(np.unique(theory)) > 3


def test_marks_for_what_diverges_and_for_last_windows() -> None:
    pairs = made_up()
    pairs.loc[:1, ["status", "status_theory"]] = "not_reached"
    pairs.loc[2, ["status", WINDOW_STATUS]] = "diverged"
    cells = judge(pairs, list(AXES))
    assert list(cells["verdict"][:2]) == [AGREES, SOME_DIVERGE]
    figure = draw_comparison(pairs, cells, request(), *WORDS)
    dots, crosses = figure.axes[2].lines
    np.testing.assert_array_equal(dots.get_xydata(), [[1.0, 1.0]])
    np.testing.assert_array_equal(crosses.get_xydata(), [[1.0, 2.0]])
    assert colours(figure.axes[2])[1, 0] == STATUS_COLOURS[ABSENT]
    (legend,) = figure.legends
    words = [text.get_text() for text in legend.get_texts()]
    assert words[-2:] == ["judged in the last window", "some diverge"]
    assert "not reached" in words


def test_single_runs_show_relative_differences() -> None:
    axes = AXES | {"seed": [0]}
    pairs = made_up(axes)
    cells = judge(pairs, list(axes))
    assert set(cells["verdict"]) == {NO_SCATTER}
    figure = draw_comparison(pairs, cells, request(axes), *WORDS)
    assert figure.axes[2].get_title("left") == "(c) error: relative difference"
    assert len(np.unique(colours(figure.axes[2]))) == 1


def test_a_row_of_panels_for_every_value_of_the_facet(tmp_path: Path) -> None:
    axes = {"K": [3, 4], **AXES}
    pairs = made_up(axes)
    pairs.loc[:, ["status", WINDOW_STATUS]] = None
    cells = judge(pairs, list(axes))
    assert set(cells["verdict"]) == {MISSING}
    figure = draw_comparison(pairs, cells, request(axes, facet="K"), *WORDS)
    titles = [panel.get_title("left") for panel in figure.axes[:6]]
    assert sorted(titles)[:2] == ["(a) $K$ = 3, theory", "(b) $K$ = 3, simulation"]
    with warnings.catch_warnings(action="error"):
        # Those of libraries about one another are not ours.
        warnings.simplefilter("ignore", DeprecationWarning)
        save(figure, tmp_path / "compare.png")


def test_one_axis_has_no_such_picture() -> None:
    axes = {"eta_w": [1.0, 2.0], "seed": [0, 1]}
    pairs = made_up({**axes, "eta_J": [1.0]})
    with pytest.raises(UsageError, match="the picture needs two axes"):
        draw_comparison(pairs, judge(pairs, list(axes)), request(axes, y=None), *WORDS)


def test_cells_that_are_not_in_the_grid_stay_white_in_all_panels() -> None:
    pairs = made_up()
    pairs = pairs[(pairs["eta_w"] != 2.0) | (pairs["eta_J"] != 1.0)]
    figure = draw_comparison(pairs, judge(pairs, list(AXES)), request(), *WORDS)
    white = [[False, True, False], [False] * 3]
    for axes in figure.axes[:3]:
        assert (colours(axes) == STATUS_COLOURS[ABSENT]).tolist() == white
        assert axes.patch.get_hatch() is None
