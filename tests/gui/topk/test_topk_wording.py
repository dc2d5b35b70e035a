"""What the Top-k page says of the scores, and what it calls the operators."""

import numpy as np
import pytest

from gui.core.words import i18n
from gui.pages.topk.compute.catalogue import catalogue, short_title
from gui.pages.topk.compute.inputs import InputSpec
from gui.pages.topk.compute.judgement import ClaimVerdict
from gui.pages.topk.compute.scores import make_scores
from gui.pages.topk.show.laws import claim_cells
from gui.pages.topk.show.numbers import Numbers


@pytest.fixture
def chinese():
    i18n.set_language("zh_CN")
    yield
    i18n.set_language("en")


@pytest.mark.parametrize(
    ("k", "kept", "gap"), [(1.0, "3.000", "0.5000"), (3.0, "1.000", "–"), (0.0, "–", "–")]
)
def test_the_smallest_score_kept_is_known_as_long_as_one_is_kept(k, kept, gap):
    scores = make_scores(InputSpec("pasted"), np.array([3.0, 1.0, 2.5]))
    numbers = Numbers(scores=scores, k=k, infos={}, outputs={}, own_tau=False, line="", names=())
    said = {name: value for name, value, *_ in numbers.rows()}
    assert (said["Smallest score kept"], said["Gap to the next"]) == (kept, gap)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "For k = 1 the grad operator is exactly softmax.",
            "k = 1 时，GradTopK 算子恰为 softmax。",
        ),
        ("For k = 1 the exp operator is exactly softmax.", "k = 1 时，指数算子恰为 softmax。"),
    ],
)
@pytest.mark.usefixtures("chinese")
def test_claims_name_operators_as_the_rest_of_the_page_does(statement, said):
    infos = {info.key: info for info in catalogue()}
    claim = ClaimVerdict("", statement, "holds", 0.0, "exp: hard (0.5).")
    _, text, evidence = claim_cells(claim, infos)
    assert (text.text, text.tip) == (said, said)
    assert evidence.text == "指数: hard (0.5)."


@pytest.mark.parametrize(
    ("title", "short"),
    [("Sigmoid threshold", "Sigmoid"), ("Cauchy threshold (heavy tails)", "柯西")],
)
@pytest.mark.usefixtures("chinese")
def test_legends_leave_the_word_threshold_out_in_chinese_too(title, short):
    assert short_title(i18n.tr(title)) == short
