"""What every command has: one line for what goes wrong, and the exit code that belongs to it."""

from __future__ import annotations

import shlex
import sys
from typing import Any, NoReturn

import click

from sweep.cli import unexpected
from sweep.cli.output import complain, printing, speak, voice, warn
from sweep.errors import UsageError
from sweep.ode import news

WHOLE = 1000
"""Characters, of a sentence that is not to be cut."""


class Command(click.Command):
    """One of the commands, which takes the options of `sweep` itself as well."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.params += [*voice_options(), traceback_option(hidden=True)]

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Parse the words of this command; prints its help if they ask for it."""
        with printing():
            return super().make_context(*args, **extra)


class Commands(click.Group):
    """A group whose commands end with one line whatever goes wrong."""

    def main(self, *args: Any, **extra: Any) -> NoReturn:
        """Run a command and exit."""
        news.listen(warn)
        words = list(args[0]) if args else sys.argv[1:]
        try:
            with voice():
                code = self._run(*args, **extra)
        except SystemExit as end:
            code = int(end.code or 0)
        except Exception as error:
            unexpected.tell(error, words)
            code = unexpected.CODE
        from sweep.runner.signals import leave

        leave(unexpected.outranked(code))

    def _run(self, *args: Any, **extra: Any) -> int:
        """Run a command; its exit code. What click has to say is one line, too."""
        try:
            return super().main(*args, **{**extra, "standalone_mode": False}) or 0
        except UsageError as error:
            complain(str(error))
            return 2
        except click.UsageError as error:
            message = error.format_message()
            if "\n" in message:  # the help, where no command is named
                click.echo(message, err=True)
            else:
                path = error.ctx.command_path if error.ctx else "sweep"
                complain(f"{message.rstrip('.')}; see {path} --help")
            return error.exit_code

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Parse the words before the command's name; prints the help if they ask for it."""
        with printing():
            return super().make_context(*args, **extra)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named. A grid file in its place is one that is to be run."""
        word = args[0]
        if word not in self.commands and word.endswith(".toml"):
            raise UsageError(f"{word}: is no command; did you mean sweep run {shlex.join(args)}?")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Each with the whole of its first sentence, which click would cut to a line."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, each.get_short_help_str(WHOLE)) for name, each in self.commands.items()]
            )

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """In the order of use."""
        return list(self.commands)


def voice_options() -> list[click.Option]:
    """How much is said."""
    said = {
        "quiet": "Say nothing but what is wrong; data and exit codes tell the rest.",
        "verbose": "Say in detail what is done.",
    }
    how: dict[str, Any] = {"is_flag": True, "expose_value": False, "is_eager": True}
    return [
        click.Option([f"--{name}"], callback=speak, help=text, **how) for name, text in said.items()
    ]


def traceback_option(*, hidden: bool = False) -> click.Option:
    """The option that `unexpected` looks for among the words of the command line."""
    return click.Option(
        [unexpected.OPTION],
        is_flag=True,
        expose_value=False,
        hidden=hidden,
        help="Show the traceback of an unexpected error (exit code 70); otherwise, a file has it.",
    )
