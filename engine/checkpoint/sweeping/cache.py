"""Rows that were computed before, in one file: by what a matrix holds, and by where it lies.

A row is safe once `Cache.keep` returns: one transaction each, so that a process that is killed
loses nothing that it announced.

References
----------
SQLite, "Write-Ahead Logging".
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any

import numpy as np

from engine.checkpoint.listing import Matrix
from engine.checkpoint.requests import MatrixRequest, Row, rule_labels
from engine.checkpoint.sweeping.rows import VERSION, Found, empty_row, make_row
from engine.errors import FileError
from engine.files.reading.access import absolute_path
from engine.sentences import as_sentence, say
from engine.spectrum import Spectrum

_LAYOUT = 1
_TABLES = (
    """CREATE TABLE IF NOT EXISTS rows (
        key TEXT PRIMARY KEY, version TEXT, about TEXT, numbers BLOB, errors BLOB
    ) WITHOUT ROWID""",
    """CREATE TABLE IF NOT EXISTS places (
        place TEXT PRIMARY KEY, key TEXT
    ) WITHOUT ROWID""",
)
_ABOUT = ("method", "error_bound", "frobenius", "residual", "guarantee")
_FIGURES = (
    *("parameters", "spectral_norm", "frobenius_norm", "stable_rank", "effective_rank"),
    *("participation_ratio", "numerical_rank", "condition_number", "alpha", "ks_distance"),
    *("tail_size", "snr", "alpha_hat", "method", "error_bound", "seconds"),
)
_BUSY = 5.0  # seconds that another process may take to write


def usual_cache() -> str:
    """Return the file that command and window keep rows in: in the platform's folder for caches.

    Examples
    --------
    >>> os.path.basename(usual_cache())
    'checkpoint-rows.sqlite'
    """
    home = os.path.expanduser("~")
    if sys.platform == "win32":
        folder = os.environ.get("LOCALAPPDATA") or os.path.join(home, "AppData", "Local")
    elif sys.platform == "darwin":
        folder = os.path.join(home, "Library", "Caches")
    else:
        folder = os.environ.get("XDG_CACHE_HOME") or os.path.join(home, ".cache")
    return os.path.join(folder, "rankscope", "checkpoint-rows.sqlite")


class Cache:
    """The rows kept in a file; to be used in one thread, by any number of processes.

    Parameters
    ----------
    path : str or path-like
        Made where it is not there; a damaged one is set aside, with a note.

    Raises
    ------
    FileError
        When no file can be made or written there.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = absolute_path(path)
        self.notes: list[str] = []
        self._stamps: dict[str, str] = {}
        with self._trouble():
            os.makedirs(os.path.dirname(self.path), exist_ok=True)
            try:
                self._file = self._opened()
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                self._set_aside()

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def keys(self) -> frozenset[str]:
        """Return the keys of all rows of this version."""
        with self._mended():
            found = self._file.execute("SELECT key FROM rows WHERE version = ?", (VERSION,))
            return frozenset(key for (key,) in found)
        return frozenset()

    def at_place(self, request: MatrixRequest) -> Row | None:
        """Return the row of a matrix whose files have not changed since it was computed."""
        place = self._place(request.matrix)
        with self._mended():
            found = self._file.execute("SELECT key FROM places WHERE place = ?", (place,))
            key = next((key for (key,) in found), "")
            return self.of_key(key, request) if key else None
        return None

    def of_key(self, key: str, request: MatrixRequest) -> Row | None:
        """Return the row of a matrix of these contents; rules it was not asked for are applied."""
        with self._mended():
            found = self._file.execute(
                "SELECT about, numbers, errors FROM rows WHERE key = ? AND version = ?",
                (key, VERSION),
            ).fetchone()
            return _row(request, key, *found) if found else None
        return None

    def keep(self, request: MatrixRequest, found: Found) -> None:
        """Write a row that was computed, and where its matrix lies; safe once this returns.

        Raises
        ------
        FileError
            When it cannot be written.
        """
        with self._trouble():
            try:
                self._write(request, found)
            except sqlite3.DatabaseError as error:
                if isinstance(error, sqlite3.OperationalError):
                    raise
                self._file.close()
                self._set_aside()
                self._write(request, found)

    def _write(self, request: MatrixRequest, found: Found) -> None:
        key, place = found.row.key, self._place(request.matrix)
        with self._file:
            self._file.execute("BEGIN IMMEDIATE")
            if found.spectrum is not None:
                self._file.execute(
                    "INSERT OR REPLACE INTO rows VALUES (?, ?, ?, ?, ?)",
                    (key, VERSION, *_packed(request, found.row, found.spectrum)),
                )
            self._file.execute("INSERT OR REPLACE INTO places VALUES (?, ?)", (place, key))

    def _place(self, matrix: Matrix) -> str:
        """Return what tells one state of a matrix's files from the next, and the part of them."""
        files = matrix.files or (matrix.path,)
        what = (matrix.entry, matrix.index, matrix.view, matrix.transform, matrix.shape)
        said = repr((*(self._stamp(file) for file in files), *map(str, what)))
        return hashlib.sha256(said.encode()).hexdigest()

    def _stamp(self, file: str) -> str:
        if file not in self._stamps:
            try:
                status = os.stat(file)
                stamp = f"{file} {status.st_size} {status.st_mtime_ns} {status.st_ino}"
            except OSError:
                stamp = ""
            self._stamps[file] = stamp
        return self._stamps[file]

    def _opened(self) -> sqlite3.Connection:
        file = sqlite3.connect(self.path, timeout=_BUSY, isolation_level=None)
        try:
            file.execute("PRAGMA journal_mode = WAL")
            file.execute("PRAGMA synchronous = NORMAL")
            (layout,) = file.execute("PRAGMA user_version").fetchone()
            if layout not in (0, _LAYOUT):
                raise sqlite3.DatabaseError("layout")
            for table in _TABLES:
                file.execute(table)
            file.execute(f"PRAGMA user_version = {_LAYOUT}")
            file.execute("SELECT * FROM rows LIMIT 1").fetchone()
            file.execute("SELECT * FROM places LIMIT 1").fetchone()
        except BaseException:
            file.close()
            raise
        return file

    def _set_aside(self) -> None:
        aside = self.path + ".damaged"
        os.replace(self.path, aside)
        for ending in ("-wal", "-shm"):
            with suppress(OSError):
                os.remove(self.path + ending)
        text = "The cache was damaged: it was set aside as {aside}, a new one is begun."
        self.notes.append(say(text, aside=aside))
        self._file = self._opened()

    @contextmanager
    def _mended(self) -> Iterator[None]:
        """Set the file aside where what is done with it finds it damaged; nothing is found then."""
        try:
            yield
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            self._file.close()
            self._set_aside()

    @contextmanager
    def _trouble(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            reason = as_sentence(getattr(error, "strerror", None) or str(error))
            problem = say("rows cannot be kept there ({reason})", reason=reason)
            hint = say("Name another file for the cache, or do without one.")
            raise FileError(self.path, problem, hint) from error


def _packed(request: MatrixRequest, row: Row, spectrum: Spectrum) -> tuple[str, bytes, bytes]:
    about = {
        "figures": {name: getattr(row, name) for name in _FIGURES},
        "ranks": [
            [list(rule), rank] for rule, rank in zip(request.rules, row.ranks.values(), strict=True)
        ],
        "spectrum": {name: getattr(spectrum, name) for name in _ABOUT},
        "dtype": spectrum.dtype,
        "note": str(spectrum.note),
    }
    errors = b"" if spectrum.errors is None else spectrum.errors.tobytes()
    return json.dumps(about), spectrum.values.tobytes(), errors


def _row(request: MatrixRequest, key: str, about: str, numbers: bytes, errors: bytes) -> Row | None:
    """Return the row that was kept; None where what is there makes no sense."""
    try:
        said: dict[str, Any] = json.loads(about)
        values = np.frombuffer(numbers, np.float64)
        figures = {name: said["figures"][name] for name in _FIGURES}
        ranks = {tuple(rule): int(rank) for rule, rank in said["ranks"]}
        known = [ranks[rule] for rule in request.rules if rule in ranks]
        spectrum = Spectrum(
            values,
            request.matrix.shape,
            said["dtype"],
            complete=True,
            note=said["note"],
            errors=np.frombuffer(errors, np.float64) if errors else None,
            **{name: said["spectrum"][name] for name in _ABOUT},
        )
    except (ValueError, KeyError, TypeError):
        return None
    if values.size != min(request.matrix.shape):
        return None
    if len(known) < len(request.rules):
        made = make_row(request, spectrum, key)
        return replace(made, parameters=figures["parameters"], seconds=figures["seconds"])
    row = empty_row(request.matrix)
    names = rule_labels(request.rules)
    return replace(
        row, **figures, key=key, values=values, ranks=dict(zip(names, known, strict=True))
    )
