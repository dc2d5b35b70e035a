"""What a file calls its rows and columns is read wherever scores have numbers."""

import pytest

from rankscope import draw

NAMES = ("ka", "kb", "kc", "kd")


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "gates.csv"
    path.write_text("name,ka,kb,kc,kd\nfirst,1,4,2,3\nsecond,5,0,7,1.5\nthird,1,2,3,4\n", "utf-8")
    return path


@pytest.mark.parametrize(
    "plot", ["scores", "output", "heat", "jacobian", "gradient", "permutation"]
)
def test_every_plot_over_the_scores_has_their_names(table, plot):
    figure = draw("topk", plot, table, position=1, k=2, order="index")
    assert [figure.x.name_at(place) for place in range(4)] == list(NAMES)
    assert "gates" in figure.meta["source"]
    assert figure.meta["source"].endswith("(second)")


def test_names_follow_the_order_by_rank_on_both_sides_of_the_jacobian(table):
    figure = draw("topk", "jacobian", table, position=1, k=2, order="rank")
    assert [figure.x.name_at(place) for place in range(1, 5)] == ["kc", "ka", "kd", "kb"]
    assert [figure.y.name_at(place) for place in range(1, 5)] == ["kc", "ka", "kd", "kb"]


def test_the_smallest_score_kept_is_called_by_its_name(table):
    rows = draw("topk", "numbers", table, position=1, k=2).cells
    assert any("(ka)" in str(row) for row in rows)
    assert not any("(ka)" in str(row) for row in draw("topk", "numbers", [5, 0, 7, 1], k=2).cells)


def test_columns_have_the_names_of_rows(table):
    figure = draw("topk", "output", table, axis="column", position=2, k=1, order="index")
    assert [figure.x.name_at(place) for place in range(3)] == ["first", "second", "third"]
    assert figure.meta["source"].endswith("(kc)")
