"""All commands; one file a command, each parses, calls and prints.

Only click is imported here and at the top of the commands' files, so that `sweep --help` and TAB
completion answer at once.
"""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import click

from sweep import __version__
from sweep.cli.best import best
from sweep.cli.cell import cell
from sweep.cli.common import warn
from sweep.cli.compare import compare
from sweep.cli.curves import curves
from sweep.cli.export import export
from sweep.cli.plan import plan
from sweep.cli.plot import plot
from sweep.cli.run import run
from sweep.cli.status import status
from sweep.errors import UsageError
from sweep.ode import news


class Commands(click.Group):
    """A group whose commands end with one line and exit code 2 where the user can help it."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run a command and exit; what click has to say is one line, too."""
        news.listen(warn)
        try:
            code = super().main(*args, **{**extra, "standalone_mode": False})
        except click.UsageError as error:
            message = error.format_message()
            if "\n" in message:  # the help, where no command is named
                click.echo(message, err=True)
            else:
                path = error.ctx.command_path if error.ctx else "sweep"
                warn(f"{message.rstrip('.')}; see {path} --help")
            code = error.exit_code
        sys.exit(code)

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except UsageError as error:
            warn(str(error))
            ctx.exit(2)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order of use."""
        return list(self.commands)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sweep")
def commands() -> None:
    """Phase diagrams of learning dynamics: from a grid file to the picture."""


for command in (plan, run, status, plot, cell, best, compare, curves, export):
    commands.add_command(command)
