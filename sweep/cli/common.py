"""Arguments and options that several commands have."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from sweep.cli.completion import complete_grid

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

MOST_JOBS = 1000

grid_argument = click.argument(
    "grid", type=click.Path(dir_okay=False), metavar="GRID", shell_complete=complete_grid
)
results_option = click.option(
    "--results",
    type=click.Path(readable=False, path_type=Path),
    default=Path("results"),
    envvar="SWEEP_RESULTS",
    show_envvar=True,
    show_default=True,
    help="Folder of the results.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def jobs_option(text: str = "Cores to use.", most: int | None = MOST_JOBS) -> Decorator:
    """How many cores."""
    return click.option(
        "--jobs",
        type=click.IntRange(1, most),
        envvar="SWEEP_JOBS",
        show_envvar=True,
        help=f"{text}  [default: all]",
    )


def assignments(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> dict[str, list[str]]:
    """Turn name=value words into a dict; a name that is given again has several values."""
    values: dict[str, list[str]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not (name and equals and value):
            raise click.BadParameter(
                f"found {text!r}; allowed is NAME=VALUE, as in eta_w=3", context, option
            )
        values.setdefault(name.strip(), []).append(value)
    return values
