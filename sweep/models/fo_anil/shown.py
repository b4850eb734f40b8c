"""What theory and simulation declare alike, for tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping

from sweep.models.base import COURSE, Column, Picture, Series

COLUMNS: Mapping[str, Column] = {
    "learned_units": Column("teacher units learned", best="most"),
    "alignment": Column(r"largest $|\rho_{{k{}}}|$", (0.0, 1.0), "most"),
}

PREFERRED_AXES = ("eta_w", "eta_J")

ALWAYS_NAMED = ("K", "M", "eta_w", "eta_J")

SERIES: Mapping[str, Series] = {
    "error": Series(r"\varepsilon", log=True),
    "R": Series("R", "kn"),
    "rho": Series(r"\rho", "kn"),
    "Q": Series("Q", "kl", symmetric=True),
}

PICTURES: Mapping[str, Picture] = {
    "overlaps": Picture("error, overlaps and cosines against time, and the final alignment"),
    **COURSE,
}
