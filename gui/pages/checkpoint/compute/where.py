"""Where a sweep is computed: here, or by the workers of a scheduler that a person names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gui.frozen import dataclass

if TYPE_CHECKING:
    from engine.checkpoint.sweeping.local import LocalScheduler
    from engine.jobs import Progress


@dataclass(frozen=True)
class StartLocal:
    """Start a scheduler with workers on this machine, to try what one elsewhere would do."""

    workers: int

    @property
    def cost(self) -> float:
        """That of a short one: it waits in a thread for processes of its own."""
        return 0.2

    def run(self, progress: Progress | None = None) -> LocalScheduler:
        """Return it, running.

        Raises
        ------
        engine.errors.RankscopeError
            When it does not start.
        """
        from engine.checkpoint.sweeping.local import LocalScheduler

        return LocalScheduler(self.workers, progress)
