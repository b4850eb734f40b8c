"""What pictures say of their own making, within the file."""

from __future__ import annotations

from collections.abc import Mapping

from sweep.grid import Grid
from sweep.plots.own import SOFTWARE
from sweep.store.metadata import describe

About = Mapping[str, str]


def about(grid: Grid) -> dict[str, str]:
    """As the results have it but for the machine, and the name of the grid."""
    model = grid.model
    made = describe(model.name, grid.text, model.version, model.source_text)
    told = {"grid_name": grid.name, **made}
    del told["host"]  # pictures and pages go about
    # Names of files may hold what is no text.
    return {name: text.encode(errors="replace").decode() for name, text in told.items()}


def metadata(suffix: str, told: About) -> dict[str, str | None]:
    """For a file of this kind; without dates, so that the same rows give the same bytes."""
    title, story = told.get("grid_name"), _story(told)
    if suffix == ".png":
        named = {"Software": SOFTWARE, "Title": title, "Description": story}
        return {name: text for name, text in named.items() if text}
    if suffix == ".pdf":
        named = {"Creator": "sweep", "Title": title, "Subject": story}
        return {"CreationDate": None, "ModDate": None, "Producer": None, **named}
    named = {"Creator": "sweep", "Title": title, "Description": story}
    return {"Date": None, **{name: text for name, text in named.items() if text}}


def _story(told: About) -> str | None:
    """Such as "grid fig5, meta-sweep 1.0, commit 2426a78…, model fo-anil 2"."""
    if not told:
        return None
    words = [
        f"grid {told['grid_name']}",
        f"meta-sweep {told['sweep_version']}",
        f"commit {told['git_commit']}" if told["git_commit"] else "",
        f"model {told['model']} {told['model_version']}",
    ]
    return ", ".join(word for word in words if word)
