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
    Arrays,
    DataRef,
    EntryInfo,
    Files,
    OpenFile,
    Repair,
    Selection,
    entry_title,
    reference,
)
from gui.core.state.figure_state import with_refs
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.sources.compute.opening import (
    OpenedFile,
    OpenRequest,
    example_file,
    first_reference,
    has_entry,
    same_entry,
)
from gui.pages.sources.compute.tables import PreviewRequest, Said
from gui.pages.sources.screen.missing import Counting
from gui.pages.sources.screen.reading import ReadingDialog
from gui.pages.sources.screen.tree import SourcesView
from gui.pages.sources.show.words import file_title, problem_text, shape_text

PREVIEW = "sources.preview"


class Screen(PlainScreen):
    """The page object of the Sources dock: a tree, no plots."""

    widget: SourcesView
    controls = None

    def __init__(self, page: Page, context: Context) -> None:
        self._context = context
        self._opened = 0
        self.widget = SourcesView()
        self.widget.entry_chosen.connect(self._choose)
        self.widget.view_chosen.connect(self._choose_view)
        self.widget.close_requested.connect(self.close_file)
        self.widget.reading_requested.connect(self.ask_reading)
        self._ensure_examples()
        self._counting = Counting(context, self._show_flaws)
        self.widget.missing_chosen.connect(self._choose_repair)
        super().__init__(page, context)
        self.widget.search_edited.connect(partial(self.conductor.edit, "search"))
        self.conductor.update()

    def _ensure_examples(self) -> None:
        store, library = self._context.store, self._context.library
        if library.get(EXAMPLES_PATH) is not None:
            return
        examples = example_file()
        assert examples.file is not None
        library.add(EXAMPLES_PATH, examples.source)
        items = tuple(f for f in store["files"].items if f.path != EXAMPLES_PATH)
        changes: dict[str, dict[str, object]] = {"files": {"items": (*items, examples.file)}}
        store.replace_many(changes, label=tr("Examples"))

    def open_paths(self, paths: Iterable[str]) -> None:
        """Open files in the background; the first that opens becomes the selection."""
        wanted = tuple(os.path.abspath(path) for path in paths)
        if not wanted:
            return
        # A channel of its own: opening more files must not drop those still being read.
        self._opened += 1
        self._context.runner.submit(
            f"sources.open.{self._opened}",
            OpenRequest(wanted),
            self._add,
            self._when_failed,
            title=tr("Opening {name}", name=os.path.basename(wanted[0])),
        )

    def reopen(self, paths: Iterable[str]) -> None:
        """Open again the files of a restored session, without touching what is selected."""
        wanted = tuple(paths)
        if wanted:
            self._context.runner.submit(
                "sources.reopen",
                OpenRequest(wanted, self._said()),
                self._replace_reopened,
                self._when_failed,
                title=tr("Opening {name}", name=os.path.basename(wanted[0])),
            )

    def _replace_reopened(self, request: OpenRequest, results: tuple[OpenedFile, ...]) -> None:
        """Keep what opened; a file that has gone leaves the tree, with a sentence."""
        context = self._context
        opened = {r.path: r.file for r in results if r.file is not None}
        gone = {r.path for r in results if r.file is None}
        for result in results:
            if result.file is not None:
                context.library.add(result.path, result.source)
        items = tuple(
            opened.get(file.path, file)
            for file in context.store["files"].items
            if file.path not in gone
        )
        context.store.replace_many({"files": {"items": items}}, label=tr("session"))
        if problems := [r.problem for r in results if r.file is None]:
            context.notify(problem_text(problems), "warning")

    def select_first(self, path: str) -> None:
        """Select the first readable array of an open file; the start, hence no undo step."""
        file = self._files().find(path)
        first = first_reference(file) if file else None
        if first is not None:
            self._context.store.replace("selection", label=tr("start"), active=first)
            self._context.store.forget_history()

    def _add(self, request: OpenRequest, results: tuple[OpenedFile, ...]) -> None:
        context = self._context
        problems = [result.problem for result in results if result.file is None]
        new = [result.file for result in results if result.file is not None]
        for result in results:
            if result.file is not None:
                if (former := context.library.remove(result.path)) is not None:
                    former.close()
                context.library.add(result.path, result.source)
                context.settings.add_recent(result.path)
        if new:
            paths = {file.path for file in new}
            kept = [file for file in context.store["files"].items if file.path not in paths]
            changes: dict[str, dict[str, object]] = {"files": {"items": tuple(new + kept)}}
            active = next((r for r in map(first_reference, new) if r is not None), None)
            if active is not None:
                changes["selection"] = {"active": active}
            context.store.replace_many(changes, label=tr("open {name}", name=new[0].title))
        if problems:
            context.notify(problem_text(problems), "error")

    def _said(self) -> tuple[tuple[str, Said], ...]:
        """What a person has said of the tables that are open."""
        return tuple((file.path, file.reading) for file in self._files().items if file.reading)

    def ask_reading(self, path: str) -> None:
        """Show how a table is read, and read it as a person decides."""
        file, runner = self._files().find(path), self._context.runner
        if file is None or not file.table:
            return
        dialog = ReadingDialog(file.title, file.reading, self._context.theme, self.widget.window())

        def ask(said: Said) -> None:
            request = PreviewRequest(path, said)
            runner.submit(PREVIEW, request, lambda _, found: dialog.show_preview(found))

        dialog.preview_wanted.connect(ask)
        dialog.chosen.connect(lambda said: self.reload(path, said))
        dialog.finished.connect(lambda _: runner.cancel(PREVIEW))
        ask(file.reading)
        dialog.open()

    def reload(self, path: str, said: Said | None = None) -> None:
        """Read an open file again; what is set stays, and its old numbers where it is broken.

        A table is read as it is ``said``, None: as before.
        """
        self._context.runner.submit(
            f"sources.reload.{path}",
            OpenRequest((path,), self._said() if said is None else ((path, said),)),
            self._replace_changed,
            self._when_failed,
            title=tr("Opening {name}", name=os.path.basename(path)),
        )

    def _replace_changed(self, request: OpenRequest, results: tuple[OpenedFile, ...]) -> None:
        context, found = self._context, results[0]
        file = found.file
        if file is None:
            words = tr("{reason} Its former numbers stay.", reason=problem_text([found.problem]))
            context.notify(words, "warning")
            return
        former = context.library.remove(found.path)
        context.library.add(found.path, found.source)
        items = tuple(file if one.path == file.path else one for one in self._files().items)
        slices = with_refs(
            {name: value for name, value in context.store.state.items() if name != "files"},
            partial(same_entry, file),
        )
        active = slices["selection"].active
        if active is not None and active.path == file.path and not has_entry(file, active):
            slices["selection"] = replace(slices["selection"], active=first_reference(file))
        label = tr("read {name} again", name=file.title)
        context.store.restore({**slices, "files": Files(items)}, label=label)
        if former is not None:
            former.close()
        context.notify(tr("{name} has been read again.", name=file.title), "info")

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

    def _choose(self, path: str, name: str) -> None:
        """Select an array, in the view that was last chosen of it."""
        found = self._entry(path, name)
        if found is None:
            return
        file, entry = found
        if not entry.readable:
            self._context.notify(tr_sentence(entry.note), "warning")
            return
        seen = self._context.store["selection"].view_of(path, name)
        self._select(
            reference(file, entry, seen.index, seen.view) if seen else reference(file, entry)
        )

    def _choose_view(self, view: str, index: tuple[int, ...]) -> None:
        active = self._active()
        found = self._entry(active.path, active.entry) if active is not None else None
        if found is not None:
            self._select(reference(*found, index, view), "selection.index" if index else "")

    def _select(self, chosen: DataRef, merge: str = "") -> None:
        store, label = self._context.store, tr("choose {name}", name=chosen.title)
        views = store["selection"].with_view(chosen)
        store.replace("selection", label=label, merge=merge, active=chosen, views=views)

    def _entry(self, path: str, name: str) -> tuple[OpenFile, EntryInfo] | None:
        file = self._files().find(path)
        entries = file.entries if file is not None else ()
        entry = next((one for one in entries if one.name == name), None)
        return None if file is None or entry is None else (file, entry)

    def _files(self) -> Files:
        files: Files = self._context.store["files"]
        return files

    def _active(self) -> DataRef | None:
        active: DataRef | None = self._context.store["selection"].active
        return active

    def tell(self, now: Moment, changed: frozenset[Any] | None) -> None:
        """Bring the tree up to date."""
        if changed is None or changed:
            arrays = now.look(Arrays)
            self.widget.set_files(arrays.files.items, now.state.search)
            self.widget.set_active(arrays.selection.active)
            self._show_flaws()
            self._counting.look()

    def _show_flaws(self) -> None:
        active = self._active()
        selection: Selection = self._context.store["selection"]
        repair = selection.repair_of(active) if active is not None else ""
        self.widget.missing.set_flaws(self._counting.flaws(active), repair)

    def _choose_repair(self, repair: Repair) -> None:
        store, active = self._context.store, self._active()
        if active is not None:
            repairs = store["selection"].with_repair((active,), repair)
            store.replace("selection", label=tr("replacing of bad entries"), repairs=repairs)

    def shutdown(self) -> None:
        """Count no more, and let go of the store."""
        self._counting.stop()
        super().shutdown()

    def summary(self) -> str:
        """Return the selected array in one line: name, shape, type."""
        active = self._active()
        if active is None:
            return tr("Nothing is selected")
        return f"{active.title}   {shape_text(active.shape)}   {active.dtype}"

    def commands(self) -> tuple[Entry, ...]:
        """Every readable array, of the examples and of the open files; the views of this one."""
        active = self._active()
        found = self._entry(active.path, active.entry) if active is not None else None
        views = found[1].views if found is not None else ()
        return tuple(
            Entry(
                tr_sentence(view.name), tr("View"), partial(self._choose_view, str(view.name), ())
            )
            for view in views
        ) + tuple(
            Entry(
                entry_title(file.path, entry.name),
                file_title(file),
                partial(self._choose, file.path, entry.name),
                words=entry.name,
            )
            for file in self._files().items
            for entry in file.entries
            if entry.readable
        )
