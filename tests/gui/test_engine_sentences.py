"""What the engine says is said in Chinese, too: all texts of its source, real ones as wholes."""

import json
import re

import numpy as np
import pytest

from engine.errors import RankscopeError
from engine.files import FORMATS, open_matrix_file
from engine.spectrum import (
    DESCRIPTORS,
    RANK_RULES,
    TAIL_RIVALS,
    compare_spectrum_tails,
    describe,
    singular_values,
    truncated_svd,
)
from engine.topk import (
    OPERATORS,
    check_claims,
    check_laws,
    get_operator,
    match_softness,
    python_snippet,
)
from gui.core.words import i18n
from tests.support.said import ROOT, composed_texts, engine_texts, is_prose

TABLE = ROOT / "assets" / "translations" / "zh_CN.json"
# Lower-case words that stay in a Chinese sentence: names of operators and tools, mathematics.
_SAME = {
    *("argmax", "clip", "exp", "grad", "inf", "lam", "laplace", "log", "max", "median", "min"),
    *("atan", "probit", "sigmoid", "softmax", "tau"),
    *("scree", "test"),  # in the title of a paper
}
_WORD = re.compile(r"\b[a-z]{3,}\b")


@pytest.fixture
def _chinese():
    before = i18n.language()
    i18n.set_language("zh_CN")
    yield
    i18n.set_language(before)


def test_every_text_of_the_engine_has_a_twin():
    table = json.loads(TABLE.read_text("utf-8"))
    missing = {f"{place} {text!r}" for text, place in engine_texts() if text not in table}
    assert sorted(missing) == []


def test_no_sentence_of_the_engine_is_put_together_without_its_template():
    assert sorted(f"{place} {text!r}" for text, place in composed_texts()) == []


SPECTRUM = singular_values(np.diag([9.0, 3.0, 1.0]))
LEADING = singular_values(np.random.default_rng(0).standard_normal((300, 250)), rank=5)


@pytest.mark.usefixtures("_chinese")
@pytest.mark.parametrize(
    ("work", "chinese"),
    [
        (lambda: get_operator("exp")([1.0, 2.0], 3), "k = 3 不被允许：应为在 [0, 2] 内的数。"),
        (
            lambda: get_operator("grad")([1.0, 2.0, 3.0], 1.5),
            "k = 1.5 不被允许：应为在 [0, 3] 内的整数。"
            "请把 k 取整，或改用阈值族的算子，它们可取任意 k。",
        ),
        (
            lambda: get_operator("exp")([1.0, np.nan], 1),
            "x 在序号 (1,) 处是 nan（该行共有 1 个这样的元素）：得分应为有限数，或用 -inf 屏蔽。",
        ),
        (
            lambda: get_operator("exp")([-np.inf, 2.0], 2),
            "k = 2 不被允许：应为在 [0, 1] 内的数：2 个得分中有 1 个被屏蔽（-inf）。"
            "请减小 k，或取消屏蔽一些元素。",
        ),
        (lambda: get_operator("exp")([1.0], 1, tau=0.0), "tau = 0.0 不被允许：应为有限正数。"),
        (lambda: python_snippet("exp", -1, 1.0), "k = -1 不被允许：应为 >= 0 的数。"),
        (
            lambda: singular_values([[1.0, np.inf]]),
            "2 个元素中有 1 个为 NaN 或无穷，第一个在第 0 行第 1 列（从 0 数起）。"
            "请替换它们，例如替换为 0 或列均值。",
        ),
        (
            lambda: singular_values([1.0, 2.0]),
            "a = (2,) 不被允许：应为二维数组。请改变形状为（行，列）。",
        ),
        (
            lambda: truncated_svd(np.eye(3), 7),
            "rank = 7 不被允许：应为从 0 到 3 的整数。",
        ),
        (
            lambda: RANK_RULES["energy"](SPECTRUM, 1.5),
            "target = 1.5 不被允许：应为满足 >= 0 且 <= 1 的有限数。",
        ),
        (
            lambda: RANK_RULES["gavish_donoho"](LEADING),
            "s 不被允许（250 个奇异值中只有 5 个）：应为规则“Gavish-Donoho，噪声未知”所需的完整谱。"
            "请先计算完整的谱。",
        ),
    ],
)
def test_refusals_are_said_in_chinese(work, chinese):
    with pytest.raises(RankscopeError) as caught:
        work()
    assert i18n.tr_sentence(caught.value) == chinese


