"""What several commands share."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from rich.console import Console

grid_argument = click.argument("grid", type=click.Path(dir_okay=False), metavar="GRID")
results_option = click.option(
    "--results",
    type=click.Path(readable=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Folder of the results.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def warn(message: str) -> None:
    """One line on stderr; the run goes on where nobody listens any more."""
    with suppress(OSError):
        click.echo(f"sweep: {message}", err=True)


def stderr() -> Console:
    """Where progress and messages go."""
    from rich.console import Console

    class Patient(Console):
        def on_broken_pipe(self) -> None:
            """Fall silent where nobody listens any more; rich itself would end the process."""
            self.quiet = True

    return Patient(stderr=True)


def print_json(data: dict[str, Any]) -> None:
    """Data for a program, on stdout; what is infinite or missing is null."""
    import json

    click.echo(json.dumps(_plain(data), indent=2, ensure_ascii=False))


def _plain(data: Any) -> Any:
    """Python's own types all the way down."""
    if isinstance(data, dict):
        return {name: _plain(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    data = getattr(data, "item", lambda: data)()
    return None if data != data or data in (float("inf"), -float("inf")) else data


def print_table(rows: list[tuple[str, str]]) -> None:
    """Two columns, names and numbers, on stdout."""
    width = max(len(name) for name, _ in rows)
    number_width = max(len(number) for _, number in rows)
    for name, number in rows:
        click.echo(f"{name:<{width}}  {number:>{number_width}}")


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
