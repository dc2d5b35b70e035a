"""The pickle of torch.save as a list of tensors, without unpickling: nothing in it is ever run.

A pickle is a program for a small stack machine, which may call any function by its name. Here the
machine is played with values that are only descriptions: a name stays a name. The few calls that
make up a state dict (a tensor of a storage, an ordered dictionary, a parameter) are understood;
every other is a `Foreign`, of which nothing but the name is kept. The standard library parses the
opcodes (`pickletools.genops`), which runs nothing either.

References
----------
Python, Lib/pickletools.py: the machine and its opcodes. PyTorch, torch/serialization.py: the names
of storages and of what rebuilds tensors.
"""

from __future__ import annotations

import pickletools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.files.reading.entries import BadArray
from engine.sentences import as_sentence, say

_MAX_OPCODES = 20_000_000


@dataclass(frozen=True)
class Name:
    """A function, class or constant by its name; it is never looked up."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True)
class Storage:
    """Numbers in a member of the archive: its type, its key, how many there are."""

    kind: str
    key: str
    count: int


@dataclass(frozen=True)
class Strided:
    """A tensor: a part of a storage. ``kind`` is "" for the storage's own type.

    ``signs`` is "conj" and "neg" where PyTorch only notes that the numbers are conjugated or
    negated, and stores them as they were before.
    """

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    kind: str = ""
    signs: tuple[str, ...] = ()


@dataclass(eq=False)
class Foreign:
    """What is no tensor, dictionary or list; only what it was called by is known."""

    name: str
    state: Any = None


@dataclass
class _Machine:
    """The stack, the marks on it and the memo, while opcodes are played."""

    stack: list[Any] = field(default_factory=list)
    marks: list[list[Any]] = field(default_factory=list)
    memo: dict[int, Any] = field(default_factory=dict)
    foreign: dict[str, None] = field(default_factory=dict)

    def pop_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.marks.pop()
        return items

    def call(self, function: Any, arguments: Any) -> Any:
        """Describe what a call would give."""
        if isinstance(function, Name) and isinstance(arguments, tuple):
            known = _KNOWN.get(str(function))
            if known is not None:
                return known(self, arguments)
        name = str(function) if isinstance(function, Name) else "?"
        self.foreign[name] = None
        return Foreign(name)


def read_pickle(data: bytes) -> tuple[Any, tuple[str, ...]]:
    """Return the value that a pickle describes, and the names of what is foreign in it.

    Raises
    ------
    BadArray
        When it is no pickle, or one that makes no sense.
    """
    machine = _Machine()
    try:
        for count, (opcode, argument, _) in enumerate(pickletools.genops(data)):
            if count > _MAX_OPCODES:
                raise BadArray(say("its list of contents has too many steps"))
            if opcode.name == "STOP":
                return machine.stack.pop(), tuple(machine.foreign)
            step = _STEPS.get(opcode.name)
            if step is None:
                raise BadArray(say("its list of contents takes the step {name}", name=opcode.name))
            step(machine, argument)
    # What a damaged pickle does to a machine without checks of its own.
    except (ValueError, IndexError, KeyError, TypeError, AttributeError) as error:
        reason = as_sentence(str(error) or type(error).__name__)
        raise BadArray(
            say("its list of contents makes no sense ({reason})", reason=reason)
        ) from error
    except (RecursionError, MemoryError, OverflowError) as error:
        raise BadArray("its list of contents is endless") from error
    raise BadArray("its list of contents breaks off")


def _tensor(machine: _Machine, arguments: tuple[Any, ...], kind: str = "") -> Any:
    storage, offset, shape, strides = arguments[:4]
    numbers = [offset, *shape, *strides]
    if not isinstance(storage, Storage) or not all(
        type(one) is int and one >= 0 for one in numbers
    ):
        raise ValueError("tensor")
    if len(shape) != len(strides):
        raise ValueError("tensor")
    signs = arguments[6 + bool(kind) :][:1]
    noted = signs[0] if signs and isinstance(signs[0], dict) else {}
    found = tuple(name for name in ("conj", "neg") if noted.get(name) is True)
    return Strided(storage, offset, tuple(shape), tuple(strides), kind, found)


def _tensor_of_type(machine: _Machine, arguments: tuple[Any, ...]) -> Any:
    dtype = arguments[6]
    return _tensor(machine, arguments, dtype.name if isinstance(dtype, Name) else "?")


def _called_by_type(machine: _Machine, arguments: tuple[Any, ...]) -> Any:
    return machine.call(arguments[0], arguments[2])


def _first(machine: _Machine, arguments: tuple[Any, ...]) -> Any:
    return arguments[0]


def _dictionary(machine: _Machine, arguments: tuple[Any, ...]) -> Any:
    pairs = arguments[0] if arguments and isinstance(arguments[0], list) else []
    return {key: item for key, item in pairs if isinstance(key, str | int)}


def _nothing(machine: _Machine, arguments: tuple[Any, ...]) -> Any:
    return {}


_KNOWN: dict[str, Callable[[_Machine, tuple[Any, ...]], Any]] = {
    "torch._utils._rebuild_tensor": _tensor,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_tensor_v3": _tensor_of_type,
    "torch._utils._rebuild_parameter": _first,
    "torch._utils._rebuild_parameter_with_state": _first,
    "torch._tensor._rebuild_from_type_v2": _called_by_type,
    "torch.Size": _first,
    "collections.OrderedDict": _dictionary,
    "collections.defaultdict": _nothing,
    "builtins.dict": _dictionary,
    "__builtin__.dict": _dictionary,
}


def _storage(machine: _Machine, key: Any) -> None:
    """What torch.save names storages by: a tuple of five."""
    if not isinstance(key, tuple) or len(key) < 5 or key[0] != "storage":
        raise ValueError("storage")
    kind, name, count = key[1], key[2], key[4]
    if not isinstance(kind, Name) or type(count) is not int or count < 0:
        raise ValueError("storage")
    machine.stack.append(Storage(kind.name, str(name), count))


def _put(machine: _Machine, argument: Any) -> None:
    machine.memo[int(argument)] = machine.stack[-1]


def _memoize(machine: _Machine, argument: Any) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _get(machine: _Machine, argument: Any) -> None:
    machine.stack.append(machine.memo[int(argument)])


def _push(machine: _Machine, argument: Any) -> None:
    machine.stack.append(argument)


def _mark(machine: _Machine, argument: Any) -> None:
    machine.marks.append(machine.stack)
    machine.stack = []


def _tuple(machine: _Machine, argument: Any) -> None:
    items = tuple(machine.pop_mark())
    machine.stack.append(items)


def _tuple_of(count: int) -> Callable[[_Machine, Any], None]:
    def step(machine: _Machine, argument: Any) -> None:
        items = tuple(machine.stack[-count:])
        if len(items) < count:
            raise IndexError("tuple")
        del machine.stack[-count:]
        machine.stack.append(items)

    return step


def _list(machine: _Machine, argument: Any) -> None:
    items = machine.pop_mark()
    machine.stack.append(items)


def _dict(machine: _Machine, argument: Any) -> None:
    items = machine.pop_mark()
    machine.stack.append({})
    _store(machine.stack[-1], items)


def _append(machine: _Machine, argument: Any) -> None:
    item = machine.stack.pop()
    _extend(machine.stack[-1], [item])


def _appends(machine: _Machine, argument: Any) -> None:
    items = machine.pop_mark()
    _extend(machine.stack[-1], items)


def _extend(target: Any, items: list[Any]) -> None:
    if isinstance(target, list):
        target.extend(items)


def _setitem(machine: _Machine, argument: Any) -> None:
    item = machine.stack.pop()
    key = machine.stack.pop()
    _store(machine.stack[-1], [key, item])


def _setitems(machine: _Machine, argument: Any) -> None:
    items = machine.pop_mark()
    _store(machine.stack[-1], items)


def _store(target: Any, items: list[Any]) -> None:
    if isinstance(target, dict):
        for key, item in zip(items[::2], items[1::2], strict=True):
            # Other keys name no tensor.
            if isinstance(key, str | int):
                target[key] = item


def _pop(machine: _Machine, argument: Any) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.pop_mark()


def _global(machine: _Machine, argument: Any) -> None:
    module, _, name = str(argument).partition(" ")
    machine.stack.append(Name(module, name))


def _stack_global(machine: _Machine, argument: Any) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(Name(str(module), str(name)))


def _reduce(machine: _Machine, argument: Any) -> None:
    arguments, function = machine.stack.pop(), machine.stack.pop()
    machine.stack.append(machine.call(function, arguments))


def _new_with_keywords(machine: _Machine, argument: Any) -> None:
    machine.stack.pop()
    _reduce(machine, argument)


def _instance(machine: _Machine, argument: Any) -> None:
    items = tuple(machine.pop_mark())
    module, _, name = str(argument).partition(" ")
    machine.stack.append(machine.call(Name(module, name), items))


def _object(machine: _Machine, argument: Any) -> None:
    function, *items = machine.pop_mark()
    machine.stack.append(machine.call(function, tuple(items)))


def _build(machine: _Machine, argument: Any) -> None:
    state = machine.stack.pop()
    if isinstance(machine.stack[-1], Foreign):
        machine.stack[-1].state = state


def _persistent(machine: _Machine, argument: Any) -> None:
    _storage(machine, machine.stack.pop())


def _skip(machine: _Machine, argument: Any) -> None:
    pass


_VALUES = (
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING", "UNICODE", "BINUNICODE", "SHORT_BINUNICODE"),
    *("BINUNICODE8", "BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
)
_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    **dict.fromkeys(_VALUES, _push),
    **dict.fromkeys(("PUT", "BINPUT", "LONG_BINPUT"), _put),
    **dict.fromkeys(("GET", "BINGET", "LONG_BINGET"), _get),
    **dict.fromkeys(("PROTO", "FRAME"), _skip),
    "NONE": _push,
    "NEWTRUE": lambda machine, _: machine.stack.append(True),
    "NEWFALSE": lambda machine, _: machine.stack.append(False),
    "EMPTY_LIST": lambda machine, _: machine.stack.append([]),
    "EMPTY_TUPLE": lambda machine, _: machine.stack.append(()),
    "EMPTY_DICT": lambda machine, _: machine.stack.append({}),
    "EMPTY_SET": lambda machine, _: machine.stack.append([]),
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
    "MEMOIZE": _memoize,
    "MARK": _mark,
    "POP": _pop,
    "POP_MARK": lambda machine, _: _skip(machine, machine.pop_mark()),
    "TUPLE": _tuple,
    "TUPLE1": _tuple_of(1),
    "TUPLE2": _tuple_of(2),
    "TUPLE3": _tuple_of(3),
    "LIST": _list,
    "FROZENSET": _list,
    "DICT": _dict,
    "APPEND": _append,
    "APPENDS": _appends,
    "ADDITEMS": _appends,
    "SETITEM": _setitem,
    "SETITEMS": _setitems,
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "REDUCE": _reduce,
    "NEWOBJ": _reduce,
    "NEWOBJ_EX": _new_with_keywords,
    "INST": _instance,
    "OBJ": _object,
    "BUILD": _build,
    "BINPERSID": _persistent,
}
