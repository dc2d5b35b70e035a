"""The Spectrum page's conductor: watches the store, has things computed, draws what arrives.

Nothing is computed while the page is hidden.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QWidget

from gui.core.declare.command import Command
from gui.core.figure.figure import Figure, empty_figure
from gui.core.leaving.figure_drawer import FigureDrawer
from gui.core.state.document import DataRef
from gui.core.widgets.page_view import tab_commands
from gui.core.words.i18n import tr
from gui.core.words.numbers import parse_number
from gui.core.work.services import Context
from gui.pages.spectrum.analysis import Analysis
from gui.pages.spectrum.comparison import Comparison
from gui.pages.spectrum.controls_view import SpectrumControls
from gui.pages.spectrum.data import Data, data_of
from gui.pages.spectrum.figures import matrix_figure, spectrum_figure
from gui.pages.spectrum.lower_controller import LowerController
from gui.pages.spectrum.pipeline import Pipeline
from gui.pages.spectrum.results import Memory, Results
from gui.pages.spectrum.saving import FactorSaver
from gui.pages.spectrum.state import (
    OVERLAYS_MAX,
    Pinned,
    SpectrumState,
    effective_k,
    effective_rank,
    effective_vector,
    rank_limit,
    with_repair,
    with_rule_value,
    without_rule_value,
)
from gui.pages.spectrum.view import SpectrumView
from gui.pages.spectrum.wording import (
    bad_entries,
    change_labels,
    matrix_rows,
    plain_rows,
    rank_rows,
    remark_of,
    repaired,
)

SLICE = "spectrum"
# Fields whose changes come in gestures; each gesture is one undo step.
_GESTURES = {"rank", "k", "tau", "vector", "matrix", "stage", "bins", "noise"}


class SpectrumController:
    """The page object of the window (see :class:`gui.core.leaving.page.Page`)."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._view = SpectrumView(context.theme)
        self._controls = SpectrumControls()
        self._labels = change_labels()
        self._memory = Memory()
        self._spectrum_of: DataRef | None = None
        self._drawer = FigureDrawer(self._view)
        self._pipeline = Pipeline(context, self._memory, self._update)
        self._compared = Comparison(context, self._memory, self._update)
        self._lower = LowerController(
            context, self._view, self._controls, self._drawer, self._update
        )
        self._saver = FactorSaver(context, self._view)
        self._connect()
        self._update()

    def _connect(self) -> None:
        self._store.changed.connect(self._when_changed)
        self._context.library.listen(self._when_opened)
        view, controls = self._view, self._controls
        view.shown.connect(self._update)
        view.cursor_moved.connect(self._move_cursor)
        view.released.connect(self._store.seal)
        view.log_toggled.connect(self._toggle_log)
        view.view_chosen.connect(lambda key: self._edit("view", key))
        view.rule_chosen.connect(self._choose_rule)
        view.rule_value_typed.connect(self._type_rule_value)
        view.notice_chosen.connect(self._answer)
        controls.edited.connect(self._edit)
        controls.sealed.connect(self._store.seal)
        controls.pin_requested.connect(self._pin)
        controls.unpinned.connect(self._unpin)
        controls.save_requested.connect(self._save)

    # -- the page protocol ------------------------------------------------------------------

    @property
    def widget(self) -> QWidget:
        """The plots."""
        return self._view

    @property
    def controls(self) -> QWidget:
        """The controls for the dock."""
        return self._controls

    def figures(self) -> tuple[Figure, ...]:
        """The figures on screen, as zoomed, the focused one first."""
        return self._view.figures()

    def summary(self) -> str:
        """One line about the matrix shown, or about the one that has no spectrum."""
        analysis, data = self._results.analysis, self._data
        if analysis is None:
            if data is None or (self._results.bad is None and not self._results.error):
                return ""
            m, n = data.ref.matrix_shape
            return tr("{name}, {m} × {n}, cannot be computed", name=data.ref.title, m=m, n=n)
        m, n = analysis.shape
        words = {
            True: tr("{name}, {m} × {n}, r = {rank}"),
            False: tr("{name}, {m} × {n}, r = {rank}, leading values only"),
        }
        text = words[analysis.spectrum.complete]
        return text.format(name=analysis.data.ref.title, m=m, n=n, rank=self._rank)

    def commands(self) -> tuple[Command, ...]:
        """Every lower view."""
        return tab_commands(self._view.tabs, tr("Spectrum"))

    def shutdown(self) -> None:
        """Drop pending results and let go of the store."""
        self._store.changed.disconnect(self._when_changed)
        self._context.library.leave(self._when_opened)
        self._controls.play.setChecked(False)
        self._pipeline.shutdown()
        self._lower.shutdown()
        self._compared.shutdown()
        self._saver.shutdown()

    # -- from the person to the store -------------------------------------------------------

    @property
    def _state(self) -> SpectrumState:
        state: SpectrumState = self._store[SLICE]
        return state

    @property
    def _data(self) -> Data | None:
        return self._pipeline.data

    @property
    def _results(self) -> Results:
        return self._pipeline.results

    @property
    def _active(self) -> DataRef | None:
        active: DataRef | None = self._store["selection"].active
        return active

    @property
    def _rank(self) -> int:
        return effective_rank(self._state, rank_limit(self._active))

    def _edit(self, field: str, value: object) -> None:
        merge = f"{SLICE}.{field}" if field in _GESTURES else ""
        fields: dict[str, object] = {field: value}
        if field == "k" and self._state.k_follows:
            fields["k_follows"] = False
        elif field == "k_follows" and not value:
            fields["k"] = effective_k(self._state, rank_limit(self._active))
        self._store.replace(SLICE, label=self._labels[field], merge=merge, **fields)

    def _move_cursor(self, key: str, value: float) -> None:
        if key == "rank":
            self._edit("rank", round(value))
        elif key in ("k", "tau"):
            self._edit(key, float(value))

    def _toggle_log(self, plot: str, axis: str, on: bool) -> None:
        fields = {
            ("values", "x"): "log_x",
            ("values", "y"): "log_y",
            ("error", "y"): "error_log",
            ("density", "y"): "density_log",
        }
        if (plot, axis) in fields:
            self._edit(fields[plot, axis], on)
        else:
            self._show_again(plot)

    def _choose_rule(self, key: str) -> None:
        row = self._lower.rule(key)
        if row is not None and row.rank is not None:
            self._store.seal()
            self._edit("rank", row.rank)
            self._store.seal()

    def _type_rule_value(self, key: str, text: str) -> None:
        row = self._lower.rule(key)
        if row is None or row.parameter is None:
            return
        number, parameter = parse_number(text), row.parameter
        if not text.strip() or text.strip().lower() == tr("auto"):
            self._view.rules.set_error("")
            self._edit("rule_values", without_rule_value(self._state, key))
        elif number is None:
            self._view.rules.set_error(tr("“{typed}” is not a number.", typed=text))
        elif not parameter.minimum <= number <= parameter.maximum:
            low, high = parameter.minimum, parameter.maximum
            words = tr("{name} must be within {low:g} and {high:g}; {value:g} is not.")
            self._view.rules.set_error(
                words.format(name=parameter.title, low=low, high=high, value=number)
            )
        else:
            self._view.rules.set_error("")
            self._edit("rule_values", with_rule_value(self._state, key, number))

    def _pin(self) -> None:
        if self._data is not None and len(self._state.overlays) < OVERLAYS_MAX:
            pinned = Pinned(self._data.ref, self._data.repair)
            if pinned not in self._state.overlays:
                self._edit("overlays", (*self._state.overlays, pinned))

    def _unpin(self, index: int) -> None:
        overlays = self._state.overlays
        self._edit("overlays", overlays[:index] + overlays[index + 1 :])

    def _save(self) -> None:
        if self._data is not None and self._results.factors is not None:
            reason = self._lower.reason_for(self._rank)
            self._saver.ask(self._data, self._results, self._rank, reason)

    def _answer(self, key: str) -> None:
        if key == "again":
            self._restart()
        elif self._data is not None:
            repair: Any = "" if key == "keep" else key
            self._edit("repairs", with_repair(self._state, self._data.ref, repair))

    # -- from the store to the requests -----------------------------------------------------

    def _when_opened(self, _path: str) -> None:
        self._update()

    def _when_changed(self, _old: object, _new: object) -> None:
        self._update()

    def _update(self) -> None:
        if not self._view.isVisible():
            return
        self._follow_data()
        self._compared.follow(self._state.overlays)
        self._lower.follow(self._state, self._active, self._results, self._rank)
        self._draw()

    def _follow_data(self) -> None:
        ref = self._active
        data = None
        if ref is not None:
            data = data_of(self._state, ref, self._context.library.get(ref.path))
        if data != self._pipeline.data:
            self._view.rules.set_error("")
        self._pipeline.vectors_wanted = self._state.view in ("reconstruction", "vectors")
        self._pipeline.follow(data, self._state.method)

    def _restart(self) -> None:
        self._lower.restart()
        self._pipeline.restart()
        self._update()

    # -- drawing ----------------------------------------------------------------------------

    def _show_again(self, key: str) -> None:
        self._drawer.forget(key)
        self._update()

    def _draw(self) -> None:
        state, results = self._state, self._results
        limit = rank_limit(self._active)
        rank = self._rank
        self._controls.set_limits(limit)
        self._controls.set_state(
            state, rank, effective_k(state, limit), effective_vector(state, limit)
        )
        self._view.set_lower(state.view)
        self._draw_notice()
        self._draw_overlays()
        self._draw_matrix()
        analysis = results.analysis
        self._controls.save_button.setEnabled(
            results.factors is not None and 0 < rank <= results.factors.known
        )
        if analysis is not None:
            self._draw_spectrum(analysis, rank)
        elif self._active is None or results.bad is not None or results.error:
            self._draw_nothing()

    def _draw_spectrum(self, analysis: Analysis, rank: int) -> None:
        state = self._state
        self._spectrum_of = analysis.data.ref
        overlays, rules = self._compared.overlays(self._data), self._lower.rules_on_plot()
        style = (state.quantity, state.log_x, state.log_y, state.normalised)
        self._drawer.show(
            "values",
            (analysis, rank, style, tuple(overlays), rules),
            lambda: spectrum_figure(analysis, state, rank, overlays, rules),
        )
        self._controls.at_rank.set_rows(rank_rows(analysis, rank))
        self._controls.readouts.set_rows(matrix_rows(analysis))
        self._controls.set_remark(remark_of(analysis))

    def _draw_nothing(self) -> None:
        if self._active is not None and self._active == self._spectrum_of:
            return  # the last good spectrum of this very matrix stays
        note = tr("Choose a matrix in Sources, or drop a file on the window.")
        if self._active is not None:
            note = tr("No spectrum of this matrix yet.")
        title = tr("Singular value spectrum")
        self._drawer.show("values", (note,), lambda: empty_figure("spectrum.values", title, note))
        self._spectrum_of = None
        self._controls.at_rank.set_rows([])
        picture = self._results.picture
        self._controls.readouts.set_rows([] if picture is None else plain_rows(picture))
        self._controls.set_remark("")

    def _draw_matrix(self) -> None:
        picture, data = self._results.picture, self._data
        if picture is not None and data is not None:
            state = self._state
            parts = (picture, state.reduction)
            self._drawer.show(
                "matrix", parts, lambda: matrix_figure(picture, data.ref.title, state)
            )
        elif data is None:
            title = tr("Matrix picture")
            self._drawer.show("matrix", (), lambda: empty_figure("spectrum.matrix", title, ""))

    def _draw_overlays(self) -> None:
        titles = [item.ref.title for item in self._state.overlays]
        pinned = self._data is not None and any(
            item == Pinned(self._data.ref, self._data.repair) for item in self._state.overlays
        )
        room = len(titles) < OVERLAYS_MAX
        self._controls.set_overlays(
            titles, self._results.analysis is not None and room and not pinned
        )

    def _draw_notice(self) -> None:
        results, again = self._results, ("again", tr("Compute again"), tr("Start once more"))
        zero = ("zero", tr("Replace by &zero"), tr("Every NaN or infinite entry counts as 0"))
        mean = (
            "column_mean",
            tr("Replace by column &mean"),
            tr("By the mean of the finite entries of the same column; undo takes it back"),
        )
        if results.bad is not None:
            self._view.notice.set_notice(bad_entries(results.bad), (zero, mean))
        elif results.error:
            self._view.notice.set_notice(results.error, (again,))
        elif self._pipeline.stopped or self._lower.stopped:
            text = tr("The computation was cancelled; what is shown may be incomplete.")
            self._view.notice.set_notice(text, (again,))
        elif self._data is not None and self._data.repair:
            keep = ("keep", tr("Take it back"), tr("Show the matrix as it is in the file"))
            self._view.notice.set_notice(repaired(self._data), (keep,))
        else:
            self._view.notice.set_notice("")
