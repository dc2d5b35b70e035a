"""The sentences that reach ``tr`` as data, taken from the registries that hold them.

A literal ``tr("...")`` is found in the source; a title kept in a record is not. Each registry here
gives its own texts, so that an operator, rule or format added without a Chinese title fails
``tests/gui/test_translations.py``.
"""

from collections.abc import Iterator, Mapping

import numpy as np

from gui.core.declare.page import Page


def data_texts() -> list[str]:
    """Return every English text shown through ``tr(variable)``, each once, sorted."""
    sources = (
        _declared,
        _commands,
        _looks,
        _files,
        _exports,
        _operators,
        _claims,
        _spectrum,
        _column_row,
    )
    return sorted({text for source in sources for text in source()})


def record_texts() -> set[str]:
    """Return the templates that records of the engine hold, formulas and sources among them."""
    from engine.column_row import STRATEGIES
    from engine.spectrum import DESCRIPTORS, RANK_RULES, TAIL_RIVALS
    from engine.topk import OPERATORS

    rules = (*RANK_RULES.values(), *TAIL_RIVALS.values(), *STRATEGIES.values())
    records = (*OPERATORS, *DESCRIPTORS, *rules)
    fields = ("title", "formula", "source")
    return {text for one in records for name in fields for text in _templates(getattr(one, name))}


def _templates(said: object) -> Iterator[str]:
    """Yield the template of a text, and those of the sentences in its values."""
    yield getattr(said, "template", str(said))
    for value in getattr(said, "values", {}).values():
        if hasattr(value, "template"):
            yield from _templates(value)


def _declared() -> Iterator[str]:
    from gui.pages import PAGES

    for page in PAGES:
        yield from (text for text in _declarations(page) if text)


def _declarations(page: Page) -> Iterator[str]:
    """Yield every English text of a page's records."""
    yield from (page.title, *page.sections)
    for view in page.views.values():
        yield from (view.title, view.short, view.tip, view.why)
    yield from (plot.title for plot in page.plots)
    yield from (step.title for step in page.steps)
    yield from (option.help for option in page.shorthands)
    for one in page.parameters.values():
        yield from (one.label, one.tip, one.why, one.undo, one.more if one.fold else "")
        if isinstance(one.choices, Mapping):
            yield from (*one.choices.values(), *one.tips.values())


def _commands() -> Iterator[str]:
    from gui.window.commands import COMMANDS, PLACE_KEYS

    yield from (what for _, what in PLACE_KEYS)
    for one in COMMANDS:
        words = (getattr(one, name, "") for name in ("title", "menu", "toolbar", "nothing", "why"))
        yield from (text for text in words if text and isinstance(text, str))


def _looks() -> Iterator[str]:
    from gui.core.figure.palette import SCHEMES

    yield from (scheme.title for scheme in SCHEMES.values())


def _files() -> Iterator[str]:
    from engine.files import FORMATS, example_source
    from gui.core.words.tables import DELIMITERS, THOUSANDS

    yield from (*DELIMITERS, *THOUSANDS)
    yield from (known.title for known in FORMATS)
    for entry in example_source().entries:
        yield entry.name
        yield entry.note


def _exports() -> Iterator[str]:
    from gui.core.export.export import EXPORT_FORMATS
    from gui.core.export.paper import LEGENDS, PRESETS

    yield from (known.title for known in (*EXPORT_FORMATS, *PRESETS))
    yield from LEGENDS.values()


def _operators() -> Iterator[str]:
    from engine.topk import OPERATORS

    yield from (operator.title for operator in OPERATORS)


def _claims() -> Iterator[str]:
    from engine.topk import check_claims

    yield from (claim.statement for claim in check_claims(np.linspace(-2.0, 2.0, 8), 2, 0.5))


def _spectrum() -> Iterator[str]:
    from engine.spectrum import DESCRIPTORS, RANK_RULES, TAIL_RIVALS

    yield from (descriptor.title for descriptor in DESCRIPTORS)
    yield from (rival.title for rival in TAIL_RIVALS.values())
    for rule in RANK_RULES.values():
        yield rule.title
        for parameter in rule.parameters:
            yield parameter.title
            yield parameter.meaning


def _column_row() -> Iterator[str]:
    from engine.column_row import STRATEGIES
    from gui.pages.column_row.compute.catalogue import WEIGHT_TITLES

    yield from WEIGHT_TITLES.values()
    yield from (strategy.title for strategy in STRATEGIES.values())
