"""Which pictures are sweep's, and may be drawn over."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from sweep.errors import UsageError
from sweep.plots.draw import save
from sweep.plots.own import refuse_foreign


def saved(**how: object) -> bytes:
    """A picture as matplotlib saves it."""
    stream = BytesIO()
    Figure(figsize=(1, 1)).savefig(stream, format="png", **how)
    return stream.getvalue()


FOREIGN = {
    "a text": b"theirs",
    "nothing": b"",
    "a picture of another program": saved(dpi=220),
    "a picture of another resolution": saved(metadata={"Software": None}, dpi=100),
    "a picture that breaks off": saved(dpi=220)[:20],
    "a chunk without an end": saved()[:8] + b"\xff\xff\xff\xffIHDR",
}


@pytest.mark.parametrize("what", FOREIGN)
def test_another_file_is_not_drawn_over(tmp_path: Path, what: str) -> None:
    path = tmp_path / "some.png"
    path.write_bytes(FOREIGN[what])
    with pytest.raises(UsageError, match=r"some\.png: is where the picture would be, but sweep"):
        refuse_foreign(path)


def test_a_folder_is_not_drawn_over(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is where the picture would be"):
        refuse_foreign(tmp_path)


def test_a_picture_of_ours_is_and_says_who_drew_it(tmp_path: Path) -> None:
    path = tmp_path / "some.png"
    refuse_foreign(path)
    save(Figure(figsize=(1, 1)), path)
    refuse_foreign(path)
    assert b"Software\0meta-sweep" in path.read_bytes()


def test_a_picture_from_before_they_said_so_is(tmp_path: Path) -> None:
    path = tmp_path / "some.png"
    path.write_bytes(saved(metadata={"Software": None}, dpi=220))
    refuse_foreign(path)
