"""A scheduler with workers on this machine, for trying: processes that end with this one.

``python -m engine.checkpoint.sweeping.local 2`` serves until its standard input is closed, which a
process that ends, however it ends, does.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from engine.checkpoint.sweeping.schedulers import ClusterError, require_distributed
from engine.checkpoint.sweeping.ways import ONE_THREAD, TICK, count_of_workers
from engine.jobs import Progress, checkpoint
from engine.sentences import as_sentence, say

_ROOT = str(Path(__file__).resolve().parents[3])
_HERE = "127.0.0.1"


class LocalScheduler:
    """A scheduler of `distributed` with workers of one thread each, on this machine alone.

    Parameters
    ----------
    workers : int, optional
        How many; as many as this process may use cores.
    progress : Progress, optional
        Asked whether to stop while it starts.

    Attributes
    ----------
    address : str
        As `sweep` takes it.

    Raises
    ------
    ClusterError
        When `distributed` is not installed, or it does not start.
    ArgumentError
        When ``workers`` is no count.
    Cancelled
        When ``progress`` asks to stop.
    """

    def __init__(self, workers: int | None = None, progress: Progress | None = None) -> None:
        require_distributed()
        command = [sys.executable, "-m", __name__, str(count_of_workers(workers))]
        paths = [_ROOT, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | ONE_THREAD | {"PYTHONPATH": os.pathsep.join(paths)},
        )
        try:
            self.address = self._said(progress)
        except BaseException:
            self.close()
            raise

    def _said(self, progress: Progress | None) -> str:
        lines: SimpleQueue[str] = SimpleQueue()
        stream = self._process.stdout
        assert stream is not None
        threading.Thread(
            target=lambda: lines.put(stream.readline()), name="rankscope-local", daemon=True
        ).start()
        while True:
            checkpoint(progress, 0.0, "Starting workers on this machine")
            with suppress(Empty):
                line = lines.get(timeout=TICK).strip()
                if line.startswith("tcp://"):
                    return line
                reason = as_sentence(line or say("exit code {code}", code=self._process.wait()))
                text = "No scheduler could be started on this machine ({reason})."
                raise ClusterError(say(text, reason=reason))

    @property
    def is_running(self) -> bool:
        """Whether it still serves."""
        return self._process.poll() is None

    def close(self) -> None:
        """End it and its workers; returns at once."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        threading.Thread(target=self._reap, name="rankscope-local-end", daemon=True).start()

    def _reap(self) -> None:
        try:
            self._process.wait(10.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def serve(workers: int) -> None:
    """Say the address of a scheduler with so many workers, and keep it until input is closed."""
    made: Any = require_distributed().LocalCluster
    try:
        cluster = made(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host=_HERE,
            dashboard_address=None,
            silence_logs=50,
        )
    except (OSError, RuntimeError, TimeoutError) as error:
        print(str(error).replace("\n", " ") or type(error).__name__, flush=True)
        return
    with cluster:
        print(cluster.scheduler_address, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    if hasattr(os, "nice"):
        os.nice(5)
    serve(int(sys.argv[1]))
