"""The Top-k page on the screen: dragged points, typed numbers, witnesses and timings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gui.core.declare.answers import Members, Missing
from gui.core.declare.moment import Moment
from gui.core.declare.pictures import Picture
from gui.core.declare.records import Plot
from gui.core.figure.figure import Figure
from gui.core.screen.page_screen import PageScreen
from gui.core.screen.reasons import awaited
from gui.core.words.i18n import tr, tr_sentence
from gui.core.words.names import on_its_way
from gui.core.words.numbers import format_value
from gui.pages.topk.compute.catalogue import any_compared, infos
from gui.pages.topk.compute.inputs import Spec
from gui.pages.topk.compute.outputs import Outputs
from gui.pages.topk.screen.entry import CodeCopier, NumberEntry
from gui.pages.topk.screen.points import Points
from gui.pages.topk.screen.scores_box import ScoresBox
from gui.pages.topk.show.frame import Witness
from gui.pages.topk.show.laws import LawsTable
from gui.pages.topk.show.numbers import Numbers
from gui.pages.topk.show.output import OutputPlot
from gui.pages.topk.show.scores import ScoresPlot
from gui.pages.topk.show.sentences import input_title, summary

# What an operator's arguments are called here.
_PLACES = {"operator": "operators", "": "x"}


class Screen(PageScreen):
    """The page object of the window."""

    def build(self) -> None:
        """Add what a person does with scores, and with the code of an operator."""
        self.points = Points(self)
        self.entry = NumberEntry(self)
        self.box = ScoresBox(self.controls, self.conductor)
        self.box.editor_requested.connect(self.entry.open)
        self.box.points_reset.connect(self.points.put_back)
        self.copier = CodeCopier(self)
        self.controls.lists["operators"].more_button.setToolTip(
            tr("Further families, sorting and random constructions")
        )
        self.tables[LawsTable.key].chosen.connect(self._choose_cell)

    def shutdown(self) -> None:
        """Drop what is pending and let go of the store."""
        self.entry.close()
        super().shutdown()

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures on screen as zoomed, the focused one first, or else the output."""
        keys = [plot.key for plot in self.conductor.in_view if plot.form() == "figure"]
        return self.view.figures_of(sorted(keys, key=lambda key: key != OutputPlot.key))

    def summary(self) -> str:
        """Return one line about the scores chosen, also while those drawn are of before."""
        now = self.conductor.present()
        said, spec = now.look(summary), now.look(Spec)
        if isinstance(said, Missing) and said.why is None and not isinstance(spec, Missing):
            return on_its_way(input_title(spec))
        shown = self.shown(ScoresPlot)
        drawn = summary(shown.scores, shown.line) if shown is not None else super().summary()
        if not isinstance(said, Missing) or isinstance(spec, Missing):
            return drawn
        words = tr("{name}, cannot be computed; drawn: {drawn}")
        return words.format(name=input_title(spec), drawn=drawn)

    def nothing(self, plot: type[Plot]) -> str:
        """Return what stands in a plot that has nothing to show yet: there are always scores."""
        return awaited(self.conductor, plot)

    # -- from the person --------------------------------------------------------------------

    def move_cursor(self, key: str, value: float) -> None:
        """Set what a line of a plot stands for."""
        if key == "log_tau":
            key, value = "tau", 10**value
        if key == "tau":
            value = float(f"{value:.4g}")  # as many digits as a slider gives
        super().move_cursor(key, round(value) if key == "k" else value)

    def release(self) -> None:
        """End a drag: the points line up anew."""
        self.points.let_go()
        super().release()

    def _choose_cell(self, cell: str) -> None:
        chosen = self.context.store[self.page.key].witness
        self.conductor.edit("witness", "" if cell == chosen else cell)

    # -- to the screen ----------------------------------------------------------------------

    def tell(self, now: Moment, changed: frozenset[Any] | None) -> None:
        """Bring controls and notices up to date."""
        if changed is not None and Spec in changed:
            self.entry.complaint = ""
        super().tell(now, changed)
        self.box.show_moment(now, changed)
        if changed is None or any_compared in changed:
            self.copier.show()
        self._show_witness(now)

    def _show_witness(self, now: Moment) -> None:
        """Mark the scores that the law table's chosen cell is about, as long as they are these."""
        cell, shown = now.state.witness, self.shown(LawsTable)
        wanted = None
        if cell and shown is not None and (indices := shown.report.witness(cell)):
            wanted = Witness(shown.report.scores, cell.partition(":")[0], indices)
        if wanted != self.given_by_hand(Witness):
            self.give(wanted, Witness)

    def argument_of(self, error: BaseException) -> str:
        """Return the control that an error is about; what is said of no argument is of the scores.

        A defect of ours is about none.
        """
        name = super().argument_of(error)
        numeric = isinstance(error, (MemoryError, ArithmeticError))
        is_answer = numeric or getattr(error, "for_people", False)
        return _PLACES.get(name, name) if is_answer else name

    def worded(self, error: BaseException, member: Any) -> str:
        """Return a refusal with the name of the operator it comes from."""
        known = self.conductor.present().look(infos)
        if isinstance(known, Missing) or member not in known:
            return tr_sentence(error)
        return tr("{name}: {error}", name=known[member].name, error=tr_sentence(error))

    def remarks(self, now: Moment) -> Mapping[str, str]:
        """Return what was not pasted, and what is the matter with answers that are drawn."""
        found: dict[str, str] = {"x": self.entry.complaint} if self.entry.complaint else {}
        outputs, known = now.look(Outputs), now.look(infos)
        if isinstance(outputs, Missing) or isinstance(known, Missing):
            return found
        for key, one in outputs.items():
            if one.remark and key not in outputs.errors:
                words = one.remark
                if one.about == "operators":
                    words = tr("{name}: {error}", name=known[key].name, error=words)
                found.setdefault(one.about, words)
        return found

    def show(self, plot: type[Plot], picture: Picture) -> None:
        """Draw a picture; with the read-outs goes how long each operator took."""
        super().show(plot, picture)
        if isinstance(picture.plot, Numbers):
            self._write_timings(picture.plot)

    def dim(self, plot: type[Plot], on: bool) -> None:
        """Lay a veil over a picture; with the read-outs goes what stands behind the operators."""
        super().dim(plot, on)
        if plot is Numbers:
            self.controls.lists["operators"].set_dimmed(on)

    def _write_timings(self, shown: Numbers) -> None:
        rows, outputs = self.controls.lists["operators"], shown.outputs
        assert isinstance(outputs, Members)
        for key, info in shown.infos.items():
            output, error = outputs.get(key), outputs.errors.get(key)
            if error is not None:
                rows.set_trailing(key, "–", tr_sentence(error))
            elif output is None:
                rows.set_trailing(key, "")
            else:
                time = tr("{time} ms", time=format_value(1000 * output.seconds, 2))
                tau = tr("tau = {tau}", tau=format_value(output.tau)) if info.has_tau else ""
                if tau and shown.own_tau:  # its own: said in the row itself
                    short = format_value(output.tau, 3)
                    rows.set_trailing(key, tr("tau {tau}, {time}", tau=short, time=time), tau)
                else:
                    rows.set_trailing(key, time, tau)
