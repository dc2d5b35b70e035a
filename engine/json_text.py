"""JSON of files that others wrote: a name that stands twice is said, not decided in silence."""

from __future__ import annotations

import json
from typing import Any

from engine.sentences import as_sentence, say


class BadJson(ValueError):
    """A text is no JSON, or names something twice; ``said`` is the sentence."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = as_sentence(said)


def read_json(text: bytes | str) -> Any:
    """Return what a JSON text says. Of two values of one name nobody knows which is meant.

    Raises
    ------
    BadJson
        Where it is none, or an object in it has a name twice.

    Examples
    --------
    >>> read_json('{"r": 8, "names": ["a", "a"]}')
    {'r': 8, 'names': ['a', 'a']}
    >>> read_json('{"r": 8, "r": 16}')
    Traceback (most recent call last):
        ...
    engine.json_text.BadJson: the name 'r' occurs twice in it
    """
    try:
        return json.loads(text, object_pairs_hook=_once)
    except BadJson:
        raise
    except (ValueError, RecursionError) as error:
        said = say("it is no JSON: {reason}", reason=as_sentence(str(error)))
        raise BadJson(said) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise BadJson(say("the name '{name}' occurs twice in it", name=name))
        fields[name] = value
    return fields
