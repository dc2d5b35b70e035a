"""Saving the factors of the present rank: asks where, then writes off the GUI thread."""

from __future__ import annotations

import os
from typing import Any

from PySide6.QtWidgets import QWidget

from gui.core.screen.remedies import tell_unsaved
from gui.core.screen.services import Context, remember_written
from gui.core.state.document import Opened
from gui.core.widgets.dialogs import place_to_save
from gui.core.words.i18n import tr
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.factors import Factors, Vectors
from gui.pages.spectrum.compute.inverse import Inverse
from gui.pages.spectrum.compute.saving import LORA_SUFFIX, SaveFactors, SaveInverse

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
        filters = (
            (tr("NumPy archive: u, s, vh"), (".npz",)),
            (tr("safetensors: a = U √S, b = √S Vᵀ"), (".safetensors",)),
            (tr("safetensors named for LoRA: lora_up, lora_down, alpha"), (LORA_SUFFIX,)),
        )
        title = tr("Save the factors of rank {rank}", rank=rank)
        path = self._place(data, title, f"rank{rank}", filters)
        if not path:
            return
        total, error = analysis.spectrum.frobenius, 0.0
        if total:
            error = float(analysis.frobenius[min(rank, analysis.known)]) / total
        dtype = factors.picture.dtype
        request = SaveFactors(data, factors, rank, path, dtype, error, reason, overwrite=True)
        self._submit(request, tr("Saving the factors"))

    def ask_inverse(self, data: Opened, inverse: Inverse) -> None:
        """Ask where to save a pseudo-inverse and write it, its factors or all of its entries."""
        n, m = inverse.factors.shape
        size = tr("{size:.3g} MB", size=8e-6 * n * m)
        filters = (
            (tr("NumPy archive: the factors u, s, vh of M⁺"), (".npz",)),
            (tr("NumPy array: M⁺ itself, up to {size}", size=size), (".npy",)),
            (tr("safetensors: M⁺ as two factors a, b"), (".safetensors",)),
        )
        path = self._place(data, tr("Save the pseudo-inverse"), "pinv", filters)
        if path:
            request = SaveInverse(data, inverse.factors, path, inverse.dtype, overwrite=True)
            self._submit(request, tr("Saving the pseudo-inverse"))

    def _place(self, data: Opened, title: str, what: str, filters: Any) -> str:
        """Return the path a person chooses, "" for none."""
        stem = data.ref.entry.replace("/", "_") or "factors"
        folder = self._context.settings.value(_FOLDER, "")
        start = os.path.join(folder, f"{stem}-{what}.npz")
        path = place_to_save(self._context.dialogs, self._parent, title, start, filters)
        if path:
            self._context.settings.set_value(_FOLDER, os.path.dirname(path))
            remember_written(self._context.settings, os.path.dirname(path))
        return path

    def _submit(self, request: SaveFactors | SaveInverse, title: str) -> None:
        def failed(_request: object, error: BaseException) -> None:
            tell_unsaved(self._context, error, lambda: self._submit(request, title))

        self._context.runner.submit(CHANNEL, request, self._saved, failed, title=title)

    def shutdown(self) -> None:
        """Drop what is pending."""
        self._context.runner.cancel(CHANNEL)

    def _saved(self, _request: object, path: str) -> None:
        self._context.notify(tr("Saved {path}.", path=path), "info")
