"""What is wrong with a grid file, said in one line: the file, the section and key, the cure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sweep.errors import ParameterError, UsageError

LONGEST_QUOTE = 60


class GridError(UsageError):
    """A grid that cannot be used; the message is one printable line.

    place: its file, or its name where it has none.
    """

    def __init__(self, place: Path | str, problem: str) -> None:
        line = f"{place}: {problem}"
        super().__init__("".join(c if c.isprintable() else " " for c in line))


@dataclass(frozen=True)
class Origins:
    """Where a grid says what it says.

    own: its file, or its name where it has none. files: by section (empty for the top) and key, the
    file in which that stands, where several make up the grid.
    """

    own: Path | str
    files: Mapping[tuple[str, str], Path] = field(default_factory=dict)

    def of(self, section: str, key: str) -> Path | str:
        """The file in which a key stands, or else its section, or else the grid's own."""
        return self.files.get((section, key)) or self.files.get(("", section)) or self.own


@contextmanager
def located(where: Origins, section: str = "") -> Iterator[None]:
    """Say in which file and section a ParameterError arose."""
    try:
        yield
    except ParameterError as error:
        place = f"[{section}] " if section else ""
        found = where.of(section, error.name)
        raise GridError(found, f"{place}{error.name}: {error.problem}") from None


def quoted(text: str) -> str:
    """Text of the user's, short enough for one line."""
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 3] + "..."


def unknown(name: str, what: str, known: Iterable[str]) -> ParameterError:
    """`name` is no `what`; suggests the one that was probably meant."""
    known = tuple(known)
    by_lower_case = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(quoted(name).lower(), by_lower_case, n=1)
    suggestion = f"did you mean {by_lower_case[near[0]]}? " if near else ""
    allowed = f"allowed: {', '.join(known)}" if known else "there is none"
    return ParameterError(quoted(name), f"no such {what}; {suggestion}{allowed}")


def refuse_unknown(
    table: Iterable[str], what: str, known: Iterable[str], homes: Mapping[str, str]
) -> None:
    """Refuse a table's first key that is not `known`. homes: where keys of other tables belong."""
    known = tuple(known)
    for key in table:
        if key in known:
            continue
        if key in homes:
            raise ParameterError(key, f"no {what}; it belongs {homes[key]}")
        raise unknown(key, what, known)
