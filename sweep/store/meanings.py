"""The columns that the results of every model have, beside its parameters, and what they hold.

Nothing is imported, so that TAB completion can offer them at once.
"""

from __future__ import annotations

MEANINGS = {
    "cell_id": "the identity: a hash of the model, its version, all parameters and the solver",
    "status": "reached, not_reached (the window is over), diverged or failed",
    "time_to_target": "when the error is first at the target; null unless reached",
    "error_initial": "the error at the start",
    "error_final": "the error where the trajectory ended",
    "time_final": "where the trajectory ended: at the target, or at the end of the window",
    "rhs_evaluations": "how much work the trajectory was that answered the cell",
    "wall_s": "how many seconds it took",
    "message": "why a cell failed or diverged; sometimes a remark",
}
