"""The boundary of a grid as lines over the panels of a heatmap."""

from __future__ import annotations

from sweep.errors import Warn
from sweep.grid import Grid
from sweep.plots.edges import key
from sweep.plots.request import Lines, PictureRequest
from sweep.store.folder import Folder


def lines_over(grid: Grid, folder: Folder, request: PictureRequest, warn: Warn) -> Lines:
    """For every panel its lines; none, and a word, where the boundary is on other axes."""
    from sweep.analysis.boundary import boundary  # scipy takes its time

    on = (request.x, str(request.y))
    points = boundary(grid, folder, warn, on).points
    columns = list(points.columns)
    found_on = columns[columns.index("line") + 1 : columns.index("along")]
    if {*found_on} != {*on}:
        warn(
            f"the boundary is known along {' and '.join(found_on)} alone, so it is not drawn over "
            f"{on[0]} and {on[1]}; `sweep boundary GRID` has it"
        )
        return {}
    for name, kept in request.where.items():
        if name not in on:
            points = points[points[name].map(key).isin([key(value) for value in kept])]
    panels = columns[: columns.index("between")]
    lines: dict[object, list[tuple[list[float], list[float]]]] = {}
    for _, line in points.groupby([*panels, "between", "line"], sort=False):
        keys = tuple(key(line[n].iloc[0]) if n in panels else "" for n in request.panel_axes)
        facet = keys if request.is_matrix else keys[0]
        places = (line[request.x].tolist(), line[str(request.y)].tolist())
        lines.setdefault(facet, []).append(places)
    return lines
