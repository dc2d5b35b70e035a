"""A report: one HTML file that opens in any browser, asks no network for anything, and prints.

Figures are pictures inside the file, formulas are drawings that speak and copy as LaTeX, numbers
are tables. What restores the window stands in the head as data, so dropping the file on it does.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any

from gui import __version__
from gui.core.export.metadata import KEY, MARK, MARK_END
from gui.core.words.i18n import tr
from gui.core.words.markdown import markdown_to_html
from gui.core.words.mathematics import NotText, require_text
from gui.core.words.prepared import ready_formula
from gui.frozen import dataclass

# Nothing may be asked for: no address but those inside the file.
POLICY = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
_STYLE = """
:root{color-scheme:light dark;--ink:#1d1f23;--paper:#fff;--line:#d7dbe0;--soft:#6b7280}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e8eaed;--paper:#17191d;--line:#3a3f47;
--soft:#9aa3af}}
html{background:var(--paper);color:var(--ink)}
body{font:16px/1.55 system-ui,"Noto Sans","Noto Sans CJK SC",sans-serif;max-width:54rem;
margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;line-height:1.25}h2{font-size:1.25rem;margin-top:2.2rem}h3{font-size:1.05rem}
figure{margin:1.5rem 0;break-inside:avoid}figure img{max-width:100%;height:auto;display:block}
figcaption,.foot{color:var(--soft);font-size:.9rem}
table{border-collapse:collapse;font-size:.9rem;margin:.8rem 0;display:block;overflow-x:auto}
th,td{border-bottom:1px solid var(--line);padding:.25rem .7rem .25rem 0;text-align:left;
font-variant-numeric:tabular-nums}
td[style*=right]{white-space:nowrap}
pre{overflow-x:auto;border:1px solid var(--line);padding:.7rem;font-size:.85rem;
white-space:pre-wrap}
code{overflow-wrap:anywhere}summary{cursor:pointer;color:var(--soft);font-size:.9rem}
p,li{overflow-wrap:break-word}.math svg{max-width:100%}
@page{size:A4;margin:18mm}
@media print{body{max-width:none;margin:0;font-size:10.5pt}pre,table{font-size:8.5pt}
h2,h3{break-after:avoid}a{color:inherit}}
"""
_COPY = """
document.addEventListener("copy",function(e){var s=getSelection();if(!s.rangeCount)return;
var d=document.createElement("div");d.append(s.getRangeAt(0).cloneContents());
var m=d.querySelectorAll("[data-tex]");if(!m.length)return;m.forEach(function(n){
n.replaceWith("$"+n.dataset.tex+"$")});e.clipboardData.setData("text/plain",d.textContent);
e.preventDefault()})
"""


@dataclass(frozen=True)
class Picture:
    """A figure of a report.

    Parameters
    ----------
    svg : str
        The drawing, as it looks on white paper.
    caption : str
        What stands below it.
    description : str
        What it shows, for those who cannot see it; the caption where nothing is said.
    dark : str
        The drawing for a dark screen; ``svg`` where there is none.
    numbers : str
        Markdown of its numbers, folded away below it.
    """

    svg: str
    caption: str
    description: str = ""
    dark: str = ""
    numbers: str = ""


def report_html(
    title: str,
    blocks: Iterable[str | Picture],
    *,
    language: str = "en",
    state: Mapping[str, Any] | None = None,
) -> str:
    """Return a report as one HTML document.

    Parameters
    ----------
    title : str
        Plain words.
    blocks : iterable of str or Picture
        Markdown with formulas in LaTeX, and figures, in their order.
    language : str
        What the words are in, as in "en" or "zh_CN".
    state : mapping, optional
        What restores the window, as `gui.core.state.figure_state.state_of` gives it.

    Raises
    ------
    NotText
        When the title is no string, or a block neither a string nor a `Picture`.

    Examples
    --------
    >>> html = report_html("Layer 3", ["The rank is $r$.", Picture("<svg/>", "Spectrum")])
    >>> 'translate="no" data-tex="r"' in html, 'alt="Spectrum"' in html, "http" in html
    (True, True, True)
    """
    require_text("A title", title)
    parts = [_block(one) for one in blocks]
    tongue = escape(language.replace("_", "-"), quote=True)
    made = escape(tr("Made by Rankscope {version}.", version=__version__), quote=False)
    head = (
        '<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>{escape(title, quote=False)}</title>\n"
        f"{_state(title, state)}<style>{_STYLE}</style>\n"
    )
    body = "\n".join(
        (f"<h1>{escape(title, quote=False)}</h1>", *parts, f'<p class="foot">{made}</p>')
    )
    return (
        f'<!DOCTYPE html>\n<html lang="{tongue}">\n<head>\n{head}</head>\n<body>\n{body}\n'
        f"<script>{_COPY}</script>\n</body>\n</html>\n"
    )


def _state(title: str, state: Mapping[str, Any] | None) -> str:
    if not state:
        return ""
    said = {KEY: __version__, "title": title, "state": dict(state)}
    # Inside a script only this could end it.
    text = json.dumps(said, ensure_ascii=True, separators=(",", ":")).replace("<", "\\u003c")
    return f"{MARK}{text}{MARK_END}\n"


def _block(block: str | Picture) -> str:
    if isinstance(block, str):
        return markdown_to_html(block, draw=ready_formula)
    if not isinstance(block, Picture):
        kind = type(block).__name__
        raise NotText(f"A block of a report is Markdown (str) or a Picture; this is {kind}")
    alt = escape(block.description or block.caption, quote=True)
    dark = ""
    if block.dark:
        media = "screen and (prefers-color-scheme: dark)"
        dark = f'<source media="{media}" srcset="{_address(block.dark)}">'
    image = f'<picture>{dark}<img src="{_address(block.svg)}" alt="{alt}"></picture>'
    caption = f"<figcaption>{escape(block.caption, quote=False)}</figcaption>"
    numbers = "".join(_folded(block.numbers))
    return f"<figure>{image}{caption}{numbers}</figure>"


def _folded(numbers: str) -> Iterator[str]:
    if numbers:
        yield f"<details><summary>{escape(tr('Numbers'), quote=False)}</summary>"
        yield markdown_to_html(numbers)
        yield "</details>"


def _address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}"
