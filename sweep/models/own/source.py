"""The file that a model of one's own is in, and where in it an error arose."""

from __future__ import annotations

import ast
import traceback
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from pathlib import Path

from sweep.errors import UsageError

LARGEST_FILE = 1_000_000
DIGEST_BYTES = 8


class ModelError(UsageError):
    """A model of one's own that cannot be used; the message is one printable line."""

    def __init__(self, where: str, problem: str) -> None:
        line = " ".join(f"{where}: {problem}".split())
        super().__init__("".join(c if c.isprintable() else " " for c in line))


@dataclass(frozen=True)
class Source:
    """The text of the file at `path` (absolute)."""

    path: str
    text: str

    @cached_property
    def digest(self) -> str:
        """What tells this text from any other."""
        return blake2b(self.text.encode(), digest_size=DIGEST_BYTES).hexdigest()

    @cached_property
    def summary(self) -> str:
        """The first line of its docstring, or nothing."""
        lines = (ast.get_docstring(ast.parse(self.text)) or "").splitlines()
        return lines[0] if lines else ""


def read_source(path: Path) -> Source:
    """The text of a model's file. Raises ModelError."""
    try:
        if not path.is_file():
            raise ModelError(str(path), "no such file" if not path.exists() else "is no file")
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        problem = error.strerror if isinstance(error, OSError) else error
        raise ModelError(str(path), f"cannot be read: {problem}") from None
    if len(content) > LARGEST_FILE:
        raise ModelError(str(path), f"is larger than {LARGEST_FILE:,} bytes; is it a model?")
    try:
        return Source(str(path.absolute()), content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ModelError(str(path), "is not UTF-8; save the file as UTF-8") from None


def told(error: BaseException, path: str) -> tuple[str, str]:
    """Where in the file at `path` an error arose, and what it says."""
    if isinstance(error, SyntaxError) and error.filename == path:
        return f"{path}, line {error.lineno}", f"{error.msg}: {(error.text or '').strip()}"
    place = place_of(error, path)
    where = f"{path}, {place.partition(', ')[2]}" if place else path
    if isinstance(error, UsageError):
        return where, str(error)
    if isinstance(error, SystemExit):
        return where, f"ends the program ({error.code})"
    return where, f"{type(error).__name__}: {error}"


def place_of(error: BaseException, path: str) -> str:
    """Such as "model.py, line 12"; empty where the error arose elsewhere."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == path]
    return f"{Path(path).name}, line {frames[-1].lineno}" if frames else ""
