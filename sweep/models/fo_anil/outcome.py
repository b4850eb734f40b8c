"""Numbers that say what a student has learned, from its overlaps at the end."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sweep.ode.arrays import Floats

LEARNED = 0.9
"""A student unit has learned a teacher direction where the cosine between them is beyond this."""


def cosines(Q: Floats, R: Floats, T: Floats) -> Floats:
    """ρ_kn = R_kn / √(Q_kk T_nn), shape (…, K, M); 0 for a unit of length 0."""
    # A length that decays to 0 may come out as the root of a rounding error below 0.
    with np.errstate(divide="ignore", invalid="ignore"):
        lengths = np.sqrt(np.diagonal(Q, axis1=-2, axis2=-1))[..., :, None] * np.sqrt(np.diag(T))
        return np.where(lengths > 0, R / lengths, 0.0)


def alignment(rho: Floats) -> Floats:
    """The largest |ρ| to each teacher direction, shape (…, M)."""
    largest: Floats = np.abs(rho).max(axis=-2)
    return largest


def learned_units(rho: Floats) -> NDArray[np.int64]:
    """How many teacher directions have a student unit of their own, shape (…).

    A unit counts for the one direction it is closest to, where |ρ| > LEARNED.
    """
    size = np.abs(rho)
    own = np.arange(size.shape[-1]) == size.argmax(axis=-1)[..., None]
    count: NDArray[np.int64] = ((size > LEARNED) & own).any(axis=-2).sum(axis=-1)
    return count
