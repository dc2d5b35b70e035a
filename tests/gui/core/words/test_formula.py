"""Formulas: drawn without black and without gaps, spoken, and shown as source where unread."""

import re
import subprocess
import sys
import time
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from gui.core.words.formula import Formula, formula_mathml, formula_svg, inline_formula
from gui.core.words.latex import FormulaError
from gui.core.words.markdown import formulas, markdown_to_html
from gui.core.words.mathematics import NotText

SVG = "{http://www.w3.org/2000/svg}"
MATH = "{http://www.w3.org/1998/Math/MathML}"

READ = [
    r"\{a\\b\}",
    r"|x| + \|Y\|_F^2 = ||z|| - |-x|",
    r"a = \max_{x\in S} f(x)",
    r"\sum_{i=1}^n x_i^2",
    r"\mathop{\text{argmax}}_{x\in\mathcal{X}} f(x)",
    r"\operatorname*{arg\,max}_{x}\operatorname{Top-k}(x)",
    r"\begin{equation}\begin{aligned} a &= \frac{\sum_i x_i}{\sqrt{n}} \\ &= c "
    r"\end{aligned}\end{equation}",
    r"\begin{align}\label{eq:a} a &= b \tag{1} \\ c &= -d \nonumber \end{align}",
    r"\begin{alignat}{2} a &= b &\quad c &= d \end{alignat}",
    r"\begin{gather} a=b \\ c=d \end{gather}",
    r"\begin{eqnarray} a &=& b \\ c &=& d \end{eqnarray}",
    r"\begin{split} a &= b \\ &= c \end{split}",
    r"\begin{multline} a \\ + b \end{multline}",
    r"\begin{equation*} x \end{equation*}",
    r"\begin{cases} 1, & x > 0 \\ 0, & \text{否则，若 } x \le 0 \end{cases}",
    r"\boldsymbol{x}\in\mathbb{R}^n,\ \mathbb{RP}^2\ \mathbf{A}\mathfrak{g}",
    r"\mathsf{T}\mathtt{x}\bm{y}",
    r"\begin{pmatrix}1&2\\3&4\end{pmatrix}^{-1} \begin{Vmatrix}a\end{Vmatrix}_2^2",
    r"\binom{n}{k}^2",
    r"\hat{x}\ \widehat{xyz}\ \tilde y\ \widetilde{ab}",
    r"\bar x\ \overline{xy}\ \vec v\ \dot x \ddot y",
    r"\left(\frac{1}{1+\left(\frac{a}{b}\right)^2}\right)_a^b",
    r"\int_0^\infty e^{-x^2}\,dx",
    r"\underbrace{a+b}_{\text{和}} \overbrace{c}^{n}",
    r"f'(x) + f''(x) \lim_{n\to\infty} \sup_x",
    r"\langle x, y\rangle \mid \uparrow \to \xrightarrow{n\to\infty}",
    r"\text{if $x$ is 100\% {ok} \{y\}}",
    r"\color{black}{x} + \color{red}{y} + \textcolor{#000}{z}",
    r"\boxed{a=b} \rule{1em}{1em} \cancel{x}",
    r"\begin{array}{c|c} a & b \\ \hline c & d\end{array}",
    r"\left\{x\,\middle|\,y>0\right.",
    r"\prod_{i\in\mathcal{S}_k}\frac{\partial y_i}{\partial x_j}\Bigg|_{x=0}",
    r"\stackrel{?}{=} \not= \neq",
    r"{}_a",
    r"\frac{}{2}",
    r"{}",
    r"\text{}",
    r"\phantom{x} y",
    r"a<b>c\&d",
    r"中文，x",
    r"x % a remark",
    r"\sqrt[3]{x}",
    r"x^{y^{z}}",
    r"\substack{a\\b}",
    r"\displaystyle\sum x",
    r"a\tag*{A}",
    r"\eqref{eq:1}",
    r"\Biggl\{b\Biggr\} \big\| x \Big\rangle \bigl\lVert",
    r"x:=1 \setminus \ldots, \iint_D g \oint h",
]
UNREAD = [
    r"\nothing",
    r"\frac{1",
    "a}",
    r"\left( a",
    r"a \right)",
    "a & b",
    "",
    "  ",
    r"\begin{align} a",
    r"x^",
    "x^a^b",
    r"\begin{nothing}a\end{nothing}",
    r"\def\a{b}\a",
    r"\newcommand{\a}{b}",
    r"\color{red;x}{a}",
    "x" * 2001,
    "{" * 51 + "x" + "}" * 51,
    r"\left(" * 51 + "x" + r"\right)" * 51,
    r"\sqrt" * 300 + "x",
    r"\frac",
    "\x07",
    r"\text{" + chr(0xD800) + "}",
    r"\unicode{x0}",
]


