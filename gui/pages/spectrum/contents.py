"""The Spectrum page, declared: its table of contents."""

from gui.core.declare.page import Page
from gui.core.state.document import Arrays, Opened
from gui.pages.spectrum.compute.entries import Seen
from gui.pages.spectrum.compute.shared import Shared
from gui.pages.spectrum.show.density import DensityPlot, Noise
from gui.pages.spectrum.show.ends.smallest import SmallestPlot, SmallestTable
from gui.pages.spectrum.show.ends.tails import TailPlot, TailsTable
from gui.pages.spectrum.show.entries import Entries
from gui.pages.spectrum.show.error import Error
from gui.pages.spectrum.show.geometry import AfterS, AfterV, GeometryNumbers, Moving, Start
from gui.pages.spectrum.show.inverse import (
    Identities,
    InverseNumbers,
    InversePicture,
    InverseValues,
    Solution,
)
from gui.pages.spectrum.show.matrix import MatrixPicture
from gui.pages.spectrum.show.numbers import AtRank, MatrixNumbers
from gui.pages.spectrum.show.reconstruction import Approximation, Original, Residual
from gui.pages.spectrum.show.rules import RulesTable
from gui.pages.spectrum.show.sentences import refused, summary
from gui.pages.spectrum.show.soft import AlongK, AlongTau, Filter, SoftErrors
from gui.pages.spectrum.show.values import Values
from gui.pages.spectrum.show.vectors import ColumnsTable, Left, Outer, Right

PAGE = Page(
    "spectrum",
    "Spectrum",
    plots=(
        *(MatrixPicture, Values, AtRank, MatrixNumbers),
        *(Original, Approximation, Residual),
        Entries,
        Error,
        *(DensityPlot, Noise),
        *(TailPlot, TailsTable),
        *(SmallestPlot, SmallestTable),
        RulesTable,
        *(Filter, AlongK, AlongTau, SoftErrors),
        *(Left, Right, Outer),
        ColumnsTable,
        *(InverseValues, InversePicture, Solution, InverseNumbers, Identities),
        *(Start, AfterV, AfterS, Moving, GeometryNumbers),
    ),
    shared=(Shared,),
    given=(Opened, Arrays, Seen),
    summary=summary,
    refused=refused,
    sections=("Matrix", "Spectrum plot", "Comparison"),
    aliases={
        "spectrum": "spectrum.values",
        "energy": "spectrum.values",
        "matrix": "spectrum.matrix",
        "original": "spectrum.original",
        "approximation": "spectrum.approximation",
        "residual": "spectrum.residual",
        "error": "spectrum.error",
        "density": "spectrum.density",
    },
    presets={"energy": {"quantity": "energy"}},
)
