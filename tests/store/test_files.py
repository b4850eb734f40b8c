"""Files that are whole or not there, whoever else writes them, and however it ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.store.files import beside, clear_away, publish


def test_who_writes_a_file_at_the_same_time_does_not_write_into_it(tmp_path: Path) -> None:
    """As shards do that each draw the picture in the end."""
    target = tmp_path / "picture.png"

    def write(path: Path) -> None:
        with path.open("w") as file:
            file.write("o")
            file.flush()
            publish(target, beside(target), lambda other: void(other.write_text("another")))
            file.write("ne")

    publish(target, beside(target), write)
    assert target.read_text() == "one"
    assert list(tmp_path.iterdir()) == [target]


def void(_: object) -> None:
    pass


def test_what_is_half_written_can_be_cleared_away(tmp_path: Path) -> None:
    target = tmp_path / "picture.png"
    target.write_text("old")

    def write(path: Path) -> None:
        path.write_text("half")
        clear_away()
        assert not path.exists()

    with pytest.raises(FileNotFoundError):
        publish(target, beside(target), write)
    clear_away()
    assert target.read_text() == "old"


@pytest.mark.parametrize("stem", ["x" * 251, "ü" * 125])
def test_a_name_may_be_as_long_as_the_disk_allows(tmp_path: Path, stem: str) -> None:
    target = tmp_path / f"{stem}.png"
    publish(target, beside(target), lambda path: void(path.write_text("new")))
    assert target.read_text() == "new"
