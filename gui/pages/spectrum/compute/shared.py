"""The parameters that several steps and plots go by."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from gui.core.declare.parameter import choice, number
from gui.core.declare.records import Record
from gui.pages.spectrum.compute.matrix import limit

Quantity = Literal["sigma", "sigma2", "energy"]
QUANTITIES: Mapping[Quantity, str] = {
    "sigma": "singular values σ",
    "sigma2": "squares σ²",
    "energy": "cumulative energy",
}


class Shared(Record):
    """The rank, and what is plotted."""

    rank: int = number(
        8,
        (0, limit),
        "&Rank r",
        "How many singular values are kept: M_r = Σ_{i≤r} σᵢ uᵢ vᵢᵀ",
        per_array=True,
    )
    quantity: Quantity = choice(
        "sigma",
        QUANTITIES,
        "Sho&w",
        "σᵢ, σᵢ² (eigenvalues of MᵀM), or Σ_{i≤r} σᵢ² / ‖M‖_F²",
        undo="plotted quantity",
        section="Spectrum plot",
    )
