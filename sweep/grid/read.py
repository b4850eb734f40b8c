"""From a grid file to a checked `Grid`; whatever is wrong with the file is one `GridError`."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path

from sweep.grid.check import Document, check
from sweep.grid.grid import Grid
from sweep.grid.names import name_of
from sweep.grid.problems import GridError, quoted

LARGEST_FILE = 10_000_000


def read_grid(path: str | Path) -> Grid:
    """Read and check a grid file.

    Raises GridError for whatever is wrong; one line names the file, the section and the key.

    >>> with open("mine.toml", "w") as file:
    ...     _ = file.write("model = 'fo-anil'; axes = { K = [3, 4] }".replace("; ", chr(10)))
    >>> grid = read_grid("mine.toml")
    >>> grid.name, len(grid.cells())
    ('mine', 2)
    """
    path = Path(path)
    return parse_grid(path, _text(path))


def parse_grid(path: Path, text: str) -> Grid:
    """Check the text of a grid file, which stands or would stand at `path`. Raises GridError."""
    name = name_of(path)
    return Grid.of(check(_toml(path, text), name=name, path=path, text=text))


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise GridError(path, "is a folder; give a grid file, like grids/quick.toml")
        with path.open("rb") as stream:
            # A limit, because a device such as /dev/zero has no end.
            content = stream.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise GridError(path, f"no such file{_neighbours(path)}") from None
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


def _neighbours(path: Path) -> str:
    """A suggestion where the folder holds a grid file with a similar name."""
    try:
        names = sorted(file.name for file in path.parent.glob("*.toml"))
    except OSError:
        return ""
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {path.parent / near[0]}?" if near else ""


def _toml(path: Path, text: str) -> Document:
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
