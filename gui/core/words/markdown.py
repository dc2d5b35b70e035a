"""Markdown with formulas in LaTeX as HTML: neither breaks the other.

A formula is a token of the parser, found before escapes and emphasis, and its source is never
rewritten. ``$..$`` has no blank inside the dollars and no digit next to them, so prices stay;
``$$..$$``, ``\\(..\\)``, ``\\[..\\]`` and environments such as ``equation`` and ``align`` work
inside a line and as blocks. Raw HTML is shown as text; pictures are shown as what describes them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from gui.core.words.formula import Formula, inline_formula
from gui.core.words.lowered import lowered_html
from gui.core.words.mathematics import Found, formula_at, require_text

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

_SCHEMES = re.compile(r"(?:https?|mailto|rankscope):", re.IGNORECASE)
# The ink of the two themes that a page without a style of its own can wear.
INKS = {"light": "#1d1f23", "dark": "#e8eaed"}
_BLOCK_STARTS = ("$$", "\\[", "\\begin{")
_NONCHARACTERS = [chr(code) for code in range(0xFDD0, 0xFDF0)]


def markdown_to_html(
    text: str, theme: str = "auto", *, draw: Callable[[Formula], str] = inline_formula
) -> str:
    r"""Return the HTML of a Markdown text, its formulas as ``draw`` gives them.

    Parameters
    ----------
    text : str
        CommonMark with tables. Links lead to http, https, mailto and rankscope only.
    theme : str
        "light" or "dark" sets the ink; "auto" leaves it to the page around.
    draw : function
        The HTML of a formula.

    Raises
    ------
    NoSuchTheme
        When ``theme`` is none of the three.
    NotText
        When ``text`` is no string.

    Examples
    --------
    >>> print(markdown_to_html("*a* $b_c*d*$", draw=lambda formula: f"[{formula.tex}]"), end="")
    <p><em>a</em> [b_c*d*]</p>
    """
    if theme != "auto" and theme not in INKS:
        raise NoSuchTheme(f"no theme {theme!r}; there are auto, {', '.join(INKS)}")
    parser = _parser()
    html = str(parser.renderer.render(_tokens(text), parser.options, {"draw": draw}))
    if theme == "auto":
        return html
    return f'<div style="color-scheme:{theme};color:{INKS[theme]}">\n{html}</div>\n'


def formulas(text: str) -> tuple[Formula, ...]:
    r"""Return the formulas of a Markdown text in the order they stand there.

    Raises
    ------
    NotText
        When ``text`` is no string.

    Examples
    --------
    >>> formulas("It costs $5, but $n = 5$; `$x$` is code.")
    (Formula(tex='n = 5', display=False),)
    """
    return tuple(
        Formula(token.content, token.type == "display_formula" or bool(token.meta.get("display")))
        for token in _flat(_tokens(text))
        if token.type in ("formula", "display_formula")
    )


class NoSuchTheme(ValueError):
    """A theme that is neither auto nor one of ``INKS``."""


def _flat(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or ())


# ---- reading


def _tokens(text: str) -> list[Token]:
    """Parse; a bar inside a formula is hidden meanwhile, for tables are cut before all else."""
    require_text("Markdown", text)
    bar = next((char for char in _NONCHARACTERS if char not in text), None)
    if bar is None or "|" not in text:
        return _parser().parse(text)
    hidden = "\n".join(_hide_bars(line, bar) for line in text.split("\n"))
    tokens = _parser().parse(hidden)
    if hidden != text:
        encoded = "".join(f"%{byte:02X}" for byte in bar.encode())
        for token in _flat(tokens):
            _show_bars(token, bar, encoded)
    return tokens


def _hide_bars(line: str, bar: str) -> str:
    if "|" not in line or not ("$" in line or "\\" in line):
        return line
    parts, at, done = [], 0, 0
    while (at := _next_mark(line, at)) >= 0:
        if line[at] == "`":
            at = _code_end(line, at)
        elif found := formula_at(line, at):
            parts += [line[done:at], line[at : found.end].replace("|", bar)]
            at = done = found.end
        else:
            at += 2 if line[at] == "\\" else len(line) - len(line[at:].lstrip("$")) - at
    return "".join([*parts, line[done:]])


def _next_mark(line: str, at: int) -> int:
    found = re.compile(r"[$\\`]").search(line, at)
    return found.start() if found else -1


def _code_end(line: str, at: int) -> int:
    """Return where the code that opens at ``at`` ends, or its backticks if it does not."""
    ticks = re.compile("`+").match(line, at)[0]  # type: ignore[index]
    closing = re.compile(f"(?<!`){ticks}(?!`)").search(line, at + len(ticks))
    return closing.end() if closing else at + len(ticks)


def _show_bars(token: Token, bar: str, encoded: str) -> None:
    token.content = token.content.replace(bar, "|")
    token.info = token.info.replace(bar, "|")
    for name, value in token.attrs.items():
        if isinstance(value, str):
            token.attrs[name] = value.replace(bar, "|").replace(encoded, "%7C")


@cache
def _parser() -> MarkdownIt:
    """Make the parser, once; its library is imported with the first text."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.validateLink = lambda url: True  # type: ignore[method-assign]  # see _write_link
    parser.inline.ruler.before("escape", "formula", _inline_rule)
    interrupts = {"alt": ["paragraph", "reference", "blockquote", "list"]}
    before = parser.block.ruler.before
    before("fence", "display_formula", _block_rule, interrupts)  # type: ignore[arg-type]
    for name, rule in _RENDERED.items():
        parser.add_render_rule(name, rule)
    return parser


