"""A model whose error decays at a known rate, and a page of its cells."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd

from sweep.grid import Grid
from sweep.models.base import Answers, Model, Series, Trace, Trajectory
from sweep.models.cells import Cells
from sweep.models.parameters import Parameter, Value, number
from sweep.ode.arrays import Floats
from sweep.plots.draw import draw
from sweep.plots.html.pages import Drawn, Wanted, page_of_grid
from sweep.plots.picture import Choices, make_request

TARGET, WINDOW = 0.01, 10.0


def positive(name: str, default: float) -> Parameter:
    return Parameter(name, "real", default, name, low=0, open_low=True)


class Decay(Model):
    """error = exp(−w η α): one trajectory for each K and w, at the clock η."""

    name = "decay"
    version = 1
    time_symbol = r"\alpha"
    parameters: ClassVar[tuple[Parameter, ...]] = (
        Parameter("K", "integer", 2, "units", low=1),
        positive("w", 1.0),
        positive("eta", 1.0),
        Parameter("seed", "integer", 0, "seed", low=0),
        positive("target_error", TARGET),
        positive("alpha_max", WINDOW),
    )
    solver = ()
    answered_together = ("eta", "target_error", "alpha_max")
    clocked_by = ("eta",)
    number_columns: ClassVar[Mapping[str, str]] = {"units": "int64"}
    series: ClassVar[Mapping[str, Series]] = {
        "error": Series(r"\varepsilon", log=True),
        "rho": Series(r"\rho", "kn"),
        "Q": Series("Q", "kl", symmetric=True),
    }
    traced = 0

    def clock(self, cells: Cells) -> Floats:
        return cells.numbers("eta")

    def cost(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> float:
        raise NotImplementedError

    def warm_up(self, trajectory: Trajectory) -> None:
        raise NotImplementedError

    def solve(self, trajectory: Trajectory, solver: Mapping[str, Value]) -> Answers:
        raise NotImplementedError

    def trace(
        self,
        cell: Mapping[str, Value],
        solver: Mapping[str, Value],  # noqa: ARG002
        until: float,
        points: int,
    ) -> Trace:
        type(self).traced += 1
        time, K = np.linspace(0.0, until, points), int(number(cell["K"]))
        error = np.exp(-number(cell["w"]) * number(cell["eta"]) * time)
        rho = np.stack([(1 - error) * (k - 0.4) / K for k in range(2 * K)], axis=1)
        Q = np.stack([error * k for k in range(K * K)], axis=1).reshape(-1, K, K)
        Q = Q + Q.transpose(0, 2, 1)
        return Trace(time, {"error": error, "rho": rho.reshape(-1, K, 2), "Q": Q})


def decay_grid(**changes: object) -> Grid:
    """Two panels with the outer rate on a logarithmic axis; as if a file held it."""
    usual: dict[str, object] = {
        "axes": {
            "K": [2, 3],
            "w": {"lin": [0.25, 1.0], "n": 4},
            "eta": {"log": [0.1, 10.0], "n": 5},
        },
        "plot": {"x": "w", "y": "eta", "facet": "K"},
        "title": "Times of </script> decay",
        "name": "decay",
    }
    grid = Grid(Decay(), **{**usual, **changes})  # type: ignore[arg-type]
    return grid.replaced(path=Path("decay grid.toml"))


def rows_of(grid: Grid) -> pd.DataFrame:
    """What the results would hold."""
    cells = grid.cells()
    frame = pd.DataFrame({name: cells.numbers(name) for name in cells.values})
    time = -math.log(TARGET) / (frame["w"] * frame["eta"])
    reached = time <= WINDOW
    return frame.assign(
        status=np.where(reached, "reached", "not_reached"),
        time_to_target=time.where(reached),
        time_final=time.where(reached, WINDOW),
        error_initial=1.0,
        error_final=np.where(reached, TARGET, np.exp(-WINDOW * frame["w"] * frame["eta"])),
        wall_s=0.001,
        message=None,
        units=frame["K"].astype("int64"),
    )


def decay_page(grid: Grid, wanted: Wanted = "shown", **choices: object) -> str:
    rows = rows_of(grid)
    request = make_request(grid, Choices(**choices))  # type: ignore[arg-type]
    return page_of_grid(grid, Drawn(draw(rows, request), request, rows), wanted, lambda _: None)
