"""What the READMEs say of parameters, columns, commands, grids and files is what there is."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sweep import models
from sweep.cli import unexpected
from sweep.cli.commands import commands
from sweep.cli.output import printing
from sweep.cli.run import _exit_code
from sweep.grid.check import GRID_KEYS, PLOT_KEYS, SECTIONS
from sweep.grid.read import parse_grid
from sweep.grid.refinement.settings import REFINE_KEYS
from sweep.models.base import Model
from sweep.runner.signals import SIGNALS
from sweep.store.schema import schema
from tests.cli.shell import sweep

ROOT = Path(__file__).parents[1]
FOLDERS = ("grids", "sweep", "tests")
GRIDS = sorted((ROOT / "grids").glob("*.toml"))


def readmes() -> Iterator[Path]:
    yield ROOT / "README.md"
    for folder in FOLDERS:
        yield from sorted((ROOT / folder).rglob("README.md"))


READMES = {str(path.relative_to(ROOT)): path.read_text(encoding="utf-8") for path in readmes()}
ALL = pytest.mark.parametrize("name", list(READMES))

Row = dict[str, Any]
"""What `sweep models` says of a parameter."""


def blocks(text: str, *languages: str) -> list[str]:
    """The code blocks of these languages."""
    found = re.findall(r"^```(\w*)\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)
    return [block for language, block in found if language in languages]


def prose(text: str) -> str:
    """The text without its code blocks."""
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


# Parameters: a table of what `sweep models` says, with a row a parameter and a column a model


def test_the_table_of_a_parameter_that_models_declare_differently() -> None:
    one = row_of("P", 3.0, "samples", "a number ≥ 1 or inf")
    other = row_of("P", 100.0, "samples", "a number ≥ 1")
    alone = row_of("N", 7, "inputs", "an integer ≥ 4")
    assert table("parameter", {"a": [one], "b": [other, alone]}) == (
        "| parameter | `a` | `b` | meaning | allowed |\n"
        "| --- | --- | --- | --- | --- |\n"
        "| `P` | 3 | 100 | samples | a number ≥ 1 or inf; `b`: a number ≥ 1 |\n"
        "| `N` | – | 7 | inputs | an integer ≥ 4 |\n"
    )


def row_of(name: str, default: object, meaning: str, allowed: str) -> Row:
    return {"name": name, "default": default, "meaning": meaning, "allowed": allowed}


PLACES = {
    "sweep/models/fo_anil/README.md": ("fo-anil", "fo-anil-simulation"),
    "sweep/models/fourier/README.md": ("fourier-maml", "fourier-reptile"),
}


def test_every_model_has_its_place() -> None:
    assert sorted(name for names in PLACES.values() for name in names) == sorted(models.MODELS)


@pytest.mark.parametrize("place", PLACES)
def test_parameters_and_solver_settings_are_those_that_the_models_say_they_have(
    place: str, capsys: pytest.CaptureFixture[str]
) -> None:
    said = {}
    for name in PLACES[place]:
        assert sweep("models", name, "--json") == 0
        said[name] = json.loads(capsys.readouterr().out)
    for first, kind in (("parameter", "parameters"), ("setting", "solver")):
        declared = {name: facts[kind] for name, facts in said.items()}
        if any(declared.values()):
            assert table(first, declared) in READMES[place]


def table(first: str, declared: dict[str, list[Row]]) -> str:
    """The Markdown table of what several models declare."""
    found: dict[str, dict[str, Row]] = {}
    for model, rows in declared.items():
        for row in rows:
            found.setdefault(row["name"], {})[model] = row
    head = [first, *(f"`{model}`" for model in declared), "meaning", "allowed"]
    lines = [head, ["---"] * len(head)]
    for name, of in found.items():
        defaults = [number(of[model]["default"]) if model in of else "–" for model in declared]
        meaning = told({model: row["meaning"] for model, row in of.items()})
        allowed = told({model: row["allowed"] for model, row in of.items()})
        lines.append([f"`{name}`", *defaults, meaning, allowed])
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def told(texts: dict[str, str]) -> str:
    """A text of the first model, and beside it those of the others that differ."""
    first = next(iter(texts.values()))
    others = [f"`{model}`: {text}" for model, text in texts.items() if text != first]
    return "; ".join([first, *others])


def number(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def test_what_a_grid_of_theory_must_not_have_to_become_one_of_the_simulation_is_said() -> None:
    theory, simulation = models.load("fo-anil"), models.load("fo-anil-simulation")
    lost = names(theory) - names(simulation)
    text = READMES["sweep/models/fo_anil/README.md"]
    paragraph = text.partition('model = "fo-anil-simulation"')[2].partition("\n\n")[2]
    for name in lost:
        assert f"`{name}`" in paragraph.partition("\n\n")[0]


def names(model: Model) -> set[str]:
    return {parameter.name for parameter in (*model.parameters, *model.solver)}


# Results


def test_every_column_of_the_results_has_its_row_and_the_columns_of_no_model_have_none() -> None:
    text = READMES["sweep/store/README.md"].partition("| column |")[2].partition("\n\n")[0]
    listed = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"^\| (.*?) \|", text, re.M))))
    there = set()
    for name in models.MODELS:
        model = models.load(name)
        there |= set(schema(model).names) - {parameter.name for parameter in model.parameters}
    assert listed == there


@pytest.mark.parametrize("place", ["sweep/store/README.md", "sweep/models/fo_anil/README.md"])
def test_how_a_cell_can_end_is_said_in_the_words_of_the_results(
    place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sweep("status", GRIDS[0], "--results", tmp_path, "--json") == 0
    words = json.loads(capsys.readouterr().out).keys() - {"grid", "cells", "missing"}
    assert len(words) == 4
    for word in words:
        assert f"`{word}`" in READMES[place]


def test_every_promise_has_a_test_that_there_is() -> None:
    table = READMES["sweep/store/README.md"].partition("| what happens |")[2].partition("\n\n")[0]
    promises = table.splitlines()[2:]
    assert len(promises) > 20
    tests = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py")
    )
    there = set(re.findall(r"^def (test_\w+)", tests, flags=re.MULTILINE))
    for promise in promises:
        # A bar in a cell is written with a backslash.
        what, *_, named = re.split(r"(?<!\\)\|", promise.strip("|"))
        assert (found := set(re.findall(r"`(test_\w+)`", named))), what
        assert found <= there, what


# Commands and exit codes


def test_every_command_is_in_the_readme() -> None:
    for command in commands.commands:
        assert f"`sweep {command} " in READMES["README.md"]


@ALL
def test_commands_that_are_shown_are_there_with_their_options(name: str) -> None:
    check_commands(shown_commands(READMES[name]))


@pytest.mark.parametrize("path", GRIDS, ids=lambda path: path.stem)
def test_commands_in_the_comments_of_grids_are_there_with_their_options(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    lines = re.findall(r"^# +(sweep .*)$", text, flags=re.MULTILINE)
    check_commands((line.split()[1], line.split()[2:]) for line in lines)


def check_commands(shown: Iterable[tuple[str, list[str]]]) -> None:
    for command, words in shown:
        found = commands.commands.get(command)
        assert found is not None, f"there is no `sweep {command}`"
        options = {text for parameter in found.params for text in parameter.opts} | {"--help"}
        for word in words:
            is_option = word.startswith("-") and word != "-"  # which is stdout
            assert not is_option or word in options, f"sweep {command} {word}"


def shown_commands(text: str) -> Iterator[tuple[str, list[str]]]:
    """The commands of code blocks and of `code` in the text, with all words after them."""
    lines = "".join(blocks(text, "sh", "bash", "console")).replace("\\\n", " ").splitlines()
    for line in [*lines, *re.findall(r"`([^`\n]+)`", prose(text))]:
        for call in re.split(r"&&|\|", line.partition("#")[0]):
            words = [word for word in call.split() if word not in ("$", "srun")]
            if len(words) > 1 and words[0].endswith("sweep") and re.fullmatch("[a-z]+", words[1]):
                yield words[1], words[2:]


@ALL
def test_grids_that_are_shown_are_there(name: str) -> None:
    for path in re.findall(r"grids/[\w-]+\.toml", READMES[name]):
        assert (ROOT / path).is_file(), path


def test_every_exit_code_has_its_row() -> None:
    text = READMES["sweep/runner/README.md"].partition("## Exit codes")[2].partition("\n## ")[0]
    listed = {int(code) for code in re.findall(r"^\| (\d+) \|", text, flags=re.MULTILINE)}
    assert listed == set(exit_codes())


def exit_codes() -> Iterator[int]:
    """The exit codes that there are, of runs, of wrong words, and of what nobody foresaw."""
    for failed, complete, signal in [(0, True, 0), (1, True, 0), (0, False, 0)]:
        yield code(failed, complete, signal)
    yield from (code(0, False, signal) for signal in SIGNALS)
    yield sweep("run", "--no-such-option")
    yield unexpected.CODE
    with pytest.raises(SystemExit) as ended, printing():
        raise BrokenPipeError
    yield int(str(ended.value))


def code(failed: int, complete: bool, signal: int) -> int:
    counts = {"failed": failed}
    return _exit_code(SimpleNamespace(counts=counts, complete=complete, signal=signal))


# Python


WITH_PYTHON = [name for name, text in READMES.items() if blocks(text, "python")]


@pytest.mark.parametrize("name", WITH_PYTHON)
def test_examples_in_python_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    examples = blocks(READMES[name], "python")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "grids").symlink_to(ROOT / "grids")
    if "read_parquet" in "".join(examples):  # of results that are there
        assert sweep("run", "grids/quick.toml") == 0
        capsys.readouterr()
    names: dict[str, object] = {}
    for text in examples:
        exec(compile(text, name, "exec"), names)
    assert capsys.readouterr().err == ""


# Grids


@ALL
def test_grid_files_that_are_shown_whole_can_be_read(name: str) -> None:
    for text in blocks(READMES[name], "toml"):
        if text.startswith("title"):
            assert len(parse_grid(Path("example.toml"), text).cells()) > 1000


@ALL
def test_grid_files_that_are_shown_to_extend_another_can_be_read(name: str) -> None:
    for text in blocks(READMES[name], "toml"):
        if text.startswith("extends"):
            grid = parse_grid((ROOT / name).parent / "example.toml", text)
            assert len(grid.origins.files) > len(grid.axes)


def test_the_language_of_grid_files_is_told_in_full() -> None:
    text = READMES["grids/README.md"]
    shown = "".join(blocks(text, "toml"))
    for section in SECTIONS:
        assert f"[{section}]" in shown
    for key in (*GRID_KEYS, *REFINE_KEYS, *PLOT_KEYS):
        assert re.search(rf"^(# )?{key} += ", shown, flags=re.MULTILINE), key


def test_every_shipped_grid_can_be_read() -> None:
    for path in GRIDS:
        text = path.read_text(encoding="utf-8")
        assert text.startswith("#"), f"{path.name} does not say what it shows"
        assert len(parse_grid(path, text).cells()) > 0


@pytest.mark.parametrize("path", GRIDS, ids=lambda path: path.stem)
def test_the_gallery_has_every_shipped_grid_with_its_command_and_picture(path: Path) -> None:
    """A picture may hang where its story is told: then there is a link to that README."""
    gallery = READMES["grids/README.md"].partition("## Gallery")[2]
    entry = gallery.partition(f"[`{path.stem}`]({path.name})")[2].partition("\n###")[0]
    assert re.search(rf"^sweep \w+ grids/{path.name}", entry, flags=re.MULTILINE)
    if (ROOT / "results" / f"{path.stem}.png").is_file():
        assert f"(../results/{path.stem}.png)" in entry


# Links


@ALL
def test_links_and_pictures_lead_somewhere(name: str) -> None:
    folder = (ROOT / name).parent
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(READMES[name])):
        if re.match(r"\w+:", target):
            continue
        path, _, place = target.partition("#")
        there = (folder / path).resolve() if path else ROOT / name
        assert there.exists(), target
        if place:
            assert place in headings(there.read_text(encoding="utf-8")), target


def headings(text: str) -> set[str]:
    """The headings as GitHub's places on the page."""
    found = re.findall(r"^#+ (.*)$", prose(text), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in found}


def test_every_readme_can_be_reached_from_the_first() -> None:
    seen, todo = set(), ["README.md"]
    while todo:
        name = todo.pop()
        seen.add(name)
        for target in re.findall(r"\]\(([^)#\s]+)", READMES[name]):
            path = (ROOT / name).parent / target
            path = path / "README.md" if path.is_dir() else path
            found = str(path.resolve().relative_to(ROOT)) if path.is_file() else ""
            todo += [found] if found in READMES and found not in seen else []
    assert seen == set(READMES)
