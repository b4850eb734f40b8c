"""The search for a boundary, on diagrams that are known in full."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.grid.refinement.boxes import NEITHER, UNKNOWN, Labels, Lattice, differ
from sweep.grid.refinement.search import Search
from tests.grid.refinement.made_up import DIAGRAMS, disc, finished, islands, whole

SQUARE = Lattice((9, 9), 5)
ALL = pytest.mark.parametrize("name", list(DIAGRAMS))


def mixed(labels: Labels, lattice: Lattice, level: int) -> set[int]:
    """The numbers of the boxes of a level whose corners differ."""
    count = int(np.prod(lattice.boxes_at(level)))
    boxes = lattice.from_numbers(np.arange(count), level)
    found = np.flatnonzero(differ(labels[lattice.corners(boxes, level)]))
    return set(found.tolist())


@ALL
def test_the_finest_boxes_on_the_boundary_have_finest_neighbours(name: str) -> None:
    labels = whole(DIAGRAMS[name], SQUARE)
    search = finished(Search(SQUARE), labels)
    found = SQUARE.numbers(search.found[5], 5)
    corners = SQUARE.corners(search.found[5], 5)
    assert differ(labels[corners]).all()
    behind = SQUARE.across(search.found[5], labels[corners], 5)
    assert set(behind.tolist()) <= set(found.tolist())
    assert set(found.tolist()) <= mixed(labels, SQUARE, 5)
    told = search.labels != UNKNOWN
    np.testing.assert_array_equal(search.labels[told], labels[told])
    np.testing.assert_array_equal(told, search.asked)


@ALL
def test_labels_are_inferred_as_they_are_where_the_whole_boundary_was_found(name: str) -> None:
    labels = whole(DIAGRAMS[name], SQUARE)
    search = finished(Search(SQUARE), labels)
    missed = mixed(labels, SQUARE, 5) - set(SQUARE.numbers(search.found[5], 5).tolist())
    wrong = float(np.mean(search.inferred().reshape(-1) != labels))
    if not missed:
        assert wrong == 0.0
    assert wrong < 0.02


@pytest.mark.parametrize("name", ["disc", "islands", "spiral", "wedge", "three_phases"])
def test_the_whole_boundary_is_found_of_what_a_coarse_grid_has_seen_a_part_of(name: str) -> None:
    labels = whole(DIAGRAMS[name], SQUARE)
    search = finished(Search(SQUARE), labels)
    assert set(SQUARE.numbers(search.found[5], 5).tolist()) == mixed(labels, SQUARE, 5)


def test_the_points_asked_for_grow_with_the_length_of_the_boundary() -> None:
    for levels in (3, 5, 7):
        lattice = Lattice((17, 17), levels)
        search = finished(Search(lattice), whole(disc, lattice))
        coarse = len(search.found[0])
        assert len(search.points()) - 17 * 17 <= 12 * 2**levels * coarse
    assert len(search.points()) < 0.02 * len(search.labels)


def test_answers_may_come_in_any_order_and_bit_by_bit() -> None:
    labels = whole(DIAGRAMS["spiral"], SQUARE)
    at_once = finished(Search(SQUARE, probes=50), labels)
    search, numbers = Search(SQUARE, probes=50), np.random.default_rng(1)
    while not search.finished:
        told = np.where(numbers.random(len(search.pending)) < 0.6, labels[search.pending], UNKNOWN)
        search.tell(told.astype(np.int32))
    np.testing.assert_array_equal(search.asked, at_once.asked)
    np.testing.assert_array_equal(search.probes, at_once.probes)
    for level in range(6):
        np.testing.assert_array_equal(search.found[level], at_once.found[level])


def test_an_island_between_coarse_points_is_found_by_a_probe() -> None:
    lattice = Lattice((5, 5), 5)

    def island(x: Labels, y: Labels) -> Labels:
        return (x - 0.62) ** 2 + (y - 0.37) ** 2 < 0.07**2

    labels = whole(island, lattice)
    blind = finished(Search(lattice), labels)
    assert not len(blind.found[5])
    search = finished(Search(lattice, probes=200), labels)
    assert len(search.contradicted)
    assert set(lattice.numbers(search.found[5], 5).tolist()) == mixed(labels, lattice, 5)
    np.testing.assert_array_equal(search.inferred().reshape(-1), labels)


def test_probes_lie_where_nothing_was_computed_and_are_the_same_again() -> None:
    labels = whole(disc, SQUARE)
    without = finished(Search(SQUARE), labels)
    search = finished(Search(SQUARE, probes=200), labels)
    assert len(np.unique(search.probes)) == 200
    assert not without.asked[search.probes].any()
    assert not len(search.contradicted)
    other = finished(Search(SQUARE, probes=200, panel=1), labels)
    assert set(other.probes) != set(search.probes)


def test_a_point_that_failed_takes_no_side() -> None:
    labels = whole(disc, SQUARE)
    edge = labels.copy()
    edge[SQUARE.points(np.array([[32, 32], [128, 128]]))] = NEITHER
    search = finished(Search(SQUARE), edge)
    np.testing.assert_array_equal(search.found[5], finished(Search(SQUARE), labels).found[5])
    nothing = finished(Search(SQUARE), np.full_like(labels, NEITHER))
    assert len(nothing.points()) == 81


def test_all_points_of_a_row_are_asked_for_where_they_cost_nothing() -> None:
    labels = whole(islands, SQUARE)
    search = finished(Search(SQUARE, rows=[1]), labels)
    asked = search.asked.reshape(SQUARE.shape)
    np.testing.assert_array_equal(asked.any(axis=1), asked.all(axis=1))
    assert not asked.all()


def test_one_axis_and_three() -> None:
    line = Lattice((4,), 6)
    labels = whole(lambda x: x > 0.4321, line)
    search = finished(Search(line), labels)
    assert len(search.found[6]) == 1
    assert len(search.points()) == 4 + 6
    cube = Lattice((4, 3, 4), 3)
    labels = whole(lambda x, y, z: x + y * y + z > 1.3, cube)
    search = finished(Search(cube), labels)
    assert set(cube.numbers(search.found[3], 3).tolist()) == mixed(labels, cube, 3)
    np.testing.assert_array_equal(search.inferred().reshape(-1), labels)


@given(st.integers(0, 10_000), st.integers(0, 3), st.integers(2, 4), st.integers(2, 5))
def test_of_any_diagram_what_is_asked_for_is_the_least_that_is_closed(
    seed: int, levels: int, columns: int, rows: int
) -> None:
    lattice = Lattice((columns, rows), levels)
    numbers = np.random.default_rng(seed)
    labels = numbers.integers(0, 3, np.prod(lattice.shape), dtype=np.int32)
    labels = np.where(numbers.random(len(labels)) < 0.8, 0, labels).astype(np.int32)
    search = finished(Search(lattice), labels)
    inner = {lattice.points(np.array([p]))[0] for p in np.ndindex(*lattice.shape)
             if all(i % lattice.stride(0) == 0 for i in p)}  # fmt: skip
    expected = {int(p) for p in inner}
    boxes = set(range(int(np.prod(lattice.boxes_at(0)))))
    for level in range(levels + 1):
        front, seen = set(boxes), set()
        on_it = set()
        while front:
            seen |= front
            places = lattice.from_numbers(np.array(sorted(front)), level)
            corners = lattice.corners(places, level)
            expected |= set(corners.reshape(-1).tolist())
            cut = differ(labels[corners])
            on_it |= {n for n, c in zip(sorted(front), cut, strict=True) if c}
            behind = lattice.across(places[cut], labels[corners[cut]], level)
            front = set(behind.tolist()) - seen
        assert set(lattice.numbers(search.found[level], level).tolist()) == on_it
        if level < levels:
            children = lattice.children(lattice.from_numbers(np.array(sorted(on_it), int), level))
            boxes = set(lattice.numbers(children, level + 1).tolist())
    assert set(search.points().tolist()) == expected
