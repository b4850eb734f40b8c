"""`sweep models`: what there is, and what each can be told."""

from __future__ import annotations

import json
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from sweep import models
from sweep.cli.columns import laid_out
from sweep.models.own import offered
from sweep.store.columns import columns_of
from sweep.store.meanings import MEANINGS
from sweep.store.schema import schema
from tests.cli.shell import sweep
from tests.models.own.files import DECAY, DECAY_GRID, write

Captured = pytest.CaptureFixture[str]
ALL = pytest.mark.parametrize("name", models.MODELS)


def test_all_models_are_listed_with_what_they_are(capsys: Captured) -> None:
    assert sweep("models") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == models.names()
    for name, line in zip(models.MODELS, lines[: len(models.MODELS)], strict=True):
        assert models.load(name).meaning in line
    assert sweep("models", "--json") == 0
    facts = json.loads(capsys.readouterr().out)["models"]
    assert [model["name"] for model in facts] == models.names()


@ALL
def test_of_a_model_every_parameter_setting_and_column_has_its_line(
    capsys: Captured, name: str
) -> None:
    assert sweep("models", name) == 0
    shown = {line.split()[0]: line for line in capsys.readouterr().out.splitlines() if line}
    model = models.load(name)
    for parameter in (*model.parameters, *model.solver):
        assert parameter.meaning in shown[parameter.name]
        assert parameter.allowed() in shown[parameter.name]
    for column in schema(model).names:
        assert column in shown


@ALL
def test_as_json_it_says_what_the_model_declares(capsys: Captured, name: str) -> None:
    assert sweep("models", name, "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    model = models.load(name)
    for said, declared in (("parameters", model.parameters), ("solver", model.solver)):
        assert [one["name"] for one in facts[said]] == [one.name for one in declared]
        for one, parameter in zip(facts[said], declared, strict=True):
            default = float("inf") if one["default"] == "inf" else one["default"]
            assert default == parameter.default
            assert (one["allowed"], one["meaning"]) == (parameter.allowed(), parameter.meaning)


@ALL
def test_no_column_of_a_model_that_ships_is_without_meaning(name: str) -> None:
    model = models.load(name)
    assert [column.name for column in columns_of(model) if not column.meaning] == []
    assert model.column_meanings.keys() == {*model.list_columns, *model.number_columns}


def test_the_columns_that_every_model_has_are_those_of_the_schema() -> None:
    there = [set(schema(models.load(name)).names) for name in models.MODELS]
    declared = {p.name for name in models.MODELS for p in models.load(name).parameters}
    assert set.intersection(*there) - declared == MEANINGS.keys()


def test_a_model_of_ones_own_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    write(tmp_path, DECAY, DECAY_GRID)
    monkeypatch.chdir(tmp_path)
    assert sweep("models", "model.py", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert (
        facts["meaning"]
        == "Decay at a rate, from a size: the error e^(-2 rate t) size^2 / 2 is known."
    )
    found = {one["name"]: one for one in facts["parameters"]}
    assert found["rate"]["meaning"] == "of decay"
    assert found["colour"]["choices"] == ["red", "blue"]
    assert found["loud"]["default"] is False
    assert {"name": "last", "type": "float64", "meaning": ""} in facts["columns"]


def test_a_broken_model_of_a_package_does_not_hide_the_others(
    monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    point = EntryPoint("broken", "no_such_package.model:MODEL", models.GROUP)
    monkeypatch.setattr(offered, "offered", lambda: {"broken": point})
    assert sweep("models") == 0
    said = capsys.readouterr()
    assert "No module named 'no_such_package'" in said.err
    assert [line.split()[0] for line in said.out.splitlines()] == list(models.MODELS)


def test_a_model_of_a_package_can_be_asked_and_started_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    (tmp_path / "offers-1.0.dist-info").mkdir()
    (tmp_path / "offers.py").write_text(DECAY, encoding="utf-8")
    (tmp_path / "offers-1.0.dist-info" / "METADATA").write_text("Name: offers\nVersion: 1.0\n")
    points = tmp_path / "offers-1.0.dist-info" / "entry_points.txt"
    points.write_text("[sweep.models]\nfading = offers:MODEL\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert sweep("models") == 0
    assert "fading " in capsys.readouterr().out
    assert sweep("models", "fading") == 0
    assert "of decay" in capsys.readouterr().out
    assert sweep("new", "fading") == 0
    assert 'model = "fading"' in (tmp_path / "fading.toml").read_text(encoding="utf-8")


def test_an_unknown_model_is_said_with_a_suggestion(capsys: Captured) -> None:
    assert sweep("models", "fo-anl") == 2
    assert "fo-anl: no such model; did you mean fo-anil?" in capsys.readouterr().err


def test_columns_are_folded_to_the_width_of_a_terminal() -> None:
    rows = [("K", "an integer", "the hidden units of the student"), ("eta", "a number", "a rate")]
    assert list(laid_out(rows, None)) == [
        "K    an integer  the hidden units of the student",
        "eta  a number    a rate",
    ]
    assert list(laid_out(rows, 36)) == [
        "K    an integer  the hidden units of",
        "                 the student",
        "eta  a number    a rate",
    ]
