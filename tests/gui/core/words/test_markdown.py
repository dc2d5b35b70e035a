"""Markdown and LaTeX mixed: neither breaks the other."""

import random
import re

import pytest

from gui.core.figure.palette import SCHEMES
from gui.core.words.markdown import INKS, NoSuchTheme, formulas, markdown_to_html
from tests.gui.core.words.commonmark import examples

# Each: the text, and its formulas; one in double dollars is displayed.
CASES = [
    # What Markdown would rewrite inside a formula.
    (r"$\{a\\b\}$", [r"$\{a\\b\}$"]),
    (r"$a_b$ and $c_d$", ["$a_b$", "$c_d$"]),
    (r"$a*b$ and $c*d$", ["$a*b$", "$c*d$"]),
    (r"*a $b*c$ d*", ["$b*c$"]),
    (r"__a $b__c$ d__", ["$b__c$"]),
    (r"$\boldsymbol{x}_i^{*}$, $\boldsymbol{y}_i^{*}$", None),
    (r"$\alpha\,\beta\;\gamma\!\delta$", None),
    (r"$a \_ b \# c \% d$", None),
    (r"$a<b>c$", ["$a<b>c$"]),
    (r"$a<b and c>d$", ["$a<b and c>d$"]),
    (r"$a &lt; b &amp; c$", ["$a &lt; b &amp; c$"]),
    (r"$\lvert x\rvert$ ~~$y$~~", [r"$\lvert x\rvert$", "$y$"]),
    (r"$[a](b)$", ["$[a](b)$"]),
    (r"$![a](b)$", ["$![a](b)$"]),
    (r"$<https://a.b>$", ["$<https://a.b>$"]),
    (r"$\text{a $", []),
    (r"$x\$y$", [r"$x\$y$"]),
    (r"$a``b''$", ["$a``b''$"]),
    # Where a formula is none: prices, code, escapes.
    ("It costs $5, or $6.", []),
    ("$5 and $6", []),
    ("$5-$10", []),
    ("5$ and 6$", []),
    ("US$5 and US$6", []),
    ("$ a $", []),
    ("$a $ b", []),
    ("$ a$ b", []),
    ("$", []),
    ("$$", []),
    ("$$$", []),
    ("$$$x$$$", []),
    ("$$$$", []),
    (r"\$a\$", []),
    (r"\$a$", []),
    (r"$a\$", []),
    ("`$x$`", []),
    ("``$x$ ` $y$``", []),
    ("a `$b` c `$d`", []),
    ("var $a and `b$`", []),
    ("    $x$", []),
    ("```\n$x$\n```", []),
    ("~~~ $x$\n\\(y\\)\n~~~", []),
    (r"\(\)", []),
    (r"\[-\]", []),
    (r"\\(a\\)", []),
    ("a $x\n\ny$ b", []),
    # Where it stands.
    ("$k$ is 5", ["$k$"]),
    ("5 $k$", ["$k$"]),
    ("$k$", ["$k$"]),
    ("中文$k$中文", ["$k$"]),
    ("（$k$），$n$。", ["$k$", "$n$"]),
    ("foo$x$bar", ["$x$"]),
    ("$a$$b$", ["$a$", "$b$"]),
    ("$a$-$b$", ["$a$", "$b$"]),
    ("costs $5 but $x$ is free", ["$x$"]),
    ("# Of $x_1$ and `$y$`", ["$x_1$"]),
    ("Of $x$\n===", ["$x$"]),
    ("> $x$\n> $y$", ["$x$", "$y$"]),
    ("- $x$\n- $$y$$\n\n  $z$", ["$x$", "$$y$$", "$z$"]),
    ("1. $x$\n   1. $y$", ["$x$", "$y$"]),
    ("[see $a[i]$](https://a.b)", ["$a[i]$"]),
    ("[$x$][r]\n\n[r]: https://a.b/$y$", ["$x$"]),
    ("![of $x$](https://a.b/c.png)", ["$x$"]),
    ("**$x$** _$y$_ ***$z$***", ["$x$", "$y$", "$z$"]),
    ("$a +\nb$", ["$a +\nb$"]),
    ("$x$\\\n$y$  \n$z$", ["$x$", "$y$", "$z$"]),
    ("<b>$x$</b>", ["$x$"]),
    ("&amp;$x$&copy;", ["$x$"]),
    # The other ways to enclose it.
    (r"\(a_b\) and \(c_d\)", ["$a_b$", "$c_d$"]),
    (r"so \[a_b\] is", ["$$a_b$$"]),
    (r"so $$a_b$$ is", ["$$a_b$$"]),
    ("$$a_b$$ is", ["$$a_b$$"]),
    ("$$a$$ and $$b$$", ["$$a$$", "$$b$$"]),
    ("$$\na_b\n$$", ["$$a_b$$"]),
    ("$$\na\n= b\n- c\n+ d\n# e\n> f\n$$", ["$$a\n= b\n- c\n+ d\n# e\n> f$$"]),
    ("\\[\na\n=\nb\n\\]", ["$$a\n=\nb$$"]),
    ("text\n$$\na\n$$\nmore $b$", ["$$a$$", "$b$"]),
    ("> $$\n> a\n> - b\n> $$", ["$$a\n- b$$"]),
    ("- a\n\n  $$\n  x\n  - y\n  $$", ["$$x\n- y$$"]),
    ("$$\na\n\nb\n$$", ["$$a\n\nb$$"]),
    ("$$ no\n\nclosing", []),
    (
        "\\begin{equation}\na_b\n- c\n\\end{equation}",
        ["$$\\begin{equation}\na_b\n- c\n\\end{equation}$$"],
    ),
    (
        "\\begin{align*}\na &= b \\\\\n\n&= c\n\\end{align*}",
        ["$$\\begin{align*}\na &= b \\\\\n\n&= c\n\\end{align*}$$"],
    ),
    (r"so \begin{align}a\end{align} is", [r"$$\begin{align}a\end{align}$$"]),
    (r"\begin{itemize}a\end{itemize}", []),
    (
        "$$\\begin{aligned}a &= b_c \\\\ d &= e_f\\end{aligned}$$",
        ["$$\\begin{aligned}a &= b_c \\\\ d &= e_f\\end{aligned}$$"],
    ),
    # Bars in tables.
    ("|a|b|\n|-|-|\n|$|x|$|$y$|", ["$|x|$", "$y$"]),
    ("|a|b|\n|-|-|\n|$\\|x\\|$|$y$|", [r"$\|x\|$", "$y$"]),
    ("|a|b|\n|-|-|\n|\\(a|b\\)|$5 | $6|", ["$a|b$"]),
    ("|a|b|\n|-|-|\n|`$`|`$`|", []),
    ("$p(a|b)$ | c", ["$p(a|b)$"]),
]


