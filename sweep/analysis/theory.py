"""Theory beside simulation: the cells of theory that a grid of the simulation names as well.

The theory is that of N → ∞. It starts where the simulation starts, so where the start is drawn from
the seed, every run stands beside the theory of its own start. It is to be expected to hold for
starts with |R_kn| well above 1/√N: below, noise decides when and how the student units part, which
theory leaves to the start.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

import pandas as pd

from sweep import models
from sweep.analysis.windows import Followed, with_errors
from sweep.analysis.z_scores import Summary, judge, summarize
from sweep.errors import ParameterError, UsageError, Warn
from sweep.grid import Grid
from sweep.grid.contents import check_constraints
from sweep.grid.drawing import PLOT_AXES, PlotSettings
from sweep.grid.expression import Expression
from sweep.grid.text import grid_text
from sweep.models.base import Model
from sweep.models.parameters import Value

Theory = Literal["finite", "infinite"]
THEORIES: tuple[Theory, ...] = get_args(Theory)

SIMULATION, THEORY = "fo-anil-simulation", "fo-anil"


@dataclass(frozen=True)
class Comparison:
    """simulated, ideal: both grids. pairs: a row for every run, with that of theory beside it.
    cells: a row for every cell, judged.
    """

    simulated: Grid
    ideal: Grid
    pairs: pd.DataFrame
    cells: pd.DataFrame

    def summary(self) -> Summary:
        """What the cells come to together."""
        return summarize(self.cells, list(self.simulated.axes))


def theory_grid(grid: Grid, theory: Theory) -> Grid:
    """The cells of theory that belong to those of a simulation.

    theory: with P and V as simulated (`finite`), or with P = V = ∞ (`infinite`). Raises UsageError
    for the grid of another model, and where there is no such theory.
    """
    refuse_others(grid)
    model, limits = models.load(THEORY), limits_of(theory)
    settled = {"N", *limits, *(() if _draws_starts(grid) else ("seed",))}
    axes = {name: axis for name, axis in grid.axes.items() if name not in settled}
    known = theory_cell(model, grid.fixed, limits)
    groups = [tuple(name for name in group if name in axes) for group in grid.zipped]
    found = grid.replaced(
        name=f"{grid.name}-theory",
        model=model,
        fixed={name: value for name, value in known.items() if name not in axes},
        axes=axes,
        zipped=tuple(group for group in groups if len(group) > 1),
        excludes=tuple(e for e in grid.excludes if not settled & _names_in(e)),
        solver={setting.name: setting.default for setting in model.solver},
        plot=_plot_of(model, grid.plot),
    )
    found = found.replaced(text=grid_text(found, _origin(grid, found)))
    try:
        check_constraints(model, found.cells())
    except ParameterError as error:
        cure = "; or compare with P = V = inf, by --theory infinite" if theory == "finite" else ""
        raise UsageError(f"{grid.place}: theory has no such cells: {error}{cure}") from None
    return found


def _plot_of(model: Model, plot: PlotSettings) -> PlotSettings:
    """What is to be drawn of a simulation, without the axes that the model lacks."""
    known = {parameter.name for parameter in model.parameters}
    axes = {key: getattr(plot, key) for key in PLOT_AXES}
    left: dict[str, Any] = {key: name if name in known else None for key, name in axes.items()}
    return replace(
        plot,
        **left,
        where={name: kept for name, kept in plot.where.items() if name in known},
    )


def _origin(grid: Grid, ideal: Grid) -> str:
    return (
        f"Theory ({samples_of(ideal)}, N → inf) beside the cells of {Path(grid.place).name}; "
        "made by `sweep compare`"
    )


def refuse_others(grid: Grid) -> None:
    """Raise UsageError for the grid of another model than the simulation."""
    if grid.model.name != SIMULATION:
        raise UsageError(
            f"{grid.place}: model: found {grid.model.name}; allowed is {SIMULATION}, beside whose "
            "cells those of theory are put"
        )


def limits_of(theory: Theory) -> dict[str, Value]:
    """The parameters that a theory has otherwise than the simulation."""
    return {"P": math.inf, "V": math.inf} if theory == "infinite" else {}


def theory_cell(
    model: Model, cell: Mapping[str, Value], limits: Mapping[str, Value]
) -> dict[str, Value]:
    """All parameters of `model`: from `limits`, else from the simulation's cell, else defaults."""
    return {p.name: limits.get(p.name, cell.get(p.name, p.default)) for p in model.parameters}


def compare_cells(
    simulated: Grid,
    ideal: Grid,
    runs: pd.DataFrame,
    followed: Followed,
    results: Path,
    warn: Warn,
) -> Comparison:
    """Judge the runs, of `beside_theory`, by theory, once those that are followed are computed."""
    pairs = with_errors(runs, followed, results, warn)
    return Comparison(simulated, ideal, pairs, judge(pairs, list(simulated.axes)))


def samples_of(ideal: Grid) -> str:
    """Which theory is meant, in words."""
    if all(ideal.fixed.get(name) == math.inf for name in ("P", "V")):
        return "P = V = inf"
    return "P and V as simulated"


def _draws_starts(grid: Grid) -> bool:
    """Whether the start of some cell is drawn from its seed."""
    starts = grid.axes["R0"].values if "R0" in grid.axes else (grid.fixed["R0"],)
    return any(not isinstance(start, tuple) for start in starts)


def _names_in(expression: Expression) -> set[str]:
    return {node.id for node in ast.walk(expression.tree) if isinstance(node, ast.Name)}
