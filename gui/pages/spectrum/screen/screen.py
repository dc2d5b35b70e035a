"""The Spectrum page on the screen: rules, pins, factors and the 2 x 2 player beside its plots."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QPushButton

from gui.core.declare.answers import Missing
from gui.core.declare.moment import Moment
from gui.core.declare.records import Plot
from gui.core.paint.head.labels import PlainLabel
from gui.core.screen.code_button import CodeButton, copy_code
from gui.core.screen.page_screen import PageScreen
from gui.core.screen.remedies import Button
from gui.core.state.document import Opened
from gui.core.widgets.controls import set_usable
from gui.core.widgets.lists.number_grid import NumberGrid
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.numbers import number_complaint, parse_number
from gui.core.work.conductor import Failure
from gui.pages.spectrum.compute.analysis import Analysis
from gui.pages.spectrum.compute.circle import Circle, FollowCircle
from gui.pages.spectrum.compute.entries import Place
from gui.pages.spectrum.compute.factors import Factors, Vectors
from gui.pages.spectrum.compute.inverse import VIEW as INVERSE_VIEW
from gui.pages.spectrum.compute.inverse import Choices, Invert
from gui.pages.spectrum.compute.matrix import Analyse
from gui.pages.spectrum.compute.pins import OVERLAYS_MAX, Pinned, PinnedSpectrum, Pins
from gui.pages.spectrum.compute.rules import RuleRow, Rules, truncation_code
from gui.pages.spectrum.compute.shared import Shared
from gui.pages.spectrum.screen.numbers import Numbers
from gui.pages.spectrum.screen.pins import PinList
from gui.pages.spectrum.screen.player import Player
from gui.pages.spectrum.screen.right_hand import RightHandSide
from gui.pages.spectrum.screen.saving import FactorSaver
from gui.pages.spectrum.show.entries import Entries
from gui.pages.spectrum.show.rules import RulesTable
from gui.pages.spectrum.show.sentences import remark_of

# What the buttons and the remark depend on.
_BUTTONS = (Opened, Shared.rank, Pins.overlays, Analyse, Vectors)
_CIRCLE = (Circle.matrix, Circle.stage, FollowCircle)  # what the 2 x 2 player shows


class Screen(PageScreen):
    """The page object of the window."""

    def build(self) -> None:
        """Add the buttons, the player and the list of pins."""
        controls = self.controls
        self.save_button = QPushButton(tr("&Save factors…"))
        self._save_tip = tr(
            "Write U_r, S_r, V_rᵀ to a .npz or .safetensors file, with rank, error and hash"
        )
        self.save_button.setToolTip(self._save_tip)
        self.save_button.clicked.connect(self._save)
        controls.section_of("").add(self.save_button)
        self._code_tip = tr(
            "Copy the truncated SVD as a function that runs by itself: by the rank rule clicked "
            "last, or at this rank"
        )
        self.code_button = CodeButton(tr("Copy factors as &code"), self._code_tip)
        self.code_button.chosen.connect(self._copy_code)
        controls.section_of("").add(self.code_button)
        self._rule_chosen = ""  # the key of the rule that was clicked last
        self.player = Player(controls, self.conductor)
        self.remark = PlainLabel()
        self.remark.setWordWrap(True)
        self.remark.hide()
        controls.section_of("Matrix").add(self.remark)
        self.pins = PinList(controls.section_of("Comparison"))
        self.pins.pin_requested.connect(self._pin)
        self.pins.unpinned.connect(self._unpin)
        self._told: set[BaseException] = set()  # errors of pinned matrices that have been told
        self._saver = FactorSaver(self.context, self.view)
        self._numbers = Numbers(self, self.grid)
        self.right_hand = RightHandSide(controls.section_of(INVERSE_VIEW))
        self.right_hand.typed.connect(self._type_right_hand)
        self.right_hand.wrong.connect(lambda said: controls.set_error("b", said))
        self.right_hand.save_requested.connect(self._save_inverse)
        controls.add_place("b", INVERSE_VIEW)
        rules = self.tables[RulesTable.key]
        rules.chosen.connect(self._choose_rule)
        rules.typed.connect(self._type_rule_value)

    def new_table(self, plot: type[Plot]) -> Any:
        """Return what shows a table: numbers are more than a `TableView` holds."""
        if plot is not Entries:
            return super().new_table(plot)
        self.grid = NumberGrid(tr(plot.title), self.context.theme)
        return self.grid

    def shutdown(self) -> None:
        """Drop what is pending and let go of the store."""
        self.player.stop()
        self._saver.shutdown()
        super().shutdown()

    # -- from the person --------------------------------------------------------------------

    def _pin(self) -> None:
        now = self.conductor.present()
        data, pinned = now.look(Opened), self._overlays
        if isinstance(data, Missing) or len(pinned) >= OVERLAYS_MAX:
            return
        item = Pinned(data.ref, data.repair)
        if item not in pinned:
            # What has been computed is not computed again when another matrix is looked at.
            analysis = now.look(Analyse)
            if isinstance(analysis, Analysis) and not analysis.more:
                self.conductor.know(PinnedSpectrum, data, analysis)
            self.conductor.edit("overlays", (*pinned, item))

    def _unpin(self, index: int) -> None:
        self.conductor.edit("overlays", self._overlays[:index] + self._overlays[index + 1 :])

    @property
    def _overlays(self) -> tuple[Pinned, ...]:
        overlays: tuple[Pinned, ...] = self.context.store[self.page.key].overlays
        return overlays

    def _rule(self, key: str) -> RuleRow | None:
        table = self.shown(RulesTable)
        rows = table.rules if table is not None else ()
        return next((row for row in rows if row.key == key), None)

    def _choose_rule(self, key: str) -> None:
        row = self._rule(key)
        if row is not None and row.rank is not None:
            self.conductor.seal()
            self.conductor.edit("rank", row.rank)
            self.conductor.seal()
            self._rule_chosen = key

    def _copy_code(self, library: str) -> None:
        """Put the truncation on the clipboard: by the rule that chose this rank, if one did."""
        now = self.conductor.present()
        rank, rows = now.look(Shared.rank), now.look(Rules)
        known = () if isinstance(rows, Missing) else rows
        chosen = (row for row in known if row.key == self._rule_chosen and row.rank == rank)
        rule = next(chosen, None)
        text, by_rule = truncation_code(rank, rule, library)
        name = tr("the factors of rank {rank}", rank=rank)
        if by_rule and rule is not None:
            name = tr("{rule} with its factors", rule=rule.title)
        copy_code(text, name, library, self.context)

    def _type_rule_value(self, key: str, text: str) -> None:
        row = self._rule(key)
        if row is None or row.parameter is None:
            return
        number, one = parse_number(text), row.parameter
        values = dict(self.context.store[self.page.key].rule_values)
        said = ""
        if not text.strip() or text.strip().lower() == tr("auto"):
            values.pop(key, None)
        elif number is None:
            said = number_complaint(text)
        elif not one.minimum <= number <= one.maximum:
            words = tr("{name} must be within {low:g} and {high:g}; {value:g} is not.")
            said = words.format(name=one.title, low=one.minimum, high=one.maximum, value=number)
        else:
            values[key] = number
        self.tables[RulesTable.key].set_error(said)
        if not said:
            self.conductor.edit("rule_values", tuple(sorted(values.items())))

    def _save(self) -> None:
        now = self.conductor.present()
        data, factors, analysis = now.look(Opened), self._factors(now), now.look(Analyse)
        if isinstance(data, Missing) or factors is None or isinstance(analysis, Missing):
            return
        rank = now.look(Shared.rank)
        rows = now.look(Rules)
        titles = [] if isinstance(rows, Missing) else [r.title for r in rows if r.rank == rank]
        self._saver.ask(data, factors, analysis, rank, ", ".join(titles) or "chosen by hand")

    def _type_right_hand(self, numbers: tuple[float, ...]) -> None:
        self.conductor.seal()
        self.conductor.edit("b_typed", numbers)

    def _save_inverse(self) -> None:
        now = self.conductor.present()
        data, inverse = now.look(Opened), now.look(Invert)
        if not isinstance(data, Missing) and not isinstance(inverse, Missing):
            self._saver.ask_inverse(data, inverse)

    def _factors(self, now: Moment) -> Factors | Vectors | None:
        """Return the factors, or the step that computes them; None where there can be none."""
        factors = now.look(Vectors)
        if not isinstance(factors, Missing):
            return factors  # type: ignore[no-any-return]
        parts = now.args(Vectors)
        return None if factors.why is not None or isinstance(parts, Missing) else Vectors(**parts)

    # -- to the screen ----------------------------------------------------------------------

    def notice(self, now: Moment, failures: list[Failure]) -> tuple[str, tuple[Button, ...]]:
        """Return what stands over the plots; a pinned matrix that fails is no fault of these."""
        for one in failures:
            if isinstance(one.member, Opened) and one.error not in self._told:
                self._told.add(one.error)
                words = tr("{name} cannot be compared: {reason}")
                said = words.format(name=one.member.title, reason=tr_sentence(one.error))
                self.context.notify(said, "warning")
        return super().notice(now, [one for one in failures if one.member is None])

    def tell(self, now: Moment, changed: frozenset[Any] | None) -> None:
        """Bring controls and notices up to date."""
        super().tell(now, changed)
        if changed is None or not changed.isdisjoint((Opened, Place.cell_row, Place.cell_column)):
            self._numbers.show(now)
        if changed is None or not changed.isdisjoint(_CIRCLE):
            self.player.show_state(self.context.store[self.page.key], now)
        if changed is None or not changed.isdisjoint((Choices.b_of, Choices.b_typed, Invert)):
            self._show_right_hand(now)
        if changed is None or Opened in changed:
            self.tables[RulesTable.key].set_error("")
        if changed is None or not changed.isdisjoint(_BUTTONS):
            self._show_buttons(now)

    def _show_right_hand(self, now: Moment) -> None:
        inverse, why = now.look(Invert), ""
        if isinstance(inverse, Missing):
            why = tr("There is no pseudo-inverse of this matrix yet.")
        elif inverse.rank == 0:
            why = tr("Of rank 0 the pseudo-inverse is 0.")
        own = now.look(Choices.b_of) == "typed"
        self.right_hand.show_state(now.look(Choices.b_typed), own, why)

    def _show_buttons(self, now: Moment) -> None:
        """Say of the matrix what there is to say, and what can be done with it."""
        analysis, data = now.look(Analyse), now.look(Opened)
        factors = None if isinstance(analysis, Missing) else self._factors(now)
        rank = now.look(Shared.rank)
        why = self._why_not_saved(rank, factors, analysis)
        set_usable(self.save_button, not why, self._save_tip, why)
        why = tr("Rank 0 has no factors.") if rank == 0 else ""
        set_usable(self.code_button, not why, self._code_tip, why)
        self.remark.setText("" if isinstance(analysis, Missing) else remark_of(analysis))
        self.remark.setVisible(bool(self.remark.text()))
        mine = None if isinstance(data, Missing) else Pinned(data.ref, data.repair)
        why = ""
        if isinstance(analysis, Missing):
            why = tr("There is no spectrum of this matrix yet.")
        elif mine in self._overlays:
            why = tr("This spectrum is pinned already.")
        elif len(self._overlays) >= OVERLAYS_MAX:
            why = tr("No more than {most} spectra can be pinned.", most=OVERLAYS_MAX)
        self.pins.show_pins([item.ref.title for item in self._overlays], why)

    def _why_not_saved(self, rank: int, factors: Any, analysis: Any) -> str:
        """Return why factors of this rank cannot be saved now, "" where they can."""
        if isinstance(analysis, Missing) and analysis.why is None:
            return tr("Factors of rank {rank} are being computed.", rank=rank)
        if factors is None:
            return tr("This matrix has no factors.")
        if rank == 0:
            return tr("Rank 0 has no factors.")
        if rank > factors.known:
            return tr("Factors are known up to rank {known} only.", known=factors.known)
        return ""
