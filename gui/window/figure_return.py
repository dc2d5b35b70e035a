"""An exported picture that comes back: its page shows again what the picture shows."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import QObject, QTimer

from gui.core.export.files import ExportError
from gui.core.export.metadata import read_metadata
from gui.core.figure.panels import Arranged, remember_panels
from gui.core.screen.services import Context
from gui.core.state.document import DataRef, Files, Selection, reference
from gui.core.state.figure_state import page_of, refs_in, slices_of, with_refs
from gui.core.state.listed import Said
from gui.core.state.session import names_in_short
from gui.core.words.i18n import tr
from gui.frozen import dataclass
from gui.pages.sources.compute.former import FormerReading, Known

# Tables (CSV, NPZ) open as the data they are; who drops a picture wants to see it again.
PICTURES = (".png", ".svg", ".pdf", ".tif", ".html")


@dataclass(frozen=True)
class ReadStates:
    """Look into pictures; the result pairs each path with the state it carries, or None."""

    paths: tuple[str, ...]

    def run(self, progress: Any) -> tuple[tuple[str, Any], ...]:
        """Read the files."""
        return tuple((path, _state_in(path)) for path in self.paths)


def _state_in(path: str) -> Any:
    """Return the state that a picture carries, with how its panels are arranged."""
    try:
        found = read_metadata(path)
    except ExportError:
        return None
    state = found.get("state")
    return {**state, "panels": found.get("panels")} if isinstance(state, dict) else state


class FigureReturn(QObject):
    """Opens files; pictures that carry a state restore it instead, as one step to undo.

    Parameters
    ----------
    context : Context
        The services.
    open_data : callable
        ``open_data(paths)`` opens files as data.
    show_page : callable
        ``show_page(key)`` brings a page to the front.
    cleaned : mapping of str to callable
        By slice, what brings the numbers of a file edited by hand into their ranges.
    offer : callable
        ``offer(words, paths)`` says something of tables read as before; a button reads them anew.
    """

    def __init__(
        self,
        context: Context,
        open_data: Callable[[Sequence[str]], None],
        show_page: Callable[[str], None],
        cleaned: Mapping[str, Callable[[Any], Any]],
        offer: Callable[[str, Sequence[str]], None],
    ) -> None:
        super().__init__()
        self._offer = offer
        self._context = context
        self._open_data = open_data
        self._show_page = show_page
        self._cleaned = cleaned
        self._looked = 0
        self._waiting: tuple[str, Any] | None = None
        self._wanted: frozenset[str] = frozenset()
        context.library.listen(self._when_opened)

    def open_paths(self, paths: Sequence[str]) -> None:
        """Open files: data at once, pictures after a look into them."""
        self._waiting = None  # a file that could not be opened then is not waited for any longer
        pictures = tuple(path for path in paths if Path(path).suffix.lower() in PICTURES)
        if data := [path for path in paths if path not in pictures]:
            self._open_data(data)
        if pictures:
            # A channel of its own: more pictures must not drop those still being read.
            self._looked += 1
            channel = f"figure.return.{self._looked}"
            request = ReadStates(pictures)
            self._context.runner.submit(channel, request, lambda _, found: self._when_read(found))

    def shutdown(self) -> None:
        """Let go of the library."""
        self._context.library.leave(self._when_opened)

    def _when_read(self, found: tuple[tuple[str, Any], ...]) -> None:
        state = self._context.store.state
        known = [(path, saved) for path, saved in found if page_of(saved, state)]
        if data := [path for path, _ in found if path not in dict(known)]:
            self._open_data(data)
        if known:
            self._bring_back(*known[0])

    def _bring_back(self, picture: str, saved: Any) -> None:
        """Restore what ``picture`` shows, once the files it was made from are open."""
        slices, _ = slices_of(saved, self._context.store.state)
        names = sorted({ref.path for slice_ in slices.values() for ref in refs_in(slice_)})
        places = {name: self._place_of(name, picture) for name in names}
        if gone := [name for name, place in places.items() if not place]:
            self._context.notify(
                tr(
                    "{picture} shows {names}, which is not at hand. Open it, then drop the picture "
                    "again.",
                    picture=Path(picture).name,
                    names=names_in_short(gone),
                ),
                "error",
            )
            return
        closed = [place for place in places.values() if self._context.library.get(place) is None]
        if closed:
            self._waiting, self._wanted = (picture, saved), frozenset(closed)
            self._open_data(closed)
        else:
            self._restore(picture, saved, places)

    def _when_opened(self, path: str) -> None:
        if self._waiting is None or path not in self._wanted:
            return
        self._wanted -= {path}
        if not self._wanted:
            # What has just been opened is selected first; this comes after it.
            waiting, self._waiting = self._waiting, None
            QTimer.singleShot(0, self, lambda: self._bring_back(*waiting))

    def _place_of(self, name: str, picture: str) -> str:
        """Return the path of a file by its name: open, beside the picture, or opened before."""
        if name in ("", ".", "..") or re.search(r"[/\\\0]", name):
            return ""  # a picture names files, never a way to them
        files: Files = self._context.store["files"]
        beside = os.path.join(os.path.dirname(os.path.realpath(picture)), name)
        for path in (*(file.path for file in files.items), beside, *self._recent()):
            if os.path.basename(path) == name and (files.find(path) or os.path.isfile(path)):
                return path
        return ""

    def _recent(self) -> list[str]:
        return self._context.settings.recent_files()

    def _restore(
        self,
        picture: str,
        saved: Any,
        places: Mapping[str, str],
        former: Mapping[str, Said] = MappingProxyType({}),
    ) -> None:
        """Restore; ``former`` is how tables were read that a picture from before shows."""
        store, name = self._context.store, Path(picture).name
        slices, lost = slices_of(saved, store.state)
        said = {place: slices["selection"].said_of(name) for name, place in places.items()}
        said |= former
        missing: list[DataRef] = []

        def at_its_place(ref: DataRef) -> DataRef:
            place = places[ref.path]
            found = self._entry_like(replace(ref, path=place), said[place])
            if found is None:
                missing.append(replace(ref, path=place))
            return found or ref

        slices = with_refs(slices, at_its_place)
        # What was said of other tables is not the picture's to change.
        selection: Selection = store["selection"]
        for place, words in said.items():
            selection = replace(selection, tables=selection.with_said(place, words))
        slices["selection"] = replace(slices["selection"], tables=selection.tables)
        if missing and not former and self._is_former(missing[0], saved):
            ref = missing[0]
            self._context.runner.submit(
                "figure.former",
                FormerReading(Known(ref.path, ((ref.entry, ref.shape),))),
                lambda _, found: self._restore(picture, saved, places, {ref.path: found}),
            )
            return
        if missing:
            self._context.notify(
                tr(
                    "{picture} shows {names}, which the open file does not hold any more.",
                    picture=name,
                    names=names_in_short([ref.title for ref in missing]),
                ),
                "error",
            )
            return
        slices = {key: self._cleaned.get(key, _same)(value) for key, value in slices.items()}
        # What other arrays remember is not the picture's to change.
        store.restore(slices, label=tr("figure {name}", name=name), leave=("remembered",))
        if (panels := Arranged.read(saved.get("panels"))) is not None:
            remember_panels(self._context.settings, saved["page"], panels)
            self._context.settings.set_value(f"export/several/{saved['page']}", True)
        self._show_page(saved["page"])
        told = tr("{picture} has brought its settings back. Undo takes them away.", picture=name)
        if lost:
            left = tr("Not restored: {names}.", names=names_in_short(lost))
            told = f"{told} {left}"
        self._context.notify(told, "warning" if lost else "info")
        if any(former.values()):
            words = tr("Its table is read as before; it would have another shape now.")
            self._offer(f"{told}\n{words}", tuple(former))

    def _is_former(self, ref: DataRef, saved: Any) -> bool:
        """Whether a picture says nothing of how the table was read that it shows."""
        files: Files = self._context.store["files"]
        file = files.find(ref.path)
        selection = saved["slices"].get("selection")
        said = isinstance(selection, dict) and "tables" in selection
        return file is not None and file.table and not said

    def _entry_like(self, ref: DataRef, said: Said) -> DataRef | None:
        """Return the same array of the open file, None where it has gone or changed its shape.

        A table that the picture shows read in another way is about to be read so.
        """
        files: Files = self._context.store["files"]
        file = files.find(ref.path)
        entry = file.find(ref.entry) if file is not None else None
        if file is None or entry is None:
            return None
        if said != file.reading:
            file, entry = replace(file, reading=said), replace(entry, shape=ref.shape)
        found = reference(file, entry, ref.index, ref.view)
        same = (found.shape, found.index, found.view) == (ref.shape, ref.index, ref.view)
        return found if same else None


def _same(value: Any) -> Any:
    return value
