"""A sweep on real processes: a scheduler, two workers, one of them killed in the middle.

``python -m tests.support.drill.clusters`` (``make cluster-test``) ends with 0 where the rows are
those of this process, bit for bit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.checkpoint import Row, sweep
from engine.checkpoint.sweeping.schedulers import ClusterError
from tests.engine.checkpoint.models import saved, tensors
from tests.engine.checkpoint.test_sweep import RULES, same

_ROOT = Path(__file__).resolve().parents[3]
_PATIENCE = 120.0


@contextmanager
def started(module: str, *words: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command of distributed until the context is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{module}", *words],
        cwd=_ROOT,
        env=os.environ | {"PYTHONPATH": str(_ROOT)},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def address_in(file: Path) -> str:
    """Return the address that a scheduler writes into a file once it listens."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return str(json.loads(file.read_text())["address"])
        except (OSError, ValueError, KeyError):
            if time.monotonic() > deadline:
                raise


def main() -> None:
    """Sweep a model here and there, kill a worker, then the scheduler, and compare."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = saved(folder / "model", tensors(layers=8, width=384))
        truth = sweep(model, rules=RULES, workers=1).rows
        listing = folder / "scheduler.json"
        where = ("--scheduler-file", str(listing))
        here = ("--host", "127.0.0.1")
        one = (*here, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", name)
        with (
            started("dask_scheduler", *where, *here, "--port", "0", "--no-dashboard") as scheduler,
            started("dask_worker", *where, *one) as first,
            started("dask_worker", *where, *one),
        ):
            address = address_in(listing)
            came: list[Row] = []

            def on_row(row: Row) -> None:
                came.append(row)
                if len(came) == 3:
                    first.kill()

            found = sweep(model, rules=RULES, address=address, on_row=on_row)
            assert len(found.rows) == len(truth)
            assert all(map(same, found.rows, truth)), "rows differ"
            print(f"{len(truth)} rows alike, a worker killed after 3: {found.seconds:.1f} s")
            parted = sweep(model, rules=RULES, address=address, split_above=100_000)
            for there, here in zip(parted.rows, truth, strict=True):
                assert abs(there.values - here.values).max() <= there.error_bound + here.error_bound
                assert there.key == here.key
            print(f"{len(truth)} rows alike, shared by blocks: {parted.seconds:.1f} s")
            came.clear()

            def on_another(row: Row) -> None:
                came.append(row)
                if len(came) == 3:
                    scheduler.kill()

            try:
                sweep(
                    *(model, "", "", RULES),
                    address=address,
                    cache=folder / "rows",
                    on_row=on_another,
                )
            except ClusterError as error:
                print(error)
            else:
                assert len(came) == len(truth), "the scheduler's loss was not told"
            again = sweep(model, rules=RULES, cache=folder / "rows")
            assert again.reused >= len(came)
            print(f"{len(came)} rows before the scheduler went, {again.reused} of them kept")


if __name__ == "__main__":
    main()
