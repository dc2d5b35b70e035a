"""What is said of missing and infinite entries: how many, and what is done about them."""

from __future__ import annotations

import numpy as np

from gui.core.state.document import Opened
from gui.core.words.i18n import tr

_LISTED = 20  # rows that are left out, named in the metadata of an export


def bad_counts(nan: int, plus: int, minus: int) -> str:
    """Return how many entries are bad, each kind by its name.

    Examples
    --------
    >>> bad_counts(2, 0, 1)
    '2 NaN, 1 -inf'
    """
    kinds = ((nan, "NaN"), (plus, "+inf"), (minus, "-inf"))
    return ", ".join(f"{count:,} {name}" for count, name in kinds if count)


def nothing_left(data: Opened) -> str:
    """Return what is said of an array whose every row holds a bad entry."""
    words = tr(
        "Every row of {name} holds NaN or infinite entries: leaving rows out leaves nothing. "
        "Replace them by 0 or by the column mean.",
        name=data.title,
    )
    return words


def repaired_sentence(data: Opened) -> str:
    """Return the sentence that says what was done; empty where nothing was."""
    if data.repair == "zero":
        return tr("NaN and infinite entries count as 0 here.")
    if data.repair == "column_mean":
        return tr("NaN and infinite entries are replaced by their column's mean here.")
    if data.rows is not None:
        return tr(
            "Rows with NaN or infinite entries are left out: {count} of {total}. The others keep "
            "their numbers.",
            count=data.rows.left_out,
            total=data.rows.total,
        )
    return ""


def repair_meta(data: Opened) -> dict[str, str]:
    """Return what was done about bad entries, for the metadata of exports."""
    if data.repair in ("zero", "column_mean"):
        return {"nonfinite_replaced_by": data.repair}
    if data.rows is None:
        return {}
    is_out = np.ones(data.rows.total, dtype=bool)
    is_out[data.rows.kept] = False
    count, listed = data.rows.left_out, list(map(str, np.flatnonzero(is_out)[:_LISTED]))
    if count > _LISTED:
        listed.append(f"and {count - _LISTED} more")
    return {"rows_left_out": f"{count} of {data.rows.total}: {', '.join(listed)}"}
