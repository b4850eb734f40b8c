"""The page of a grid, and the page of single cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from sweep.analysis.courses import Courses, Ends, courses_of, thin, trajectories
from sweep.analysis.trajectory import Courses as Followed
from sweep.errors import UsageError, Warn
from sweep.grid import Grid
from sweep.models.cells import Cells
from sweep.models.status import ANSWERED, status_codes
from sweep.ode.arrays import Index
from sweep.plots.html import book, content
from sweep.plots.html.document import document
from sweep.plots.html.letters import symbol
from sweep.plots.html.measured import measured, size
from sweep.plots.html.packed import Arrays
from sweep.plots.origin import about
from sweep.plots.places import panels_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from sweep.plots.request import PictureRequest

Wanted = Literal["none", "shown", "all"]
"""Which courses a page has: none; those that are soon followed and take little room; all."""

SOON_S, MOST_COURSES, LONGEST = 60.0, 1000, 700_000
"""What "shown" allows: seconds to follow them again, their number, and the letters they take."""

NOT_COMPUTED = "There are no courses in this page."


@dataclass(frozen=True)
class Drawn:
    """A figure with the rows that it shows, one for every cell of the grid."""

    figure: Figure
    request: PictureRequest
    rows: pd.DataFrame


def page_of_grid(grid: Grid, drawn: Drawn, wanted: Wanted, warn: Warn) -> str:
    """The text of a page that shows a figure of a grid."""
    cells, rows, request = grid.cells(), drawn.rows, drawn.request
    panels = panels_of(drawn.figure)
    place = content.places(cells, request.where, [panel for _, panel in panels])
    shown = np.flatnonzero(place != content.NOWHERE)
    cells, rows, place = cells.take(shown), rows.iloc[shown], place[shown]
    arrays = Arrays()
    header = _header(grid, cells, rows, request.value, arrays)
    arrays.add_codes("place", place)
    arrays.add("drawn", "u1", np.concatenate([panel.status.ravel() for _, panel in panels]))
    header["refined"] = bool(request.levels)
    header["size"] = size(drawn.figure)
    header["panels"] = measured(drawn.figure, panels)
    own = request.value == "status" or request.value in header["numbers"]
    several = len(np.unique(place)) < len(place)
    if several or not own:
        values = [panel.values.ravel() for _, panel in panels]
        arrays.add("value", "f4", np.concatenate(values))
        header["categories"] = panels[0][1].categories
        header["value"] = f"{request.statistic} of " * several + request.value
    header["courses"] = _courses(grid, cells, rows, wanted, arrays, warn)
    title = request.title or f"{grid.name}: {request.value}"
    return document(title, drawn.figure, {"title": title, **header}, arrays, about(grid))


def page_of_cells(grid: Grid, cells: Cells, followed: Followed) -> str:
    """The text of a page that lays the courses of some cells over one another."""
    import pandas as pd

    looks = followed.looks
    rows = pd.DataFrame(
        {
            "status": [look.status.word for look in looks],
            **{
                name: [float(getattr(look.answers, name)[0]) for look in looks]
                for name in content.ALWAYS
            },
            **{
                name: [look.answers.numbers[name][0] for look in looks]
                for name in grid.model.number_columns
            },
            "message": [(look.answers.message or [""])[0] or None for look in looks],
        }
    )
    arrays = Arrays()
    courses = [thin(grid.model, trace) for trace in followed.traces]
    count = len(looks)
    header = _header(grid, cells, rows, "time_to_target", arrays)
    found = Courses(np.arange(count), np.ones(count), courses)
    header["courses"] = {"kinds": book.pack(grid.model, found, arrays)}
    title = f"Cells of {grid.name}" if count > 1 else f"A cell of {grid.name}"
    return document(title, None, {"title": title, **header}, arrays, about(grid))


def _header(
    grid: Grid, cells: Cells, rows: pd.DataFrame, drawn: str, arrays: Arrays
) -> dict[str, Any]:
    """What pages of all kinds have."""
    model = grid.model
    targets = cells.values.get("target_error", ())
    windows = [float(v) for v in cells.values[model.window]]  # type: ignore[arg-type]
    return {
        "grid": grid.name,
        "command": content.command(grid),
        "time": {"name": model.time_name, "symbol": symbol(model.time_symbol)},
        "parameters": content.parameters(grid, cells, arrays),
        "targets": [float(target) for target in targets],  # type: ignore[arg-type]
        "window": model.window,
        "windows": [window if np.isfinite(window) else None for window in windows],
        "numbers": content.outcomes(rows, drawn, [*model.number_columns], arrays),
        "messages": content.messages(rows, arrays),
        "statuses": content.statuses(status_codes(rows["status"])),
    }


def _courses(
    grid: Grid, cells: Cells, rows: pd.DataFrame, wanted: Wanted, arrays: Arrays, warn: Warn
) -> dict[str, Any]:
    """The kinds of courses that the arrays have now; or a note, why they have none."""
    status = status_codes(rows["status"])
    answered = np.flatnonzero(np.isin(status, [*ANSWERED]))
    again = "`sweep plot` embeds them with --courses all"
    if not len(answered):
        return {"note": f"{NOT_COMPUTED} No cell of it has an answer."}
    if wanted == "none":
        return {"note": f"{NOT_COMPUTED} {again}."}
    count, seconds = _expected(grid, cells, rows, answered)
    if wanted == "shown" and (count > MOST_COURSES or seconds > SOON_S):
        note = f"the courses of {count:,} trajectories are left out; {again}"
        warn(note)
        return {"note": f"{NOT_COMPUTED} {again}."}
    if seconds > 1:
        warn(f"following {count:,} trajectories for their courses, about {seconds:.0f} s")
    met, end = (
        rows[name].to_numpy(dtype=np.float64, na_value=np.nan)
        for name in ("time_to_target", "time_final")
    )
    ends = Ends(status, met, end)
    try:
        found = courses_of(grid, cells, ends, answered)
    except UsageError as error:  # a model that shows no course
        warn(f"no courses: {error}")
        return {"note": f"{NOT_COMPUTED} {error}"}
    trial = Arrays()
    kinds = book.pack(grid.model, found, trial)
    if wanted == "shown" and len(trial.text()) > LONGEST:
        trial = Arrays()
        kinds = book.pack(grid.model, found, trial, only=[*grid.model.series][:1])
        warn(f"the courses have the error alone, as the rest would take much room; {again}")
    arrays.extend(trial)
    return {"kinds": kinds}


def _expected(grid: Grid, cells: Cells, rows: pd.DataFrame, answered: Index) -> tuple[int, float]:
    """How many trajectories answer these cells, and what they took."""
    label = trajectories(grid.model, cells)[answered]
    _, first = np.unique(label, return_index=True)
    walls = rows["wall_s"].to_numpy(dtype=np.float64, na_value=0.0)[answered]
    return len(first), float(walls[first].sum())
