"""The warning of what the diffusion lacks at finite P with many teacher units."""

from __future__ import annotations

from typing import Any

import pytest

from sweep.models.fo_anil.model import MODEL
from tests.models.fo_anil.test_model import INF, cell, table

WARNED = [
    ({"P": 20, "V": 20, "eta_J": 10, "eta_w": 1}, "P = 20 and η_J/V = 0.5 ", "some 27 %"),
    ({"P": 100, "V": 100, "eta_J": 30, "eta_w": 1}, "P = 100 and η_J/V = 0.3 ", "some 1 %"),
    ({"P": 5, "V": 5, "eta_J": 50, "eta_w": 1}, "P = 5 and η_J/V = 10 ", "far off"),
]


@pytest.mark.parametrize(("named", "at", "much"), WARNED)
def test_an_error_that_is_off_is_warned_of(named: dict[str, Any], at: str, much: str) -> None:
    (line,) = MODEL.warnings(table([cell(K=7, M=7, **named)]))
    assert line.startswith("P: at ")
    assert at in line
    assert "(K = 7, M = 7, eta_w = 1)" in line
    assert f"{much}: with more than 6 teacher units" in line
    assert "\n" not in line


def test_a_grid_is_warned_of_once_by_its_worst_cell() -> None:
    rows = [cell(M=8, P=P, V=100, eta_J=J) for P in (20, INF, 1000, 50) for J in (3, 60, 10)]
    (line,) = MODEL.warnings(table(rows))
    assert "P = 20 and η_J/V = 0.6 " in line


@pytest.mark.parametrize(
    "named",
    [
        {"P": 20, "V": 20, "eta_J": 10, "M": 6},
        {"P": 20, "V": 20, "eta_J": 10, "activation": "linear"},
        {"P": 1000, "V": 1000},
        {"P": 20, "eta_J": 1000},
        {"V": 20, "eta_J": 1000},
        {"P": 100, "V": 100, "eta_J": 20, "sigma_u": 0.1},
    ],
)
def test_an_error_that_is_right_is_not_warned_of(named: dict[str, Any]) -> None:
    assert MODEL.warnings(table([cell(**{"K": 7, "M": 7, **named})])) == []


@pytest.mark.filterwarnings("error")
def test_numbers_beyond_all_bounds_are_far_off_or_lack_nothing() -> None:
    (line,) = MODEL.warnings(table([cell(K=7, M=7, P=20, V=20, sigma_u=1e170)]))
    assert "far off" in line
    assert MODEL.warnings(table([cell(K=7, M=7, P=20, sigma_u=1e170)])) == []
    assert MODEL.warnings(table([cell(K=7, M=7, eta_w=1e300, eta_J=1e300, sigma_u=1e300)])) == []
