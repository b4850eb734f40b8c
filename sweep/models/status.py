"""How a cell comes out: a code in arrays, a word in the results."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

StatusCodes = NDArray[np.int8]


class Status(IntEnum):
    """What became of a cell that was computed."""

    REACHED = 0
    NOT_REACHED = 1
    DIVERGED = 2
    FAILED = 3

    @property
    def word(self) -> str:
        """As the results have it."""
        return self.name.lower()

    @property
    def text(self) -> str:
        """As people read it."""
        return self.word.replace("_", " ")


REACHED, NOT_REACHED, DIVERGED, FAILED = Status

ANSWERED = frozenset({REACHED, NOT_REACHED, DIVERGED})
"""What answers the question that a cell asks; one that failed may yet be answered."""

MISSING = len(Status)
"""The code of what is not computed; the results have a null, or no row."""

_CODES = {status.word: status for status in Status}
_WORDS = np.array([status.word for status in Status], dtype=object)


def status_codes(words: Iterable[object], missing: int = MISSING) -> StatusCodes:
    """The codes of words; `missing` for null and for a word that is no status."""
    return np.array([_CODES.get(str(word), missing) for word in words], dtype=np.int8)


def status_words(codes: NDArray[np.integer]) -> NDArray[np.object_]:
    """The words of codes, all of them of a status."""
    words: NDArray[np.object_] = _WORDS[codes]
    return words
