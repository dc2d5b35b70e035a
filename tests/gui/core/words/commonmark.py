"""The examples of the CommonMark specification, where npm's package commonmark-spec lies.

Its text is CC-BY-SA 4.0 and never copied here: RANKSCOPE_COMMONMARK names its spec.txt, else it is
looked for in node_modules beside the checkout. Without it a few examples of our own stand in.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

_INSTALLED = Path(__file__).resolve().parents[4] / "node_modules" / "commonmark-spec" / "spec.txt"
_OURS = ("a *b* `c`", "- a\n\n  b\n", "> a\nb", "[a]: /b\n\n[a]", "***\n", "a\n=\n", "    code\n")


@cache
def examples() -> tuple[str, ...]:
    """Return the Markdown of each example."""
    path = Path(os.environ.get("RANKSCOPE_COMMONMARK", _INSTALLED))
    if not path.is_file():
        return _OURS
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"^`{32} example\n(.*?)^\.\n", text, re.MULTILINE | re.DOTALL)
    return tuple(source.replace("→", "\t") for source in found)
