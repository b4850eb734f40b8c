"""The outcome of a training: which student unit is aligned with which teacher unit."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize
from matplotlib.patches import Ellipse

from sweep.ode.arrays import Floats
from sweep.plots.style import FAINT, INK, SMALL

RGBA = tuple[float, float, float, float]

# Opposite signs differ in hue for the colour-blind too; the middle is pale, as the lines are thin.
DIVERGING: Colormap = LinearSegmentedColormap.from_list(
    "signs", ["#8c3d04", "#d9842b", "#e8dccb", "#5eb9bd", "#025484"]
)
SIGNS = Normalize(-1.0, 1.0)
FAINTEST = 0.05  # alignments below this are not drawn
WIDEST_LINE = 5.0  # points, at |ρ| = 1
STUDENTS_AT, TEACHERS_AT = 0.22, 0.78
LARGEST_RADIUS = 0.1  # inches


def draw_alignment(
    axes: Axes, rho: Floats, inches: tuple[float, float], colours: Sequence[RGBA]
) -> None:
    """Students at the left, teachers at the right, a line for every cosine rho[k, n].

    inches: the size of the axes, from which the discs become round. colours: of the teachers, as
    in the curves.
    """
    students = _heights(rho.shape[0])
    teachers = _heights(rho.shape[1])
    axes.set(xlim=(0, 1), ylim=(0, 1))
    axes.set_axis_off()
    axes.add_collection(_alignments(rho, students, teachers))
    radius = min(LARGEST_RADIUS, 0.36 * inches[1] / max(rho.shape))
    for k, height in enumerate(students):
        _disc(axes, (STUDENTS_AT, height), radius, inches, k + 1, INK)
    for n, height in enumerate(teachers):
        _disc(axes, (TEACHERS_AT, height), radius, inches, n + 1, colours[n])
    gap = 0.3 / inches[0]
    for at, word in ((STUDENTS_AT - gap, "student"), (TEACHERS_AT + gap, "teacher")):
        axes.text(at, 0.5, word, rotation=90, ha="center", va="center", size=SMALL, color=FAINT)


def _heights(count: int) -> list[float]:
    """Evenly from top to bottom, the first one on top."""
    return [1 - (i + 0.5) / count for i in range(count)]


def _alignments(rho: Floats, students: list[float], teachers: list[float]) -> LineCollection:
    drawn = [(k, n) for k, n in np.ndindex(rho.shape) if abs(rho[k, n]) >= FAINTEST]
    drawn.sort(key=lambda kn: abs(rho[kn]))
    strengths = np.array([rho[kn] for kn in drawn])
    ends = [[(STUDENTS_AT, students[k]), (TEACHERS_AT, teachers[n])] for k, n in drawn]
    return LineCollection(
        ends,
        linewidths=WIDEST_LINE * np.abs(strengths),
        colors=DIVERGING(SIGNS(strengths)),
        capstyle="butt",
        zorder=1,
    )


def _disc(
    axes: Axes,
    centre: tuple[float, float],
    radius: float,
    inches: tuple[float, float],
    number: int,
    edge: RGBA | str,
) -> None:
    size = (2 * radius / inches[0], 2 * radius / inches[1])
    axes.add_patch(
        Ellipse(centre, *size, facecolor="white", edgecolor=edge, linewidth=1.0, zorder=2)
    )
    points = min(SMALL, 72 * radius * 1.2)
    axes.text(*centre, str(number), ha="center", va="center_baseline", size=points, zorder=3)
