"""How cells become questions to one trajectory."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sweep.ode.solve import ask

VALUES = st.sampled_from([0.0, 0.01, 0.02, 0.3, 1.0])


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=12))
def test_every_cell_finds_its_target_and_its_end_among_the_questions(
    cells: list[tuple[float, float]],
) -> None:
    targets, ends = (np.array(column) for column in zip(*cells, strict=True))
    questions, target_of, end_of = ask(targets, ends)
    np.testing.assert_array_equal(questions.targets[target_of], targets)
    np.testing.assert_array_equal(questions.ends[end_of], ends)
    assert (np.diff(questions.targets) < 0).all()
    assert (np.diff(questions.ends) > 0).all()


@given(st.lists(st.tuples(VALUES, VALUES), min_size=1, max_size=12))
def test_a_question_is_open_as_long_as_a_cell_waits_for_its_answer(
    cells: list[tuple[float, float]],
) -> None:
    questions, _, _ = ask(*(np.array(column) for column in zip(*cells, strict=True)))
    for target, until in zip(questions.targets, questions.needed_until, strict=True):
        assert until == max(end for asked, end in cells if asked <= target)
    for end, lowest in zip(questions.ends, questions.lowest, strict=True):
        assert questions.targets[lowest] == min(asked for asked, until in cells if until == end)
