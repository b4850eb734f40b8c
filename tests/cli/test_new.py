"""`sweep new`: the shipped grids and starters, written over nothing that is there."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import pytest

from sweep import models
from sweep.grid import read_grid
from sweep.grid.examples import examples
from sweep.grid.identity import cell_ids
from sweep.store.parquet import metadata_of
from tests.cli.shell import sweep
from tests.models.own.files import DECAY, DECAY_GRID, write

Captured = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def ids(path: Path) -> list[str]:
    grid = read_grid(path)
    return cell_ids(grid.cells(), grid.model, grid.solver)


def test_the_examples_are_listed_one_a_line(capsys: Captured) -> None:
    assert sweep("new") == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert [line.split()[0] for line in lines] == list(examples())
    quick = next(line for line in lines if line.startswith("quick "))
    assert quick.split(maxsplit=2) == ["quick", "663", "Time to the target error, three widths"]
    assert "sweep new NAME" in said.err
    assert sweep("new", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert [example["name"] for example in facts["examples"]] == list(examples())
    assert facts["models"] == models.names()


@pytest.mark.parametrize("name", ["quick", "committee", "perceptron"])
def test_an_example_is_written_with_the_model_that_it_needs(
    tmp_path: Path, capsys: Captured, name: str
) -> None:
    assert sweep("new", name, "there/mine.toml") == 0
    assert "sweep run there/mine.toml --plot" in capsys.readouterr().err
    assert ids(tmp_path / "there" / "mine.toml") == ids(examples()[name])


def test_the_comments_of_a_copy_name_the_copy(tmp_path: Path) -> None:
    named = next(name for name, path in examples().items() if f"grids/{path.name}" in _text(path))
    assert sweep("new", named, "mine.toml") == 0
    assert "grids/" not in _text(tmp_path / "mine.toml")
    assert "mine.toml" in _text(tmp_path / "mine.toml")


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_nothing_that_is_there_is_written_over(tmp_path: Path, capsys: Captured) -> None:
    assert sweep("new", "committee") == 0
    (tmp_path / "committee.toml").write_text("mine")
    capsys.readouterr()
    assert sweep("new", "committee") == 2
    line = capsys.readouterr().err
    assert line == (
        "sweep: committee.toml: is there already, and is left as it is; give another FILE, as in "
        "sweep new committee committee-2.toml\n"
    )
    assert _text(tmp_path / "committee.toml") == "mine"
    (tmp_path / "committee.py").write_text("mine as well")
    assert sweep("new", "committee", "other.toml") == 2
    assert "committee.py: is there already" in capsys.readouterr().err
    assert not (tmp_path / "other.toml").exists()


@pytest.mark.parametrize(
    ("words", "another"),
    [
        (["committee.py"], "committee.py committee-2.toml"),
        (["quick", "grids/mine.toml"], "quick grids/mine-2.toml"),
        (["fourier-maml", "--starter"], "fourier-maml --starter fourier-maml-2.toml"),
    ],
)
def test_the_command_that_it_offers_instead_works(
    tmp_path: Path, capsys: Captured, words: list[str], another: str
) -> None:
    assert sweep("new", "committee", "other.toml") == 0
    assert sweep("new", *words) == 0
    capsys.readouterr()
    assert sweep("new", *words) == 2
    assert capsys.readouterr().err.endswith(f"as in sweep new {another}\n")
    assert sweep("new", *another.split()) == 0
    assert (tmp_path / another.split()[-1]).exists()


def test_a_model_that_is_there_already_and_is_the_same_is_no_obstacle(tmp_path: Path) -> None:
    assert sweep("new", "committee") == 0
    assert sweep("new", "committee", "other.toml") == 0
    assert ids(tmp_path / "other.toml") == ids(tmp_path / "committee.toml")


@pytest.mark.parametrize("name", models.MODELS)
def test_a_starter_has_every_parameter_with_its_default_and_meaning(
    tmp_path: Path, name: str
) -> None:
    assert sweep("new", name, "first.toml", "--starter") == 0
    text = _text(tmp_path / "first.toml")
    model, said = models.load(name), tomllib.loads(text)
    there = {**said["fixed"], **said["axes"]}
    assert there.keys() == {parameter.name for parameter in model.parameters}
    assert said.get("solver", {}).keys() == {setting.name for setting in model.solver}
    for parameter in (*model.parameters, *model.solver):
        lines = re.search(rf"(^# {parameter.name}: .*\n.*\n)?^{parameter.name} = .*", text, re.M)
        assert lines is not None
        assert parameter.meaning in lines[0]
        assert parameter.allowed() in lines[0]
        assert f"default {parameter.default}".removesuffix(".0") in lines[0].replace('"', "")
    assert 9 < len(read_grid(tmp_path / "first.toml").cells()) < 300


def test_a_starter_can_be_run(tmp_path: Path, capsys: Captured) -> None:
    assert sweep("new", "fo-anil") == 0
    text = _text(tmp_path / "fo-anil.toml")
    (tmp_path / "fo-anil.toml").write_text(text.replace("n = 17", "n = 2"))
    assert sweep("run", "fo-anil.toml", "--jobs", 1) == 0
    assert " reached" in capsys.readouterr().err


def test_what_a_model_asks_is_one_sentence_of_its_starter(tmp_path: Path) -> None:
    begun = DECAY.index("Decay")
    for meaning, said in (("How long?", "How long?"), ("Times.", "Times."), ("Times", "Times.")):
        write(tmp_path, DECAY[:begun] + meaning + DECAY[DECAY.index('"""', begun) :])
        (tmp_path / "first.toml").unlink(missing_ok=True)
        assert sweep("new", "model.py", "first.toml") == 0
        first = _text(tmp_path / "first.toml").splitlines()[0]
        assert first == f"# A first grid of decay: {said}"