@pytest.mark.parametrize("display", [False, True])
@pytest.mark.parametrize("tex", READ)
def test_what_is_known_is_drawn_and_spoken(tex, display):
    picture = formula_svg(tex, display)
    svg = ET.fromstring(picture.svg)
    assert svg.tag == f"{SVG}svg"
    assert svg.get("fill") == "currentColor"
    assert not re.search("black|#000|nan|inf", picture.svg)
    assert picture.width >= 0
    assert picture.height >= picture.depth >= 0
    _x, y, width, height = map(float, svg.get("viewBox").split())
    assert (width, height, y + height) == pytest.approx(
        (24 * picture.width, 24 * picture.height, 24 * picture.depth), abs=0.02
    )
    assert {part.tag for part in svg} <= {f"{SVG}{name}" for name in ("path", "rect", "text", "g")}
    spoken = ET.fromstring(formula_mathml(tex, display))
    assert spoken.tag == f"{MATH}math"
    assert spoken.get("display") == ("block" if display else "inline")
    said = "".join(spoken.itertext())
    assert "\\" not in said
    assert "&#" not in said


@pytest.mark.parametrize("tex", UNREAD)
def test_what_is_unknown_is_shown_as_its_source(tex):
    with pytest.raises(FormulaError):
        formula_svg(tex)
    with pytest.raises(FormulaError):
        formula_mathml(tex)
    shown = inline_formula(Formula(tex))
    found = re.fullmatch(
        r'<code class="math notranslate" translate="no">(.*)</code>', shown, re.DOTALL
    )
    assert unescape(found[1]) == tex


def test_a_formula_is_drawn_for_the_eye_spoken_for_the_ear_and_never_translated():
    tex = 'a<b\n"c" & \\text{中}'.replace("&", r"\&")
    element = ET.fromstring(inline_formula(Formula(tex)))
    assert element.tag == "span"
    assert (element.get("class"), element.get("translate")) == ("math notranslate", "no")
    assert element.get("data-tex") == tex
    svg, hidden = element
    assert svg.get("aria-hidden") == "true"
    picture = formula_svg(tex)
    assert svg.get("style") == (
        f"width:{picture.width:.3f}em;height:{picture.height:.3f}em;"
        f"vertical-align:{-picture.depth:.3f}em"
    )
    assert hidden[0].tag == f"{MATH}math"
    assert "overflow:hidden" in hidden.get("style")


def shapes(tex, display=False):
    return [part.tag.removeprefix(SVG) for part in ET.fromstring(formula_svg(tex, display).svg)]


def test_words_of_operators_are_drawn():
    word = r"\mathop{\text{argmax}}"
    assert len(shapes(word + "_x")) == 7
    assert formula_svg(word + "_x", True).depth > formula_svg(word + "_x").depth
    assert formula_svg(word + "_x", True).width < formula_svg(word + "_x").width
    assert 'movablelimits="true"' in formula_mathml(word + "_x")
    assert len(shapes(r"\operatorname*{arg\,max}_x")) == 7


def test_characters_the_font_lacks_are_text_one_em_wide():
    assert shapes(r"\text{中文}") == ["text", "text"]
    assert formula_svg(r"\text{中文}").width == pytest.approx(2, abs=0.01)
    assert shapes("x") == ["path"]
    assert shapes("\U0001d538\N{SNOWMAN}中")[-1] == "text"


