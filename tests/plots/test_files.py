from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

from sweep.errors import UsageError
from sweep.plots.draw import draw, save
from sweep.plots.picture import save_picture
from tests.plots.rows import WEDGE, request, rows, wedge


@pytest.mark.parametrize(
    ("suffix", "start"), [(".png", b"\x89PNG"), (".pdf", b"%PDF"), (".svg", b"<?xml")]
)
def test_the_same_rows_give_the_same_bytes(tmp_path: Path, suffix: str, start: bytes) -> None:
    paths = [tmp_path / f"one{suffix}", tmp_path / f"two{suffix}"]
    for path in paths:
        save(draw(rows(WEDGE, wedge), request(WEDGE, title="Twice")), path)
    first, second = (path.read_bytes() for path in paths)
    assert first.startswith(start)
    assert first == second


def test_a_pdf_embeds_its_fonts_as_truetype(tmp_path: Path) -> None:
    save(draw(rows(WEDGE, wedge), request(WEDGE)), tmp_path / "a.pdf")
    content = (tmp_path / "a.pdf").read_bytes()
    assert b"/Type3" not in content
    assert b"/FontFile2" in content


@pytest.mark.parametrize("name", ["picture.jpg", "picture", "picture.txt"])
def test_another_suffix_is_refused(tmp_path: Path, name: str) -> None:
    figure = draw(rows(WEDGE, wedge), request(WEDGE))
    with pytest.raises(UsageError, match=r"\.png, \.pdf or \.svg"):
        save_picture(figure, tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_user_s_settings_neither_matter_nor_change(tmp_path: Path) -> None:
    save(draw(rows(WEDGE, wedge), request(WEDGE)), tmp_path / "a.png")
    with mpl.rc_context({"font.size": 20, "axes.grid": True}):
        save(draw(rows(WEDGE, wedge), request(WEDGE)), tmp_path / "b.png")
        assert mpl.rcParams["font.size"] == 20
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_request_is_made_without_matplotlib() -> None:
    code = (
        "import sys, sweep.plots.request\n"
        "assert not {'matplotlib', 'pandas', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
