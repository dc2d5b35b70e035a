"""The Position page, declared: its table of contents."""

from gui.core.declare.page import Page
from gui.core.state.document import Arrays, Opened
from gui.pages.position.compute.attend import Pictured
from gui.pages.position.compute.exact import Telling
from gui.pages.position.compute.heads import Chosen, Cut
from gui.pages.position.compute.setting import (
    Attention,
    Encodings,
    Place,
    Scores,
    Size,
    Spec,
    fitted,
)
from gui.pages.position.show.attention import MapPlot
from gui.pages.position.show.distance import AlibiPlot, RopePlot
from gui.pages.position.show.heads import HeadDistance, HeadRms, HeadsTable
from gui.pages.position.show.numbers import AtN, summary
from gui.pages.position.show.order import OrderPlot
from gui.pages.position.show.resolution import PlacesPlot, ResolutionNumbers, ResolutionPlot
from gui.pages.position.show.rms import RmsPlot

PAGE = Page(
    "position",
    "Position",
    plots=(
        *(RmsPlot, AtN),
        *(ResolutionPlot, PlacesPlot, ResolutionNumbers),
        *(OrderPlot, RopePlot, AlibiPlot, MapPlot),
        *(HeadsTable, HeadRms, HeadDistance),
    ),
    shared=(Place, Attention, Scores, Encodings, Spec, Size, Telling, Pictured, Cut, Chosen),
    given=(Opened, Arrays),
    subject=Spec,
    fitted=fitted,
    summary=summary,
    sections=("Read-outs", "Attention", "Encoding", "Tokens"),
    aliases={"position": "position.rms"},
)
