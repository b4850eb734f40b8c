"""The boundary as lines: from the boxes on it to the edges it crosses, in their order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from sweep.grid.refinement.boxes import Labels, Lattice, Places
from sweep.ode.arrays import Index

EDGES = ((0, 0b00), (0, 0b01), (1, 0b00), (1, 0b10))
"""Of a box in two dimensions: along which axis, and from which corner (its bits are x and y)."""

Node = tuple[int, int]
"""Where a line goes through: (the point at which an edge begins, its axis), or the middle of a box
that begins at a point, with MIDDLE for the axis."""

MIDDLE = -1


@dataclass(frozen=True)
class Crossings:
    """Edges whose ends are on two sides, each once: begin and end as points, and their axis."""

    begin: Index
    end: Index
    axis: Index


def crossings(lattice: Lattice, boxes: Places, labels: Labels, level: int) -> Crossings:
    """The edges of these boxes that the boundary crosses."""
    corners = lattice.corners(boxes, level)
    axes = len(lattice.counts)
    begin, end, along = ([np.empty(0, np.int64)] for _ in range(3))
    for axis in range(axes):
        bit = 1 << (axes - 1 - axis)
        for corner in range(2**axes):
            if corner & bit:
                continue
            a, b = corners[:, corner], corners[:, corner | bit]
            cut = (labels[a] >= 0) & (labels[b] >= 0) & (labels[a] != labels[b])
            begin.append(a[cut])
            end.append(b[cut])
            along.append(np.full(np.count_nonzero(cut), axis))
    rows = np.column_stack([np.concatenate(part) for part in (begin, end, along)])
    once = np.unique(rows, axis=0)
    return Crossings(once[:, 0], once[:, 1], once[:, 2])


def polylines(
    lattice: Lattice, boxes: Places, labels: Labels, level: int
) -> dict[tuple[int, int], list[list[Node]]]:
    """For every pair of labels the lines between them, on a lattice of two axes.

    A line that is closed ends where it begins. Where more than two lines of a pair meet, or three
    labels do, they meet in the middle of the box.
    """
    links: dict[tuple[int, int], list[tuple[Node, Node]]] = defaultdict(list)
    corners = lattice.corners(boxes, level)
    sides = labels[corners]
    for box in range(len(boxes)):
        at: dict[tuple[int, int], list[Node]] = defaultdict(list)
        for axis, corner in EDGES:
            other = corner | (0b10 if axis == 0 else 0b01)
            a, b = int(sides[box, corner]), int(sides[box, other])
            if a >= 0 and b >= 0 and a != b:
                at[min(a, b), max(a, b)].append((int(corners[box, corner]), axis))
        middle = (int(corners[box, 0]), MIDDLE)
        for pair, nodes in at.items():
            if len(nodes) == 2:
                links[pair].append((nodes[0], nodes[1]))
            else:
                links[pair] += [(node, middle) for node in nodes]
    return {pair: _chains(found) for pair, found in sorted(links.items())}


def _chains(links: list[tuple[Node, Node]]) -> list[list[Node]]:
    """Links put together to lines, which end where other than two of them meet."""
    beside: dict[Node, list[Node]] = defaultdict(list)
    for a, b in links:
        beside[a].append(b)
        beside[b].append(a)
    chains = []
    ends = {node for node, others in beside.items() if len(others) != 2}
    for start in [*sorted(ends), *sorted(beside)]:
        while beside[start]:
            chain, at = [start], start
            while beside[at] and (at == start or at not in ends):
                onward = beside[at].pop()
                beside[onward].remove(at)
                chain.append(onward)
                at = onward
                if at == start:
                    break
            chains.append(chain)
    return chains
