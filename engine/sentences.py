"""What the engine says, as finished English that remembers what it was put together from.

The engine knows no language but English. A sentence travels as a string, with its template and its
values beside it, so that whoever shows it can say it in another language: the template is looked
up, values that are sentences themselves are said first, and all are filled in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import reduce
from types import MappingProxyType
from typing import Any

__all__ = ["Sentence", "as_sentence", "joined", "listed", "one_of", "say", "sentence_of"]

_NOTHING: Mapping[str, object] = MappingProxyType({})


class Sentence(str):
    """Finished English with the template and the values it was made of; made by `say`.

    As a string it compares, hashes and prints like any other, and it survives pickling and
    copying. Adding to it or formatting it into an f-string gives a plain string, which nobody can
    say again in another language: use `say` and `joined` instead.

    Attributes
    ----------
    template : str
        The key of a translation; "" for sentences in a row.
    values : mapping of str to object
        What the placeholders stand for; sentences among them are translated, too.
    parts : tuple of str
        The sentences in a row, for `joined`.

    Examples
    --------
    >>> said = say("Row {row} holds {what}.", row=3, what=say("text"))
    >>> said, said.template, said.values["what"].template
    ('Row 3 holds text.', 'Row {row} holds {what}.', 'text')
    """

    __slots__ = ("parts", "template", "values")

    template: str
    values: Mapping[str, object]
    parts: tuple[str, ...]

    def __reduce__(self) -> tuple[Any, ...]:
        return sentence_of, (str(self), self.template, dict(self.values), self.parts)


def say(template: str, /, **values: object) -> Sentence:
    """Return the sentence that ``str.format`` makes of a template.

    Parameters
    ----------
    template : str
        English with ``{name}`` placeholders; without values it is taken as it stands, so that
        formulas may have braces.
    **values : object
        What is filled in. What is itself worth translating must be a `Sentence`.

    Returns
    -------
    Sentence

    Examples
    --------
    >>> say("{share:.1%} of {count:,} values", share=0.25, count=4000)
    '25.0% of 4,000 values'
    """
    return sentence_of(template.format(**values) if values else template, template, values, ())


def as_sentence(text: str) -> Sentence:
    """Return a text as a sentence, which one that is plain is by itself.

    Examples
    --------
    >>> as_sentence("the table").template
    'the table'
    """
    return text if isinstance(text, Sentence) else say(text)


def joined(*said: str) -> Sentence:
    """Return sentences in a row, blanks between them; empty ones are left out.

    Examples
    --------
    >>> joined(say("Row {row}.", row=1), "", "Save it again.")
    'Row 1. Save it again.'
    """
    parts = tuple(part for part in said if part)
    if len(parts) == 1:
        return as_sentence(parts[0])
    return sentence_of(" ".join(parts), "", _NOTHING, parts)


def listed(items: Iterable[str]) -> Sentence:
    """Return items with commas between them.

    Examples
    --------
    >>> listed(["a", "b", "c"])
    'a, b, c'
    """
    found = reduce(lambda first, rest: say("{first}, {rest}", first=first, rest=rest), items)
    return as_sentence(found)


def one_of(names: Iterable[str]) -> Sentence:
    """Return what an argument must be that takes one of a few words.

    Examples
    --------
    >>> one_of(("mass", "entropy"))
    'one of mass, entropy'
    """
    return say("one of {names}", names=", ".join(names))


def sentence_of(
    text: str, template: str, values: Mapping[str, object], parts: tuple[str, ...] = ()
) -> Sentence:
    """Return the sentence with these attributes; nothing is filled in.

    Examples
    --------
    >>> sentence_of("Row 3.", "Row {row}.", {"row": 3}) == say("Row {row}.", row=3)
    True
    """
    made = Sentence(text)
    made.template, made.values, made.parts = template, values, parts
    return made