def test_a_sum_below_a_fraction_line_is_small():
    beside, below = formula_svg(r"\sum x", True), formula_svg(r"\frac{1}{\sum x}", True)
    assert below.height < formula_svg(r"\frac{1}{x}", True).height + beside.height / 2
    assert formula_svg(r"\sum x", False).height < beside.height


@pytest.mark.parametrize("before", ["", "(", "a=", "|", r"\log "])
def test_a_sign_without_a_left_side_is_unary(before):
    after = "|" if before == "|" else ")" if before == "(" else ""
    unary = formula_svg(f"{before}-x{after}").width - formula_svg(f"{before}x{after}").width
    binary = formula_svg("a-x").width - formula_svg("ax").width
    assert unary < binary - 0.2
    assert formula_svg(r"|a|-x").width - formula_svg("|a|x").width == pytest.approx(
        binary, abs=0.06
    )
    assert formula_svg(r"\|a\|_2-x").width - formula_svg(r"\|a\|_2x").width > unary + 0.2


def test_two_bars_are_two_bars():
    assert len(shapes("||x||")) == 5
    assert "‖" not in formula_mathml("||x||")
    assert "‖" in formula_mathml(r"\|x\|")


def test_brackets_grow_with_what_they_hold():
    heights = [
        formula_svg(tex, True).height for tex in (r"\left(x\right)", r"\left(\frac{a}{b}\right)")
    ]
    assert heights[1] > 1.7 * heights[0]
    assert formula_svg(r"(\frac{a}{b})", True).height < heights[1]


def glyphs(tex):
    """How tall each glyph is, in the units of the picture; a bar that has grown is of several."""
    paths = re.findall(r'<path[^>]* d="([^"]+)"', formula_svg(tex, True).svg)
    ys = ([float(number) for number in re.findall(r"-?[\d.]+", path)[1::2]] for path in paths)
    return [max(one) - min(one) for one in ys if one]


TALL = r"\frac{\frac12}{\frac12}"


@pytest.mark.parametrize("bars", [(r"\lVert ", r"\rVert "), (r"\lvert ", r"\rvert "), "||"])
def test_bars_grow_only_where_they_are_told_to(bars):
    opening, closing = bars
    alone = glyphs(f"{opening}x{closing}")
    assert len(alone) == 3
    assert glyphs(f"{opening}x{closing}{TALL}")[:3] == pytest.approx(alone, rel=0.01)
    assert len(glyphs(f"{opening}x{closing}{TALL}")) == 3 + len(glyphs(TALL))
    grown = glyphs(rf"\left{opening}{TALL}\right{closing}")
    assert len(grown) > 2 + len(glyphs(TALL)) or grown[0] > 2 * alone[0]


@pytest.mark.parametrize("kind", ["vmatrix", "Vmatrix"])
def test_bars_about_a_matrix_are_as_tall_as_it_is(kind):
    low, tall = (
        glyphs(rf"\begin{{{kind}}}{inside}\end{{{kind}}}") for inside in ("a", r"a \\ b \\ c \\ d")
    )
    assert len(tall) > len(low) + 3 or tall[0] > 2 * low[0]


@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ("{", "}"),
        (r"\left(a+", r"\right)"),
        (r"\frac{a+b}{", "}"),
        ("x^{a+", "}"),
        (r"\sqrt{a+", "}"),
        (r"\phantom{a+", "}"),
        (r"\mathrm{a+", "}"),
        (r"\overline{a+", "}"),
    ],
)
def test_what_is_nested_as_deep_as_allowed_takes_no_time_to_speak_of(opening, closing):
    start = time.process_time()
    assert formula_svg(opening * 50 + "x" + closing * 50).width > 0
    assert time.process_time() - start < 5


def test_brackets_that_double_at_every_level_are_not_drawn_for_minutes():
    start = time.process_time()
    with pytest.raises(FormulaError, match="tall"):
        formula_svg(r"\left(\frac{1}{" * 25 + "x" + r"}\right)^2" * 25)
    assert time.process_time() - start < 5


