"""Reports: one file that asks for nothing, says what it shows, and brings the window back."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest

from gui.core.export.metadata import read_metadata
from gui.core.export.report import Picture, report_html
from gui.core.export.report_file import Report, Shown, numbers_of, picture_of
from gui.core.figure.figure import Axis, Cursor, Figure, Image, Series
from gui.core.words import i18n
from gui.core.words.mathematics import NotText
from gui.report import main, without_folder

SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><title>t</title></svg>'
NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """What a browser would do with a document: what it may load, what it shows."""

    LOADS = ("src", "srcset", "href", "data", "poster", "action", "background", "cite", "manifest",
             "ping", "formaction", "xlink:href")  # fmt: skip

    def __init__(self, text):
        super().__init__()
        self.tags, self.loads, self.ids, self.events, self.scripts = [], [], [], [], []
        self.words, self.images = [], []
        self._inside = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        said = dict(attributes)
        self.tags.append((tag, said))
        self.loads += [(tag, name, said[name]) for name in self.LOADS if said.get(name)]
        self.ids += [said["id"]] if "id" in said else []
        self.events += [name for name in said if name.startswith("on")]
        if tag == "img":
            self.images.append(said)
        if tag == "script":
            self.scripts.append(said)
        self._inside.append(tag)

    def handle_endtag(self, tag):
        if tag in self._inside:
            while self._inside.pop() != tag:
                pass

    def handle_data(self, data):
        if not {"script", "style"} & {*self._inside[-1:]}:
            self.words.append(data)

    @property
    def text(self):
        return "".join(self.words)


def page_of(*blocks, **more):
    return Page(report_html("Title", blocks, **more))


def requests(page):
    """What the document would ask a network for by itself: a link waits for a person."""
    return [
        one
        for one in page.loads
        if not one[2].startswith("data:") and not (one[0] == "a" and one[1] == "href")
    ]


HOSTILE = (
    "![p](http://a.example/x.png)",
    "<img src='http://a.example/x.png'>",
    "<style>@import 'http://a.example/x.css'</style>",
    "[x](javascript:alert(1))",
    "[x](file:///etc/passwd)",
    "![p](data:text/html;base64,PHNjcmlwdD4=)",
    "<link rel=stylesheet href=http://a.example>",
    "<iframe src=http://a.example></iframe>",
    r"$\href{http://a.example}{x}$ and $\includegraphics{http://a.example}$",
    NASTY,
)


@pytest.mark.parametrize("text", HOSTILE)
def test_no_words_of_a_person_make_a_request(text):
    page = page_of(text, Picture(SVG, text, text, numbers=text))
    assert requests(page) == []
    assert page.events == []
    assert [one for one in page.scripts if one.get("src")] == []
    assert len(page.scripts) == 1
    links = [said["href"] for tag, said in page.tags if tag == "a" and said.get("href")]
    assert all(link.split(":")[0] in ("http", "https", "mailto", "rankscope") for link in links)


def test_the_policy_forbids_everything_but_what_is_inside():
    text = report_html("T", [])
    (policy,) = (
        said["content"]
        for _, said in Page(text).tags
        if said.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy.startswith(
        "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"
    )
    # Before it nothing could be asked for.
    assert text.index("Content-Security-Policy") < text.index("<title>")


def test_formulas_are_not_translated_and_copy_as_latex():
    page = page_of(r"Keep $k$ of $\boldsymbol{x}\in\mathbb{R}^n$.", "$$\\frac{1}{n}$$")
    math = [said for _, said in page.tags if "math" in (said.get("class") or "").split()]
    assert [one["data-tex"] for one in math] == [
        "k",
        r"\boldsymbol{x}\in\mathbb{R}^n",
        r"\frac{1}{n}",
    ]
    assert all(one["translate"] == "no" and "notranslate" in one["class"] for one in math)


def test_a_picture_has_both_schemes_and_words():
    dark = SVG.replace("t</title>", "dark</title>")
    page = page_of(Picture(SVG, 'A "caption" & <more>', "It falls.", dark, "| a |\n| - |\n| 1 |"))
    (image,) = page.images
    assert image["alt"] == "It falls."
    head = "data:image/svg+xml;base64,"
    assert base64.b64decode(image["src"].removeprefix(head)).decode() == SVG
    (source,) = (said for tag, said in page.tags if tag == "source")
    assert base64.b64decode(source["srcset"].removeprefix(head)).decode() == dark
    assert "prefers-color-scheme: dark" in source["media"]
    assert 'A "caption" & <more>' in page.text
    assert [tag for tag, _ in page.tags if tag in ("details", "table")] == ["details", "table"]
    assert page_of(Picture(SVG, "Only")).images[0]["alt"] == "Only"


def test_titles_are_words_and_languages_are_said():
    page = Page(report_html(NASTY, [], language="zh_CN"))
    assert ("html", {"lang": "zh-CN"}) in page.tags
    assert NASTY in page.text
    assert page.ids == []


def test_the_state_is_data_that_is_read_back(tmp_path):
    state = {"schema": 1, "page": "spectrum", "slices": {"a": NASTY, "b": "é\u2028"}}
    text = report_html(NASTY, [NASTY], state=state)
    assert len(Page(text).scripts) == 2
    path = tmp_path / "r.html"
    path.write_text(text, encoding="utf-8")
    assert read_metadata(path)["state"] == state


@pytest.mark.parametrize("text", ["", "<html></html>", '<script type="application/json" '
                                  "data-rankscope>{", "x" * 100])  # fmt: skip
def test_a_page_of_somebody_else_has_no_state(tmp_path, text):
    from gui.core.export.files import ExportError

    path = tmp_path / "r.html"
    path.write_text(text)
    with pytest.raises(ExportError):
        read_metadata(path)


def figure():
    x = np.arange(1.0, 400.0)
    return Figure(
        "a.b",
        "Fall of p",
        Axis("rank"),
        Axis("p", log=True),
        (Series("s", "curve", x, 1 / x), Series("t", "", x[:2], np.array([np.nan, np.inf]))),
        cursors=(Cursor("k", "k = 3", "x", 3.0),),
        note="A note.",
        meta={"source": "/home/somebody/secret.npy"},
        state={"page": "x"},
    )


def test_a_figure_is_said_drawn_and_counted():
    picture = picture_of(figure())
    for words in ("Fall of p.", "A note.", "curve", "rank, 1 to 399", "k = 3"):
        assert words in picture.description
    for drawn in (picture.svg, picture.dark):
        ElementTree.fromstring(drawn)
        assert "secret" not in drawn
    assert picture.svg != picture.dark
    rows = [line for line in picture.numbers.splitlines() if line.startswith("| ")]
    assert sum(line.count("|") - 1 for line in rows[2:102]) == 200
    assert "| 3 | 0.3333 |" in picture.numbers


def test_numbers_of_pictures_and_of_nothing():
    image = Image("i", "m", np.eye(3), (-0.5, 2.5, -0.5, 2.5))
    assert numbers_of(Figure(images=(image,))) == ""
    assert "rows" not in numbers_of(Figure())
    assert picture_of(Figure("k", "m", images=(image,))).description.startswith("m.")


def test_what_was_opened_is_named_without_its_place(tmp_path):
    report = Report("T", tmp_path / "r.html", shown=Shown("a|b_*.npy", (3, 4), "float64"))
    page = Page(report.html())
    assert "a|b_*.npy" in page.text
    assert "3 × 4" in page.text
    assert without_folder("draw('/home/me/a.npy')", "/home/me/a.npy") == "draw('a.npy')"


# -- the command --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("secret place")
    np.save(folder / "wide.npy", np.random.default_rng(0).normal(size=(12, 9)))
    (folder / "note.md").write_text("My *own* words: $x^2$.", encoding="utf-8")
    out = folder / "r.html"
    arguments = [str(folder / "wide.npy"), "--figures", "spectrum.values", "--language", "en",
                 "--note", str(folder / "note.md"), "--out", str(out)]  # fmt: skip
    assert main(arguments) == 0
    return out, arguments


def test_the_command_writes_everything(written):
    out, _ = written
    text = out.read_text(encoding="utf-8")
    page = Page(text)
    assert requests(page) == []
    assert page.ids == []
    assert "secret place" not in text
    for words in ("wide.npy", "12 × 9", "float64", "My own words", "SHA-256", "Theory",
                  "rankscope.draw(", "Gavish", "Sources"):  # fmt: skip
        assert words in page.text, words
    assert len(page.images) == 1
    assert page.images[0]["alt"].startswith("Singular value spectrum.")
    assert [tag for tag, _ in page.tags].count("table") >= 3
    saved = read_metadata(out)["state"]
    assert saved["page"] == "spectrum"
    assert "secret place" not in json.dumps(saved)


def test_the_command_names_the_file_in_readable_words(written, capsys, tmp_path):
    _, arguments = written
    capsys.readouterr()
    words = list(arguments)
    words[words.index("--out") + 1] = str(tmp_path / "a\u202eb.html")
    assert main(words) == 0
    assert capsys.readouterr().out.rstrip().endswith("a\ufffdb.html")


def test_the_command_refuses_in_words(written, capsys, tmp_path):
    out, arguments = written
    capsys.readouterr()
    for changed, said in (
        ({}, "exists already"),
        ({"--out": str(tmp_path / "no" / "r.html")}, "does not exist"),
        ({"--figures": "spectrum.nonsense", "--out": str(tmp_path / "r.html")}, "no figure"),
        ({"--note": str(tmp_path / "none.md"), "--out": str(tmp_path / "r.html")}, "cannot be"),
        ({"--missing": "what", "--out": str(tmp_path / "r.html")}, "--missing"),
    ):
        words = list(arguments)
        for name, value in changed.items():
            if name in words:
                words[words.index(name) + 1] = value
            else:
                words += [name, value]
        assert main(words) == 1
        error = capsys.readouterr().err
        assert said in error
        assert len(error.splitlines()) == 1
    assert not list(tmp_path.glob("*.html"))
    assert out.exists()


CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)


def requested(address, folder):
    """What a page asks for, as Chromium logs it; its own requests are by no page."""
    log = folder / "net.json"
    subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
         "--disable-background-networking", f"--user-data-dir={folder / 'profile'}",
         f"--log-net-log={log}", "--dump-dom", address],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    events = json.loads(log.read_text())["events"]
    said = [one.get("params", {}) for one in events]
    return {
        one["url"]
        for one in said
        if str(one.get("url", "")).startswith(("http", "ws"))
        and one.get("initiator", "not an origin") != "not an origin"
    }


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
def test_a_browser_asks_no_network_for_anything(written, tmp_path):
    out, _ = written
    asking = tmp_path / "asking.html"
    asking.write_text("<img src='http://127.0.0.1:9/seen.png'>")
    if not requested(asking.as_uri(), tmp_path):
        pytest.skip("this Chromium logs requests in another way")
    assert requested(out.as_uri(), tmp_path) == set()
    # Were something to slip into a report, its policy would stop it.
    text = out.read_text(encoding="utf-8")
    asking.write_text(text.replace("<body>", f"<body>{asking.read_text()}"), encoding="utf-8")
    assert requested(asking.as_uri(), tmp_path) == set()


def test_what_is_no_text_is_refused_in_words():
    with pytest.raises(NotText, match=r"A title is text.*NoneType"):
        report_html(None, [])
    with pytest.raises(NotText, match=r"block of a report is Markdown.*int"):
        report_html("t", ["a", 3])


def test_words_of_a_figure_end_as_their_language_does():
    figure = Figure(title="σ 的密度", note="有 12 个值高出噪声。", series=())
    i18n.set_language("zh_CN")
    try:
        made = picture_of(figure)
    finally:
        i18n.set_language("en")
    assert made.caption == "σ 的密度。有 12 个值高出噪声。"
    assert made.description.startswith(made.caption)
    assert picture_of(Figure(title="Density", note="It falls.")).caption == "Density. It falls."
