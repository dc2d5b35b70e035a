"""What several plots of the page say alike: names of curves, counts, where a figure comes from."""

from __future__ import annotations

from types import MappingProxyType

from gui.core.state.missing import repair_meta
from gui.core.words.i18n import tr
from gui.pages.column_row.compute.catalogue import WEIGHT_TITLES, Chosen, WeightKind
from gui.pages.column_row.compute.terms import Prepared

# Pictures of one product zoom together.
LINK = "column_row.pictures"
ROUNDING = 1e-13  # relative errors below are rounding, and would stretch a log axis to nothing


def weights_title(kind: WeightKind) -> str:
    """Return what a kind of weights is called."""
    return tr(WEIGHT_TITLES[kind])


def curve_title(chosen: Chosen) -> str:
    """Return what one curve is called: the strategy, and the weights where they are fitted."""
    title = chosen.strategy.title
    if chosen.weights == "own":
        return title
    return tr("{strategy}, {weights}", strategy=title, weights=weights_title(chosen.weights))


def pairs_text(count: int) -> str:
    """Return how many pairs there are, in words.

    Examples
    --------
    >>> pairs_text(1), pairs_text(20)
    ('1 pair', '20 pairs')
    """
    return tr("1 pair") if count == 1 else tr("{count} pairs", count=count)


def meta_of(prepared: Prepared, **more: str) -> MappingProxyType[str, str]:
    """Return what was multiplied, for exports."""
    n, pairs, m = prepared.shape
    product = prepared.product
    entries = {
        "source": product.x.ref.title,
        "x": product.x.title,
        "y": product.y.title,
        "shape": f"{n} x {pairs} x {m}",
    }
    for side in (product.x, product.y):
        for name, said in repair_meta(side.data).items():
            known = entries.get(name, said)
            entries[name] = said if known == said else f"{known} {said}"
    return MappingProxyType({**entries, **more})