def test_limits_wider_than_their_operator_cover_nothing():
    alone = (
        formula_svg("a=", True).width
        + formula_svg(r"\sum_{i\in\mathcal{S}_{k+1}}^{n} x", True).width
    )
    assert formula_svg(r"a=\sum_{i\in\mathcal{S}_{k+1}}^{n} x", True).width > alone - 0.3


def test_links_and_styles_stay_out():
    for tex in (r"\href{javascript:a}{x}", r"\style{position:fixed}{x}", r"\class{y}{x}"):
        made = inline_formula(Formula(tex))
        assert not re.search('href=|style="position:fixed|class="y', made)


def test_nothing_of_it_is_imported_with_the_program():
    script = (
        "import sys, gui.__main__, gui.app, gui.core.words.markdown\n"
        "lazy = {'markdown_it', 'mdurl', 'ziamath', 'ziafont', 'latex2mathml'}\n"
        "print(sorted(lazy & {name.partition('.')[0] for name in sys.modules}))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert answer.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("tex", "inks"),
    [
        (r"\overline{x}", ["path:", "rect:"]),
        (r"\frac{\overline{ab}}{2} + \underline{c}", None),
        (r"\textcolor{red}{\overline{x}} b", ["path:red", "rect:red", "path:"]),
        (r"\textcolor{red}{\underline{x}}", ["path:red", "rect:red"]),
        (r"\textcolor{red}{x}\ y", ["path:red", "path:"]),  # a blank has no ink to give
        (r"\textcolor{red}{x}\phantom{y}", ["path:red"]),
        (r"x\textcolor{red}{\text{ }} y", ["path:", "path:"]),
        (r"\overline{x}\ y", ["path:", "rect:", "path:"]),
    ],
)
def test_a_part_has_the_ink_of_its_own(tex, inks):
    svg = ET.fromstring(formula_svg(tex).svg)
    parts = [f"{part.tag.removeprefix(SVG)}:{part.get('fill', '')}" for part in svg]
    assert parts == inks or (inks is None and all(part.endswith(":") for part in parts)), parts


@pytest.mark.parametrize(
    ("tex", "same", "other"),
    [
        (r"\mathbf 1", r"\mathbf{1}", "1"),
        (r"\mathbf{12}", r"\boldsymbol{12}", "12"),
        (r"\mathbb 1", r"\mathbb{1}", "1"),
        (r"\mathtt 1", r"\mathtt{1}", "1"),
        (r"\mathbf x", r"\mathbf{x}", "x"),
        (r"\mathbf x", r"\mathbf{x}", r"\boldsymbol{x}"),  # upright, not bold and italic
        (r"\mathbf A_1", r"\mathbf{A}_1", r"\boldsymbol{A}_1"),
        (r"\mathbf{AB}", r"\mathbf{A}\mathbf{B}", r"\boldsymbol{AB}"),
    ],
)
def test_bold_and_double_letters_and_digits_are_those_of_latex(tex, same, other):
    assert formula_svg(tex).svg == formula_svg(same).svg != formula_svg(other).svg


@pytest.mark.parametrize("tex", [None, b"x", 3, 1.5])
def test_what_is_not_text_is_refused_in_words(tex):
    for read in (formula_svg, formula_mathml):
        with pytest.raises(NotText, match=f"LaTeX is text.*{type(tex).__name__}"):
            read(tex)
    for read in (markdown_to_html, formulas):
        with pytest.raises(NotText, match=f"Markdown is text.*{type(tex).__name__}"):
            read(tex)


def test_a_page_of_them_is_html_without_black():
    text = "\n\n".join(f"${tex}$ and $${tex}$$" for tex in READ if tex.strip())
    made = markdown_to_html(text)
    assert made.count('<span class="math notranslate" translate="no"') >= len(READ)
    assert "black" not in re.sub(r'data-tex="[^"]*"', "", made)
    ET.fromstring(f"<body>{made}</body>".replace("&nbsp;", "\u00a0"))
