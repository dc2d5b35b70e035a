"""The Top-k page, declared: its table of contents."""

from gui.core.declare.page import Page
from gui.core.declare.parameter import Shorthand
from gui.core.state.document import Arrays, Opened
from gui.pages.topk.compute.catalogue import Chosen, Detail
from gui.pages.topk.compute.inputs import Along, Spec, fitted
from gui.pages.topk.compute.outputs import Comparing, Kept, Softness
from gui.pages.topk.compute.permutation import Permuting
from gui.pages.topk.compute.scores import Shown
from gui.pages.topk.show.derivatives import GradientPlot, JacobianPlot
from gui.pages.topk.show.frame import HeldOrder, Witness
from gui.pages.topk.show.heat import HeatPlot
from gui.pages.topk.show.laws import ClaimsTable, LawsTable
from gui.pages.topk.show.load import LoadPlot
from gui.pages.topk.show.numbers import Numbers
from gui.pages.topk.show.output import OutputPlot
from gui.pages.topk.show.permutation import PermutationPlot
from gui.pages.topk.show.routing import MarginPlot, WorstTokens
from gui.pages.topk.show.scores import ScoresPlot
from gui.pages.topk.show.sentences import summary
from gui.pages.topk.show.sweeps import KPlot, TauPlot

PAGE = Page(
    "topk",
    "Top-k",
    plots=(
        *(ScoresPlot, OutputPlot, Numbers),
        *(TauPlot, KPlot, HeatPlot, JacobianPlot, GradientPlot, LoadPlot),
        *(MarginPlot, WorstTokens, PermutationPlot, LawsTable, ClaimsTable),
    ),
    shared=(Kept, Comparing, Softness, Chosen, Detail, Along, Spec, Shown, Permuting),
    given=(Opened, Arrays, HeldOrder, Witness),
    subject=Spec,
    fitted=fitted,
    keeps=True,
    summary=summary,
    sections=("Read-outs", "Scores", "Operators", "Shown"),
    aliases={"topk": "topk.output", "topk-scores": "topk.scores", "topk-tau": "topk.tau_sweep"},
    shorthands=(
        Shorthand(
            "row", {"axis": "row"}, "position", "which row of a matrix holds the scores, from 0"
        ),
        Shorthand(
            "column", {"axis": "column"}, "position", "which column holds the scores, from 0"
        ),
        Shorthand("by-index", {"order": "index"}, "", "leave the scores in the order of the file"),
    ),
)
