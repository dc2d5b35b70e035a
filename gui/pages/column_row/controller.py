"""The Column-row page's conductor: watches the store, has things computed, draws what arrives.

Nothing is computed while the page is hidden.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QWidget

from gui.core.declare.entries import Entry
from gui.core.figure.figure import Figure
from gui.core.state.document import DataRef
from gui.core.widgets.page_view import tab_commands
from gui.core.words.i18n import tr
from gui.core.work.services import Context
from gui.pages.column_row.at_r import AtR
from gui.pages.column_row.catalogue import Catalogue, ReadCatalogue, StrategyInfo, options_of
from gui.pages.column_row.controls_view import ColumnRowControls
from gui.pages.column_row.figures import pairs_text
from gui.pages.column_row.pipeline import Pipeline, Results, Wanted
from gui.pages.column_row.presenter import Moment, Presenter
from gui.pages.column_row.state import (
    ACTIVATIONS,
    LAYER_WEIGHTS,
    LOG_FIELDS,
    ColumnRowState,
    Pairing,
    Product,
    effective_r,
    pairing_of,
    product_of,
    transposing_that_fits,
    with_pairing,
    with_repair,
    with_strategy,
    with_weights,
)
from gui.pages.column_row.view import ColumnRowView
from gui.pages.column_row.wording import change_labels, offered_arrays

SLICE = "column_row"
CATALOGUE = "column_row.catalogue"
# Fields whose changes come in gestures; each gesture is one undo step.
_GESTURES = {"r", "seed", "tau"}
_EXAMPLE = ("norm", "drop2", "greedy", "exact", "norm_sampling")


class ColumnRowController:
    """The page object of the window (see :class:`gui.core.leaving.page.Page`)."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._store = context.store
        self._view = ColumnRowView(context.theme)
        self._controls = ColumnRowControls(context.theme)
        self._labels = change_labels()
        self._catalogue: Catalogue | None = None
        self._presenter = Presenter(self._view, self._controls)
        self._pipeline = Pipeline(context, self._update)
        self._at_r = AtR(context, self._update)
        self._connect()
        self._update()

    def _connect(self) -> None:
        self._store.changed.connect(self._when_changed)
        view, controls = self._view, self._controls
        view.shown.connect(self._update)
        view.cursor_moved.connect(self._move_cursor)
        view.released.connect(self._store.seal)
        view.log_toggled.connect(self._toggle_log)
        view.view_chosen.connect(lambda key: self._edit("view", key))
        view.standing_chosen.connect(self._choose_standing)
        view.notice_chosen.connect(self._answer)
        controls.edited.connect(self._edit)
        controls.strategy_edited.connect(self._tick_strategy)
        controls.weights_edited.connect(self._tick_weights)
        controls.pairing_edited.connect(self._edit_pairing)
        controls.example_requested.connect(self._show_example)
        controls.sealed.connect(self._store.seal)

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
        """One line about the product shown, or about the one that cannot be."""
        prepared, product = self._results.prepared, self._product
        if prepared is None:
            if product is None or (product.fits and not self._results.error):
                return ""
            return tr("{name}, cannot be computed", name=product.title)
        name, pairs = prepared.product.title, pairs_text(prepared.pairs)
        return tr("{name}, r = {r} of {pairs}", name=name, r=self._r, pairs=pairs)

    def commands(self) -> tuple[Entry, ...]:
        """Every lower view, every strategy to compare or leave out, and the example."""
        example = self._controls.example_button
        views = tab_commands(self._view.tabs, tr("Column-row"))
        checks = self._controls.strategies
        if checks is None:
            return views
        boxes = [(info, checks.box(info.key)) for info in self._strategies()]
        toggles = (
            Entry(tr(info.title), tr("Strategies"), box.click, "", info.key, box.isChecked())
            for info, box in boxes
        )
        show = Entry(tr("Built-in example"), tr("Column-row"), example.click)
        return (*views, show, *toggles)

    def shutdown(self) -> None:
        """Drop pending results and let go of the store."""
        self._store.changed.disconnect(self._when_changed)
        self._context.runner.cancel(CATALOGUE)
        self._pipeline.shutdown()
        self._at_r.shutdown()

    # -- from the person to the store -------------------------------------------------------

    @property
    def _state(self) -> ColumnRowState:
        state: ColumnRowState = self._store[SLICE]
        return state

    @property
    def _active(self) -> DataRef | None:
        active: DataRef | None = self._store["selection"].active
        return active

    @property
    def _product(self) -> Product | None:
        return product_of(self._state, self._active)

    @property
    def _results(self) -> Results:
        return self._pipeline.results

    @property
    def _r(self) -> int:
        product = self._product
        return effective_r(self._state, product.pairs if product is not None else 0)

    def _edit(self, field: str, value: Any) -> None:
        merge = f"{SLICE}.{field}" if field in _GESTURES else ""
        self._store.replace(SLICE, label=self._labels[field], merge=merge, **{field: value})

    def _move_cursor(self, key: str, value: float) -> None:
        if key == "r":
            self._edit("r", round(value))

    def _toggle_log(self, plot: str, axis: str, on: bool) -> None:
        if (plot, axis) in LOG_FIELDS:
            self._edit(LOG_FIELDS[plot, axis], on)

    def _tick_strategy(self, key: str, checked: bool) -> None:
        keys = tuple(info.key for info in self._strategies())
        chosen = with_strategy(self._state, keys, key, checked)
        self._store.replace(SLICE, label=tr("strategies"), strategies=chosen)

    def _tick_weights(self, kind: str, checked: bool) -> None:
        chosen = with_weights(self._state, kind, checked)
        if not self._store.replace(SLICE, label=tr("weights"), weights=chosen):
            self._controls.weights.set_value(chosen)

    def _choose_standing(self, strategy: str, kind: str) -> None:
        change: dict[str, Any] = {"detail": strategy, "detail_weights": kind}
        self._store.replace(SLICE, label=self._labels["detail"], **change)

    def _edit_pairing(self, field: str, value: Any) -> None:
        if self._active is None:
            return
        pairing = pairing_of(self._state, self._active)
        if field == "y":
            value = self._arrays(pairing).get(str(value))
        pairing = replace(pairing, **{field: value})
        if pairing.kind == "other" and pairing.y is None:
            pairing = replace(pairing, y=self._likely_partner(pairing))
        self._set_pairing(pairing)

    def _set_pairing(self, pairing: Pairing) -> None:
        pairings = with_pairing(self._state, pairing)
        self._store.replace(SLICE, label=tr("product"), pairings=pairings)

    def _likely_partner(self, pairing: Pairing) -> DataRef | None:
        """Return the first other array that fits as it is, else the first other one."""
        others = [ref for ref in self._arrays(pairing).values() if ref != pairing.a]
        inner = pairing.a.matrix_shape[1]
        fitting = (ref for ref in others if ref.matrix_shape[0] == inner)
        return next(fitting, others[0] if others else None)

    def _show_example(self) -> None:
        pairings = with_pairing(self._state, Pairing(ACTIVATIONS, "other", LAYER_WEIGHTS))
        changes: dict[str, dict[str, Any]] = {
            "selection": {"active": ACTIVATIONS},
            SLICE: {"pairings": pairings, "strategies": _EXAMPLE},
        }
        self._store.replace_many(changes, label=tr("example"))

    def _answer(self, key: str) -> None:
        product = self._product
        if key == "again":
            self._at_r.restart()
            self._pipeline.restart()
            self._update()
        elif key in ("zero", "column_mean", "keep") and product is not None:
            repair: Any = "" if key == "keep" else key
            self._edit("repairs", with_repair(self._state, product, repair))
        elif key == "transpose" and product is not None and self._active is not None:
            turn_x, turn_y = transposing_that_fits(product) or (False, False)
            pairing = pairing_of(self._state, self._active)
            self._set_pairing(
                replace(
                    pairing,
                    x_transposed=pairing.x_transposed != turn_x,
                    y_transposed=pairing.y_transposed != turn_y,
                )
            )

    # -- from the store to the requests -----------------------------------------------------

    def _when_changed(self, old: Any, new: Any) -> None:
        if any(old[name] is not new[name] for name in (SLICE, "selection", "files")):
            self._update()

    def _update(self) -> None:
        if not self._view.isVisible():
            return
        self._want_catalogue()
        product = self._product
        self._pipeline.follow(product if product is not None and product.fits else None)
        prepared = self._results.prepared
        self._at_r.turn_to(prepared)
        if prepared is not None and self._catalogue is not None:
            self._pipeline.want(self._wanted())
            self._at_r.follow(prepared, self._r, self._state, self._compared())
        self._presenter.show(self._moment())

    def _want_catalogue(self) -> None:
        runner = self._context.runner
        if self._catalogue is None and not runner.is_busy(CATALOGUE):
            runner.submit(CATALOGUE, ReadCatalogue(), self._on_catalogue)

    def _on_catalogue(self, _request: object, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._presenter.set_catalogue(catalogue)
        self._update()

    def _strategies(self) -> tuple[StrategyInfo, ...]:
        return self._catalogue.strategies if self._catalogue is not None else ()

    def _compared(self) -> tuple[StrategyInfo, ...]:
        return tuple(info for info in self._strategies() if info.key in self._state.strategies)

    def _wanted(self) -> list[Wanted]:
        """Return the curves in the order in which they are computed and drawn."""
        options, wanted = options_of(self._state), []
        for kind in self._state.weights:
            for info in self._compared():
                if kind in info.kinds((kind,)):
                    # The expectation says more of a sampled strategy than one of its draws.
                    weights = None if kind == "own" and info.random else kind
                    wanted.append(Wanted(info, weights, options.of(info)))
        return wanted

    # -- what is shown ----------------------------------------------------------------------

    def _moment(self) -> Moment:
        pairing = pairing_of(self._state, self._active) if self._active is not None else None
        return Moment(
            state=self._state,
            product=self._product,
            pairing=pairing,
            arrays=self._arrays(pairing) if pairing is not None else {},
            compared=self._compared(),
            wanted=self._wanted(),
            results=self._results,
            standings=self._at_r.standings,
            detail=self._at_r.detail,
            stopped=self._pipeline.stopped or self._at_r.stopped,
        )

    def _arrays(self, pairing: Pairing) -> dict[str, DataRef]:
        return offered_arrays(self._store["files"], pairing.y)
