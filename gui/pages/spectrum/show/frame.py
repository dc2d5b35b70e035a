"""Where the figures of the page come from, and what several of them draw alike."""

from __future__ import annotations

from types import MappingProxyType

from gui.core.figure.figure import Cursor
from gui.core.state.document import Opened
from gui.core.state.missing import repair_meta
from gui.core.words.i18n import tr
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.picture import Picture

# Pictures of one matrix zoom together.
LINK = "spectrum.pictures"


def meta_of(analysis: Analysis, **more: str) -> MappingProxyType[str, str]:
    """Return where a figure comes from, for exports."""
    ref, s = analysis.data.ref, analysis.spectrum
    entries = {
        "source": ref.title,
        "shape": f"{s.shape[0]} x {s.shape[1]}",
        "dtype": s.dtype,
        "method": s.method,
        "error_bound": f"{s.error_bound:.3g}",
    }
    return MappingProxyType({**entries, **repair_meta(analysis.data), **more})


def picture_meta(picture: Picture, data: Opened, **more: str) -> MappingProxyType[str, str]:
    """Return where a picture comes from, for exports: it is there before any singular value."""
    rows, columns = picture.shape
    entries = {"source": data.title, "shape": f"{rows} x {columns}", "dtype": picture.dtype}
    return MappingProxyType({**entries, **repair_meta(data), **more})


def rank_line(rank: int, limit: int) -> Cursor:
    """Return the rank line for plots over ranks."""
    return Cursor(
        "rank",
        tr("r = {rank}", rank=rank),
        "x",
        float(rank),
        draggable=True,
        bounds=(0.0, float(max(limit, 1))),
        step=1.0,
        color="accent",
        dash="solid",
    )
