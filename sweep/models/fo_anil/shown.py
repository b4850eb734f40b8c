"""What theory and simulation declare alike, for tables and pictures."""

from __future__ import annotations

from collections.abc import Mapping

from sweep.models.base import COURSE, Column, Picture, Series

COLUMNS: Mapping[str, Column] = {
    "learned_units": Column("teacher units learned"),
    "alignment": Column(r"largest $|\rho_{{k{}}}|$", (0.0, 1.0)),
}

OVERLAPS = {
    "Q": "overlaps of the students with each other at the end, K × K, by rows",
    "R": "overlaps of the students with the teachers at the end, K × M, by rows",
}

ALIGNMENTS = {
    "alignment": "the largest |cosine| of a student unit to each teacher direction, at the end",
    "learned_units": "how many teacher directions have a student unit of their own at the end",
}

PREFERRED_AXES = ("eta_w", "eta_J")

STARTER: Mapping[str, object] = {
    "eta_w": {"lin": [0.5, 4.5], "n": 17},
    "eta_J": {"log": [0.5, 32.0], "n": 13},
}

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
