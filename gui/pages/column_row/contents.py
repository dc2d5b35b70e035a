"""The Column-row page, declared: its table of contents."""

from gui.core.declare.page import Page
from gui.core.state.document import Arrays, Opened, Second
from gui.pages.column_row.compute.catalogue import Comparison, InDetail, Settings
from gui.pages.column_row.compute.product import Multiply, as_chosen, product
from gui.pages.column_row.compute.terms import Kept
from gui.pages.column_row.show.error import Error
from gui.pages.column_row.show.norms import Arrangement, Norms
from gui.pages.column_row.show.numbers import AtR, ProductNumbers
from gui.pages.column_row.show.pictures import Approximation, ProductPicture, Residual
from gui.pages.column_row.show.sentences import reached, refused, summary
from gui.pages.column_row.show.standings import StandingsTable

PAGE = Page(
    "column_row",
    "Column-row",
    plots=(
        *(Norms, Error, AtR, ProductNumbers),
        *(ProductPicture, Approximation, Residual),
        StandingsTable,
    ),
    shared=(Kept, Multiply, Comparison, InDetail, Settings, Arrangement),
    given=(Opened, Arrays, Second),
    subject=product,
    summary=summary,
    refused=refused,
    as_chosen=as_chosen,
    also=(reached,),
    sections=(
        *("Product XY", "Strategies", "Weights L"),
        *("Sampling", "Soft mask", "Norms plot"),
    ),
    aliases={"column_row": "column_row.error", "column_row-norms": "column_row.norms"},
)
