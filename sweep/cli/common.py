"""Arguments and options that several commands have."""

from __future__ import annotations

from pathlib import Path

import click

grid_argument = click.argument("grid", type=click.Path(dir_okay=False), metavar="GRID")
results_option = click.option(
    "--results",
    type=click.Path(readable=False, path_type=Path),
    default=Path("results"),
    show_default=True,
    help="Folder of the results.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def assignments(
    context: click.Context, option: click.Parameter, texts: tuple[str, ...]
) -> dict[str, list[str]]:
    """Turn name=value words into a dict.

    A name has several values where it is given again, or a list, as in eta_w=3,4.
    """
    values: dict[str, list[str]] = {}
    for text in texts:
        name, _, given = text.partition("=")
        found = listed(given)
        if not (name and found):
            raise click.BadParameter(
                f"found {text!r}; allowed is NAME=VALUE, as in eta_w=3", context, option
            )
        values.setdefault(name.strip(), []).extend(found)
    return values


def listed(text: str) -> list[str]:
    """The values of a list such as 3,4; commas within a matrix are its own."""
    values, depth = [""], 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        if letter == "," and not depth:
            values.append("")
        else:
            values[-1] += letter
    return [value.strip() for value in values if value.strip()]