def _inline_rule(state: StateInline, silent: bool) -> bool:
    char = state.src[state.pos]
    if char not in "$\\":
        return False
    found = formula_at(state.src, state.pos, state.posMax)
    if found is None:
        run = re.compile(r"\$\$+").match(state.src, state.pos, state.posMax)
        if run is None:
            return False
        if not silent:  # dollars that open nothing are text, all of them
            state.pending += run[0]
        state.pos = run.end()
        return True
    if not silent:
        token = state.push("formula", "span", 0)
        token.content, token.meta = found.tex, {"display": found.display}
    state.pos = found.end
    return True


def _block_rule(state: StateBlock, first: int, last: int, silent: bool) -> bool:
    """Take a displayed formula whose opening begins a line and whose closing ends one."""
    if state.is_code_block(first):
        return False
    start = state.bMarks[first] + state.tShift[first]
    if not state.src.startswith(_BLOCK_STARTS, start, state.eMarks[first]):
        return False
    end = first + 1
    while end < last and not (state.sCount[end] < state.blkIndent and not state.isEmpty(end)):
        end += 1
    text = state.getLines(first, end, state.sCount[first], False)
    found = formula_at(text, 0)
    if found is None or not found.display or not _may_be_block(text, found):
        return False
    if silent:
        return True
    token = state.push("display_formula", "p", 0)
    token.block, token.content = True, found.tex
    state.line = first + text.count("\n", 0, found.end) + 1
    token.map = [first, state.line]
    return True


def _may_be_block(text: str, found: Found) -> bool:
    """Whether nothing follows on its last line, and it does not reach over paragraphs by chance."""
    if text[found.end :].partition("\n")[0].strip():
        return False
    inside = text[: found.end]
    alone = inside.partition("\n")[0].strip() in ("$$", "\\[") or inside.startswith("\\begin")
    return alone or not re.search(r"\n[ \t]*\n", inside)


# ---- writing


def _write_formula(_: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    token = tokens[at]
    return str(env["draw"](Formula(token.content, bool(token.meta["display"]))))


def _write_display(_: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    return f'<p align="center">{env["draw"](Formula(tokens[at].content, True))}</p>\n'


def _write_picture(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """Write what describes the picture, for nothing is fetched."""
    return str(renderer.renderInline(tokens[at].children or [], options, env))


def _write_link(renderer: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """Write a link that leads where it may; of another the words alone."""
    opening = at
    while tokens[opening].type != "link_open":  # links do not hold links
        opening -= 1
    allowed = _SCHEMES.match(str(tokens[opening].attrs.get("href", "")))
    return str(renderer.renderToken(tokens, at, options, env)) if allowed else ""


def _write_text(_: Any, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    """Write words; the index of a norm is lowered, as in figures and tables."""
    return lowered_html(tokens[at].content).replace('"', "&quot;")


_RENDERED: dict[str, Any] = {
    "text": _write_text,
    "formula": _write_formula,
    "display_formula": _write_display,
    "image": _write_picture,
    "link_open": _write_link,
    "link_close": _write_link,
}
