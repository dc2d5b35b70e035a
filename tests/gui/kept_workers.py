"""Worker processes that outlive the program of a test: a second of imports for many tests."""

from __future__ import annotations

from typing import ClassVar

from gui.core.work.worker_process import Worker, WorkerPool

MOST = 2  # idle workers that wait for the next program


class KeptWorkers(WorkerPool):
    """A pool that begins with the idle workers of the pool before, and leaves its own."""

    kept: ClassVar[dict[tuple[str, ...], list[Worker]]] = {}

    def _start(self) -> Worker:
        waiting = self.kept.setdefault(self._preload, [])
        while waiting and not self._closed:
            worker = waiting.pop()
            if worker.answers():
                with self._lock:
                    self._all.add(worker)
                return worker
            worker.end()
        return super()._start()

    def close(self) -> None:
        """Leave the idle workers, and end the busy ones."""
        with self._lock:
            waiting = self.kept.setdefault(self._preload, [])
            while self._idle and len(waiting) < MOST:
                worker = self._idle.pop()
                self._all.discard(worker)
                waiting.append(worker)
        super().close()

    @classmethod
    def end_all(cls) -> None:
        """End the workers that nobody took."""
        for worker in [one for waiting in cls.kept.values() for one in waiting]:
            worker.end()
        cls.kept.clear()