@pytest.mark.usefixtures("_chinese")
@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("", "文件是空的（0 字节）。请重新导出，或换一个文件。"),
        (
            "1,2\n3,4,5\n",
            "第 2 行有 3 列，而前面各行有 2 列。这里的列以逗号分隔：请检查是否多了或少了一个。",
        ),
        (
            "a,b\n1,2\n3,x\n",
            "第 3 行第 2 列：'x' 不是数字。请更正它；缺失值请留空或写 NA。",
        ),
        (
            "NA,NA\n,NA\n",
            "所有值都缺失（空、NA 或 NaN）。请重新导出带有数值的表格，或换一个文件。",
        ),
        ("# nothing\n\n", "其中只有空行和注释，没有数字。请重新导出表格，或换一个文件。"),
        (
            '1,2\n"3,4\n',
            "第 2 行：这一行有一个引号没有闭合。请补上引号，或去掉引号。",
        ),
    ],
)
def test_files_are_refused_in_chinese(tmp_path, text, chinese):
    # A path may hold what ends a sentence and what introduces one.
    path = tmp_path / "v1. a: b" / "own.csv"
    path.parent.mkdir()
    path.write_text(text, encoding="utf-8")
    with pytest.raises(RankscopeError) as caught:
        open_matrix_file(str(path))
    assert i18n.tr_sentence(caught.value) == f"{path}：{chinese}"


@pytest.mark.usefixtures("_chinese")
def test_a_missing_file_is_said_in_chinese(tmp_path):
    with pytest.raises(RankscopeError) as caught:
        open_matrix_file(str(tmp_path / "a.npy"))
    said = f"{tmp_path / 'a.npy'}：没有这个文件。请检查文件名，或文件是否已被移走。"
    assert i18n.tr_sentence(caught.value) == said


@pytest.mark.usefixtures("_chinese")
def test_a_strange_file_is_told_every_format_in_chinese(tmp_path):
    path = tmp_path / "letter.docx"
    path.write_bytes(b"\x00\x01\x02 no table")
    with pytest.raises(RankscopeError) as caught:
        open_matrix_file(str(path))
    said = i18n.tr_sentence(caught.value)
    names = [f"{i18n.tr(known.title)}（{' '.join(known.suffixes)}）" for known in FORMATS]
    assert f"这不是本程序能读取的格式：{'、'.join(names)}。" in said


@pytest.mark.usefixtures("_chinese")
def test_an_archive_without_numbers_names_its_first_array(tmp_path):
    np.savez(tmp_path / "a.npz", words=np.array(["x"]))
    with pytest.raises(RankscopeError) as caught:
        open_matrix_file(str(tmp_path / "a.npz"))
    assert i18n.tr_sentence(caught.value) == (
        f"{tmp_path / 'a.npz'}：它的 1 个数组都无法读取；“words”：它含有文本。请先转换为数值。"
    )


