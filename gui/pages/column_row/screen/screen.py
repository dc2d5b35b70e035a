"""The Column-row page on the screen: what is multiplied, and what each strategy reaches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from gui.core.declare.answers import Missing
from gui.core.declare.moment import Moment
from gui.core.declare.records import Plot
from gui.core.screen.code_button import CodeButton, copy_code
from gui.core.screen.page_screen import PageScreen
from gui.core.screen.remedies import Button
from gui.core.state.document import Arrays, DataRef, Second
from gui.core.widgets.controls import set_usable
from gui.core.words.i18n import tr
from gui.core.work.conductor import Failure
from gui.core.work.drawing import DIM_AFTER
from gui.pages.column_row.compute.catalogue import Strategies
from gui.pages.column_row.compute.detail import ChooseDetail, Detail, selection_code
from gui.pages.column_row.compute.product import (
    ACTIVATIONS,
    LAYER_WEIGHTS,
    CannotMultiply,
    Multiply,
    Pairing,
    multiplied,
    pairing,
    transposing_that_fits,
    with_pairing,
)
from gui.pages.column_row.compute.terms import Prepare
from gui.pages.column_row.screen.pairing import (
    PairingControls,
    array_key,
    likely_partner,
    offered_arrays,
)
from gui.pages.column_row.show.error import Error
from gui.pages.column_row.show.frame import curve_title
from gui.pages.column_row.show.sentences import Reached, reached, shapes_text
from gui.pages.column_row.show.standings import StandingsTable

# Exact search is small enough in the example, and beaten by nobody.
_EXAMPLE = ("norm", "drop2", "greedy", "exact", "norm_sampling")


class Screen(PageScreen):
    """The page object of the window."""

    def build(self) -> None:
        """Add what is multiplied, and let a click in the table show a strategy in detail."""
        self._reached, self._is_old = Reached({}), False
        self.pairing = PairingControls(self.controls.section_of("Product XY"))
        self.pairing.edited.connect(self._edit_pairing)
        self.pairing.example_requested.connect(self._show_example)
        self._code_tip = tr(
            "Copy the pairs in detail, with their weights, as a function that runs by itself"
        )
        self.code_button = CodeButton(tr("Copy selection as &code"), self._code_tip)
        self.code_button.chosen.connect(self._copy_code)
        self.controls.section_of("Weights L").add(self.code_button)
        self.tables[StandingsTable.key].chosen.connect(self._choose_standing)

    @property
    def _state(self) -> Any:
        return self.context.store[self.page.key]

    def repeated(self, now: Moment) -> Moment:
        """Return a moment as a call says it: how arrays are multiplied is said by options."""
        held, product = now.look(pairing), now.look(multiplied)
        delivered = Multiply.pairings.default  # type: ignore[attr-defined]
        fields: dict[str, Any] = {"pairings": delivered}
        given = dict(now.given)
        if isinstance(held, Missing) or held in delivered:
            pass
        elif held.kind == "other":
            given[Second] = Second(product.y.data)
            fields |= {"transpose_x": held.x_transposed, "transpose_y": held.y_transposed}
        else:
            fields["product"] = held.kind
        return now.after(replace(now.state, **fields), given)

    # -- from the person --------------------------------------------------------------------

    def _edit_pairing(self, field: str, value: Any) -> None:
        now = self.conductor.present()
        held = now.look(pairing)
        if isinstance(held, Missing):
            return
        arrays = offered_arrays(now.look(Arrays), held.y)
        if field == "y":
            value = next((ref for ref in arrays if array_key(ref) == value), None)
        changed: Pairing = replace(held, **{field: value})
        if changed.kind == "other" and changed.y is None:
            changed = replace(changed, y=likely_partner(changed, arrays))
        self._set_pairing(changed)

    def _set_pairing(self, changed: Pairing) -> None:
        self.conductor.edit("pairings", with_pairing(self._state.pairings, changed))

    def _show_example(self) -> None:
        example = Pairing(ACTIVATIONS, "other", LAYER_WEIGHTS)
        pairings = with_pairing(self._state.pairings, example)
        changes: dict[str, dict[str, Any]] = {
            "selection": {"active": ACTIVATIONS},
            self.page.key: {"pairings": pairings, "strategies": _EXAMPLE},
        }
        self.context.store.replace_many(changes, label=tr("example"))

    def _copy_code(self, library: str) -> None:
        """Put the approximation in detail on the clipboard."""
        now = self.conductor.present()
        prepared, detail = now.look(Prepare), now.look(ChooseDetail)
        if isinstance(prepared, Missing) or not isinstance(detail, Detail):
            return
        text = selection_code(detail, prepared.pairs, library)
        copy_code(text, curve_title(detail.chosen), library, self.context)

    def _choose_standing(self, data: str) -> None:
        strategy, weights = data.split()
        fields = {"detail": strategy, "detail_weights": weights}
        self.conductor.edit_many(fields, tr("strategy in detail"))

    def answer(self, key: str) -> None:
        """Do what a button of the notice says."""
        now = self.conductor.present()
        held, product = now.look(pairing), now.look(multiplied)
        if key != "transpose" or isinstance(product, Missing):
            super().answer(key)
            return
        turn_x, turn_y = transposing_that_fits(product) or (False, False)
        self._set_pairing(
            replace(
                held,
                x_transposed=held.x_transposed != turn_x,
                y_transposed=held.y_transposed != turn_y,
            )
        )

    def repaired(self) -> tuple[DataRef, ...]:
        """Return both sides: a choice about NaN and infinity is made for both."""
        product = self.conductor.present().look(multiplied)
        if isinstance(product, Missing):
            return super().repaired()
        return tuple(dict.fromkeys((product.x.ref, product.y.ref)))

    # -- to the screen ----------------------------------------------------------------------

    def nothing(self, plot: type[Plot]) -> str:
        """Return what stands in a plot that has nothing to show yet: it is said once."""
        return super().nothing(plot) if plot is Error else ""

    def reason(self, plot: type[Plot], why: BaseException) -> str:
        """Return what stands in a plot that cannot be drawn; the notice says why."""
        return tr("No product of these arrays yet.") if plot is Error else ""

    def notice(self, now: Moment, failures: list[Failure]) -> tuple[str, tuple[Button, ...]]:
        """Return what stands over the plots; a misfit is answered by transposing."""
        first = failures[0].error if failures else None
        if isinstance(first, CannotMultiply):
            return str(first), _transposing(first)
        return super().notice(now, failures)

    def remarks(self, now: Moment) -> Mapping[str, str]:
        """Return which strategies are left out at this r, and why."""
        return {"strategies": self._reached.refusals}

    def tell(self, now: Moment, changed: frozenset[Any] | None) -> None:
        """Bring controls and notices up to date."""
        found, prepared = now.look(reached), now.look(Prepare)
        refused = isinstance(prepared, Missing) and prepared.why is not None
        # While a product is on its way the numbers of the one before stay, as its plots do.
        if isinstance(found, Reached):
            self._reached = found
        elif refused or isinstance(now.subject, Missing):
            self._reached = Reached({})
        super().tell(now, changed)
        self._show_reached(now)
        there = isinstance(now.look(ChooseDetail), Detail)
        why = tr("There is no approximation to copy yet.")
        set_usable(self.code_button, there, self._code_tip, why)
        if changed is None or not changed.isdisjoint((pairing, multiplied, Arrays)):
            self._show_pairing(now)

    def _show_reached(self, now: Moment) -> None:
        checks, infos = self.controls.lists["strategies"], now.look(Strategies)
        if not isinstance(infos, Missing):
            for info in infos:
                checks.set_trailing(info.key, *self._reached.trailing.get(info.key, ("", "")))
        old = not isinstance(now.look(reached), Reached) or now.is_behind(reached)
        if old and not self._is_old:
            self._later(DIM_AFTER, self._dim_reached)
        self._is_old = old
        if not old:
            checks.set_dimmed(False)

    def _dim_reached(self) -> None:
        """Show what the strategies reached as what has been, where it still is just that."""
        self.controls.lists["strategies"].set_dimmed(self._is_old)

    def _show_pairing(self, now: Moment) -> None:
        held, product, arrays = now.look(pairing), now.look(multiplied), now.look(Arrays)
        if isinstance(held, Missing):
            self.pairing.set_pairing(None, (), "")
        else:
            offered = offered_arrays(arrays, held.y)
            self.pairing.set_pairing(held, offered, shapes_text(product))


def _transposing(error: CannotMultiply) -> tuple[Button, ...]:
    """Return the button that makes the factors fit."""
    labels = {
        (False, True): tr("Transpose Y"),
        (True, False): tr("Transpose X"),
        (True, True): tr("Transpose both"),
    }
    if error.turn is None:
        return ()
    tip = tr("Then X has as many columns as Y has rows")
    return (("transpose", labels[error.turn], tip),)
