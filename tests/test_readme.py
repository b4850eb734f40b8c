"""What the README says of parameters and grid files is what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sweep import models
from sweep.grid.read import parse_grid
from sweep.models.base import Model
from sweep.models.parameters import Parameter

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def declared(names: list[str]) -> list[tuple[str, Parameter]]:
    found: dict[str, list[tuple[str, Parameter]]] = {}
    for name in names:
        model: Model = models.load(name)
        for parameter in model.parameters:
            found.setdefault(parameter.name, []).append((name, parameter))
    return [(name, parameter) for group in found.values() for name, parameter in group]


def row(name: str, default: object, meaning: str, allowed: str) -> str:
    shown = f"{default:g}" if isinstance(default, float) else str(default)
    return f"| `{name}` | {shown} | {meaning}; {allowed} |".replace("≤ 9.0072e+15", "≤ 2^53")


@pytest.mark.parametrize("name", list(models.MODELS))
def test_every_parameter_and_setting_has_its_row(name: str) -> None:
    model = models.load(name)
    for parameter in (*model.parameters, *model.solver):
        own = row(parameter.name, parameter.default, parameter.meaning, parameter.allowed())
        variants = [
            line for line in README.splitlines() if line.startswith(f"| `{parameter.name}`")
        ]
        assert own in variants, f"the README lacks\n{own}"


def test_the_example_of_a_grid_file_is_one() -> None:
    text = re.findall(r"```toml\n(.*?)```", README, flags=re.DOTALL)[0]
    grid = parse_grid(Path("example.toml"), text)
    assert len(grid.cells()) > 1000


def test_what_a_grid_of_theory_may_not_have_to_become_one_of_the_simulation_is_said() -> None:
    theory, simulation = models.load("fo-anil"), models.load("fo-anil-simulation")
    kept = {parameter.name for parameter in (*simulation.parameters, *simulation.solver)}
    lost = [p.name for p in (*theory.parameters, *theory.solver) if p.name not in kept]
    paragraph = README.partition('model = "fo-anil-simulation"     #')[2].partition("\n\n")[2]
    for name in lost:
        assert f"`{name}`" in paragraph.partition("\n\n")[0]


def test_every_shipped_grid_can_be_read() -> None:
    for path in sorted((ROOT / "grids").glob("*.toml")):
        text = path.read_text(encoding="utf-8")
        assert text.startswith("#"), f"{path.name} does not say what it shows"
        assert len(parse_grid(path, text).cells()) > 0


def test_every_picture_of_the_readme_is_there() -> None:
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).is_file(), picture
