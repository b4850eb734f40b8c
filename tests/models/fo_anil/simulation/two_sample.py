"""Whether two samples of vectors come from one law: tests of which each has a known false alarm."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

PERMUTATIONS = 999


def smallest_p(a: Floats, b: Floats) -> float:
    """The smallest p-value of mean, variance and Kolmogorov–Smirnov tests of every component,
    times their number (Bonferroni): at or below p with a probability of p at most.

    a, b: one vector a row, and enough rows for sums to be normally distributed.
    """
    p = [stats.ks_2samp(x, y).pvalue for x, y in zip(a.T, b.T, strict=True)]
    squares_a, squares_b = (a - a.mean(0)) ** 2, (b - b.mean(0)) ** 2
    for x, y in ((a, b), (squares_a, squares_b)):
        z = (x.mean(0) - y.mean(0)) / np.sqrt(x.var(0) / len(x) + y.var(0) / len(y))
        p += list(2 * stats.norm.sf(np.abs(z)))
    return float(min(p) * len(p))


def energy_p(a: Floats, b: Floats) -> float:
    """The p-value of the energy distance of two samples of one size, by permutations.

    It sees any difference of the joint laws (Székely & Rizzo, J. Stat. Plan. Inference 143, 1249).
    """
    points = np.concatenate([a, b])
    points = (points - points.mean(0)) / points.std(0)
    distance = np.sqrt(np.maximum(((points[:, None] - points) ** 2).sum(-1), 0.0))
    sides = np.repeat([1.0, -1.0], len(a))
    rng = np.random.default_rng(0)
    signs = np.stack([sides, *(rng.permutation(sides) for _ in range(PERMUTATIONS))], axis=1)
    energy = -np.einsum("ij,ij->j", signs, distance @ signs)
    return float(np.mean(energy >= energy[0]))
