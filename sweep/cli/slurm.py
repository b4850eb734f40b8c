"""Which part of a grid a task of a SLURM job array takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sweep.cli.words import LONGEST_NUMBER, MOST_SHARDS, NO_SHARD, whole
from sweep.errors import UsageError, Warn

if TYPE_CHECKING:
    from sweep.grid import Shard

PREFIX = "SLURM_ARRAY_TASK_"
CURE = f"name it with --shard I/N; --shard {NO_SHARD} is all"
LONGEST = 60
"""Of a quote, in characters."""


def slurm_shard(environment: Mapping[str, str], warn: Warn) -> Shard | None:
    """The shard of this task, from its ID, MIN, MAX, STEP and COUNT; a line says what it is.

    None where there is no array, or one of one task, and where ID and COUNT are no numbers. Raises
    UsageError where the variables contradict one another.
    """
    from sweep.grid import Shard

    found = {
        name: text
        for name in ("ID", "COUNT", "MIN", "MAX", "STEP")
        if (text := environment.get(PREFIX + name, "").strip())
    }
    if "ID" not in found or found.get("COUNT") == "1":
        return None
    for name in ("ID", "COUNT"):
        if whole(found.get(name, "")) is None:
            said = f"is {found[name][:LONGEST]!r}" if name in found else "is not there"
            warn(
                f"computes all cells, as {PREFIX}{name} {said}, so that this task's part is not "
                f"known; --shard I/N computes a part, --shard {NO_SHARD} all without this line"
            )
            return None
    numbers = {name: _number(name, text) for name, text in found.items()}
    shard = Shard(_part(numbers), numbers["COUNT"])
    warn(
        f"computes part {shard.number} of {shard.count} only, as {PREFIX}ID is {found['ID']}; "
        f"--shard {NO_SHARD} computes all"
    )
    return shard


def _number(name: str, text: str) -> int:
    least, most = (1 if name in ("COUNT", "STEP") else 0), 10**LONGEST_NUMBER
    if name == "COUNT":
        most = MOST_SHARDS
    number = whole(text)
    if number is None or not least <= number <= most:
        raise UsageError(
            f"{PREFIX}{name}: found {text[:LONGEST]!r}; allowed is an integer from {least} to "
            f"{most:,}. So this task's part of the work is not known; {CURE}"
        )
    return number


def _part(numbers: Mapping[str, int]) -> int:
    """From 1."""
    task, count = numbers["ID"], numbers["COUNT"]
    first, step = numbers.get("MIN", 0), numbers.get("STEP", 1)
    last = numbers.get("MAX", first + step * (count - 1))
    place, apart = divmod(task - first, step)
    # An array such as --array=1,2,7 has gaps that no variable tells of.
    if last != first + step * (count - 1) or apart or not 0 <= place < count:
        raise UsageError(
            f"{PREFIX}ID: found task {task} of {count} from {first} to {last} in steps of {step}, "
            f"whose part of the work is not known; {CURE}"
        )
    return place + 1
