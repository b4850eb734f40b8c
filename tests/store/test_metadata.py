"""What files say of the checkout that wrote them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from sweep.store import metadata


def test_a_commit_with_changes_is_told_from_one_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*words: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
        command = ["git", "-C", str(tmp_path), *identity, *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    source = tmp_path / "sweep" / "store" / "metadata.py"
    monkeypatch.setattr(metadata, "__file__", str(source))
    commit = metadata._commit.__wrapped__
    assert commit() == ("", False)
    source.parent.mkdir(parents=True)
    source.write_text("one")
    (tmp_path / "picture").write_text("drawn")
    git("init", "-q")
    assert commit() == ("", False), "nothing is committed yet"
    git("add", ".")
    git("commit", "-qm", "one")
    head = git("rev-parse", "HEAD").strip()
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "rows").write_text("of no commit")
    (tmp_path / "picture").write_text("drawn anew")
    assert commit() == (head, False), "the package is as it was"
    source.write_text("another")
    assert commit() == (head, True)
