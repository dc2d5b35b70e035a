"""Who sees the order of the tokens: bars over layers, encodings, causal or not."""

from __future__ import annotations

import numpy as np

from gui.core.declare.marks import answer_of, value_of
from gui.core.declare.parameter import toggle
from gui.core.declare.records import Plot, View
from gui.core.figure.figure import Axis, Cursor, Figure, Series
from gui.core.words.i18n import tr
from gui.pages.position.compute.order import LAYERS, Changes, Permute
from gui.pages.position.compute.setting import ENCODINGS, Encoding, Spec, TokenSpec
from gui.pages.position.show.frame import source_of

ORDER = View("order", "Who sees order", "What becomes of the last output if the past is permuted")

FLOOR = 1e-17  # where bars begin on a log axis: below what rounding leaves
ROUNDING = 1e-14
_WIDTH = 0.19
_COLOURS: dict[Encoding, str] = {"none": "ink", "sinusoidal": "c0", "rope": "c1", "alibi": "c2"}


class OrderPlot(Plot, key="position.order", title="Who sees order", view=ORDER):
    """Change of the last output when the tokens before it change places."""

    spec: TokenSpec = value_of(Spec)
    changes: Changes = answer_of(Permute)
    order_log: bool = toggle(True, undo="logarithmic axis", axis="y")

    def figure(self) -> Figure:
        """Return the plot."""
        floor = FLOOR if self.order_log else 0.0
        series, ticks = [], []
        for side, causal in enumerate((True, False)):
            for layers in LAYERS:
                place = layers + side * (len(LAYERS) + 1)
                ticks.append((float(place), str(layers)))
                for step, encoding in enumerate(ENCODINGS):
                    value = self.changes.values[encoding, layers, causal]
                    left = place + (step - 2) * _WIDTH
                    listed = causal and layers == LAYERS[0]
                    series.append(_bar(encoding, layers, causal, left, value, floor, listed))
        top = max(self.changes.values.values())
        return Figure(
            title=tr("Change of the last output when its past is permuted"),
            x=Axis(
                tr("layers: causal left, both ways right"),
                limits=(0.4, 2 * len(LAYERS) + 1.6),
                ticks=tuple(ticks),
                log_locked=True,
            ),
            y=Axis(
                tr("largest change, values of RMS 1"),
                log=self.order_log,
                limits=(FLOOR, max(10.0 * top, 1.0)) if self.order_log else None,
            ),
            series=tuple(series),
            cursors=(Cursor("rounding", tr("rounding"), "y", ROUNDING, color="muted", dash="dot"),)
            if self.order_log
            else (),
            note=tr(
                "One causal layer without encoding takes its past as a set; two do not. "
                "{count} tokens.",
                count=self.changes.tokens,
            ),
            meta=source_of(self.spec),
        )


def _bar(
    encoding: Encoding,
    layers: int,
    causal: bool,
    left: float,
    value: float,
    floor: float,
    listed: bool,
) -> Series:
    right, top = left + 0.9 * _WIDTH, max(value, floor * 1.3)
    name = tr("without encoding") if encoding == "none" else tr(ENCODINGS[encoding])
    return Series(
        f"{encoding}.{layers}.{'causal' if causal else 'both'}",
        name,
        np.array([left, left, right, right]),
        np.array([floor, top, top, floor]),
        _COLOURS[encoding],
        width=1.0,
        fill_to=floor,
        listed=listed,
        words=(f"{name}: {value:.3g}",) * 4,
        numbers=np.array([floor, value, value, floor]),
    )
