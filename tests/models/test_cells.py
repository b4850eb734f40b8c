"""Positions grouped by equal keys."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweep.models.cells import Cells, group_by

KEYS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-5, 10**12), st.sampled_from([0.5, -1.0, 2e9])),
    min_size=1,
    max_size=40,
)


@given(KEYS)
def test_groups_are_numbered_in_the_order_of_their_keys(rows: list[tuple[int, int, float]]) -> None:
    keys = [np.array(key) for key in zip(*rows, strict=True)]
    label, first = group_by([*keys, np.zeros(len(rows))])
    distinct = sorted(set(rows))
    assert label.tolist() == [distinct.index(row) for row in rows]
    assert first.tolist() == [rows.index(row) for row in distinct]


def test_no_positions_make_no_groups() -> None:
    label, first = group_by([np.empty(0, dtype=np.int32)])
    assert len(label) == len(first) == 0


def test_what_all_cells_share_takes_no_memory() -> None:
    cells = Cells({"V": (2.0,)}, {"V": np.broadcast_to(np.int32(0), (10**12,))})
    numbers = cells.numbers("V")
    assert numbers.shape == (10**12,)
    assert numbers[-1] == 2.0
    with pytest.raises(ValueError, match="read-only"):
        numbers[0] = 1.0
