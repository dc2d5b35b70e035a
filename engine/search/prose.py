"""The words of a text that are neither formulas nor code."""

from __future__ import annotations

import re

# What stands in a text that is no sentence of it. A dollar with a blank inside it or a digit behind
# it is a price; a formula of more than 2,000 characters is none, or a mark that nobody closed would
# be looked for to the end from everywhere.
_APART = re.compile(
    r"""
      ^[ ]{0,3}(?P<fence>`{3,}|~{3,}).*?(?:^[ ]{0,3}(?P=fence)[`~]*[ ]*$|\Z)
    | (?<![`\\])(?P<ticks>`+)(?!`)(?:[^\n]|\n(?!\s*\n)){1,2000}?(?<!`)(?P=ticks)(?!`)
    | <!--.{0,2000}?-->
    | (?<!\\)\$\$.{1,2000}?(?<!\\)\$\$
    | (?<!\\)\\\[.{1,2000}?\\\]
    | (?<!\\)\\\(.{1,2000}?\\\)
    | \\begin\{(?P<frame>[a-z]+\*?)\}.{0,2000}?\\end\{(?P=frame)\}
    | (?<![\\$])\$(?![\s$])(?:\\.|[^$\\\n]|\n(?!\s*\n)){1,2000}?(?<![\s\\])\$(?!\d)
    | </?[A-Za-z][^<>\n]*>
    | (?<=\])\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)
    | \b(?:https?|ftp|mailto|rankscope):[^\s()<>，。；：、）]+
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def prose(text: str) -> str:
    r"""Return a text of Markdown with a blank line in place of all that is no prose.

    That is: formulas (``$..$``, ``$$..$$``, ``\(..\)``, ``\[..\]``, ``\begin{..}..\end{..}``), code
    (between backticks, and fenced), comments and tags of HTML, addresses and targets of links.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> prose("Keep $\\boldsymbol{x}$ and `call(x)`, which costs $5 or $6.").split()
    ['Keep', 'and', ',', 'which', 'costs', '$5', 'or', '$6.']
    """
    return _APART.sub("\n\n", text)
