"""What every file becomes: a list of arrays with shapes, and a way to read one of them."""

from __future__ import annotations

import hashlib
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import Any

import numpy as np

from engine.errors import ArgumentError, FileError
from engine.files.reading.access import Fingerprint, file_errors, require_unchanged
from engine.files.reading.arrays import Array, is_sparse, lock
from engine.files.reading.entries import Entry
from engine.files.reading.kept import KeptArray
from engine.files.reading.selection import (
    Plan,
    Selection,
    kernel_axes,
    plan_reading,
    suggested_view,
    view_names,
)
from engine.jobs import Progress, checkpoint
from engine.sentences import as_sentence, say

__all__ = ["Array", "Entry", "Format", "MatrixSource", "Selection"]

_HASH_BLOCK = 1 << 20


def unsaid(path: str, progress: Progress | None = None) -> MatrixSource:
    """Stand where a format has ``read``, or arrays came from elsewhere."""
    raise NotImplementedError(path)


def by_ending(head: bytes) -> bool:
    """Stand where the first bytes of a file do not tell its format."""
    return False


@dataclass(frozen=True)
class Format:
    """One file format: all that menus, dialogs and `open_matrix_file` know about it.

    The short form is ``Format(key=, title=, suffixes=, read=)``.  One of ``open`` and ``read`` is
    given.

    Attributes
    ----------
    key : str
        Short name, lower case.
    title : str
        Name for a file dialog.
    suffixes : tuple of str
        File name endings with their dot, lower case.
    open : callable, optional
        ``open(path, progress)`` with an absolute path returns the `MatrixSource`; one of tables
        takes a `TableReading` as ``reading``, too.
    matches : callable
        ``matches(head)`` tells from the first bytes of a file whether it is this format.
    tables : bool
        Whether it holds tables, which a person may want read in another way.
    foreign : bool
        Whether compiled code of others parses it: `open_apart` has that done in another process.
    read : callable, optional
        ``read(path)`` returns ``{name: array}``, read at once when the file is opened.
    sample : bytes
        A file with 0 to 11 as 3 x 4 in it, for `rankscope test-plugin`; the program's own formats
        have theirs among the tests.
    plugin : str
        Distribution and version that it comes from; "" for the program's own.
    """

    key: str
    title: str
    suffixes: tuple[str, ...]
    open: Callable[..., MatrixSource] = unsaid
    matches: Callable[[bytes], bool] = by_ending
    tables: bool = False
    foreign: bool = False
    read: Callable[[str], Mapping[str, Any]] | None = None
    sample: bytes = field(default=b"", repr=False)
    plugin: str = ""


