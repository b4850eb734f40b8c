"""A grid file as TOML: its text, and the tables and values in it, whatever they mean."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sweep.grid.examples import ENDING, examples
from sweep.grid.problems import GridError, quoted

LARGEST_FILE = 10_000_000
DEEPEST_KEY = 32  # parts; the parser's time and memory grow with the square
DEEP_KEY = re.compile(
    r"""(?<![\w.-]) (?:[\w-]++ | "[^"\n]*+" | '[^'\n]*+')"""
    rf"""(?:[ \t]*+\.[ \t]*+ (?:[\w-]++ | "[^"\n]*+" | '[^'\n]*+')){{{DEEPEST_KEY}}}""",
    re.VERBOSE,
)

TomlTable = Mapping[str, Any]


def text_of(path: Path) -> str:
    """What the file at `path` says. Raises GridError."""
    try:
        if path.is_dir():
            raise GridError(path, "is a folder; give a grid file, like grids/quick.toml")
        with path.open("rb") as stream:
            # A limit, because a device such as /dev/zero has no end.
            content = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise GridError(path, f"no such file{_suggestion(path)}") from None
    except (OSError, ValueError) as error:
        problem = error.strerror if isinstance(error, OSError) else error
        raise GridError(path, f"cannot be read: {problem}") from None
    if len(content) > LARGEST_FILE:
        raise GridError(path, f"is larger than {LARGEST_FILE:,} bytes; is it a grid file?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise GridError(path, f"line {line} is not UTF-8; save the file as UTF-8") from None


def _suggestion(path: Path) -> str:
    """What was probably meant: a grid file that is there, or one that comes with `sweep`."""
    named = path if path.suffix == ENDING else path.with_name(path.name + ENDING)
    collected = Path("grids")
    try:
        for folder in (path.parent, path.parent / collected, collected, Path()):
            if (folder / named.name).is_file():
                return f"; did you mean {folder / named.name}?"
        if named.stem in examples():
            return f"; `sweep new {named.stem}` writes the one that comes with sweep"
        for folder in (path.parent, collected):
            names = sorted(file.stem for file in folder.glob(f"*{ENDING}"))
            for near in difflib.get_close_matches(named.stem, names, n=1):
                return f"; did you mean {folder / near}{ENDING}?"
    except OSError:
        pass
    return ""


def parsed(path: Path, text: str) -> TomlTable:
    """The tables and values of a text. Raises GridError."""
    deep = DEEP_KEY.search(text)
    if deep:
        line = text.count("\n", 0, deep.start()) + 1
        raise GridError(
            path,
            f"line {line} has a key of more than {DEEPEST_KEY} parts; allowed are two or three, "
            "as in axes.K",
        )
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        # A key or section that is there already; the parser's own words do not say so.
        twice = "named twice, remove one of the two: " if str(error).startswith("Cannot") else ""
        problem = f"{twice}{error}{_quoted_line(str(error), text)}"
    except ValueError:
        problem = "a number has too many digits"
    except RecursionError:
        problem = "nested too deeply"
    raise GridError(path, f"not valid TOML: {problem}")


def _quoted_line(problem: str, text: str) -> str:
    """The line that a TOML error speaks of, which has the key in it."""
    place = re.search(r"at line (\d+)", problem)
    lines = text.rstrip().split("\n")
    line = lines[min(int(place[1]), len(lines)) - 1] if place else lines[-1]
    return f": {quoted(line.strip())}" if line.strip() else ""
