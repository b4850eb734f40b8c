"""The plans of a run, one after the other: one of a plain grid, of a refined one a plan a batch.

What a refined grid wants next is decided by its saved rows alone. So a run that was stopped, in
whatever way, goes on with what it would have done.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from sweep.errors import Warn
from sweep.grid import Grid, Shard
from sweep.grid.refinement.panels import Refined
from sweep.runner.decided import Decided
from sweep.runner.plan import Plan, make_plan
from sweep.runner.reuse import Reuse
from sweep.store.folder import Folder
from sweep.store.known import Known, known
from sweep.store.refined import Answers
from sweep.store.timings import timings


class Rounds:
    """Iterates over plans; each must be computed before the next is asked for.

    Of a refined grid each is of the cells that the search waits for then.

    again: identities of cells to be run once although they have rows. others: what they have of a
    plan is copied before it is computed. complete: whether all was computed that this run was asked
    for. heading: which part of a refined grid the last plan is.
    """

    def __init__(
        self,
        grid: Grid,
        folder: Folder,
        shard: Shard | None,
        warn: Warn,
        again: pa.Array | None = None,
        others: Sequence[Reuse | Decided] = (),
    ) -> None:
        self._grid, self._folder, self._shard, self._warn = grid, folder, shard, warn
        self._again, self._others = again, others
        self._refined = None if grid.refine is None else Refined(grid)
        self._stopped = self._copied = False
        self.complete = False
        self.heading = ""

    def __iter__(self) -> Iterator[Plan]:
        if self._refined is None:
            saved = known(self._folder, self._warn)
            yield self._plan(self._grid, self._without_again(saved))
            self.complete = not self._stopped
        else:
            yield from self._batches(self._refined)

    def break_off(self) -> None:
        """The last plan was not computed to its end; there is none after it."""
        self._stopped = True

    def now(self) -> Plan:
        """Where the whole grid is, with what others have saved since.

        Cells that are still to be run again count as missing.
        """
        grid = self._grid
        if self._refined is not None:
            self._refined.go_on(Answers(grid, self._folder, self._warn, self._again))
            grid = self._refined.all_wanted()
        return make_plan(grid, self._without_again(known(self._folder, self._warn)))

    def _plan(self, grid: Grid, saved: Known) -> Plan:
        times = timings(self._grid.model, self._folder)
        plan = make_plan(grid, saved, shard=self._shard, timings=times)
        self._copied = False
        for source in self._others:
            while (copied := source.take(plan)) is not None:
                self._copied = True
                if self._again is not None:
                    done = pc.is_in(self._again, value_set=copied)
                    self._again = self._again.filter(pc.invert(done))
                saved = self._without_again(known(self._folder, self._warn))
                plan = make_plan(grid, saved, shard=self._shard, timings=times)
        if self._again is not None:
            done = pc.is_in(self._again, value_set=plan.ids.take(pa.array(plan.todo)))
            self._again = self._again.filter(pc.invert(done))
        return plan

    def _without_again(self, saved: Known) -> Known:
        """What is known, as if there were no rows of the cells to be run again."""
        if self._again is None:
            return saved
        kept = pc.invert(pc.is_in(saved.ids, value_set=self._again))
        return Known(saved.ids.filter(kept), saved.status[kept.to_numpy(zero_copy_only=False)])

    def _batches(self, refined: Refined) -> Iterator[Plan]:
        while not self._stopped:
            answers = Answers(self._grid, self._folder, self._warn, self._again)
            refined.go_on(answers)
            plan = self._plan(refined.pending(), answers.known)
            self.heading = heading(refined)
            yield plan
            if self._stopped or not (len(plan) or self._copied):
                break
        self.complete = refined.finished and not self._stopped
        if not (self.complete or self._stopped):
            self._warn(
                f"{self.heading}: waits for cells that are other shards' part; run it again when "
                "they are done"
            )


def heading(refined: Refined) -> str:
    """Where a search is."""
    if refined.finished:
        return "all levels"
    searches = [panel.search for panel in refined.panels if not panel.search.finished]
    if not searches:
        return "crossings"
    if all(search.probing for search in searches):
        return "probes"
    return f"level {refined.level} of {refined.settings.levels}"
