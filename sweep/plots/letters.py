"""Letters for names that are too long for an axis, and the key that says what they stand for."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.patches import Patch

from sweep.plots.edges import Key, Scale
from sweep.plots.keys import Entries
from sweep.plots.ticks import lettered, longest_label, words

LONGEST_WORD = 80  # letters of a name in the key


def key_to(scale: Scale, called: str, inches: float, *, upright: bool) -> Entries:
    """What the letters along an axis of that length stand for; nothing where names fit."""
    if scale.spacing != "category":
        return [], []
    return key_of(scale.keys, called, longest_label(scale, inches, upright=upright))


def key_of(keys: Sequence[Key], called: str, longest: int) -> Entries:
    """What the letters stand for, if there are any; called: the axis."""
    labels = lettered(keys, longest)
    names = [words(k, LONGEST_WORD) for k in keys]
    if labels == names:
        return [], []
    entries = [f"{called} {label} = {name}" for label, name in zip(labels, names, strict=True)]
    return [Patch(visible=False) for _ in entries], entries
