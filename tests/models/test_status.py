"""A status as a code, as a word of the results, and as people read it."""

from __future__ import annotations

import numpy as np
import pytest

from sweep.models.status import ANSWERED, FAILED, MISSING, Status, status_codes, status_words


def test_words_and_codes_are_each_others_inverse() -> None:
    codes = np.array([0, 3, 1, 2, 2], dtype=np.int8)
    words = status_words(codes)
    assert words.tolist() == ["reached", "failed", "not_reached", "diverged", "diverged"]
    np.testing.assert_array_equal(status_codes(words), codes)


@pytest.mark.parametrize("word", [None, "", "done", float("nan")])
def test_what_is_no_status_is_not_computed(word: object) -> None:
    assert status_codes([word, "failed"]).tolist() == [MISSING, FAILED]
    assert status_codes([word], missing=9).tolist() == [9]


def test_people_read_words_apart() -> None:
    assert [status.text for status in Status] == ["reached", "not reached", "diverged", "failed"]


def test_a_failed_cell_has_no_answer() -> None:
    assert set(Status) - ANSWERED == {FAILED}