def plain(formula):
    return f"$${formula.tex}$$" if formula.display else f"${formula.tex}$"


@pytest.mark.parametrize(("text", "wanted"), CASES, ids=[repr(text) for text, _ in CASES])
def test_formulas_are_found_and_never_rewritten(text, wanted):
    if wanted is None:
        wanted = re.findall(r"\$[^$]+\$", text)
    assert [plain(formula) for formula in formulas(text)] == wanted
    drawn = []
    markdown_to_html(text, draw=lambda formula: drawn.append(formula) or "X")
    assert tuple(drawn) == formulas(text)


def html(text):
    return markdown_to_html(text, draw=lambda formula: f"[{formula.tex}]").strip("\n")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("*a $b*c$ d*", "<p><em>a [b*c] d</em></p>"),
        ("**软**性 $k$", "<p><strong>软</strong>性 [k]</p>"),
        ("It costs $5, or $6.", "<p>It costs $5, or $6.</p>"),
        ("$$$x$$$ `$y$`", "<p>$$$x$$$ <code>$y$</code></p>"),
        (r"\$a\$ \* \_ \(\)", "<p>$a$ * _ ()</p>"),
        ("```\n$|x|$\n```", "<pre><code>$|x|$\n</code></pre>"),
        ("$$\nx\n$$", '<p align="center">[x]</p>'),
        ("a\n$$x$$\nb", '<p>a</p>\n<p align="center">[x]</p>\n<p>b</p>'),
        ("a $$x$$ b", "<p>a [x] b</p>"),
        ("[a $x$](https://b.c/|d|)", '<p><a href="https://b.c/%7Cd%7C">a [x]</a></p>'),
        ("![a *b* $x$](https://b.c/d.png)", "<p>a <em>b</em> [x]</p>"),
    ],
)
def test_markdown_stays_what_it_is(text, wanted):
    assert html(text) == wanted


def test_a_bar_in_a_formula_does_not_cut_a_cell():
    made = html("|a|b|\n|-|-|\n|$|x|$ `c\\|d`|$\\|y\\|$|")
    assert re.findall("<td>(.*)</td>", made) == ["[|x|] <code>c|d</code>", r"[\|y\|]"]


def test_any_character_may_stand_in_a_text():
    every = "".join(chr(code) for code in range(0xFDD0, 0xFDF0))
    assert formulas(every + "$|x|$")[0].tex == "|x|"
    assert formulas(every[:5] + "$|x|$")[0].tex == "|x|"
    assert html(every[:5] + "|") == f"<p>{every[:5]}|</p>"
    assert formulas("$x$\r\n\x00$y$") == formulas("$x$\n$y$")
    assert html("") == ""
    assert formulas("") == ()


