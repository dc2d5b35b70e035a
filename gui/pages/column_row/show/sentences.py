"""What the page says in words: of the product shown, of what each strategy reaches, of counts."""

from __future__ import annotations

import math
from collections.abc import Mapping

from gui.core.declare.marks import answer_of, maybe, value_of
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value
from gui.frozen import dataclass
from gui.pages.column_row.compute.catalogue import StrategyInfo, compared
from gui.pages.column_row.compute.product import Product, multiplied
from gui.pages.column_row.compute.standings import Compare, Entry, Standings
from gui.pages.column_row.compute.terms import Kept, Prepare, Prepared
from gui.pages.column_row.show.frame import pairs_text


def summary(prepared: Prepared = answer_of(Prepare), r: int = Kept.r) -> str:
    """Return one line about the product shown."""
    name, pairs = prepared.product.title, pairs_text(prepared.pairs)
    return tr("{name}, r = {r} of {pairs}", name=name, r=r, pairs=pairs)


def refused(product: Product = value_of(multiplied)) -> str:
    """Return one line about a product that cannot be shown."""
    return tr("{name}, cannot be computed", name=product.title)


def shapes_text(product: Product) -> str:
    """Return the shapes of the factors and how many pairs there are; "" where they do not fit."""
    if not product.fits:
        return ""
    n, k, m = product.shape
    return tr("X {n} × {l}, Y {l} × {m}: {pairs}", n=n, l=k, m=m, pairs=pairs_text(k))


@dataclass(frozen=True)
class Reached:
    """What each strategy reaches with its own weights, (text, tooltip) by key; who is left out."""

    trailing: Mapping[str, tuple[str, str]]
    refusals: str = ""


def reached(
    standings: Standings | None = maybe(Compare),
    compared: tuple[StrategyInfo, ...] = value_of(compared),
) -> Reached | None:
    """Return what stands behind the strategies and under them; None while it is not known."""
    if standings is None:
        return None
    entries = [entry for entry in standings.entries if entry.strategy in compared]
    own = (entry for entry in entries if entry.weights == "own")
    said = (refused_text(entry, standings) for entry in entries)
    return Reached(
        {entry.strategy.key: _error_of(entry) for entry in own},
        "\n".join(dict.fromkeys(text for text in said if text)),
    )


def _error_of(entry: Entry) -> tuple[str, str]:
    if math.isnan(entry.relative):
        return "–", entry.error or tr("too many sums")
    return format_value(entry.relative, 3), tr("Relative error at this r with its own weights")


def refused_text(entry: Entry, standings: Standings) -> str:
    """Return why a strategy is left out at r, with the count; "" where it is not."""
    if not entry.refused:
        return entry.error
    return tr(
        "{strategy} would compare {sums} sums at r = {r} of {l} pairs, more than {most}: it is "
        "left out there.",
        strategy=entry.strategy.title,
        sums=count_text(entry.work),
        r=standings.r,
        l=standings.pairs,
        most=count_text(entry.limit),
    )


def count_text(number: int) -> str:
    """Return a count, with digits grouped, or as a power of ten when it is astronomic.

    Examples
    --------
    >>> count_text(5_000_000) == format_value(5_000_000), count_text(10**30)
    (True, '1e30')
    """
    if number < 10**12:
        return format_value(number)
    digits = str(number)
    mantissa = f"{int(digits[:3]) / 100:.2f}".rstrip("0").rstrip(".")
    return f"{mantissa}e{len(digits) - 1}"


def ratio_text(error: float, floor: float) -> str:
    """Return the ratio of an error to the floor; a floor of 0 has none.

    Examples
    --------
    >>> ratio_text(0.3, 0.2), ratio_text(0.0, 0.0), ratio_text(0.1, 0.0)
    ('1.500', '1', '∞')
    """
    if math.isnan(error):
        return "–"
    if floor > 1e-13:
        return format_value(error / floor)
    return "1" if error <= 1e-12 else "∞"
