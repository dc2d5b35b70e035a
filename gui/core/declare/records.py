"""The records that a page is made of: a step computes, a value follows at once, a plot draws.

Every subclass is frozen, and its fields are marks (see ``marks`` and ``parameter``).
An instance holds what the marks stood for: a step is its own question, and what it is made of is
all that its answer may depend on. ``Shared.rank`` is the declaration, ``plot.rank`` the number.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import FrozenInstanceError
from functools import cached_property
from typing import Any, ClassVar, Literal, TypeVar, dataclass_transform, get_args

from gui.core.declare.marks import (
    Mark,
    Source,
    answer_of,
    answers_of,
    given,
    maybe,
    maybe_given,
    member_of,
    value_of,
)
from gui.core.declare.parameter import Parameter
from gui.core.figure.figure import Figure
from gui.core.figure.table import Row, Table
from gui.core.words.names import near
from gui.frozen import dataclass

T = TypeVar("T")
Form = Literal["figure", "table", "rows"]
FORMS: tuple[Form, ...] = get_args(Form)


class DeclarationError(TypeError):
    """A record or a page that cannot be: says where, and what was meant perhaps."""


@dataclass(frozen=True)
class View:
    """One of the lower views of a page.

    ``title`` is the tab, ``short`` what it says where there is little room, ``tip`` its tooltip;
    ``when`` is a value: the tab can be chosen only while it is true, otherwise ``why`` says why.
    """

    key: str
    title: str
    tip: str = ""
    short: str = ""
    when: Any = None
    why: str = ""


@dataclass(frozen=True)
class Front:
    """Which lower view is in front, as a record is ``given(Front)``; every page has it."""

    key: str


@dataclass_transform(
    eq_default=False,
    kw_only_default=True,
    frozen_default=True,
    field_specifiers=(
        answer_of,
        answers_of,
        maybe,
        value_of,
        given,
        maybe_given,
        member_of,
    ),
)
class Record:
    """Base of all of them, and of ``Shared``: parameters that several records go by."""

    # To generate a dataclass for each of a hundred records would take a sixth of the start.

    _marks: ClassVar[Mapping[str, Source | Parameter]] = {}  # of every field

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        marks, annotated = dict(cls._marks), list(_annotated(cls))
        for name, one in vars(cls).items():
            if isinstance(one, Source | Parameter) and name not in annotated:
                raise DeclarationError(f"{where(cls)}.{name}: it has no type; write {name}: float")
        for name in annotated:
            mark = cls.__dict__.get(name)
            if not isinstance(mark, Source | Parameter):
                raise DeclarationError(
                    f"{where(cls)}.{name}: nothing says what it is made of; write a parameter, "
                    f"answer_of(step), value_of(...) or given(...)"
                )
            marks[name] = mark
            if isinstance(mark, Parameter) and mark.owner is None:
                mark.bind(cls, name)
        cls._marks = marks

    def __init__(self, **fields: Any) -> None:
        marks = self._marks
        if fields.keys() != marks.keys():
            fields = _completed(self, fields)
        self.__dict__.update({name: fields[name] for name in marks})

    def __setattr__(self, name: str, value: Any) -> None:
        raise FrozenInstanceError(f"cannot assign to field {name!r}")

    def __delattr__(self, name: str) -> None:
        raise FrozenInstanceError(f"cannot delete field {name!r}")

    def __repr__(self) -> str:
        fields = ", ".join(f"{name}={self.__dict__.get(name)!r}" for name in self._marks)
        return f"{type(self).__qualname__}({fields})"


def _completed(record: Record, fields: dict[str, Any]) -> dict[str, Any]:
    """Return ``fields`` with None for what is optional and was not said."""
    marks, name = record._marks, type(record).__qualname__
    unknown = [field for field in fields if field not in marks]
    if unknown:
        raise TypeError(f"{name} has no field {', '.join(unknown)}{near(unknown[0], list(marks))}")
    optional = {n: None for n, mark in marks.items() if isinstance(mark, Source) and mark.optional}
    missing = [field for field in marks if field not in fields and field not in optional]
    if missing:
        raise TypeError(f"{name} needs {', '.join(missing)}")
    return {**optional, **fields}


def _annotated(cls: type) -> Iterator[str]:
    for name, hint in inspect.get_annotations(cls).items():
        if not str(hint).startswith(("ClassVar", "typing.ClassVar")):
            yield name


class Value(Record):
    """A derived value that is made at once, where a record is the first to use a parameter."""

    def value(self) -> Any:
        """Return it; the same object comes back while it is made of the same."""
        raise NotImplementedError


class Step(Record):
    """A computation.

    Parameters
    ----------
    key : str
        Unique on its page.
    title : str
        What the status line says while it runs; English.
    keep : int
        How many answers are remembered, of a family: of each member.
    live : bool
        Answers that newer questions have overtaken are drawn: the plot follows a drag. A property
        of that name says it of each question.
    in_turn : bool
        Of a family: its members are asked one after the other as they are listed, a picture each;
        otherwise the light ones go in one job and come as one picture.
    preview : step
        Answers the same question sooner and less well; it runs first where this takes long.
    feeds : bool
        It hands over its answer part by part, ``run(progress, feed)``, which is shown as it grows
        (see `so_far`); always in a thread.
    """

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""
    keep: ClassVar[int] = 2
    preview: ClassVar[type[Step] | None] = None
    in_turn: ClassVar[bool] = False
    feeds: ClassVar[bool] = False
    _live: ClassVar[bool] = True

    def __init_subclass__(
        cls,
        *,
        key: str = "",
        title: str = "",
        keep: int = 2,
        live: bool = True,
        in_turn: bool = False,
        preview: type[Step] | None = None,
        feeds: bool = False,
        **unknown: Any,
    ) -> None:
        _refuse(cls, unknown, "key title keep live in_turn preview feeds")
        super().__init_subclass__()
        cls.key, cls.title, cls.keep, cls._live = key, title, keep, live
        cls.in_turn, cls.preview, cls.feeds = in_turn, preview, feeds

    def require_room(self) -> None:
        """Ask (`engine.room.TooLarge`) before much memory is taken; called here, before ``run``."""

    @property
    def question(self) -> tuple[Any, ...]:
        """What the answer depends on: all of its fields, where it does not say that some of them
        make no difference to it."""
        return tuple(vars(self).values())

    @property
    def cost(self) -> float:
        """Seconds it takes, about: decides between thread and process, and who goes first."""
        return 0.0

    @property
    def live(self) -> bool:
        """Whether an answer is drawn that newer questions have overtaken."""
        return self._live

    @property
    def rest(self) -> float:
        """For how many seconds there must be no newer question before it is asked."""
        return 0.0

    @property
    def apart(self) -> bool:
        """Whether this member of a family must hold up nobody, nor wait for its turn."""
        return False

    def run(self, progress: Any = None) -> Any:
        """Compute, in another thread or process."""
        raise NotImplementedError

    def so_far(self, parts: Sequence[Any], before: Any) -> Any:
        """Return the answer with more ``parts``, which may come again; ``before`` is None first."""
        raise NotImplementedError


class Plot(Record):
    """What a page shows: a ``figure()``, a ``table()``, or read-outs as ``rows()``, one of them.

    Parameters
    ----------
    key : str
        Key of its Figure, "page.name".
    title : str
        English; a figure that says no title of its own gets it.
    view : View
        The lower view it stands in; none is the upper row.
    share : int
        Its part of the width.
    link : str
        Name of the group of figures that zoom together.
    section : str
        Heading under which read-outs stand among the controls; those of a lower view stand with
        its parameters.
    """

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""
    view: ClassVar[View | None] = None
    share: ClassVar[int] = 1
    link: ClassVar[str] = ""
    section: ClassVar[str] = ""

    def __init_subclass__(
        cls,
        *,
        key: str = "",
        title: str = "",
        view: View | None = None,
        share: int = 1,
        link: str = "",
        section: str = "",
        **unknown: Any,
    ) -> None:
        _refuse(cls, unknown, "key title view share link section")
        super().__init_subclass__()
        cls.key, cls.title, cls.view, cls.share = key, title, view, share
        cls.link, cls.section = link, section

    def figure(self) -> Figure:
        """Return what is drawn."""
        raise NotImplementedError

    def table(self) -> Table:
        """Return what is listed."""
        raise NotImplementedError

    def rows(self) -> Sequence[Row]:
        """Return the read-outs: what each is, its value, what it means."""
        raise NotImplementedError

    @classmethod
    def forms(cls) -> tuple[Form, ...]:
        """Return which of the three it is; a fault where it is not one."""
        return tuple(form for form in FORMS if getattr(cls, form) is not getattr(Plot, form))

    @classmethod
    def form(cls) -> Form:
        """Return whether it is a figure, a table or read-outs."""
        return cls.forms()[0]

    @classmethod
    def view_key(cls) -> str:
        """Key of its lower view, "" above."""
        return cls.view.key if cls.view is not None else ""


@dataclass(frozen=True, eq=False)
class Need:
    """One thing that a record or a function is made of."""

    field: str
    source: Source | Parameter

    @cached_property
    def node(self) -> Any:
        """The step, value, kind of given or parameter."""
        return self.source if isinstance(self.source, Parameter) else self.source.node

    @cached_property
    def optional(self) -> bool:
        """Whether it is made without it, too."""
        return isinstance(self.source, Source) and self.source.optional

    @cached_property
    def when(self) -> Any:
        """The value that must be true for it to be there; None where nothing must."""
        return self.source.when if isinstance(self.source, Source) else None

    @cached_property
    def member(self) -> bool:
        """Whether it is which member of a family this is."""
        return isinstance(self.source, Source) and self.source.member


_known_needs: dict[Any, tuple[Need, ...]] = {}


def needs(what: Any) -> tuple[Need, ...]:
    """Return what a record (its fields) or a function (its arguments) is made of.

    Raises
    ------
    DeclarationError
        When an argument does not say so.
    """
    found = _known_needs.get(what)
    if found is None:
        found = _known_needs[what] = tuple(_needs(what))
    return found


def _needs(what: Any) -> Iterator[Need]:
    if isinstance(what, Parameter):
        yield from (Need(f"[{place}]", _as_mark(one)) for place, one in enumerate(what.sources))
    elif isinstance(what, type):
        marks: Mapping[str, Source | Parameter] = getattr(what, "_marks", {})
        yield from (Need(name, mark) for name, mark in marks.items())
    else:
        for argument in inspect.signature(what).parameters.values():
            if not isinstance(argument.default, Mark):
                raise DeclarationError(
                    f"{where(what)}({argument.name}): nothing says what it is made of; write a "
                    f"parameter, answer_of(step), value_of(...) or given(...)"
                )
            yield Need(argument.name, argument.default)  # type: ignore[arg-type]


def _as_mark(one: Any) -> Source | Parameter:
    return one if isinstance(one, (Parameter, Source)) else Source(one)


def family(step: type[Step]) -> Need | None:
    """Return the field that says which member a question is about; None for a single step."""
    return next((need for need in needs(step) if need.member), None)


def where(what: Any) -> str:
    """Return module:line name, as a stack trace would."""
    try:
        line = inspect.getsourcelines(what)[1]
    except (OSError, TypeError):
        line = _line_of_caller()
    return f"{what.__module__}:{line} {what.__qualname__}"


def _line_of_caller() -> int:
    frame = sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").startswith(__package__):
        frame = frame.f_back
    return frame.f_lineno


def _refuse(cls: type, unknown: dict[str, Any], known: str) -> None:
    for name in unknown:
        raise DeclarationError(
            f"{where(cls)}: no class keyword is called {name!r}{near(name, known.split())}"
        )


Derive = Callable[..., Any] | type[Value]
