"""The one index, and what keeps it up to date off the window's thread. No Qt."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import field
from typing import Any

from engine.search import Document, Index
from gui.core.state.document import EXAMPLES_PATH, entry_title
from gui.core.state.listed import EntryInfo, OpenFile
from gui.core.state.own_notes import OwnNote
from gui.core.words.i18n import in_every_language, tr
from gui.core.words.names import shown_name
from gui.core.words.readable import readable_name
from gui.frozen import dataclass
from gui.window.findable import each_own_document, in_small

# Documents added in one go: the window waits for a millisecond or two when it asks meanwhile.
AT_ONCE = 40
# In place of a path: what the program itself has to be found, and what a person wrote.
OWN, NOTES = "", "notes"


class Shelf:
    """The index and what of it comes from where.

    Attributes
    ----------
    held : dict of str to set of str
        The keys of the documents of each file by its path, those of the program under ``OWN``.
    done : dict of str
        What a path was filed from, as far as all of it is there.
    remarks : dict of str to str
        What stands beside the name of an array: its file, shape and type.
    """

    def __init__(self) -> None:
        self._index = Index()
        self._lock = threading.Lock()
        self._free = threading.Event()
        self._free.set()
        self.held: dict[str, set[str]] = {}
        self.done: dict[str, Any] = {}
        self.remarks: dict[str, str] = {}

    @contextmanager
    def asking(self) -> Iterator[Index]:
        """Have the index for the window: who files waits."""
        self._free.clear()
        try:
            with self._lock:
                yield self._index
        finally:
            self._free.set()

    @contextmanager
    def filing(self) -> Iterator[Index]:
        """Have the index to change it, while the window does not ask."""
        self._free.wait()
        with self._lock:
            yield self._index


@dataclass(frozen=True, eq=False)
class FileAway:
    """Brings a shelf up to date with the open files and the language; only what differs changes.

    It may be stopped at any time: the next one goes on from there.
    """

    shelf: Shelf
    files: tuple[OpenFile, ...]
    notes: tuple[OwnNote, ...]
    language: str
    cost: float = field(default=0.0, init=False)

    @property
    def wanted(self) -> dict[str, Any]:
        """What each path is filed from."""
        wanted: dict[str, Any] = {OWN: self.language, NOTES: (self.notes, self.language)}
        for file in self.files:
            speech = self.language if file.path == EXAMPLES_PATH else ""
            wanted[file.path] = (file.title, file.entries, speech)
        return wanted

    @property
    def is_due(self) -> bool:
        """Whether anything differs."""
        done, wanted = self.shelf.done, self.wanted
        return done.keys() != wanted.keys() or any(done[path] != wanted[path] for path in wanted)

    def run(self, progress: Any = None) -> None:
        """File what is new and take away what is gone."""
        shelf, wanted = self.shelf, self.wanted
        files = {file.path: file for file in self.files}
        gone = [path for path in shelf.done if path not in wanted]
        for path in [OWN, NOTES, *files, *gone]:
            if path in wanted and shelf.done.get(path) == wanted[path]:
                continue
            shelf.done.pop(path, None)
            documents = []
            for one in self._documents(path, files):
                if progress is not None and progress.cancelled:
                    return
                documents.append(one)
            if not self._exchange(path, documents, progress):
                return
            if path in wanted:
                shelf.done[path] = wanted[path]
            else:
                del shelf.held[path]

    def _documents(self, path: str, files: dict[str, OpenFile]) -> Iterator[tuple[Document, str]]:
        """Yield the documents of a path, each with what stands beside its name."""
        if path == OWN:
            yield from ((document, "") for document in each_own_document())
        elif path == NOTES:
            yield from _notes(self.notes)
        elif path in files:
            yield from _arrays(files[path])

    def _exchange(self, path: str, filed: Sequence[tuple[Document, str]], progress: Any) -> bool:
        """Have exactly these documents under ``path``; return whether all of it was done."""
        shelf = self.shelf
        held = shelf.held.setdefault(path, set())
        said = dict(filed)
        new = {document.key for document in said}
        for keys in _batches(sorted(held - new)):
            if progress is not None and progress.cancelled:
                return False
            with shelf.filing() as index:
                for key in keys:
                    index.remove(key)
                    held.discard(key)
                    shelf.remarks.pop(key, None)
        for documents in _batches(list(said)):
            if progress is not None and progress.cancelled:
                return False
            with shelf.filing() as index:
                for document in documents:
                    if document.key not in index or index[document.key] != document:
                        index.add(document)
                    held.add(document.key)
                    if said[document]:
                        shelf.remarks[document.key] = said[document]
        return True


def array_key(path: str, name: str) -> str:
    """Return the key of an array of an open file; of an example it has no path.

    Examples
    --------
    >>> array_key(EXAMPLES_PATH, "Hilbert 32"), array_of("example/Hilbert 32")
    ('example/Hilbert 32', ('rankscope:examples', 'Hilbert 32'))
    """
    return f"example/{name}" if path == EXAMPLES_PATH else f"array/{path}\0{name}"


def array_of(key: str) -> tuple[str, str]:
    """Return the path and the name of the array that a key stands for."""
    kind, _, rest = key.partition("/")
    if kind == "example":
        return EXAMPLES_PATH, rest
    path, _, name = rest.partition("\0")
    return path, name


def _arrays(file: OpenFile) -> Iterator[tuple[Document, str]]:
    own = file.path == EXAMPLES_PATH
    kind = "example" if own else "array"
    title = tr("Examples") if own else readable_name(file.title)
    for entry in file.entries:
        if not entry.readable:
            continue
        called, *twins = in_every_language(entry.name) if own else (readable_name(entry.name),)
        words = " / ".join((*twins, *in_every_language("Examples"))) if own else title
        yield (
            in_small(Document(array_key(file.path, entry.name), kind, called, "", words)),
            _remark(title, entry),
        )


def note_key(path: str, entry: str) -> str:
    """Return the key of what a person wrote of an array, or of a file."""
    return f"own/{path}\0{entry}"


def _notes(notes: Iterable[OwnNote]) -> Iterator[tuple[Document, str]]:
    for one in notes:
        name = entry_title(one.path, one.entry) if one.entry else shown_name(one.path)
        title = tr("Note: {name}", name=name)
        yield in_small(Document(note_key(one.path, one.entry), "own", title, one.text)), ""


def _remark(title: str, entry: EntryInfo) -> str:
    return "   ".join((title, " × ".join(map(str, entry.shape)), entry.dtype))


def _batches(things: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (things[at : at + AT_ONCE] for at in range(0, len(things), AT_ONCE))
