"""Frozen records made here are those of the standard library, in every use made of them."""

import copy
import dataclasses
import math
import pickle
from typing import Any, ClassVar

import numpy as np
import pytest

from gui.frozen import dataclass

MAKERS = {"ours": dataclass, "theirs": dataclasses.dataclass}
NAN, ARRAY = math.nan, np.arange(3)


def made(maker: Any, **options: Any) -> type:
    @maker(frozen=True, **options)
    class One:
        """A record of each kind of field."""

        kind: ClassVar[str] = "kind"
        number: float
        words: tuple[str, ...] = ()
        listed: list[int] = dataclasses.field(default_factory=list, compare=False)
        hidden: int = dataclasses.field(default=0, repr=False)

        def __post_init__(self) -> None:
            object.__setattr__(self, "kept", self.number)

    return One


def made_of_one(maker: Any) -> type:
    @maker(frozen=True)
    class Single:
        value: Any

    return Single


def made_empty(maker: Any) -> type:
    @maker(frozen=True)
    class Empty:
        pass

    return Empty


@dataclass(frozen=True)
class Base:
    """Derived from below."""

    first: int
    second: int = 2


@dataclass(frozen=True)
class Derived(Base):
    """One field more."""

    third: int = 3

    def __repr__(self) -> str:
        return "mine"


def outcome(call: Any) -> Any:
    try:
        return call()
    except Exception as error:
        return type(error)


USES = {
    "shown": lambda one: repr(one(1.5, ("a",), [1], 4)).split(".")[-1],
    "equal": lambda one: one(1.0, ("a",)) == one(1, ("a",), [7]),
    "hidden counts": lambda one: one(1.0, hidden=1) == one(1.0, hidden=2),
    "another kind": lambda one: one(1.0) == (1.0, (), [], 0),
    "hash": lambda one: len({one(1.0, ("a",), [7]), one(1.0, ("a",), [8])}),
    "too many": lambda one: one(1, (), [], 0, 0),
    "missing": lambda one: one(),
    "unknown": lambda one: one(1, other=2),
    "set": lambda one: setattr(one(1), "number", 2),
    "set again": lambda one: setattr(one(1), "words", ()),
    "set another": lambda one: setattr(one(1), "other", 2),
    "delete": lambda one: delattr(one(1), "number"),
    "replace": lambda one: dataclasses.replace(one(1, ("b",)), number=3).__dict__,
    "asdict": lambda one: dataclasses.asdict(one(1, ("b",), [2])),
    "fields": lambda one: [(f.name, f.compare, f.repr) for f in dataclasses.fields(one)],
    "match": lambda one: one.__match_args__,
    "own list": lambda one: one(1).listed is one(1).listed,
    "copied": lambda one: copy.copy(one(1, ("c",))).__dict__,
    "copied deeply": lambda one: copy.deepcopy(one(1, ("c",), [5])).__dict__,
    "after": lambda one: one(4).kept,
}


@pytest.mark.parametrize("options", [{}, {"eq": False}], ids=["eq", "identity"])
@pytest.mark.parametrize("use", USES)
def test_it_is_as_the_standard_library_makes_it(use, options):
    ours, theirs = (made(maker, **options) for maker in MAKERS.values())
    assert outcome(lambda: USES[use](ours)) == outcome(lambda: USES[use](theirs))


@pytest.mark.parametrize("maker", MAKERS.values(), ids=list(MAKERS))
def test_the_same_object_is_equal_to_itself_also_where_its_value_is_not(maker):
    single = made_of_one(maker)
    assert single(NAN) == single(NAN)
    assert single(ARRAY) == single(ARRAY)
    assert single(1) != single(2)
    with pytest.raises(ValueError, match="ambiguous"):
        assert single(ARRAY) == single(ARRAY.copy())


@pytest.mark.parametrize("maker", MAKERS.values(), ids=list(MAKERS))
def test_a_record_of_nothing_equals_another_of_nothing(maker):
    empty = made_empty(maker)
    assert empty() == empty()
    assert hash(empty()) == hash(empty())
    assert "Empty()" in repr(empty())


def test_a_derived_record_has_the_fields_of_both_and_its_own_methods():
    one = Derived(1, third=5)
    assert (one.first, one.second, one.third) == (1, 2, 5)
    assert one == Derived(1, 2, 5)
    assert one != Base(1)
    assert repr(one) == "mine"
    with pytest.raises(dataclasses.FrozenInstanceError, match="first"):
        one.first = 3


def test_it_is_pickled_and_comes_back_equal():
    one = pickle.loads(pickle.dumps(Derived(7)))
    assert one == Derived(7)
    assert hash(one) == hash(Derived(7))


def test_only_frozen_records_are_made():
    with pytest.raises(TypeError, match="frozen"):
        dataclass(frozen=False)
