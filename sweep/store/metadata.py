"""What each results file says of its own making, and which files this version can read."""

from __future__ import annotations

import socket
import subprocess
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from sweep import __version__

FORMAT = 1
"""Grows when the meaning of a column changes; a column more does not change it."""

MODIFIED = "git_modified"
"""There where the files of the commit were changed before the rows were computed."""

LIBRARIES = ("numpy", "scipy", "numba", "pyarrow")


def describe(
    model: str, grid_text: str, version: int | str = "", source: str = ""
) -> dict[str, str]:
    """The key-value metadata of a results file; `parquet.packed` adds when it was written.

    source: the text of the model's file, where it is a user's own.
    """
    commit, modified = _commit()
    return {
        "sweep_format": str(FORMAT),
        "sweep_version": __version__,
        **{f"{name}_version": installed(name) for name in LIBRARIES},
        "git_commit": commit,
        **({MODIFIED: "yes"} if modified else {}),
        "host": socket.gethostname(),
        "model": model,
        "model_version": str(version),
        "grid": grid_text,
        **({"model_source": source} if source else {}),
    }


def installed(name: str) -> str:
    """The version of a library; empty where there is none."""
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


@cache
def _commit() -> tuple[str, bool]:
    """The commit of the checkout that this package runs from, empty where there is none.

    And whether files of the package were changed since.
    """
    package = Path(__file__).parents[1]
    root = package.parent
    if not (root / ".git").exists():
        return "", False
    # Without a lock, which others who work in the checkout would stumble over.
    question = ["--no-optional-locks", "status", "--porcelain=2", "--branch", "-uno", package.name]
    try:
        answer = subprocess.run(
            ["git", "-C", str(root), *question],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return "", False
    lines = answer.stdout.splitlines()
    heads = [line.split()[-1] for line in lines if line.startswith("# branch.oid ")]
    changed = any(not line.startswith("#") for line in lines)
    return (heads[0], changed) if heads and heads[0] != "(initial)" else ("", False)
