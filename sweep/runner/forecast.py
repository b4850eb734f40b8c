"""How long trajectories take: what the model says of it, corrected by what others have taken.

A model's costs are off by a factor that depends on the machine, and on how a cell ends, which the
model does not know. The logarithm of that factor is measured on trajectories that are done, here or
in saved results, and foretold for the others by `kriging` over their parameters and their costs.
Places are ranks: an axis is 1 long, however it is spaced.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from sweep.ode.arrays import Floats
from sweep.runner.kriging import Measured, Places, likely_law

LEVEL = 1.5
"""How far a machine's speed may be off from that which a model's costs are meant for; a logarithm,
as all that is measured here."""

NO_LEVEL = 10.0
"""The same where the model does not know what its trajectories cost."""

COST_SCALE = 3.0
"""Costs as far apart as e to the power of this are as far apart as the ends of an axis."""

SHORTEST_S = 1e-6
"""What took less counts as if it had taken this."""

LEAST_MEASURED, MOST_MEASURED, MOST_PAIRS = 16, 256, 20_000_000
"""So many measurements are made use of, so that there are so many pairs of one and a trajectory."""

DOUBTED = 8
"""With fewer measurements than this, how far sums are off is hardly believed."""

ODD = 3.0
"""A measurement is odd that is e to the power of this times what was likely."""

CHUNK = 10_000
"""So many trajectories are thought of at once."""

GROWTH = 1.3
"""What was learnt is thought about when it is so many times more than the last time."""

SAVED, HERE = 0, 1


@dataclass(frozen=True)
class Trajectories:
    """n of them: their parameters, as the results have them, and the model's cost of each."""

    columns: Mapping[str, pa.Array] | pa.Table
    costs: Floats


@dataclass(frozen=True)
class Saved(Trajectories):
    """Some that were computed before, and the seconds that each has taken."""

    seconds: Floats


class Forecast:
    """Of trajectories that are to be run, numbered from 0.

    seconds: of each, on one core. is_known: whether there is anything to go by.
    """

    def __init__(self, trajectories: Trajectories, saved: Saved | None, *, is_known: bool) -> None:
        """is_known: whether the model knows what its trajectories cost."""
        self.seconds = self._costs = trajectories.costs
        self.is_known = is_known
        self._level = LEVEL if is_known else NO_LEVEL
        self._places = _places(trajectories, saved)
        self._saved_costs = np.empty(0) if saved is None else saved.costs
        self._saved = np.empty(0) if saved is None else _factors(saved.seconds, saved.costs)
        self._here = np.full(len(self._costs), np.nan)
        self._pondered = 0
        if len(self._saved):
            self._ponder()

    @property
    def left(self) -> float:
        """The seconds on one core of all that are not done."""
        return float(self.seconds[np.isnan(self._here)].sum())

    def on(self, cores: float) -> float:
        """The seconds that all which are not done take on so many cores."""
        return max(self.left / cores, self.longest)

    @property
    def longest(self) -> float:
        """The seconds of the longest that is not done."""
        return float(self.seconds[np.isnan(self._here)].max(initial=0.0))

    def learn(self, i: int, seconds: float) -> None:
        """Trajectory i has taken so long; see `ponder`."""
        self._here[i] = _factors(np.array([seconds]), self._costs[i : i + 1])[0]

    def ponder(self) -> None:
        """Think again of all that are not done, where enough was learnt."""
        done = int(np.count_nonzero(~np.isnan(self._here)))
        if done > GROWTH * self._pondered:
            self._pondered = done
            self._ponder()

    def _ponder(self) -> None:
        n = len(self._costs)
        most = min(MOST_MEASURED, max(MOST_PAIRS // max(n, 1), LEAST_MEASURED))
        measured, weights = self._measured(most)
        law = likely_law(measured, self._level)
        likely = np.empty(n)
        for start in range(0, n, CHUNK):
            part = slice(start, min(start + CHUNK, n))
            likely[part] = law.foretell(measured, self._places[part])
        likely += _correction(measured.y, law.foretell_each(measured), weights)
        self.seconds, self.is_known = self._costs * np.exp(likely), True

    def _measured(self, most: int) -> tuple[Measured, Floats]:
        """Some of what was measured, here rather than elsewhere, and the costs there."""
        rng = np.random.default_rng(0)
        done = rng.permutation(np.flatnonzero(~np.isnan(self._here)))[:most]
        saved = rng.permutation(len(self._saved))[: most - len(done)]
        at = self._places[np.concatenate([done, len(self._costs) + saved])]
        measured = Measured(at, np.concatenate([self._here[done], self._saved[saved]]))
        return measured, np.concatenate([self._costs[done], self._saved_costs[saved]])


def _correction(measured: Floats, likely: Floats, weights: Floats) -> float:
    """How far a sum is off that is made of what is likely, a logarithm like the others.

    One odd measurement, as of a trajectory that a machine went to sleep over, counts for little.
    """
    within = np.minimum(measured, likely + ODD)
    off = np.log((weights @ np.exp(within)) / (weights @ np.exp(likely)))
    return float(np.clip(off, -1, 1)) * len(weights) / (len(weights) + DOUBTED)


def _factors(seconds: Floats, costs: Floats) -> Floats:
    """The logarithms by which costs are off."""
    factors: Floats = np.log(np.maximum(seconds, SHORTEST_S) / costs)
    return factors


def _places(trajectories: Trajectories, saved: Saved | None) -> Places:
    """Where the trajectories are, and after them the saved ones."""
    both = [trajectories] if saved is None else [trajectories, saved]
    columns = (pa.chunked_array([one.columns[name] for one in both]) for name in both[0].columns)
    axes = [ranks for column in columns if len(ranks := _ranks(column.combine_chunks()))]
    costs = np.log(np.concatenate([one.costs for one in both]))
    return Places(
        x=np.column_stack([*axes, costs / COST_SCALE]),
        z=costs - (costs.mean() if len(costs) else 0),
        source=np.repeat([HERE, SAVED][: len(both)], [len(one.costs) for one in both]),
    )


def _ranks(column: pa.Array) -> Floats:
    """The places of values along their axis, from 0 to 1; none where there is one value alone."""
    encoded = column.dictionary_encode()
    count = len(encoded.dictionary)
    if count < 2:
        return np.empty(0)
    rank = np.empty(count)
    rank[pc.array_sort_indices(encoded.dictionary).to_numpy()] = np.linspace(0, 1, count)
    found: Floats = rank[encoded.indices.to_numpy()]
    return found
