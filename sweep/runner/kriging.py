"""What was measured at some places, foretold at others: kriging, as geologists call it.

The measured numbers y are taken to be a level that all share, an offset of their source, a line in
a number z, a function of the place x that changes little over short ways, and noise; all of them
Gaussian:

    cov(y_i, y_j) = level² + OFFSET² [same source] + SLOPE² z_i z_j
                    + size² exp(-Σ_k |x_ik - x_jk| / length_k) + noise² [i = j]

Size, noise and lengths are those under which what was measured is the least surprising. Where
nothing was measured near by, the forecast is what all share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sweep.ode.arrays import Floats, Index

OFFSET, SLOPE = 0.3, 0.5
"""How far two sources may be apart as a whole, and how steep the line may be."""

SIZE, NOISE, LENGTH = 0.4, 0.15, 1.0
"""What is taken for likely, each within a factor of e^DOUBT, before anything was measured."""

DOUBT = 1.5

FACTORS = (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0, 4.0, 8.0)
"""What is tried, beside those."""

ROUNDS = 2
"""So often each of them is chosen, the others being as they are."""

ENOUGH = 64
"""So many measurements decide on the law. Beyond, libraries take threads for each of many small
problems, which on a busy machine wait for one another far longer than they compute."""

JITTER = 1e-9
"""What keeps measurements at one place from being one too many for rounding."""


@dataclass(frozen=True)
class Places:
    """n places: x, n × k; z, n, a number of each; source, n, who measures there."""

    x: Floats
    z: Floats
    source: Index

    def __len__(self) -> int:
        return len(self.z)

    def __getitem__(self, index: Index | slice) -> Places:
        return Places(self.x[index], self.z[index], self.source[index])

    def ways(self, others: Places) -> Floats:
        """To m others, along each axis: k × n × m."""
        ways: Floats = np.abs(self.x.T[:, :, None] - others.x.T[:, None, :])
        return ways


@dataclass(frozen=True)
class Measured:
    """y: what was measured at each of n places."""

    at: Places
    y: Floats

    @cached_property
    def ways(self) -> Floats:
        """Between the places, along each axis: k × n × n."""
        return self.at.ways(self.at)


@dataclass(frozen=True)
class Law:
    """The law of chance of what was measured, and of what was not."""

    level: float
    size: float
    noise: float
    lengths: tuple[float, ...]

    def foretell(self, measured: Measured, at: Places) -> Floats:
        """What is likely at m places."""
        weights = np.linalg.solve(self._covariance(measured), measured.y)
        known = self._near(at.ways(measured.at)) + self._far(at, measured.at)
        likely: Floats = known @ weights
        return likely

    def foretell_each(self, measured: Measured) -> Floats:
        """What would have been likely at the place of each measurement, had it not been made."""
        inverse = np.linalg.inv(self._covariance(measured))
        likely: Floats = measured.y - (inverse @ measured.y) / np.diag(inverse)
        return likely

    def surprise(self, measured: Measured) -> float:
        """-log of the likelihood of what was measured and of this law, but for a constant."""
        root = np.linalg.cholesky(self._covariance(measured))
        whitened = np.linalg.solve(root, measured.y)
        unlikely = np.log([self.size / SIZE, self.noise / NOISE, *np.divide(self.lengths, LENGTH)])
        return float(
            0.5 * whitened @ whitened
            + np.log(np.diag(root)).sum()
            + 0.5 * (unlikely / DOUBT) @ (unlikely / DOUBT)
        )

    def others(self, i: int) -> Iterator[Law]:
        """Those that differ in the size (i = 0), the noise (1), or the length along axis i - 2."""
        for factor in FACTORS:
            if i < 2:
                yield (
                    replace(self, noise=NOISE * factor) if i else replace(self, size=SIZE * factor)
                )
            else:
                before, after = self.lengths[: i - 2], self.lengths[i - 1 :]
                yield replace(self, lengths=(*before, LENGTH * factor, *after))

    def _covariance(self, measured: Measured) -> Floats:
        covariance = self._near(measured.ways) + self._far(measured.at, measured.at)
        covariance[np.diag_indices(len(covariance))] += self.noise**2 + JITTER
        return covariance

    def _near(self, ways: Floats) -> Floats:
        far = np.tensordot(1 / np.array(self.lengths), ways, axes=1)
        near: Floats = self.size**2 * np.exp(-far)
        return near

    def _far(self, places: Places, others: Places) -> Floats:
        same = places.source[:, None] == others.source[None, :]
        far: Floats = self.level**2 + OFFSET**2 * same + SLOPE**2 * np.outer(places.z, others.z)
        return far


def likely_law(measured: Measured, level: float) -> Law:
    """The law under which the first of these measurements are the least surprising.

    level: that of all.
    """
    measured = Measured(measured.at[:ENOUGH], measured.y[:ENOUGH])
    axes = len(measured.ways)
    law = Law(level, SIZE, NOISE, (LENGTH,) * axes)
    for _ in range(ROUNDS):
        for i in range(2 + axes):
            law = min(law.others(i), key=lambda other: other.surprise(measured))
    return law
