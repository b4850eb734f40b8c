"""What is built: a wheel that has the grids in it, and an sdist from which the tests can be run."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path

import pytest

from sweep import __version__
from sweep.grid.examples import examples

pytest.importorskip("hatchling", reason="builds with the backend that pyproject.toml names")

ROOT = Path(__file__).parents[1]
SOURCES = {"sweep": ("",), "grids": (".py", ".toml"), "tests": (".py", ".md")}
"""The endings of what is wanted of each folder; empty for all."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the wheel and the sdist."""
    folder = tmp_path_factory.mktemp("built")
    words = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
    answer = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return folder


@pytest.fixture(scope="module")
def installed(built: Path) -> Path:
    """The wheel, unpacked as pip does it."""
    place = built / "installed"
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    return place


def there(folder: str, endings: tuple[str, ...]) -> set[str]:
    files = (ROOT / folder).rglob("*")
    return {
        str(file.relative_to(ROOT))
        for file in files
        if file.is_file() and file.name.endswith(endings) and "__pycache__" not in file.parts
    }


def test_the_wheel_has_the_package_and_the_grids_and_nothing_else(installed: Path) -> None:
    found = {str(f.relative_to(installed)) for f in installed.rglob("*") if f.is_file()}
    grids = {f"sweep/examples/{Path(f).name}" for f in there("grids", SOURCES["grids"])}
    package = {f for f in there("sweep", SOURCES["sweep"]) if not f.endswith("README.md")}
    assert {f for f in found if not f.startswith("meta_sweep-")} == package | grids


def test_the_sdist_has_what_the_tests_need(built: Path) -> None:
    (sdist,) = built.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        found = {name.partition("/")[2] for name in archive.getnames()}
    for folder, endings in SOURCES.items():
        assert there(folder, endings) <= found
    assert {"pyproject.toml", "README.md", "grids/README.md", ".ci/run"} <= found
    assert "results/fig5.png" in found


def test_the_metadata_say_what_there_is_to_say(installed: Path) -> None:
    metadata = _metadata(installed)
    assert (metadata["Name"], metadata["Version"]) == ("meta-sweep", __version__)
    assert metadata["Summary"]
    assert "phase diagram" in metadata["Keywords"]
    assert "Typing :: Typed" in metadata.get_all("Classifier", [])
    assert {"dask", "xarray", "test"} == set(metadata.get_all("Provides-Extra", []))
    assert metadata["Author"] is None


def _metadata(installed: Path) -> Message:
    (file,) = installed.glob("*.dist-info/METADATA")
    return Parser().parsestr(file.read_text(encoding="utf-8"))


def test_the_grids_are_found_far_from_the_sources(installed: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(installed)}
    words = [sys.executable, "-m", "sweep", "new", "committee", "mine.toml"]
    answer = subprocess.run(
        words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stderr
    assert (tmp_path / "committee.py").is_file()
    copied = (tmp_path / "mine.toml").read_text(encoding="utf-8")
    assert copied == examples()["committee"].read_text(encoding="utf-8").replace(
        "grids/committee.toml", "mine.toml"
    )