class MatrixSource(ABC):
    """Arrays that can be listed at once and read one by one, from any thread.

    Parameters
    ----------
    path : str
        Absolute path, or a name in angle brackets where there is no file.
    format : Format
        The record that opened it.
    entries : tuple of Entry
        The arrays, in the order of the file.
    known : Fingerprint or None
        State of the file when it was opened; None where there is no file.
    notes : tuple of str
        What was skipped or assumed while opening, in sentences.
    """

    def __init__(
        self,
        path: str,
        format: Format,
        entries: tuple[Entry, ...],
        known: Fingerprint | None,
        notes: tuple[str, ...] = (),
    ) -> None:
        self.path = path
        self.format = format
        self.entries = tuple(map(_offered, entries))
        self.notes = notes
        self._known = known
        self._by_name = {entry.name: entry for entry in self.entries}
        self._stored = {entry.name: entry for entry in entries}
        self._lock = threading.Lock()
        self._sha256 = ""
        self._closed = False
        # What is unpacked, joined or parsed as a whole, once for all of its parts.
        self._kept = KeptArray()

    def __enter__(self) -> MatrixSource:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        # In another process the file is opened again; one that has changed is refused there.
        return _open_again, (self.format.open, self.path, self._known)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path!r}: {len(self.entries)} entries>"

    def entry(self, name: str) -> Entry:
        """Return the entry of that name.

        Raises
        ------
        ArgumentError
            When there is none; the message lists those there are.

        Examples
        --------
        >>> from engine.files import example_source
        >>> example_source().entry("Hilbert 32").shape
        (32, 32)
        """
        try:
            return self._by_name[name]
        except KeyError:
            names = [entry.name for entry in self.entries]
            more = say(" and {count} more", count=len(names) - 8) if len(names) > 8 else ""
            raise ArgumentError(
                "name", name, say("one of {names}{more}", names=names[:8], more=more)
            ) from None

    def read(
        self,
        name: str,
        rows: int | slice | None = None,
        cols: int | slice | None = None,
        index: tuple[int, ...] | None = None,
        progress: Progress | None = None,
        view: str | None = None,
    ) -> Any:
        """Read one array, or a part of it.

        Parameters
        ----------
        name : str
            Name of an entry.
        rows, cols : int or slice, optional
            Part of the last two axes; an int drops its axis. A vector has rows only.
        index : tuple of int, optional
            For an array of n > 2 axes: n - 2 positions that choose one matrix of it.
        progress : Progress, optional
            Told how far the reading is; asked whether to stop.
        view : str, optional
            One of the entry's ``views``. ``axes (i, j)`` is the matrix along these two axes, the
            others standing at ``index`` (0 without one); ``unfolded (out, ...)`` has a row for
            every output of a kernel. Rows and columns are those of the view.

        Returns
        -------
        ndarray or sparse array
            Read-only, of the entry's dtype. Large .npy data stay on disk until they are used. Of a
            sparse entry it is a SciPy csr_array or csc_array; a single row or column of it is
            an ndarray.

        Raises
        ------
        ArgumentError
            When the name, rows, cols or index do not fit the source.
        FileError
            When the entry cannot be read, or the file changed since it was opened.
        Cancelled
            When ``progress`` asks to stop.

        Examples
        --------
        >>> from engine.files import example_source
        >>> example_source().read("Hilbert 32", rows=0, cols=slice(0, 2))
        array([1. , 0.5])
        """
        entry = self.entry(name)
        plan = self._plan(entry, rows, cols, index, view)
        self._check()
        if not entry.readable:
            raise FileError(
                self.path,
                say("'{name}' cannot be read: {note}", name=name, note=as_sentence(entry.note)),
            )
        checkpoint(progress, 0.0, "Reading {name}", name=name)
        with file_errors(self.path):
            part = self._take(self._stored[name], plan.selection, progress)
            if not is_sparse(part):
                part = np.asarray(part)
            if plan.arrange is not None:
                part = plan.arrange(part)
        # Data that were overwritten while they were read must not pass for either version.
        self._check()
        return lock(part)

    def factors(
        self, name: str, index: tuple[int, ...] | None = None, progress: Progress | None = None
    ) -> tuple[Array, Array] | None:
        """Return the factors of an entry that is a product, so that it need not be formed.

        Parameters
        ----------
        name : str
            Name of an entry.
        index : tuple of int, optional
            For a stack of products: which one; all of them without it.

        Returns
        -------
        tuple of ndarray or None
            float64 of shapes (m, r) and (r, n), read-only: their product is what `read` gives.
            None for every other entry.

        Raises
        ------
        ArgumentError
            When there is no such entry.
        FileError
            When they cannot be read.

        Examples
        --------
        >>> from engine.files import example_source
        >>> example_source().factors("Hilbert 32") is None
        True
        """
        self.entry(name)
        self._check()
        return None

    def files(self, name: str) -> tuple[str, ...]:
        """Return the files that the numbers of an entry lie in.

        Raises
        ------
        ArgumentError
            When there is no such entry.

        Examples
        --------
        >>> from engine.files import example_source
        >>> example_source().files("Hilbert 32")
        ('<examples>',)
        """
        self.entry(name)
        return (self.path,)

    def link(self, name: str) -> tuple[str, str] | None:
        """Return the file that an entry links to and the place in it; None for other entries.

        Nothing of that file is looked at; `engine.files.follow_link` opens it.

        Raises
        ------
        ArgumentError
            When there is no such entry.

        Examples
        --------
        >>> from engine.files import example_source
        >>> example_source().link("Hilbert 32") is None
        True
        """
        self.entry(name)
        return None

    def sha256(self, progress: Progress | None = None) -> str:
        """Return the SHA-256 of the file as hexadecimal text; computed once.

        Raises
        ------
        FileError
            When the file cannot be read or changed since it was opened.
        Cancelled
            When ``progress`` asks to stop.

        Examples
        --------
        >>> from engine.files import example_source
        >>> len(example_source().sha256())
        64
        """
        self._check()
        if not self._sha256:
            digest = self._digest(progress)
            self._check()
            self._sha256 = digest
        return self._sha256

    def close(self) -> None:
        """Let go of cached data; arrays already read stay valid. May be called twice.

        Examples
        --------
        >>> from engine.files import example_source
        >>> example_source().close()
        """
        self._closed = True
        self._kept.clear()

    def _plan(
        self,
        entry: Entry,
        rows: int | slice | None,
        cols: int | slice | None,
        index: tuple[int, ...] | None,
        view: str | None,
    ) -> Plan:
        shape = self._stored[entry.name].shape
        axes = kernel_axes(shape) if entry.shape != shape else None
        return plan_reading(shape, rows, cols, index, view, entry.views, axes)

    @abstractmethod
    def _take(self, entry: Entry, selection: Selection, progress: Progress | None) -> Any:
        """Return the selected part of a readable entry; called by several threads at once."""

    def _digest(self, progress: Progress | None) -> str:
        digest = hashlib.sha256()
        size = max(1, self._known.size if self._known else 1)
        with file_errors(self.path), open(self.path, "rb") as stream:
            while block := stream.read(_HASH_BLOCK):
                digest.update(block)
                checkpoint(progress, min(1.0, stream.tell() / size), "Fingerprinting the file")
        return digest.hexdigest()

    def _check(self) -> None:
        if self._closed:
            raise FileError(self.path, "this file was closed", "Open it again.")
        if self._known is not None:
            require_unchanged(self.path, self._known)


def _offered(entry: Entry) -> Entry:
    """Return an entry with its views; a kernel of one pixel is the matrix that it is."""
    if not entry.readable or len(entry.shape) < 3:
        return entry
    entry = replace(
        entry,
        views=view_names(entry.name, entry.shape),
        axes=entry.shape,
        view=suggested_view(entry.name, entry.shape),
    )
    axes = kernel_axes(entry.shape)
    if axes is None:
        return entry
    note = say("A kernel of one pixel, shape {shape}: read as a matrix.", shape=entry.shape)
    shape = entry.shape[axes[0]], entry.shape[axes[1]]
    return replace(entry, shape=shape).noting(note)


def _open_again(
    open_: Callable[[str, Progress | None], MatrixSource], path: str, known: Fingerprint | None
) -> MatrixSource:
    if known is not None:
        require_unchanged(path, known)
    return open_(path, None)
