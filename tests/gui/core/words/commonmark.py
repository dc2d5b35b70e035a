"""The examples of the CommonMark specification, where npm's package commonmark-spec lies.

Its text is CC-BY-SA 4.0 and never copied here: RANKSCOPE_COMMONMARK names its spec.txt, else it is
looked for in node_modules, where ``.ci/run`` puts it. Without it examples of our own stand in.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

_INSTALLED = Path(__file__).resolve().parents[4] / "node_modules" / "commonmark-spec" / "spec.txt"
_OURS = (
    "a *b* `c`",
    "- a\n\n  b\n",
    "> a\nb",
    "[a]: /b\n\n[a]",
    "***\n",
    "a\n=\n",
    "    code\n",
    "\tcode\n",
    "# a #\n",
    "####### a\n",
    "\\# a\n",
    "a\n\nb",
    "a  \nb",
    "a\\\nb",
    "\\*a\\*",
    "&amp; &copy;",
    "```\na\n```\n",
    "~~~ python\na\n~~~\n",
    "```\nopen",
    "- a\n- b\n",
    "1. a\n2. b\n",
    "3) a\n",
    "- a\n\n      code\n",
    "* a\n  * b\n    * c\n",
    "- a\n1. b\n",
    "> # a\n> b\n",
    "> > a\n",
    "> - a\n>\n> b\n",
    "> a\n\n> b\n",
    "**a**",
    "__a__",
    "***a***",
    "*a **b** c*",
    "a*b*c",
    "a_b_c",
    "_a",
    "**a",
    "*a_",
    "``a`b``",
    "`a",
    "` a `",
    "[a](/b)",
    "[a](</b c> 'd')",
    '[a](b "c")',
    "[a [b] c](d)",
    "[a]",
    "[a][b]\n\n[b]: /c 'd'\n",
    "![a](b)",
    "![a *b*](c)",
    "<https://a.b>",
    "<a@b.c>",
    "<b>a</b>",
    "<!-- a -->",
    "<div>\na\n</div>\n",
    "a <br/> b",
    "a\n---\n",
    "- - -\n",
    "_ _ _\n",
    "--\n**\n",
    "| a | b |\n|---|---|\n| c | d |\n",
    "a | b\n- | -\nc | d\n",
    "| `a\\|b` |\n|---|\n",
    "<table><tr><td>\n\na\n\n</td></tr></table>\n",
    "\\[a]",
    "a &#35; b",
    "",
    "\n\n",
    "  a\n b",
)


@cache
def examples() -> tuple[str, ...]:
    """Return the Markdown of each example."""
    path = Path(os.environ.get("RANKSCOPE_COMMONMARK", _INSTALLED))
    if not path.is_file():
        return _OURS
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"^`{32} example\n(.*?)^\.\n", text, re.MULTILINE | re.DOTALL)
    return tuple(source.replace("→", "\t") for source in found)
