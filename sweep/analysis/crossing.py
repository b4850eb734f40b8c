"""Where on its edge the boundary lies, and how far off that may be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sweep.grid.refinement.boxes import Lattice
from sweep.grid.refinement.brackets import HIGH, LOW, Brackets
from sweep.grid.refinement.lines import MIDDLE, Crossings, Node
from sweep.grid.refinement.panels import Refined


class Placed:
    """The places of the points of lines. brackets: of the edges, which have so long a stride."""

    def __init__(self, refined: Refined, edges: Crossings, brackets: Brackets, stride: int) -> None:
        self._refined, self._stride = refined, stride
        self._lattice: Lattice = refined.lattice
        nodes = zip(edges.begin.tolist(), edges.axis.tolist(), strict=True)
        self._number = {node: i for i, node in enumerate(nodes)}
        self._estimates = brackets.estimates()
        self._brackets = brackets.places[:, [LOW, HIGH]]

    def point(self, node: Node) -> Mapping[str, object]:
        """The coordinates of a point of a line, and how far off it may be along which axis."""
        begin, along = node
        names, found = self._refined.axes, dict[str, object]()
        at = self._lattice.places(np.array([begin], dtype=np.int64))[0]
        for axis, values in enumerate(self._refined.coordinates):
            found[names[axis]] = float(values[at[axis]])
        if along == MIDDLE:
            widths = []
            for axis, values in enumerate(self._refined.coordinates):
                low, high = values[at[axis]], values[at[axis] + self._stride]
                is_log = self._refined.is_log[axis]
                middle = np.sqrt(low) * np.sqrt(high) if is_log else (low + high) / 2
                found[names[axis]] = float(middle)
                widths.append(max(middle - low, high - middle))
            return {**found, "along": ", ".join(names), "half_width": float(max(widths))}
        number = self._number[node]
        place, (low, high) = self._estimates[number], self._brackets[number]
        found[names[along]] = float(place)
        return {
            **found,
            "along": names[along],
            "half_width": float(max(place - low, high - place)),
        }
