"""`sweep compare`: theory against simulation, judged."""

from __future__ import annotations

import math
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sweep.cli.common import (
    assignments,
    grid_argument,
    json_option,
    print_json,
    print_table,
    results_option,
    stderr,
    warn,
)

if TYPE_CHECKING:
    import pandas as pd

    from sweep.analysis.ensemble import Late
    from sweep.analysis.z_scores import Summary
    from sweep.grid import Grid
    from sweep.models.cells import Cells
    from sweep.runner.session import Report

ONE_IN_TWENTY = 0.05
JUDGED = "the error in the window where theory meets the target, or the last"


@click.command()
@grid_argument
@click.argument("values", nargs=-1, callback=assignments, metavar="[NAME=VALUE]...")
@results_option
@click.option(
    "--theory",
    type=click.Choice(["finite", "infinite"]),
    default="finite",
    show_default=True,
    help="With P and V as simulated, or P = V = inf.",
)
@click.option(
    "--curves",
    is_flag=True,
    help="Follow the runs of one cell, singled out by NAME=VALUE, over both theories.",
)
@click.option("--jobs", type=click.IntRange(1), help="Cores to use.  [default: all]")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A picture: .png, .pdf or .svg.",
)
@json_option
def compare(
    grid: str,
    values: dict[str, str],
    results: Path,
    theory: Any,
    curves: bool,
    jobs: int | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Judge theory by GRID, a grid of the simulation.

    Computes what is missing of the simulation, and of theory's cells (kept as GRID-theory). Both
    are judged by their errors, averaged over the same window: the first in which theory's average
    meets the target, or else the last. Runs that end elsewhere are simulated again up to there
    (kept as GRID-judged). Times are told, not judged: a noisy average meets the target early.

    Prints every cell's mean over the seeds, theory, and the z-score of the difference; then how
    many agree, which would be 95 % by chance alone. The picture has the times of both, and z.
    """
    from sweep.grid import read_grid
    from sweep.runner.session import default_jobs

    read = read_grid(grid)
    cores = jobs or default_jobs()
    if curves:
        _compare_curves(read, read.selected(values), cores, output, as_json)
        return
    if values:
        raise click.UsageError("NAME=VALUE goes with --curves; without, all cells are compared")
    _compare_cells(read, results, theory, cores, output, as_json)


def _compare_cells(
    grid: Grid, results: Path, theory: Any, jobs: int, output: Path | None, as_json: bool
) -> None:
    from sweep.analysis.theory import compare_cells, samples_of, theory_grid
    from sweep.analysis.windows import beside_theory, follow_to_windows
    from sweep.plots.picture import save_picture

    ideal = theory_grid(grid, theory)
    for line in [*ideal.model.warnings(ideal.cells()), *grid.model.warnings(grid.cells())]:
        warn(line)
    reports = [_complete(each, results, jobs) for each in (ideal, grid)]
    runs = beside_theory(grid, ideal, results, jobs, warn)
    followed = follow_to_windows(grid, runs)
    if len(followed.grid.cells()):
        reports.append(_complete(followed.grid, results, jobs))
    comparison = compare_cells(grid, ideal, runs, followed, results, warn)
    summary = comparison.summary()
    if as_json:
        facts = {"grid": grid.name, "theory": theory, **asdict(summary)}
        print_json(_plain(facts | {"cells": comparison.cells.to_dict("records")}))
    else:
        _show(comparison.cells)
        click.echo()
        print_table([("theory: N → ∞", samples_of(ideal)), ("judged by", JUDGED), *_told(summary)])
    if output is not None:
        from sweep.plots.compare import comparison_picture  # matplotlib takes its time

        save_picture(comparison_picture(comparison), output)
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
        took = f"computed {report.computed:,} cells in {duration(report.seconds)}"
        warn(f"{grid.name}: {took}; {counted(report.counts)}")
    if not report.complete:
        leave(128 + report.signal if report.signal else 3)
    return report


def _show(cells: pd.DataFrame) -> None:
    numbers = cells.select_dtypes("float").columns
    shown = cells.astype(dict.fromkeys(numbers, object))
    shown[numbers] = cells[numbers].map(lambda v: "–" if v != v else f"{v:.5g}")
    shown["z"] = cells["z"].map(lambda v: "–" if v != v else f"{v:+.2f}")
    shown["relative"] = cells["relative"].map(lambda v: "–" if v != v else f"{100 * v:+.1f} %")
    click.echo(shown.fillna("–").to_string(index=False))


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


def _compare_curves(
    grid: Grid, cells: Cells, jobs: int, output: Path | None, as_json: bool
) -> None:
    from sweep.analysis.ensemble import follow_runs, late
    from sweep.plots.picture import save_picture

    course = follow_runs(grid, cells, jobs)
    found = late(course)
    if as_json:
        print_json(_plain({"grid": grid.name, "runs": len(course.runs), **asdict(found)}))
    else:
        _show_late(found, len(course.runs))
    if output is not None:
        from sweep.plots.runs import course_picture  # matplotlib takes its time

        save_picture(course_picture(grid, course), output)
        warn(f"picture: {output}")


def _show_late(found: Late, runs: int) -> None:
    click.echo(f"mean error from alpha = {found.since:g} on")
    rows = [(f"simulation, {runs} runs", f"{found.simulation:.5f} ± {found.se:.5f}", "")]
    for theory, words in (("finite", "P and V as simulated"), ("infinite", "P = V = inf")):
        error = found.theory[theory]
        apart = f"simulation {100 * (found.simulation / error - 1):+.1f} %"
        rows.append((f"theory, {words}", f"{error:.5f}", apart))
    for name, number, apart in rows:
        click.echo(f"{name:<29}  {number:<17}  {apart}".rstrip())


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _plain(data: Any) -> Any:
    """Python's own types all the way down; what is infinite or missing is null."""
    if isinstance(data, dict):
        return {name: _plain(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_plain(value) for value in data]
    data = getattr(data, "item", lambda: data)()
    return None if data != data or data in (float("inf"), -float("inf")) else data
