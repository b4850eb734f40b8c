"""`sweep compare`: theory against simulation, judged."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sweep.cli.command import Command
from sweep.cli.common import grid_argument, jobs_option, json_option, results_option
from sweep.cli.output import cells_in_words, echo, print_json, print_table, stderr, warn
from sweep.cli.rows import columns_option, print_rows

if TYPE_CHECKING:
    import pandas as pd

    from sweep.analysis.z_scores import Summary
    from sweep.grid import Grid
    from sweep.runner.session import Report

ONE_IN_TWENTY = 0.05
JUDGED = "the error in the window where theory meets the target, or the last"


@click.command(cls=Command)
@grid_argument
@results_option
@click.option(
    "--theory",
    type=click.Choice(["finite", "infinite"]),
    default="finite",
    show_default=True,
    help="With P and V as simulated, or P = V = inf.",
)
@jobs_option()
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A picture: .png, .pdf or .svg.",
)
@json_option
@columns_option
def compare(
    grid: str,
    results: Path,
    theory: Any,
    jobs: int | None,
    output: Path | None,
    as_json: bool,
    columns: tuple[str, ...],
) -> None:
    """Judge theory by GRID, a grid of the simulation.

    Computes what is missing of the simulation, and of theory's cells (kept as GRID-theory). Both
    are judged by their errors, averaged over the same window: the first in which theory's average
    meets the target, or else the last. Runs that end elsewhere are simulated again up to there
    (kept as GRID-judged). Times are told, not judged: a noisy average meets the target early.

    Prints every cell's mean over the seeds, theory, and the z-score of the difference; then how
    many agree, which would be 95 % by chance alone. The picture has the times of both, and z.
    """
    from sweep.analysis.theory import compare_cells, samples_of, theory_grid
    from sweep.analysis.windows import beside_theory, follow_to_windows
    from sweep.grid import read_grid
    from sweep.plots.picture import save_picture
    from sweep.runner.session import default_jobs
    from sweep.store.endings import PICTURES, check_ending

    if output is not None:
        check_ending(output, PICTURES)
    read = read_grid(grid)
    cores = jobs or default_jobs()
    ideal = theory_grid(read, theory)
    for line in [*ideal.model.warnings(ideal.cells()), *read.model.warnings(read.cells())]:
        warn(line)
    reports = [_complete(each, results, cores) for each in (ideal, read)]
    runs = beside_theory(read, ideal, results, cores, warn)
    followed = follow_to_windows(read, runs)
    if len(followed.grid.cells()):
        reports.append(_complete(followed.grid, results, cores))
    comparison = compare_cells(read, ideal, runs, followed, results, warn)
    summary = comparison.summary()
    if as_json:
        facts = {"grid": read.name, "theory": theory, **asdict(summary)}
        print_json(facts | {"cells": comparison.cells.to_dict("records")})
    else:
        _show(comparison.cells, list(read.axes), columns)
        echo()
        print_table([("theory: N → ∞", samples_of(ideal)), ("judged by", JUDGED), *_told(summary)])
    if output is not None:
        from sweep.plots.compare import comparison_picture  # matplotlib takes its time

        save_picture(comparison_picture(comparison), output, grid=read)
        warn(f"picture: {output}")
    if any(report.counts["failed"] for report in reports):
        sys.exit(1)


def _complete(grid: Grid, results: Path, jobs: int) -> Report:
    """Compute what is missing of a grid. Where that is interrupted, this command ends too."""
    from sweep.runner.progress import counted, duration
    from sweep.runner.session import Settings, run
    from sweep.runner.signals import leave

    report = run(grid, Settings(results, "threading", jobs), stderr(), warn)
    if report.computed:
        took = f"computed {cells_in_words(report.computed)} in {duration(report.seconds)}"
        warn(f"{grid.name}: {took}; {counted(report.counts)}")
    if report.signal:  # also one that came when there was nothing left to stop
        leave(128 + report.signal)
    if not report.complete:
        leave(3)
    return report


def _show(cells: pd.DataFrame, axes: Sequence[str], columns: Sequence[str]) -> None:
    numbers = cells.select_dtypes("float").columns
    shown = cells.astype(dict.fromkeys(numbers, object))
    shown[numbers] = cells[numbers].map(lambda v: "–" if v != v else f"{v:.5g}")
    shown["z"] = cells["z"].map(lambda v: "–" if v != v else f"{v:+.2f}")
    shown["relative"] = cells["relative"].map(lambda v: "–" if v != v else f"{100 * v:+.1f} %")
    first = [name for name in (*axes, "z", "verdict") if name in shown]
    print_rows(shown.fillna("–"), columns, first)


def _told(summary: Summary) -> list[tuple[str, str]]:
    from sweep.analysis.z_scores import VERDICTS

    rows = [(f"cells that {VERDICTS[name]}", f"{n:,}") for name, n in summary.counts.items()]
    if not summary.judged:
        return rows
    at = ", ".join(f"{name} = {_number(value)}" for name, value in summary.at.items())
    return [
        *rows,
        ("would differ by chance alone", f"{ONE_IN_TWENTY * summary.judged:.2g}"),
        ("root mean square z, by chance 1", f"{summary.rms_z:.3g}"),
        (f"largest |z|, by chance ≤ {summary.by_chance:.2g}", f"{summary.largest_z:.3g}"),
        *([("at", at)] if at else []),
        ("median |simulation / theory − 1|", f"{100 * summary.relative:.2g} %"),
        *_times(summary.time),
    ]


def _times(apart: float) -> list[tuple[str, str]]:
    if math.isnan(apart):
        return []
    return [("median time / theory's − 1, not judged", f"{100 * apart:+.2g} %")]


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)
