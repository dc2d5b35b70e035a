"""What the page says in sentences: of the matrix shown, and of one that cannot be."""

from __future__ import annotations

from gui.core.declare.marks import answer_of, given
from gui.core.state.document import Opened
from gui.core.words.i18n import tr, tr_sentence
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.matrix import Analyse
from gui.pages.spectrum.compute.shared import Shared


def summary(
    data: Opened = given(Opened),
    analysis: Analysis = answer_of(Analyse),
    rank: int = Shared.rank,
) -> str:
    """Return one line about the matrix shown."""
    m, n = analysis.shape
    words = tr("{name}, {m} × {n}, r = {rank}")
    if not analysis.spectrum.complete:
        words = tr("{name}, {m} × {n}, r = {rank}, leading values only")
    return words.format(name=data.title, m=m, n=n, rank=rank)


def refused(data: Opened = given(Opened)) -> str:
    """Return one line about a matrix that has no spectrum."""
    m, n = data.matrix_shape
    return tr("{name}, {m} × {n}, cannot be computed", name=data.title, m=m, n=n)


def remark_of(analysis: Analysis) -> str:
    """Return what should be said about this matrix in a sentence; mostly nothing."""
    ref, s = analysis.data.ref, analysis.spectrum
    sentences = []
    if len(ref.shape) == 1:
        words = tr("A vector of {count} numbers, taken as a 1 × {count} matrix.")
        if ref.shape[0] == 1:
            words = tr("A vector of 1 number, taken as a 1 × 1 matrix.")
        sentences.append(words.format(count=ref.shape[0]))
    if not (s.complete or analysis.more):
        words = tr(
            "Sparse, and too large for all {limit} singular values: the {known} leading ones are "
            "computed, the curves are what these and ‖M‖_F allow."
        )
        sentences.append(words.format(limit=s.rank_limit, known=analysis.known))
    if s.note:
        sentences.append(tr_sentence(s.note))
    return " ".join(sentences)
