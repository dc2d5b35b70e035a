"""The tokens of an array: its first rows, read off the GUI thread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gui.core.declare.marks import maybe_given
from gui.core.declare.records import Step
from gui.core.figure.arrays import Floats, read_only
from gui.core.state.document import Opened, read_matrix
from gui.core.state.missing import nothing_left
from gui.core.words.i18n import tr
from gui.pages.position.compute.setting import LENGTH_MAX

if TYPE_CHECKING:
    from engine.jobs import Progress


class ReadTokens(Step, key="tokens", title="Reading the tokens", live=False):
    """The first rows of the selected array."""

    data: Opened | None = maybe_given(Opened)

    def run(self, progress: Progress | None = None) -> Floats:
        """Return them, (rows, columns), with bad entries treated as chosen.

        Raises
        ------
        engine.errors.DataError
            When entries are complex, NaN or infinite, or no row is left.
        """
        from engine.errors import DataError
        from engine.files import check_finite, replace_nonfinite, to_dense

        data = self.data
        if data is None:
            raise DataError(tr("This file is no longer open. Open it again."))
        if data.rows is not None and not data.rows.kept.size:
            raise DataError(nothing_left(data), data.rows.left_out)
        array: Any = to_dense(read_matrix(data.ref, data.source, progress))
        if data.repair in ("zero", "column_mean"):
            array = replace_nonfinite(array, data.repair, progress)
        array = data.without_left_out(array)[:LENGTH_MAX]
        if np.iscomplexobj(array):
            raise DataError(tr("These values are complex numbers; attention weighs real ones."))
        report = check_finite(array, progress)
        if not report.is_finite:
            raise DataError(
                tr(
                    "{name} holds NaN or infinite entries, the first at row {row}, column "
                    "{column} (counted from 0). Replace them or leave their rows out in Sources.",
                    name=data.title,
                    row=report.first[0],
                    column=report.first[1],
                ),
                report.bad_count,
                report.first,
            )
        return read_only(np.array(array, dtype=np.float64))
