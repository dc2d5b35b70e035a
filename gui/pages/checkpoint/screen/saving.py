"""The buttons that leave with results: asks where, then writes off the GUI thread."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QGridLayout, QPushButton, QWidget

from gui.core.declare.answers import Missing
from gui.core.declare.moment import Moment
from gui.core.paint.theme import SPACING
from gui.core.screen.page_screen import PageScreen
from gui.core.screen.remedies import tell_unsaved
from gui.core.screen.services import remember_written
from gui.core.widgets.controls import set_usable
from gui.core.widgets.dialogs import place_to_save
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.names import shown_name
from gui.pages.checkpoint.compute.budget import Prepare, spent
from gui.pages.checkpoint.compute.compare import Comparison, base_model, comparison
from gui.pages.checkpoint.compute.figures import Board, board
from gui.pages.checkpoint.compute.model import Model
from gui.pages.checkpoint.compute.saving import (
    REPORT_SUFFIX,
    TABLE_SUFFIXES,
    Lora,
    SaveBudget,
    SaveLora,
    SaveTable,
    columns_besides,
    ranks_of,
    said_of_factors,
    said_of_lora,
)

CHANNEL = "checkpoint.save"
_FOLDER = "checkpoint.folder"
_SAID = 3  # of what a LoRA leaves out


class Saver:
    """Four buttons; each asks for a place and never overwrites without asking."""

    def __init__(self, screen: PageScreen) -> None:
        self._screen, self._context = screen, screen.context
        self.factors = QPushButton(tr("Factors…"))
        self.lora = QPushButton(tr("LoRA…"))
        self.table = QPushButton(tr("Table…"))
        self.report = QPushButton(tr("Report…"))
        self.widget = QWidget()
        grid = QGridLayout(self.widget)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SPACING)
        for place, (button, (words, run)) in enumerate(zip(self._buttons, self._ways, strict=True)):
            button.clicked.connect(run)
            button.setAccessibleName(words)
            grid.addWidget(button, place // 2, place % 2)

    @property
    def _buttons(self) -> tuple[QPushButton, ...]:
        return self.factors, self.lora, self.table, self.report

    @property
    def _ways(self) -> tuple[tuple[str, Callable[[], None]], ...]:
        return (
            (tr("Save the factors of the budget"), self.save_factors),
            (tr("Save the change from the base as a LoRA"), self.save_lora),
            (tr("Save the table of the model"), self.save_table),
            (tr("Save the report of the model"), self.save_report),
        )

    def tell(self, now: Moment) -> None:
        """Let those buttons be used that have something to write, or say why not."""
        found = now.look(board)
        open_ = isinstance(found, Board)
        in_file = open_ and found.listing.model.is_file
        no_model = "" if open_ else tr("No model is open.")
        no_file = no_model or ("" if in_file else tr("These arrays lie in no file."))
        no_budget = "" if self._spent(now) else tr("The budget needs the spectra of all matrices.")
        for button, why, tip in (
            (
                self.factors,
                no_file or no_budget,
                tr("Write the factors a, b of every matrix that the budget cuts, as safetensors"),
            ),
            (
                self.lora,
                no_file or self._no_lora(now, found),
                tr("Write what changed from the base as a LoRA that PEFT loads"),
            ),
            (
                self.table,
                no_model or self._no_rows(found),
                tr("Write a row a matrix: CSV, parquet, or .npz with the singular values"),
            ),
            (
                self.report,
                no_model or self._no_rows(found),
                tr("Write the map and the table as one HTML file"),
            ),
        ):
            set_usable(button, not why, tip, why)

    def _no_rows(self, found: Board) -> str:
        return "" if any(found.rows) else tr("No matrix is computed yet.")

    def _no_lora(self, now: Moment, found: Board) -> str:
        if isinstance(now.look(base_model), Model) or _is_adapter(found):
            return ""
        return tr("Choose the base that the model was tuned from.")

    def _spent(self, now: Moment) -> tuple[Any, Any] | None:
        plan, found = now.look(Prepare), now.look(spent)
        known = not (isinstance(plan, Missing) or isinstance(found, Missing))
        return (plan, found) if known and plan is not None and found is not None else None

    # -- from the person --------------------------------------------------------------------

    def save_factors(self) -> None:
        """Ask where the factors of the budget go, and have them written."""
        now = self._screen.conductor.present()
        found, budget = now.look(board), self._spent(now)
        if not isinstance(found, Board) or budget is None:
            return
        folder = self._folder(tr("Save the factors in a new folder"), found, "factors")
        if folder:
            ranks = ranks_of(found, *budget)
            request = SaveBudget(found.listing.model.path, ranks, folder)
            self._submit(request, tr("Saving the factors"), self._saved_factors)

    def save_lora(self) -> None:
        """Ask where the LoRA goes, and have it written."""
        now = self._screen.conductor.present()
        found, base = now.look(board), now.look(base_model)
        if not isinstance(found, Board):
            return
        folder = self._folder(tr("Save the LoRA in a new folder"), found, "lora")
        if folder:
            path = base.path if isinstance(base, Model) and not _is_adapter(found) else ""
            kept = now.look(Lora.lora_energy), now.look(Lora.lora_rank)
            request = SaveLora(path, found.listing.model.path, folder, *kept)
            self._submit(request, tr("Saving the LoRA"), self._saved_lora)

    def save_table(self) -> None:
        """Ask where the table goes, and have it written."""
        titles = (tr("CSV"), tr("Parquet"), tr("NumPy archive with the singular values"))
        kinds = zip(titles, TABLE_SUFFIXES, strict=True)
        self._save_rows(tr("Save table"), "table", tuple((name, (one,)) for name, one in kinds))

    def save_report(self) -> None:
        """Ask where the report goes, and have it written."""
        kind = (tr("Report: one HTML file"), (REPORT_SUFFIX,))
        self._save_rows(tr("Save report"), "report", (kind,))

    def _save_rows(self, title: str, what: str, filters: Any) -> None:
        now = self._screen.conductor.present()
        found, budget, compared = now.look(board), self._spent(now), now.look(comparison)
        if not isinstance(found, Board):
            return
        path = self._place(title, found, what + filters[0][1][0], filters)
        if path:
            ranks = ranks_of(found, *budget) if budget is not None else None
            known = tuple(compared.changes.values()) if isinstance(compared, Comparison) else ()
            more = columns_besides(found.rows, ranks, known)
            self._submit(SaveTable(found, more, path), title, self._saved)

    # -- where, and how it went -------------------------------------------------------------

    def _folder(self, title: str, found: Board, what: str) -> str:
        return self._place(title, found, what, ((tr("Folder"), ("",)),))

    def _place(self, title: str, found: Board, what: str, filters: Any) -> str:
        """Return the path a person chooses, "" for none."""
        stem = os.path.splitext(found.listing.model.title.replace("\\", "/"))[0]
        folder = self._context.settings.value(_FOLDER, "")
        start = os.path.join(folder, f"{stem.replace('/', '-')}-{what}")
        path = place_to_save(self._context.dialogs, self._screen.view, title, start, filters)
        if path:
            self._context.settings.set_value(_FOLDER, os.path.dirname(path))
            is_folder = filters[0][1] == ("",)
            written = path if is_folder else os.path.dirname(path)
            remember_written(self._context.settings, written)
        return path

    def _submit(self, request: Any, title: str, done: Callable[[Any, Any], None]) -> None:
        def failed(_request: object, error: BaseException) -> None:
            def again() -> None:
                paths = (*request.permitted, getattr(error, "path", ""))
                self._submit(replace(request, permitted=paths), title, done)

            tell_unsaved(self._context, error, again)

        self._context.runner.submit(CHANNEL, request, done, failed, title=title)

    def shutdown(self) -> None:
        """Drop what is pending."""
        self._context.runner.cancel(CHANNEL)

    def _saved(self, _request: object, path: str) -> None:
        self._context.notify(tr("Saved {path}.", path=path), "info")

    def _saved_factors(self, _request: object, report: Any) -> None:
        self._context.notify(f"{said_of_factors(report)}.", "info")

    def _saved_lora(self, _request: object, report: Any) -> None:
        """Say what was written; changes that a LoRA cannot hold are lost, and stay in sight."""
        said, left_out = f"{said_of_lora(report)}.", report.left_out
        if not left_out:
            self._context.notify(said, "info")
            return
        some = "; ".join(
            f"{shown_name(name)} ({tr_sentence(reason)})" for name, reason in left_out[:_SAID]
        )
        rest = tr("Not in it: {count}, such as {some}", count=len(left_out), some=some)
        self._context.notify(f"{said} {rest}", "warning")


def _is_adapter(found: Board) -> bool:
    """Whether the model is a LoRA itself: it is cut to lower ranks, and needs no base."""
    return bool(found.matrices) and all(one.name.endswith(" B@A") for one in found.matrices)
