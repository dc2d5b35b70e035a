"""The Sources dock: opens files, keeps the tree and the selection in step with the store."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from typing import Any

from gui.core.declare.command import Entry
from gui.core.declare.moment import Moment
from gui.core.declare.page import Page
from gui.core.screen.plain_screen import PlainScreen
from gui.core.screen.services import Context
from gui.core.state.document import (
    EXAMPLES_PATH,
    DataRef,
    Files,
    Repair,
    Selection,
    TableSaid,
    reference,
)
from gui.core.state.figure_state import refs_in, with_refs
from gui.core.state.listed import EntryInfo, OpenFile, Said
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.sources.compute.former import Known, known_of
from gui.pages.sources.compute.opening import (
    OpenedFile,
    OpenRequest,
    example_file,
    first_reference,
    has_entry,
    same_entry,
)
from gui.pages.sources.screen.asking import Asking
from gui.pages.sources.screen.former import Former
from gui.pages.sources.screen.links import Links
from gui.pages.sources.screen.missing import Counting
from gui.pages.sources.screen.tree import SourcesView
from gui.pages.sources.screen.unopened import OPEN, REOPEN, Unopened
from gui.pages.sources.show.words import problem_text, shape_text


class Screen(PlainScreen):
    """The page object of the Sources dock: a tree, no plots."""

    widget: SourcesView
    controls = None

    def __init__(self, page: Page, context: Context) -> None:
        self._context = context
        self._opened = 0
        self._reading: dict[str, Said] = {}  # as what tables are being read that undo has changed
        self.widget = SourcesView()
        self.widget.entry_chosen.connect(self.choose)
        self.widget.view_chosen.connect(self._choose_view)
        self.widget.close_requested.connect(self.close_file)
        self.widget.reading_requested.connect(self.ask_reading)
        self.asking = Asking(context, self.widget, self.reload)
        self.former = Former(context.settings, context.offer, self.reload)
        self.unopened = Unopened(self.widget, context, self.open_paths, self.reopen)
        self.links = Links(context, self._add, self.choose)
        self._ensure_examples()
        self._counting = Counting(context, self._show_flaws)
        self.widget.missing_chosen.connect(self._choose_repair)
        super().__init__(page, context)
        self.widget.search_edited.connect(partial(self.conductor.edit, "search"))
        self.widget.order_chosen.connect(self._show_files)
        context.finds.changed.connect(self._show_files)
        self.conductor.update()

    def _ensure_examples(self) -> None:
        store, library = self._context.store, self._context.library
        if library.get(EXAMPLES_PATH) is not None:
            return
        examples = example_file()
        assert examples.file is not None
        library.add(EXAMPLES_PATH, examples.source)
        items = tuple(f for f in store["files"].items if f.path != EXAMPLES_PATH)
        slices = self._as_opened((examples.file,), self._selection())
        store.restore({**slices, "files": Files((*items, examples.file))}, label=tr("Examples"))
        store.forget_history()

    def _as_opened(self, files: Iterable[OpenFile], selection: Selection) -> dict[str, Any]:
        """Return the slices but "files" with every array of ``files`` as it has been opened.

        What a session or a picture says of an array need not be so any more.
        """
        slices: dict[str, Any] = {**self._context.store.state, "selection": selection}
        del slices["files"]
        for file in files:
            slices = with_refs(slices, partial(same_entry, file))
            selection = slices["selection"]
            active = selection.active
            if active is not None and active.path == file.path and not has_entry(file, active):
                slices["selection"] = replace(selection, active=first_reference(file))
        return slices

    def open_paths(self, paths: Iterable[str]) -> None:
        """Open files in the background; the first that opens becomes the selection."""
        wanted = tuple(os.path.abspath(path) for path in paths)
        if not wanted:
            return
        # A channel of its own: opening more files must not drop those still being read.
        self._opened += 1
        self._context.runner.submit(
            f"{OPEN}{self._opened}",
            OpenRequest(wanted, self._selection().tables, known=self.former.known()),
            self._add,
            self._when_failed,
            title=tr("Opening {name}", name=os.path.basename(wanted[0])),
        )

    def reopen(self, paths: Iterable[str]) -> None:
        """Open again the files of a restored session, without touching what is selected."""
        wanted = tuple(paths)
        if wanted:
            self._context.runner.submit(
                REOPEN,
                OpenRequest(wanted, self._selection().tables, known=self._known(wanted)),
                self._replace_reopened,
                self._when_failed,
                title=tr("Opening {name}", name=os.path.basename(wanted[0])),
            )

    def _replace_reopened(self, request: OpenRequest, results: tuple[OpenedFile, ...]) -> None:
        """Keep what opened; a file that has gone leaves the tree, with a sentence."""
        context = self._context
        opened = {r.path: r.file for r in results if r.file is not None}
        gone = {r.path for r in results if r.file is None}
        for file, source in ((r.file, r.source) for r in results if r.file is not None):
            context.library.put(file.path, source, file.reading)
        items = tuple(
            opened.get(file.path, file)
            for file in context.store["files"].items
            if file.path not in gone
        )
        selection = replace(self._selection(), **self._remembered(results))
        slices = self._as_opened(opened.values(), selection)
        context.store.restore({**slices, "files": Files(items)}, label=tr("session"))
        if any(one.found for one in results):  # the state says what it meant before: no step
            context.store.forget_history()
        for path in opened:
            context.library.tell(path)
        self._say(results, "warning")

    def _known(self, paths: Iterable[str]) -> tuple[Known, ...]:
        files = (self._files().find(path) for path in paths)
        return tuple(known_of(file) for file in files if file is not None)

    def _remembered(self, results: tuple[OpenedFile, ...]) -> dict[str, Any]:
        """Return the change of the selection that says how each table has been read."""
        selection = self._selection()
        for file in (one.file for one in results if one.file is not None):
            if file.reading != selection.said_of(file.path):
                tables = selection.with_said(file.path, file.reading)
                selection = replace(selection, tables=tables)
        return {"tables": selection.tables}

    def _say(self, results: tuple[OpenedFile, ...], severity: str) -> None:
        """Say what is not opened, what is not read as was said, and what is asked first."""
        if problems := [one.refusal for one in results if one.refusal]:
            self._context.notify(problem_text(problems), severity)
        words = tr("{name} is read as found; what was said of it before does not fit: {reason}")
        unfit = [(os.path.basename(one.path), one.unfit) for one in results if one.unfit]
        if said := [words.format(name=name, reason=reason) for name, reason in unfit]:
            self._context.notify(problem_text(said), "warning")
        self.former.tell(results)
        self.unopened.ask(results)

    def select_first(self, path: str) -> None:
        """Select the first readable array of an open file; the start, hence no undo step."""
        file = self._files().find(path)
        first = first_reference(file) if file else None
        if first is not None:
            self._context.store.replace("selection", label=tr("start"), active=first)
            self._context.store.forget_history()

    def _add(self, request: OpenRequest, results: tuple[OpenedFile, ...]) -> None:
        context = self._context
        new = [result.file for result in results if result.file is not None]
        for result in results:
            if result.file is not None:
                if (former := context.library.remove(result.path)) is not None:
                    former.close()
                context.library.add(result.path, result.source, result.file.reading)
                context.settings.add_recent(result.path)
        if new:
            paths = {file.path for file in new}
            kept = [file for file in context.store["files"].items if file.path not in paths]
            selection = self._remembered(results)
            active = next((r for r in map(first_reference, new) if r is not None), None)
            if active is not None:
                selection |= {"active": active}
            changes = {"files": {"items": tuple(new + kept)}, "selection": selection}
            context.store.replace_many(changes, label=tr("open {name}", name=new[0].title))
        self._say(results, "error")
        self.asking.ask_if_doubtful(results)

    def ask_reading(self, path: str) -> None:
        """Show how a table is read, and read it as a person decides."""
        file = self._files().find(path)
        if file is not None and file.table:
            self.asking.ask(file)

    def reload(self, path: str, said: Said | None = None) -> None:
        """Read an open file again; what is set stays, and its old numbers where it is broken.

        A table is read as it is ``said``, one step of undo; None: as before.
        """
        name = os.path.basename(path)
        if said is None:
            self._read(path, self._selection().said_of(path), tr("read {name} again", name=name))
        else:
            self._read(path, said, tr("how {name} is read", name=name))

    def _read(self, path: str, said: Said, label: str) -> None:
        self._context.runner.submit(
            f"sources.reload.{path}",
            OpenRequest((path,), (TableSaid(path, said),), strict=True),
            lambda _, results: self._replace_changed(results[0], said, label),
            self._when_failed,
            title=tr("Opening {name}", name=os.path.basename(path)),
        )

    def _replace_changed(self, found: OpenedFile, said: Said, label: str) -> None:
        """Put what has been read again in the place of what was."""
        context, library = self._context, self._context.library
        undone = self._reading.pop(found.path, None) is not None
        now, file = self._files().find(found.path), found.file
        if now is None:  # closed meanwhile
            if found.source is not None:
                found.source.close()
            return
        former = None
        if file is None:
            self.unopened.tell_kept(found)
            file, said = now, now.reading
        else:
            former = library.remove(found.path)
            library.put(found.path, found.source, said)
        self._keep(file, said, label, undone)
        if former is not None:
            library.tell(found.path)
            former.close()
            self.unopened.take_back(found.path)
            context.notify(tr("{name} has been read again.", name=file.title), "info")

    def _keep(self, file: OpenFile, said: Said, label: str, undone: bool) -> None:
        """Have the state say what is read of a file, and all that refers to it, in one step.

        What undo has ``undone`` is no step: the state says it already, if the file is as it was.
        """
        store = self._context.store
        items = tuple(file if one.path == file.path else one for one in self._files().items)
        slices = {name: value for name, value in store.state.items() if name != "files"}
        if undone and said == slices["selection"].said_of(file.path):
            refs = (ref for slice_ in slices.values() for ref in refs_in(slice_) if ref.stamp)
            if all(ref == same_entry(file, ref) for ref in refs):
                store.replace("files", label=label, items=items)
                return
        selection: Selection = slices["selection"]
        if said != selection.said_of(file.path):
            selection = replace(selection, tables=selection.with_said(file.path, said))
        slices = self._as_opened((file,), selection)
        store.restore({**slices, "files": Files(items)}, label=label)

    def _follow_undo(self) -> None:
        """Read a table again that undo or a picture has come back to reading in another way."""
        selection, library = self._selection(), self._context.library
        for file in self._files().items:
            said = selection.said_of(file.path)
            if said == file.reading:
                if self._reading.pop(file.path, None) is not None:
                    self._context.runner.cancel(f"sources.reload.{file.path}")
            elif library.get(file.path) is not None and self._reading.get(file.path) != said:
                self._reading[file.path] = said
                self._read(file.path, said, tr("how {name} is read", name=file.title))

    def _when_failed(self, request: OpenRequest, error: BaseException) -> None:
        words = tr("Opening {name} failed: {reason}")
        said = words.format(name=request.paths[0], reason=tr_sentence(error))
        self._context.notify(said, "error")

    def close_file(self, path: str) -> None:
        """Forget an open file; the examples stay, and the selection moves on if it was there."""
        if path == EXAMPLES_PATH:
            return
        store = self._context.store
        kept = tuple(file for file in store["files"].items if file.path != path)
        changes: dict[str, dict[str, object]] = {"files": {"items": kept}}
        active = store["selection"].active
        if active is not None and active.path == path:
            candidates = (r for r in map(first_reference, kept) if r is not None)
            changes["selection"] = {"active": next(candidates, None)}
        store.replace_many(changes, label=tr("close {name}", name=os.path.basename(path)))
        if (source := self._context.library.remove(path)) is not None:
            source.close()

    def choose(self, path: str, name: str) -> None:
        """Select an array, in the view that was last chosen of it."""
        found = self._entry(path, name)
        if found is None:
            return
        file, entry = found
        if not entry.readable:
            if not self.links.offer(file, name):
                self._context.notify(tr_sentence(entry.note), "warning")
            return
        seen = self._context.store["selection"].view_of(path, name)
        self._select(
            reference(file, entry, seen.index, seen.view) if seen else reference(file, entry)
        )

    def _choose_view(self, view: str, index: tuple[int, ...]) -> None:
        found = self._active_entry()
        if found is not None:
            self._select(reference(*found, index, view), "selection.index" if index else "")

    def _select(self, chosen: DataRef, merge: str = "") -> None:
        store, label = self._context.store, tr("choose {name}", name=chosen.title)
        views = store["selection"].with_view(chosen)
        store.replace("selection", label=label, merge=merge, active=chosen, views=views)

    def _entry(self, path: str, name: str) -> tuple[OpenFile, EntryInfo] | None:
        file = self._files().find(path)
        entry = file.find(name) if file is not None else None
        return None if file is None or entry is None else (file, entry)

    def _active_entry(self) -> tuple[OpenFile, EntryInfo] | None:
        active = self._active()
        return self._entry(active.path, active.entry) if active is not None else None

    def _files(self) -> Files:
        files: Files = self._context.store["files"]
        return files

    def _selection(self) -> Selection:
        selection: Selection = self._context.store["selection"]
        return selection

    def _active(self) -> DataRef | None:
        return self._selection().active

    def tell(self, now: Moment, changed: frozenset[Any] | None) -> None:
        """Bring the tree up to date."""
        if changed is None or changed:
            self._show_files()
            self._follow_undo()
            self._show_flaws()
            self._counting.look()

    def _show_files(self, *_: object) -> None:
        """Show the open files: what the one search finds of them, in the order that is chosen."""
        finds, search = self._context.finds, self._context.store[self.page.key].search
        put = partial(finds.ordered, order=order) if (order := self.widget.sorting.order) else None
        self.widget.set_files(self._files().items, search, finds.arrays(search), put)
        self.widget.set_active(self._active())

    def _show_flaws(self) -> None:
        active = self._active()
        repair = self._selection().repair_of(active) if active is not None else ""
        self.widget.missing.set_flaws(self._counting.flaws(active), repair)

    def _choose_repair(self, repair: Repair) -> None:
        store, active = self._context.store, self._active()
        if active is not None:
            repairs = self._selection().with_repair((active,), repair)
            store.replace("selection", label=tr("replacing of bad entries"), repairs=repairs)

    def shutdown(self) -> None:
        """Count no more, drop what is pending, and the dialog."""
        self._context.finds.changed.disconnect(self._show_files)
        self._counting.stop()
        self.asking.close()
        super().shutdown()

    def summary(self) -> str:
        """Return the selected array in one line: name, shape, type."""
        active = self._active()
        if active is None:
            return tr("Nothing is selected")
        return f"{active.title}   {shape_text(active.shape)}   {active.dtype}"

    def commands(self) -> tuple[Entry, ...]:
        """Return the views of the selected array; arrays themselves are filed by name."""
        found = self._active_entry()
        names = [view.name for view in (found[1].views if found is not None else ())]
        return tuple(
            Entry(
                tr_sentence(name),
                tr("View"),
                partial(self._choose_view, str(name), ()),
                key=f"view={name}",
            )
            for name in names
        )
