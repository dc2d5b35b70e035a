"""Products prepared without files: what the tests of figures and steps begin with."""

from __future__ import annotations

from gui.core.state.document import DataRef, Opened
from gui.pages.column_row.compute.catalogue import Chosen, Options, Strategies
from gui.pages.column_row.compute.curves import Curves, Wanted
from gui.pages.column_row.compute.detail import ChooseDetail
from gui.pages.column_row.compute.product import Factor, Product
from gui.pages.column_row.compute.standings import Compare
from gui.pages.column_row.compute.terms import Factors, Prepare

CATALOGUE = Strategies().run()
INFOS = {info.key: info for info in CATALOGUE}


def prepared_of(x, y):
    refs = [DataRef("p.npz", name, a.shape, "float64") for name, a in (("x", x), ("y", y))]
    product = Product(*(Factor(Opened(ref)) for ref in refs))
    return Prepare(factors=Factors(product, x, y)).run()


def curve_step(prepared, key, kind, options=None):
    """The step of one curve; None is the repeated draws."""
    wanted = Wanted(INFOS[key], kind)
    return Curves(terms=prepared.terms, wanted=wanted, options=options or Options())


def curves_of(prepared, *pairs, options=None):
    """Curves by what was wanted, as a plot has them."""
    steps = [curve_step(prepared, key, kind, options) for key, kind in pairs]
    return {step.wanted: step.run() for step in steps}


def detail_of(prepared, key="norm", kind="own", r=4, options=None):
    chosen = Chosen(INFOS[key], kind)
    options = options or Options(seed=1)
    return ChooseDetail(prepared=prepared, chosen=chosen, r=r, options=options).run()


def standings_of(prepared, r, keys, options=None):
    infos = tuple(INFOS[key] for key in keys)
    options = options or Options()
    return Compare(terms=prepared.terms, r=r, compared=infos, options=options).run()