def test_a_model_of_ones_own_has_a_starter(tmp_path: Path) -> None:
    write(tmp_path, DECAY, DECAY_GRID)
    assert sweep("new", "model.py", "sub/first.toml") == 0
    grid = read_grid(tmp_path / "sub" / "first.toml")
    assert (grid.model.name, list(grid.axes)) == ("decay", ["rate", "size"])
    assert grid.axes["rate"].values[0] == 0.25
    assert grid.fixed["loud"] is False


def test_a_grid_that_has_the_name_of_a_model_comes_first(tmp_path: Path, capsys: Captured) -> None:
    assert sweep("new", "fourier-maml") == 0
    assert "`sweep new fourier-maml --starter`" in capsys.readouterr().err
    assert ids(tmp_path / "fourier-maml.toml") == ids(examples()["fourier-maml"])


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("fig55",), "fig55: no such example or model; did you mean fig5? allowed: committee,"),
        (("fig5", "mine.txt"), "mine.txt: a grid file ends in .toml, as in mine.toml"),
        (("fig5", "--starter"), "fig5: no such model"),
        (("none.py",), "none.py: no such file"),
    ],
)
def test_what_cannot_be_written_is_said(
    tmp_path: Path, capsys: Captured, words: tuple[str, ...], problem: str
) -> None:
    assert sweep("new", *words) == 2
    assert capsys.readouterr().err.startswith(f"sweep: {problem}")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("word", ["grids/one.toml", "one.toml"])
def test_a_grid_file_in_the_place_of_a_command_suggests_to_run_it(
    capsys: Captured, word: str
) -> None:
    assert sweep(word, "--jobs", 2) == 2
    line = f"sweep: {word}: is no command; did you mean sweep run {word} --jobs 2?\n"
    assert capsys.readouterr().err == line


def test_a_grid_that_extends_a_copy_is_run_and_keeps_the_text_of_both(tmp_path: Path) -> None:
    assert sweep("new", "quick") == 0
    text = 'extends = "quick.toml"\n[fixed]\nK = 2\nM = 2\n[axes]\neta_w = [3]\n'
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    computed = ids(tmp_path / "mine.toml")
    assert len(computed) == 13
    assert sweep("run", "mine.toml", "--jobs", 1) == 0
    (tmp_path / "quick.toml").unlink()
    (file,) = (tmp_path / "results" / "mine").glob("*.parquet")
    kept = metadata_of(file)["grid"]
    (tmp_path / "again.toml").write_text(kept, encoding="utf-8")
    assert ids(tmp_path / "again.toml") == computed
