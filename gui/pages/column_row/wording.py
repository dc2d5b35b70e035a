"""What the Column-row page says in words and numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from gui.core.state.document import DataRef, Files, reference
from gui.core.words.i18n import tr
from gui.core.words.numbers import format_value, share_text
from gui.pages.column_row.detail import Detail
from gui.pages.column_row.figures import Style, pairs_text, weight_titles
from gui.pages.column_row.requests import Prepared
from gui.pages.column_row.standings import Entry, Standings
from gui.pages.column_row.standings_table import StandingLine
from gui.pages.column_row.state import Product, transposing_that_fits

Row = tuple[str, str, str]


def change_labels() -> dict[str, str]:
    """Return what the undo menu calls a change of each field."""
    return {
        "r": tr("pairs kept"),
        "detail": tr("strategy in detail"),
        "detail_weights": tr("weights in detail"),
        "seed": tr("seed"),
        "operator": tr("operator"),
        "tau": tr("tau"),
        "view": tr("lower view"),
        "order": tr("order"),
        "error_log": tr("logarithmic axis"),
        "r_log": tr("logarithmic axis"),
        "norms_log": tr("logarithmic axis"),
        "repairs": tr("replacing of bad entries"),
    }


def array_key(ref: DataRef) -> str:
    """Return the key under which an array is offered.

    Examples
    --------
    >>> array_key(DataRef("a.npz", "w", (2, 2), "float64", (3,)))
    'a.npz\\nw\\n3'
    """
    return "\n".join((ref.path, ref.entry, ",".join(map(str, ref.index))))


def offered_arrays(files: Files, chosen: DataRef | None) -> dict[str, DataRef]:
    """Return what can be the other factor, by key: every readable array, at its first slice."""
    refs = [
        reference(file, entry) for file in files.items for entry in file.entries if entry.readable
    ]
    known = {(ref.path, ref.entry): i for i, ref in enumerate(refs)}
    if chosen is not None:
        place = known.get((chosen.path, chosen.entry))
        if place is None:
            refs.append(chosen)
        else:
            refs[place] = chosen
    return {array_key(ref): ref for ref in refs}


def array_title(ref: DataRef) -> str:
    """Return how an array is listed: name and shape."""
    rows, columns = ref.matrix_shape
    return f"{ref.title}  {rows} × {columns}"


def shapes_text(product: Product) -> str:
    """Return the shapes of the factors and how many pairs there are."""
    (n, k), (_, m) = product.x.shape, product.y.shape
    if not product.fits:
        return ""
    return tr("X {n} × {l}, Y {l} × {m}: {pairs}", n=n, l=k, m=m, pairs=pairs_text(k))


def misfit(product: Product) -> str:
    """Return why X and Y cannot be multiplied, and what would help."""
    (n, k), (j, m) = product.x.shape, product.y.shape
    values = {"x": product.x.title, "y": product.y.title, "n": n, "k": k, "j": j, "m": m}
    text = tr(
        "X = {x} is {n} × {k} and Y = {y} is {j} × {m}: X needs as many columns as Y has rows.",
        **values,
    )
    help_by = {
        (False, True): tr("Y transposed fits."),
        (True, False): tr("X transposed fits."),
        (True, True): tr("Both transposed fit."),
        None: tr("No transposing helps: choose another array."),
    }
    return f"{text} {help_by[transposing_that_fits(product)]}"


def transposing_buttons(product: Product) -> tuple[tuple[str, str, str], ...]:
    """Return the button that makes the factors fit, (key, label, tooltip)."""
    labels = {
        (False, True): tr("Transpose Y"),
        (True, False): tr("Transpose X"),
        (True, True): tr("Transpose both"),
    }
    turn = transposing_that_fits(product)
    if turn is None:
        return ()
    return (("transpose", labels[turn], tr("Then X has as many columns as Y has rows")),)


def repair_buttons() -> tuple[tuple[str, str, str], ...]:
    """Return the buttons that replace NaN and infinite entries, (key, label, tooltip)."""
    return (
        ("zero", tr("Replace by &zero"), tr("Every NaN or infinite entry counts as 0")),
        (
            "column_mean",
            tr("Replace by column &mean"),
            tr("By the mean of the finite entries of the same column; undo takes it back"),
        ),
    )


def repaired(product: Product) -> str:
    """Return the sentence that says what was replaced; empty where nothing was."""
    words = {
        "zero": tr("NaN and infinite entries count as 0 here."),
        "column_mean": tr("NaN and infinite entries are replaced by their column's mean here."),
    }
    found = dict.fromkeys((product.x.repair, product.y.repair))
    return " ".join(words[repair] for repair in found if repair)


def refused_text(entry: Entry, title: str, pairs: int, r: int) -> str:
    """Return why a strategy is left out at r, with the count; "" where it is not."""
    if not entry.refused:
        return entry.error
    return tr(
        "{strategy} would compare {sums} sums at r = {r} of {l} pairs, more than {most}: it is "
        "left out there.",
        strategy=title,
        sums=count_text(entry.work),
        r=r,
        l=pairs,
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


def detail_rows(prepared: Prepared, detail: Detail) -> list[Row]:
    """Return what the approximation in detail keeps and loses."""
    floor = float(prepared.floor[min(detail.r, prepared.pairs)])
    pairs, used = prepared.pairs, int(detail.indices.size)
    kept = tr("{used} of {l} ({share})", used=used, l=pairs, share=share_text(used / pairs))
    rows = [
        (
            tr("Error"),
            share_text(detail.relative),
            tr("‖XY − C L R‖_F / ‖XY‖_F"),
        ),
        (tr("… absolute"), format_value(detail.absolute), tr("‖XY − C L R‖_F")),
        (
            tr("Floor: rank-r SVD"),
            share_text(floor),
            tr("No matrix of rank r comes closer (Eckart, Young, Mirsky)."),
        ),
        (
            tr("Error to floor"),
            ratio_text(detail.relative, floor),
            tr("Error over that of the rank-r SVD: 1 is the best possible"),
        ),
        (tr("Pairs kept"), kept, tr("Different pairs: a sample may draw one twice")),
        (
            tr("Multiplications saved"),
            share_text(1.0 - used / pairs),
            tr("C R needs r n m of the l n m multiplications of X Y: 1 − r / l"),
        ),
        (
            tr("Sums compared"),
            count_text(detail.work),
            tr("What choosing costs: dropping k-tuples looks at C(l, k) sums"),
        ),
    ]
    if detail.drawn > used:
        rows.insert(5, (tr("Draws"), format_value(detail.drawn), tr("With replacement")))
    return rows


def product_rows(prepared: Prepared) -> list[Row]:
    """Return what is known of the product whatever r is."""
    together = float(prepared.norms.sum())
    return [
        (tr("‖XY‖_F"), format_value(prepared.total), tr("Frobenius norm of the product")),
        (
            tr("Σ ‖xᵢ‖ ‖yᵢ‖"),
            format_value(together),
            tr("Norms of all pairs: the more it exceeds ‖XY‖_F, the more the pairs cancel"),
        ),
        (
            tr("√Σ ‖xᵢ‖² ‖yᵢ‖²"),
            format_value(float(np.linalg.norm(prepared.norms))),
            tr("Equal to ‖XY‖_F where the pairs are orthogonal: then the largest norms are best"),
        ),
    ]


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


def standing_lines(
    standings: Standings,
    floor: float,
    styles: Mapping[str, Style],
    chosen: tuple[str, str],
) -> list[StandingLine]:
    """Return the rows of the table."""
    return [_line(entry, standings, floor, styles, chosen) for entry in standings.entries]


def _line(
    entry: Entry,
    standings: Standings,
    floor: float,
    styles: Mapping[str, Style],
    chosen: tuple[str, str],
) -> StandingLine:
    title, kind = styles[entry.strategy].title, weight_titles()[entry.weights]
    ratio = entry.relative / floor if floor > 1e-13 else math.nan
    gap = math.nan
    if entry.weights == "own" and standings.best > 1e-13:
        gap = entry.relative / standings.best - 1.0
    texts = (
        title,
        kind,
        share_text(entry.relative),
        ratio_text(entry.relative, floor),
        "–" if math.isnan(gap) else share_text(gap),
        count_text(entry.work),
        tr("too many sums") if entry.refused else entry.error,
    )
    numbers = (entry.relative, ratio, gap, float(min(entry.work, 10**300)))
    tip = tr("{strategy}, {weights}", strategy=title, weights=kind)
    picked = (entry.strategy, entry.weights) == chosen
    return StandingLine(entry.strategy, entry.weights, texts, numbers, tip, picked)


def standings_summary(standings: Standings, floor: float, pairs: int) -> str:
    """Return the sentence above the table."""
    words = {"r": standings.r, "pairs": pairs_text(pairs), "floor": share_text(floor)}
    if math.isnan(standings.best):
        return tr("r = {r} of {pairs}. Floor of rank r: {floor}.", **words)
    words["best"] = share_text(standings.best)
    return tr(
        "r = {r} of {pairs}. Floor of rank r: {floor}; best subset with weights 1: {best}.",
        **words,
    )


def trailing_texts(standings: Standings, shown: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return for every strategy its error at r, (text, tooltip), with its own weights."""
    texts = {}
    for entry in standings.entries:
        if entry.weights != "own" or entry.strategy not in shown:
            continue
        if math.isnan(entry.relative):
            texts[entry.strategy] = ("–", entry.error or tr("too many sums"))
            continue
        tip = tr("Relative error at this r with its own weights")
        texts[entry.strategy] = (format_value(entry.relative, 3), tip)
    return texts