@pytest.mark.parametrize(
    "url", ["http://a.b", "HTTPS://a.b/c", "mailto:a@b.c", "rankscope:note/x#y"]
)
def test_links_lead_where_they_may(url):
    assert f'<a href="{url}">t</a>' in html(f"[t]({url})")
    assert "<a " in html(f"<{url}>")


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:a",
        "data:text/html,x",
        "file:///etc/passwd",
        "vbscript:x",
        "ftp://a.b",
        "/etc/passwd",
        "//a.b",
        "a.md",
        "&#x6A;avascript:a",
        "x:http:",
    ],
)
def test_other_links_are_words_alone(url):
    assert html(f"[t $x$]({url})") in ("<p>t [x]</p>", f"<p>[t [x]]({url})</p>")
    assert "<a" not in html(f"[t][r]\n\n[r]: {url}")
    assert "<a" not in html(f"a <{url}> b")
    assert "<img" not in html(f"![t]({url})")


def test_raw_html_is_text():
    made = markdown_to_html("<script>alert(1)</script>\n\na <img src=x onerror=y> <!-- c --> b")
    assert not re.search(r"<(?!/?p>)", made)


def test_the_theme_sets_the_ink():
    for theme, ink in INKS.items():
        assert ink == SCHEMES[theme].ink
        assert f"color:{ink}" in markdown_to_html("a", theme)
    assert "color" not in markdown_to_html("a")
    with pytest.raises(NoSuchTheme, match="auto, light, dark"):
        markdown_to_html("a", "pink")


# ---- mixtures by chance

INSIDE = [
    "a",
    "x_1",
    "*",
    "_",
    r"\{",
    r"\}",
    r"\\",
    "|",
    r"\|",
    "<",
    ">",
    "[",
    "]",
    "(",
    ")",
    "^2",
    "{b}",
    r"\text{中}",
    "!",
    "~",
    "#",
    "&",
    "+",
    "-",
    "=",
    r"\$",
    "`c`",
    ":",
    "  ",
    "b*c*d",
]
AROUND = [
    "word ",
    "*em* ",
    "**strong** ",
    "`code` ",
    "`$c$` ",
    "$5 ",
    "\\* ",
    "[l](https://a.b) ",
    "&amp; ",
    "中文，",
    "<b> ",
    "\\$ ",
    "_a_ ",
    "1 * 2 ",
    "a_b_c ",
]
PLACES = ["{}", "# {}", "> {}", "- {}", "1. {}", "> - {}", "{}\n\n---", "a\n\n{}\n\nb", "*{}*"]


def formula_by(rng):
    tex = "".join(rng.choice(INSIDE) for _ in range(rng.randint(1, 6))).strip()
    return (tex + "y") if tex.endswith("\\") else (tex or "x")


@pytest.mark.parametrize("seed", range(40))
def test_no_mixture_loses_or_changes_a_formula(seed):
    rng = random.Random(seed)
    for _ in range(10):
        wanted, parts = [], []
        for _ in range(rng.randint(1, 4)):
            parts.append(rng.choice(AROUND))
            tex = "a" + formula_by(rng) + "b"
            opening, closing, display = rng.choice(
                [("$", "$", False), ("$$", "$$", True), ("\\(", "\\)", False), ("\\[", "\\]", True)]
            )
            wanted.append((tex, display))
            parts += [opening, tex, closing, " "]
        text = rng.choice(PLACES).format("".join([*parts, "end"]))
        assert [(one.tex, one.display) for one in formulas(text)] == wanted, text
        cells = "|" + "|".join(f"${tex}$" for tex, _ in wanted) + "|"
        table = f"{cells}\n{'|-' * len(wanted)}|\n{cells}"
        assert [one.tex for one in formulas(table)] == [tex for tex, _ in wanted] * 2, table
        assert html(table).count("<td>") == len(wanted)


def test_the_examples_of_the_specification_are_left_alone():
    assert len(examples()) >= 60
    for source in examples():
        assert formulas(source) == (), source


@pytest.mark.parametrize("tex", [r"\{a\\b\}", "|x|_1*y*", r"\boldsymbol{x}_i^{*}"])
def test_the_examples_mixed_with_a_formula_lose_none(tex):
    for source in examples():
        for text in (
            f"${tex}$\n\n{source}",
            f"$$\n{tex}\n$$\n\n{source}",
            f"> \\({tex}\\)\n\n{source}",
        ):
            found = formulas(text)
            assert [one.tex for one in found] == [tex], text
        alone, mixed = html(source), html(f"${tex}$\n\n{source}")
        assert mixed == html(f"${tex}$") + ("\n" + alone if alone else ""), source


def test_the_index_of_a_norm_is_lowered():
    assert html('‖A‖_F "is" ‖b‖_2, *‖c‖_F*') == (
        "<p>‖A‖<sub>F</sub> &quot;is&quot; ‖b‖_2, <em>‖c‖<sub>F</sub></em></p>"
    )
    assert html("a_F and `‖A‖_F`") == "<p>a_F and <code>‖A‖_F</code></p>"
    assert "‖M‖<sub>F</sub>" in html("| a ‖M‖\\_F |\n| --- |\n")
