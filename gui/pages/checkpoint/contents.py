"""The Checkpoint page, declared: its table of contents."""

from gui.core.declare.page import Page
from gui.core.state.document import Arrays, Opened, Second
from gui.pages.checkpoint.compute.budget import Spending
from gui.pages.checkpoint.compute.compare import Versus, as_chosen
from gui.pages.checkpoint.compute.figures import Shared
from gui.pages.checkpoint.compute.filtering import Filtering
from gui.pages.checkpoint.compute.model import model
from gui.pages.checkpoint.compute.routing import Choosing, Inputs, Router
from gui.pages.checkpoint.compute.saving import Lora
from gui.pages.checkpoint.compute.sweep import Consent
from gui.pages.checkpoint.compute.training import Following, Growing
from gui.pages.checkpoint.show.budget import BudgetNumbers, BudgetPlot
from gui.pages.checkpoint.show.compare import ChangeMap, ChangeNumbers, ChangesTable
from gui.pages.checkpoint.show.left_out import LeftOutTable
from gui.pages.checkpoint.show.map import MapPlot
from gui.pages.checkpoint.show.numbers import ModelNumbers
from gui.pages.checkpoint.show.overlay import OverlayPlot
from gui.pages.checkpoint.show.routing import RouterLoadPlot, RouterMargins, RouterTokens
from gui.pages.checkpoint.show.scatter import ScatterPlot
from gui.pages.checkpoint.show.table import MatricesTable
from gui.pages.checkpoint.show.training import LeadingPlot, TrainingPlot, TrainingTable
from gui.pages.checkpoint.show.words import summary

PAGE = Page(
    "checkpoint",
    "Checkpoint",
    plots=(
        *(MapPlot, OverlayPlot, ModelNumbers, MatricesTable, ScatterPlot),
        *(BudgetPlot, BudgetNumbers, ChangeMap, ChangesTable, ChangeNumbers),
        *(TrainingPlot, LeadingPlot, TrainingTable),
        *(RouterMargins, RouterTokens, RouterLoadPlot, LeftOutTable),
    ),
    shared=(Shared, Filtering, Spending, Versus, Lora, Following, Router, Inputs, Choosing),
    given=(Opened, Arrays, Second, Consent, Growing),
    subject=model,
    summary=summary,
    as_chosen=as_chosen,
    sections=("Model", "Budget"),
    aliases={"checkpoint": "checkpoint.map"},
)
