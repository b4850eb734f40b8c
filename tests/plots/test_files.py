from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

from sweep import __version__
from sweep.errors import UsageError
from sweep.grid import Grid
from sweep.plots.draw import draw, save
from sweep.plots.origin import about
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


@pytest.mark.parametrize("suffix", [".png", ".pdf", ".svg"])
def test_a_picture_says_which_grid_and_commit_it_is_of(tmp_path: Path, suffix: str) -> None:
    from sweep.plots.own import refuse_foreign

    grid = Grid("fo-anil", axes={"eta_w": [1, 2], "eta_J": [1, 2]}, name="mine")
    path = tmp_path / f"picture{suffix}"
    save_picture(draw(rows(WEDGE, wedge), request(WEDGE)), path, grid=grid)
    told = about(grid)
    story = f"grid mine, meta-sweep {__version__}"
    story += f", commit {told['git_commit']}" if told["git_commit"] else ""
    content = path.read_bytes()
    for text in ("mine", f"{story}, model fo-anil {grid.model.version}"):
        assert text.encode() in content
    if suffix == ".png":
        refuse_foreign(path)  # it is still known as one of ours


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