@pytest.mark.usefixtures("_chinese")
def test_damage_of_an_archive_is_said_in_chinese(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(b"PK\x03\x04 and then nonsense")
    with pytest.raises(RankscopeError) as caught:
        open_matrix_file(str(path))
    said = i18n.tr_sentence(caught.value)
    assert said == (
        f"{path}：zip 归档已损坏（缺少末尾的内容目录）。它可能被截断了：请重新保存或复制。"
    )


@pytest.mark.usefixtures("_chinese")
def test_notes_of_a_table_are_said_in_chinese(tmp_path):
    (tmp_path / "a.csv").write_text("name;a;b\nx;1,5;2\ny;;4\n", encoding="utf-8")
    with open_matrix_file(str(tmp_path / "a.csv")) as source:
        assert i18n.tr_sentence(source.entries[0].note) == (
            "第 1 行作为列名。第一列作为行标签。小数点为逗号。有 1 个缺失值（空、NA 或 NaN）。"
        )


@pytest.mark.usefixtures("_chinese")
@pytest.mark.parametrize(
    ("rule", "spectrum", "chinese"),
    [
        (
            "energy",
            SPECTRUM,
            "秩 2 是能量 ‖M‖_F² 的占比不低于 0.9 的最小秩：占比为 0.989011，秩 1 时为 0.89011。",
        ),
        ("relative", SPECTRUM, "有 3 个奇异值严格大于 0.01 σ₁ = 0.09。"),
        (
            "frobenius",
            SPECTRUM,
            "秩 3 是 Frobenius 误差不超过 0.953939 的最小秩：误差为 0，秩 2 时为 1。",
        ),
        (
            "sv_ratio",
            SPECTRUM,
            "有 3 个奇异值严格大于 σ₁ / 10 = 0.9。sd-scripts 会保留 3 个。",
        ),
        (
            "relative",
            LEADING,
            "至少有 5 个奇异值严格大于 0.01 σ₁ = {cut}。250 个奇异值中只知道 5 个，不足以定论。",
        ),
    ],
)
def test_reasons_of_rank_rules_are_said_in_chinese(rule, spectrum, chinese):
    choice = RANK_RULES[rule](spectrum)
    assert i18n.tr_sentence(choice.reason) == chinese.format(cut=f"{choice.cut:.6g}")


def everything_said():
    """Yield what operators, rules and descriptors say of themselves and of several inputs."""
    for operator in OPERATORS:
        yield from (operator.title, operator.formula, operator.source)
        for x in ([2.0, 1.0, 0.5, -1.0], [1.0, 1.0, 1.0, 0.0]):
            yield from (law.sentence for law in check_laws(operator, x, 2, 0.5))
    for claim in check_claims(np.linspace(-2.0, 40.0, 600), 300, 0.5):
        yield from (claim.title, claim.statement, claim.witness)
    yield from (match.sentence for match in match_softness(OPERATORS, [2.0, 1.0, 0.5], 1, 0.3))
    for spectrum in (SPECTRUM, LEADING, singular_values(np.zeros((3, 2)))):
        yield spectrum.note
        yield from describe(spectrum).remarks.values()
        yield from (found.reason for found in compare_spectrum_tails(spectrum).values())
        for rule in RANK_RULES.values():
            try:
                yield rule(spectrum).reason
            except RankscopeError as error:
                yield error
    for described in (*DESCRIPTORS, *RANK_RULES.values(), *TAIL_RIVALS.values()):
        yield from (described.title, described.formula, described.source)
    for rule in RANK_RULES.values():
        for parameter in rule.parameters:
            yield from (parameter.title, parameter.meaning)


@pytest.mark.usefixtures("_chinese")
def test_nothing_the_registries_say_stays_english():
    english = {}
    for text in filter(None, everything_said()):
        said = i18n.tr_sentence(text)
        words = set(_WORD.findall(re.sub(r"\S*[-_/.]\S*", "", said))) - _SAME
        if is_prose(str(text)) and words:
            english[str(text)] = words
    assert english == {}


def plain_values(said):
    """The texts filled in as they are: names and numbers, but no words."""
    said = getattr(said, "sentence", said)
    for part in getattr(said, "parts", ()):
        yield from plain_values(part)
    for value in getattr(said, "values", {}).values():
        if hasattr(value, "template"):
            yield from plain_values(value)
        elif isinstance(value, str):
            yield value


def test_words_that_are_filled_in_are_marked_as_such():
    table = json.loads(TABLE.read_text("utf-8"))
    found = {value for said in filter(None, everything_said()) for value in plain_values(said)}
    assert {value for value in found if value in table} == set()


def test_english_stays_english():
    assert i18n.language() == "en"
    assert i18n.tr_sentence("p sums to 2 instead of k = 1.") == "p sums to 2 instead of k = 1."
