"""Which part of a grid a task of a SLURM job array takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sweep.cli.slurm import slurm_shard
from sweep.errors import UsageError
from sweep.grid import Shard
from tests.cli.shell import sweep
from tests.faults.laboratory import text_of


def environment(variables: dict[str, str]) -> dict[str, str]:
    return {f"SLURM_ARRAY_TASK_{name}": value for name, value in variables.items()}


@pytest.mark.parametrize(
    ("variables", "shard"),
    [
        ({}, None),
        ({"ID": "3", "COUNT": "1"}, None),
        ({"ID": "3", "COUNT": "4"}, Shard(4, 4)),
        ({"ID": "0", "MIN": "0", "MAX": "7", "STEP": "1", "COUNT": "8"}, Shard(1, 8)),
        ({"ID": "7", "MIN": "0", "MAX": "7", "STEP": "1", "COUNT": "8"}, Shard(8, 8)),
        ({"ID": "8", "MIN": "1", "MAX": "8", "STEP": "1", "COUNT": "8"}, Shard(8, 8)),
        ({"ID": "14", "MIN": "10", "MAX": "18", "STEP": "4", "COUNT": "3"}, Shard(2, 3)),
    ],
)
def test_the_shard_of_a_task(variables: dict[str, str], shard: Shard | None) -> None:
    said: list[str] = []
    assert slurm_shard(environment(variables), said.append) == shard
    assert len(said) == (shard is not None)


@pytest.mark.parametrize(
    ("variables", "why"),
    [
        ({"ID": "3"}, "SLURM_ARRAY_TASK_COUNT is not there"),
        ({"ID": "3", "COUNT": "eight"}, "SLURM_ARRAY_TASK_COUNT is 'eight'"),
        ({"ID": "x", "COUNT": "4"}, "SLURM_ARRAY_TASK_ID is 'x'"),
        ({"ID": 5000 * "9", "COUNT": "4"}, f"SLURM_ARRAY_TASK_ID is '{60 * '9'}'"),
    ],
)
def test_a_task_whose_part_is_unknown_computes_all_and_says_it(
    variables: dict[str, str], why: str
) -> None:
    said: list[str] = []
    assert slurm_shard(environment(variables), said.append) is None
    (line,) = said
    assert line.startswith(f"computes all cells, as {why}, so that")


@pytest.mark.parametrize(
    ("variables", "found"),
    [
        ({"ID": "7", "MIN": "1", "MAX": "7", "COUNT": "3"}, "ID: found task 7 of 3 from 1 to 7"),
        ({"ID": "9", "MIN": "1", "MAX": "4", "COUNT": "4"}, "ID: found task 9 of 4 from 1 to 4"),
        ({"ID": "0", "MIN": "1", "MAX": "4", "COUNT": "4"}, "ID: found task 0 of 4 from 1 to 4"),
        ({"ID": "3", "MIN": "1", "MAX": "7", "STEP": "3", "COUNT": "3"}, "in steps of 3"),
        ({"ID": "3", "STEP": "0", "COUNT": "4"}, "STEP: found '0'; allowed is an integer from 1"),
        ({"ID": "3", "MIN": "x", "COUNT": "4"}, "MIN: found 'x'; allowed is an integer from 0"),
        ({"ID": "3", "MAX": "-1", "COUNT": "4"}, "MAX: found '-1'"),
        ({"ID": "3", "COUNT": "0"}, "COUNT: found '0'"),
        ({"ID": "3", "COUNT": "9" * 9}, "COUNT: found '999999999'; allowed is an integer from 1"),
    ],
)
def test_variables_that_contradict_one_another_are_refused(
    variables: dict[str, str], found: str
) -> None:
    with pytest.raises(UsageError, match=r"SLURM_ARRAY_TASK.*--shard I/N; --shard none") as refused:
        slurm_shard(environment(variables), print)
    assert found in str(refused.value)


def test_an_inferred_shard_is_said_and_can_be_turned_off(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    grid = here / "grid.toml"
    grid.write_text(text_of("x = [1, 2]\ny = [1, 2, 3]\ntarget_error = [0.1, 0.01]"))
    monkeypatch.setenv("SLURM_ARRAY_TASK_ID", "3")
    monkeypatch.setenv("SLURM_ARRAY_TASK_COUNT", "4")
    said = (
        "sweep: computes part 4 of 4 only, as SLURM_ARRAY_TASK_ID is 3; --shard none computes all\n"
    )
    assert sweep("run", grid) == 0
    first, *rest = capsys.readouterr().err.splitlines(keepends=True)
    assert first == said
    assert "missing" in rest[-1]
    assert sweep("run", grid, "--shard", "1/4") == 0
    assert "SLURM" not in capsys.readouterr().err
    assert sweep("run", grid, "--shard", "none") == 0
    assert capsys.readouterr().err.startswith("sweep: grid: 12 cells, 12 reached; computed ")
