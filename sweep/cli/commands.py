"""All commands; one file a command, each parses, calls and prints.

Only click is imported here and at the top of the commands' files, so that `sweep --help` and TAB
completion answer at once.
"""

from __future__ import annotations

import click

from sweep import __version__
from sweep.cli.best import best
from sweep.cli.boundary import boundary
from sweep.cli.cell import cell
from sweep.cli.command import Commands, traceback_option, voice_options
from sweep.cli.compare import compare
from sweep.cli.curves import curves
from sweep.cli.diff import diff
from sweep.cli.export import export
from sweep.cli.info import info
from sweep.cli.models import models
from sweep.cli.new import new
from sweep.cli.plan import plan
from sweep.cli.plot import plot
from sweep.cli.prune import prune
from sweep.cli.run import run
from sweep.cli.status import status


@click.group(
    cls=Commands,
    params=[*voice_options(), traceback_option()],
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="sweep")
def commands() -> None:
    """Phase diagrams of learning dynamics: from a grid file to the picture."""


for command in (
    *(new, models, plan, run, status, plot, cell, boundary, best, compare, curves),
    *(diff, prune, info, export),
):
    commands.add_command(command)
