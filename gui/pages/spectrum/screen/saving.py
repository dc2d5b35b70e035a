"""Saving the factors of the present rank: asks where, then writes off the GUI thread."""

from __future__ import annotations

import os

from PySide6.QtWidgets import QWidget

from gui.core.screen.services import Context
from gui.core.state.document import Opened
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.factors import Factors, Vectors
from gui.pages.spectrum.compute.saving import LORA_SUFFIX, SaveFactors

CHANNEL = "spectrum.save"
_FOLDER = "spectrum.factors_folder"


class FactorSaver:
    """Asks for a path, never overwrites without asking, and says how it went."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        self._context = context
        self._parent = parent

    def ask(
        self, data: Opened, factors: Factors | Vectors, analysis: Analysis, rank: int, reason: str
    ) -> None:
        """Ask where to save the factors of ``rank`` and write them, computing them before."""
        stem = data.ref.entry.replace("/", "_") or "factors"
        folder = self._context.settings.value(_FOLDER, "")
        filters = (
            (tr("NumPy archive: u, s, vh"), (".npz",)),
            (tr("safetensors: a = U √S, b = √S Vᵀ"), (".safetensors",)),
            (tr("safetensors named for LoRA: lora_up, lora_down, alpha"), (LORA_SUFFIX,)),
        )
        path = self._context.dialogs.save_file(
            self._parent,
            tr("Save the factors of rank {rank}", rank=rank),
            os.path.join(folder, f"{stem}-rank{rank}.npz"),
            filters,
        )
        if not path:
            return
        if not path.casefold().endswith((".npz", ".safetensors")):
            path += ".npz"
        if os.path.exists(path) and not self._may_overwrite(path):
            return
        self._context.settings.set_value(_FOLDER, os.path.dirname(path))
        total, error = analysis.spectrum.frobenius, 0.0
        if total:
            error = float(analysis.frobenius[min(rank, analysis.known)]) / total
        dtype = factors.picture.dtype
        request = SaveFactors(data, factors, rank, path, dtype, error, reason, overwrite=True)
        self._context.runner.submit(
            CHANNEL, request, self._saved, self._failed, title=tr("Saving the factors")
        )

    def shutdown(self) -> None:
        """Drop what is pending."""
        self._context.runner.cancel(CHANNEL)

    def _may_overwrite(self, path: str) -> bool:
        question = tr("{name} exists. Replace it?", name=os.path.basename(path))
        return self._context.dialogs.confirm(self._parent, tr("Save the factors"), question)

    def _saved(self, _request: object, path: str) -> None:
        self._context.notify(tr("Saved {path}.", path=path), "info")

    def _failed(self, _request: object, error: BaseException) -> None:
        words = tr("The factors were not saved: {reason}")
        self._context.notify(words.format(reason=tr_sentence(error)), "error")
