"""Faults one by one: every open, write, rename, fsync and allocation of a task fails, by number.

``python -m tests.support.drill.faults`` runs all tasks and prints how many faults each had as one
line of JSON; a task ends with the run in which the numbered fault does not come any more. `make
long` runs the same. A task must end as if nothing had been, or with an error for people; what was
there before is still whole, and nothing is left beside it. Of allocations, of which a drawing has
thousands, every one of the first fifty fails, and then one in ever more.
"""

from __future__ import annotations

import errno
import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np

from engine.errors import RankscopeError
from engine.files import open_matrix_file
from gui.core.export.export import ExportError, export_figure, read_metadata
from gui.core.figure.figure import Figure, Series
from gui.core.state.document import Files, Selection
from gui.core.state.session import from_json, to_json, write_atomically

ALLOCATIONS = ("empty", "zeros", "ones", "full", "empty_like", "frombuffer", "fromfile", "array")
MOST = 100_000
KINDS = ("system", "memory")
FIGURE = Figure(key="a.b", title="a", series=(Series("s", "s", np.arange(9.0), np.arange(9.0)),))


class Faults:
    """Lets the operation of number ``at`` of a kind fail; counts them."""

    def __init__(self, at: int, folder: Path, kind: str) -> None:
        self.at, self.folder, self.kind, self.seen, self.hit = at, folder, kind, 0, ""

    def _due(self, what: str) -> bool:
        self.seen += 1
        if self.seen == self.at:
            self.hit = what
        return self.seen == self.at

    def system(self, what: str, real: Callable, code: int) -> Callable:
        """A call of the system that fails when it is its turn."""

        def called(*args, **named):
            if self._due(what):
                raise OSError(code, os.strerror(code))
            return real(*args, **named)

        return called

    def allocation(self, name: str, real: Callable) -> Callable:
        """A way to set memory aside that fails when it is its turn."""

        def called(*args, **named):
            if self._due(f"numpy.{name}"):
                raise MemoryError
            return real(*args, **named)

        return called

    def opened(self, real: Callable) -> Callable:
        """`open` for the files of the task: opening fails, or a write does."""

        def called(file, mode="r", *args, **named):
            mine = not isinstance(file, int) and str(file).startswith(str(self.folder))
            if mine and self._due(f"open {mode}"):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            stream = real(file, mode, *args, **named)
            wrote = mine and ("w" in mode or "x" in mode)
            return _Failing(stream, self) if wrote else stream

        return called

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Put the faults in place."""
        with ExitStack() as stack:
            if self.kind == "memory":
                for name in ALLOCATIONS:
                    call = self.allocation(name, getattr(np, name))
                    stack.enter_context(patch.object(np, name, call))
                yield
                return
            for name, code in (
                ("replace", errno.EACCES),
                ("link", errno.ENOSPC),
                ("rename", errno.EACCES),
                ("fsync", errno.EIO),
                ("write", errno.ENOSPC),
                ("mkdir", errno.EACCES),
            ):
                call = self.system(name, getattr(os, name), code)
                stack.enter_context(patch.object(os, name, call))
            stack.enter_context(patch("builtins.open", self.opened(open)))
            stack.enter_context(patch.object(io, "open", self.opened(io.open)))
            yield


class _Failing:
    """A file of which a write, flush or close fails when it is its turn."""

    def __init__(self, stream, faults: Faults) -> None:
        self._stream, self._faults = stream, faults

    def write(self, data):
        if self._faults._due("write to a file"):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return self._stream.write(data)

    def __getattr__(self, name):
        return getattr(self._stream, name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stream.close()


def _exporting(kind: str) -> Callable[[Path], Callable[[], None]]:
    def prepare(folder: Path) -> Callable[[], None]:
        path = folder / f"figure.{kind}"
        if not path.exists():
            export_figure(FIGURE, path)

        def task() -> None:
            export_figure(FIGURE, path, overwrite=True)

        return task

    return prepare


def _opening(suffix: str, write: Callable[[Path], None]) -> Callable[[Path], Callable[[], None]]:
    def prepare(folder: Path) -> Callable[[], None]:
        path = folder / f"m{suffix}"
        if not path.exists():
            write(path)

        def task() -> None:
            with open_matrix_file(path) as source:
                for entry in source.entries:
                    found = source.read(entry.name)
                    assert found.shape == (6, 4), found.shape
                    assert float(found[5, 3]) == 23.0

        return task

    return prepare


def _session(folder: Path) -> Callable[[], None]:
    path = folder / "session.json"
    initial = {"files": Files(), "selection": Selection()}
    if not path.exists():
        write_atomically(path, to_json(initial))

    def task() -> None:
        write_atomically(path, to_json(initial))
        assert from_json(path.read_text(), initial) == (initial, ())

    return task


MATRIX = np.arange(24.0).reshape(6, 4)


def _hdf5(path: Path) -> None:
    import h5py

    with h5py.File(path, "w") as file:
        file["m"] = MATRIX


def _safetensors(path: Path) -> None:
    from safetensors.numpy import save_file

    save_file({"m": MATRIX}, path)


def _mat(path: Path) -> None:
    from scipy.io import savemat

    savemat(path, {"m": MATRIX})


def _picture(path: Path) -> None:
    from PIL import Image

    Image.fromarray(MATRIX.astype(np.uint8)).save(path)


TASKS: dict[str, Callable[[Path], Callable[[], None]]] = {
    **{f"export {kind}": _exporting(kind) for kind in ("png", "svg", "pdf", "csv", "npz")},
    "session": _session,
    "open npy": _opening(".npy", lambda path: np.save(path, MATRIX)),
    "open npz": _opening(".npz", lambda path: np.savez(path, m=MATRIX)),
    "open csv": _opening(".csv", lambda path: np.savetxt(path, MATRIX, delimiter=",")),
    "open h5": _opening(".h5", _hdf5),
    "open safetensors": _opening(".safetensors", _safetensors),
    "open mat": _opening(".mat", _mat),
    "open png": _opening(".png", _picture),
}


def faults_of(name: str, kind: str = "system") -> tuple[int, list[str]]:
    """Run a task until no fault comes; return how many there were, and what went wrong."""
    wrong, count, at = [], 0, 1
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        task = TASKS[name](folder)
        task()  # what is imported only once is imported now
        before = sorted(path.name for path in folder.iterdir())
        while at < MOST:
            faults = Faults(at, folder, kind)
            try:
                with faults.at_work():
                    task()
            except (RankscopeError, ExportError):
                pass
            except MemoryError:
                if name.startswith("export"):
                    wrong.append(f"{name} {at} ({faults.hit}): a bare MemoryError")
            except OSError as error:  # the session says it itself (`Autosave`)
                if name != "session":
                    wrong.append(f"{name} {at} ({faults.hit}): {error!r}")
            except Exception as error:
                wrong.append(f"{name} {at} ({faults.hit}): {error!r}")
            after = sorted(path.name for path in folder.iterdir())
            if after != before:
                wrong.append(f"{name} {at} ({faults.hit}): left {set(after) ^ set(before)}")
            try:
                task()
                if name.startswith("export"):
                    read_metadata(folder / before[0])
            except Exception as error:
                wrong.append(f"{name} {at} ({faults.hit}): afterwards {error!r}")
            if not faults.hit:
                return count, wrong
            count += 1
            at += 1 if kind == "system" or at < 50 else at // 8
    return count, [*wrong, f"{name}: no end"]


def main() -> int:
    """Run every task; the exit status says whether anything went wrong."""
    found = {f"{name}, {kind}": faults_of(name, kind) for name in TASKS for kind in KINDS}
    print(json.dumps({name: count for name, (count, _) in found.items()}))
    wrong = [line for _, lines in found.values() for line in lines]
    for line in wrong:
        print(line, file=sys.stderr)
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
