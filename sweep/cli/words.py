"""What options take that are neither words nor numbers: times, and parts of a grid."""

from __future__ import annotations

import re

import click

UNITS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
NUMBER = r"\+?[\d.]+(?:[eE][+-]?\d+)?"
TIME = re.compile("".join(rf"(?:({NUMBER}){unit})?" for unit in UNITS), re.ASCII)

NO_SHARD = "none"
MOST_SHARDS = 1_000_000
LONGEST_NUMBER = 18  # digits

Maybe = click.Parameter | None
Where = click.Context | None


class Duration(click.ParamType[float]):
    """A time such as 90s, 1.5h, 1h30m; a bare number is seconds."""

    name = "time"

    def convert(self, value: object, param: Maybe, ctx: Where) -> float:
        """Seconds."""
        text = str(value).strip()
        seconds = _seconds(text)
        if not 0 < seconds < float("inf"):
            self.fail(
                f"{_short(text)!r} is no time; allowed are numbers with d, h, m or s, as in 30m or "
                "1h30m",
                param,
                ctx,
            )
        return seconds


def _seconds(text: str) -> float:
    """NaN where the text is no time."""
    try:
        return float(text)
    except ValueError:
        found = TIME.fullmatch(text)
    try:
        parts = zip(found.groups(), UNITS.values(), strict=True) if found and text else ()
        return sum((float(n) * unit for n, unit in parts if n), 0.0)
    except ValueError:  # as in 1.2.3h
        return float("nan")


class ShardType(click.ParamType[tuple[int, int] | str]):
    """I/N with 1 ≤ I ≤ N, or NO_SHARD."""

    name = "i/n"

    def convert(self, value: object, param: Maybe, ctx: Where) -> tuple[int, int] | str:
        """(I, N), or NO_SHARD."""
        if isinstance(value, tuple) or value == NO_SHARD:
            return value
        number, _, count = str(value).partition("/")
        part, parts = whole(number), whole(count)
        if part is None or parts is None or not 1 <= part <= parts <= MOST_SHARDS:
            self.fail(
                f"{_short(str(value))!r} is no shard; allowed is I/N with 1 ≤ I ≤ N ≤ "
                f"{MOST_SHARDS:,}, as in 3/8, or {NO_SHARD}",
                param,
                ctx,
            )
        return part, parts


def whole(text: str) -> int | None:
    """The number that a few digits are; None for any other text."""
    return int(text) if text.isdecimal() and len(text) <= LONGEST_NUMBER else None


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
