"""Panels of very many cells."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.figure import Figure

from sweep.plots import heat as module
from sweep.plots.edges import scale
from sweep.plots.heat import heat


@pytest.mark.parametrize("spacing", ["linear", "log"])
def test_of_cells_finer_than_dots_one_is_drawn_in_its_place(
    spacing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "DOTS", 50)
    values = np.geomspace(0.1, 10, 333) if spacing == "log" else np.linspace(0.1, 10, 333)
    x, y = scale(values.tolist()), scale([1.0, 2.0, 3.0])
    assert x.spacing == spacing
    rgba = np.ones((3, 333, 4))
    rgba[..., 0] = np.linspace(0, 1, 333)
    rgba[..., 1] = np.array([[0.0], [0.5], [1.0]])
    axes = Figure().add_subplot()
    heat(axes, x, y, rgba)
    (mesh,) = [found for found in axes.collections if isinstance(found, QuadMesh)]
    drawn, edges = np.asarray(mesh.get_array()), np.asarray(mesh.get_coordinates())[0, :, 0]
    assert drawn.shape == (3, 50, 4)
    assert edges[[0, -1]] == pytest.approx(x.edges[[0, -1]])
    middles = np.sqrt(edges[1:] * edges[:-1]) if spacing == "log" else (edges[1:] + edges[:-1]) / 2
    assert drawn[0, :, 0] == pytest.approx(np.interp(middles, values, rgba[0, :, 0]), abs=0.01)
    assert (drawn[:, 0, 1] == [0.0, 0.5, 1.0]).all()
