"""What the diffusion lacks at finite P, and the warning of what that does to the error."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sweep.models.fo_anil.model import MODEL
from sweep.models.fo_anil.simulation.cell import setting_of, start_of
from sweep.models.fo_anil.simulation.model import MODEL as SIMULATION
from sweep.models.fo_anil.simulation.reduced import POPULATION
from sweep.models.fo_anil.simulation.run import stretches
from tests import oracle
from tests.models.fo_anil.test_model import INF, cell, solve, table

LEARNED = ([[1.069, 0], [0, 0.981]], [[0, 1.458], [0.988, 0]], np.diag([1.0, 2.0]))
"""Where two units of η_w = 3 end at P = V = 100, η_J = 30."""


@pytest.mark.parametrize(("P", "lacking"), [(100, 0.027), (50, 0.067), (20, 0.179)])
def test_the_trace_of_the_diffusion_is_too_small_by_what_is_documented(
    P: float, lacking: float
) -> None:
    first_order = np.trace(oracle.diffusion(*LEARNED, 3.0, P))
    exact = np.trace(oracle.exact_diffusion(*LEARNED, 3.0, P))
    assert 1 - first_order / exact == pytest.approx(lacking, rel=0.05)


def test_with_many_samples_it_lacks_nothing() -> None:
    first_order = oracle.diffusion(*LEARNED, 3.0, 1e4)
    exact = oracle.exact_diffusion(*LEARNED, 3.0, 1e4)
    np.testing.assert_allclose(first_order, exact, rtol=1e-3, atol=1e-12)


WARNED = [
    ({"P": 20, "V": 20, "eta_J": 10}, "P = 20 and η_J/V = 0.5 ", "off by up to some 20 %"),
    ({"P": 100, "V": 100, "eta_J": 30}, "P = 100 and η_J/V = 0.3 ", "off by up to some 1 %"),
    ({"P": 5, "V": 5, "eta_J": 50}, "P = 5 and η_J/V = 10 ", "far off"),
    (
        {"P": 100, "V": 100, "eta_J": 30, "activation": "linear"},
        "η_J/V = 0.3 ",
        "off by up to some 54 %",
    ),
]


@pytest.mark.parametrize(("named", "at", "much"), WARNED)
def test_an_error_that_is_off_is_warned_of(named: dict[str, Any], at: str, much: str) -> None:
    (line,) = MODEL.warnings(table([cell(K=2, M=2, eta_w=3, **named)]))
    assert line.startswith("P: at ")
    assert at in line
    assert "(K = 2, M = 2, eta_w = 3)" in line
    assert f"the error may be {much}: " in line
    assert "\n" not in line


def test_a_grid_is_warned_of_once_by_its_worst_cell() -> None:
    rows = [cell(P=P, V=100, eta_J=J) for P in (20, INF, 1000, 50) for J in (3, 60, 10)]
    (line,) = MODEL.warnings(table(rows))
    assert "P = 20 and η_J/V = 0.6 " in line


@pytest.mark.parametrize(
    "named",
    [
        {"P": 1000, "V": 1000},
        {"P": 20, "eta_J": 1000},
        {"V": 20, "eta_J": 1000},
        {"P": 100, "V": 100, "eta_J": 30, "sigma_u": 0.5},
        {"P": 2, "V": 2, "eta_J": 0.001},
    ],
)
def test_an_error_that_is_right_is_not_warned_of(named: dict[str, Any]) -> None:
    assert MODEL.warnings(table([cell(K=2, M=2, **named)])) == []


def test_the_algorithm_s_error_is_off_by_the_estimate() -> None:
    start = {"R0": [[0.3, 0.1], [0.1, 0.4]], "alpha_max": 16, "target_error": 0}
    named = {"K": 2, "M": 2, "eta_w": 3, "P": 20, "V": 20, "eta_J": 10, **start}
    theory = solve(cell(**named)).error_final[0]
    simulated = {p.name: named.get(p.name, p.default) for p in SIMULATION.parameters}
    N, total, tasks = 8000, 0.0, 0
    simulated["N"] = N
    for stretch in stretches(start_of(simulated), setting_of(simulated), POPULATION, 1, 0, 16 * N):
        if stretch.done >= 8 * N:
            total, tasks = total + stretch.errors.sum(), tasks + len(stretch.errors)
    assert total / tasks / theory - 1 == pytest.approx(0.2, abs=0.05)
