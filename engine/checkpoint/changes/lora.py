"""What training changed, as a LoRA that PEFT loads, with the error of what was saved."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from engine.arguments import check_count
from engine.checkpoint.changes.adapters import CONFIG, adapter_factors, read_adapter_config
from engine.checkpoint.changes.compare import in_memory, pattern
from engine.checkpoint.changes.matching import Model, Pair, bare_name, is_adapter, match, opened
from engine.checkpoint.changes.updates import Cut, Cutting, LeftOut, UpdateTask, cut
from engine.checkpoint.folders import weights_file
from engine.checkpoint.listing import Checkpoint
from engine.checkpoint.sweeping.pace import Pace
from engine.checkpoint.sweeping.ways import (
    at_once,
    count_of_workers,
    in_threads,
    require_room_at_once,
)
from engine.errors import ArgumentError, DataError, FileError, RankscopeError
from engine.files import open_matrix_file
from engine.jobs import Progress, checkpoint
from engine.sentences import one_of, say
from engine.spectrum import RANK_RULES, Factored, LowRank, singular_values
from engine.spectrum.lowrank.storing import (
    make_folder,
    number_type,
    write_atomically,
    write_safetensors,
)

WEIGHTS = "adapter_model.safetensors"
_TRAINING = re.compile(r"^(?:(?:module|_orig_mod|base_model\.model)\.)+")
_REFUSED: Mapping[str, str] = {
    "embed": say("an embedding"),
    "position": say("an embedding of positions"),
    "conv": say("a convolution"),
    "patch": say("a convolution"),
    "recurrent": say("a recurrent layer"),
    "router": say("a router, which is no Linear layer in every version of its model"),
    "norm": say("a vector"),
}


@dataclass(frozen=True)
class LoraModule:
    """One module of a LoRA, as it was read back from the file.

    Attributes
    ----------
    module : str
        Its full name in the model.
    rank : int
    error : float
        ``||D - B A||_F`` of the rounded factors in the file is at most this.
    floor : float
        ``sqrt(sum_{i>r} sigma_i(D)^2)``: no factors of this rank have a smaller error.
    relative : float
        ``error / ||D||_F``.
    """

    module: str
    rank: int
    error: float
    floor: float
    relative: float


@dataclass(frozen=True)
class LoraReport:
    """What was saved, and what was not.

    Attributes
    ----------
    folder : str
    modules : tuple of LoraModule
    left_out : tuple of (str, str)
        Name and reason of everything that changed, or has no counterpart, and is not in the LoRA.
    """

    folder: str
    modules: tuple[LoraModule, ...]
    left_out: tuple[tuple[str, str], ...]


def extract_lora(
    base: Model | None,
    tuned: Model,
    folder: str | os.PathLike[str],
    rule: tuple[Any, ...] = ("energy", 0.99),
    ranks: Mapping[str, int] | None = None,
    max_rank: int | None = None,
    include: str = "",
    dtype: npt.DTypeLike = "float32",
    overwrite: bool = False,
    progress: Progress | None = None,
    workers: int | None = None,
) -> LoraReport:
    """Write what changed between two models as a LoRA of PEFT.

    For each Linear layer ``D = W_tuned - W_base = U S V^T`` in float64, ``B = U_r S_r^{1/2}``,
    ``A = S_r^{1/2} V_r^T`` and alpha = r, so that the scale is 1. The rounded factors are measured
    against D, written, and read back.

    Parameters
    ----------
    base : Checkpoint, str, path-like or None
        Not needed where ``tuned`` is itself a LoRA: it is cut to lower ranks.
    tuned : Checkpoint, str or path-like
    folder : str or path-like
        Gets adapter_model.safetensors and adapter_config.json; made where it is not there.
    rule : tuple
        Key of a rank rule and its parameters, asked about the spectrum of each D.
    ranks : mapping of str to int, optional
        Rank by module, or by name of the matrix, before the rule; 0 leaves it out.
    max_rank : int, optional
        No rank is larger.
    include : str
        A regular expression: only modules in whose name it is found.
    dtype : dtype
        Of the factors in the file: "float32", "float16" or "bfloat16".
    overwrite : bool
        Whether files of these names may be replaced.
    progress : Progress, optional
        Told how far it is, in estimated work; asked whether to stop, at least every 0.05 s.
    workers : int, optional
        How many threads or processes compute; as many as this process may use cores. The result is
        the same, bit for bit.

    Returns
    -------
    LoraReport

    Raises
    ------
    ArgumentError
        For an unknown rule, a rank or ``workers`` that is no count, a pattern or type that is none.
    DataError
        When no Linear layer changed, or numbers are NaN or infinite.
    FileError
        When a model cannot be opened, or the folder holds a LoRA or cannot be written to.
    TooLarge
        When what is computed at once needs more than a share of the free memory.
    Cancelled
        When ``progress`` asks to stop, before anything is written.

    References
    ----------
    Hu et al., "LoRA", ICLR 2022. PEFT's ``get_pattern_key``: keys of rank_pattern are regular
    expressions, hence ``^`` and escaped names, which meet one module each.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> name, weight = "h.0.q_proj.weight", np.eye(3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for file, size in (("base", 1.0), ("tuned", 1.5)):
    ...         np.savez(pathlib.Path(folder, file + ".npz"), **{name: size * weight})
    ...     models = f"{folder}/base.npz", f"{folder}/tuned.npz"
    ...     report = extract_lora(*models, f"{folder}/lora", max_rank=2)
    >>> [(one.module, one.rank, round(one.floor, 12)) for one in report.modules]
    [('h.0.q_proj', 2, 0.5)]
    """
    wanted, kind = pattern("include", include), number_type(dtype)
    target = Path(os.fspath(folder))
    cutting = _cutting(rule, max_rank, kind, target / WEIGHTS)
    own = {name: check_count("ranks", rank) for name, rank in (ranks or {}).items()}
    count = count_of_workers(workers)
    make_folder(target, (WEIGHTS, CONFIG), overwrite)
    if base is None or is_adapter(opened(tuned)):
        found: list[Cut | LeftOut] = list(_of_adapter(tuned, wanted, cutting, own, progress))
    else:
        models = opened(base), opened(tuned)
        found = _of_models(models, wanted, cutting, own, count, progress)
    kept = [one for one in found if isinstance(one, Cut) and one.rank > 0]
    if not kept:
        raise DataError(say("No Linear layer changed: there is no LoRA to write."))
    _write(target, kept, overwrite)
    modules = (LoraModule(c.module, c.rank, c.error, c.floor, c.error / c.size) for c in kept)
    return LoraReport(str(target), tuple(modules), tuple(_left_out(found)))


def _cutting(
    rule: tuple[Any, ...], max_rank: int | None, kind: np.dtype[Any], path: Path
) -> Cutting:
    key, *parameters = rule if isinstance(rule, tuple) and rule else (rule,)
    if key not in RANK_RULES:
        raise ArgumentError("rule", key, one_of(RANK_RULES))
    most = math.inf if max_rank is None else check_count("max_rank", max_rank)
    return Cutting(key, tuple(parameters), most, kind, str(path))


def _left_out(found: list[Cut | LeftOut]) -> Iterator[tuple[str, str]]:
    for one in found:
        if isinstance(one, LeftOut):
            yield one.name, one.reason
        elif one.rank == 0:
            yield one.name, say("changed; the rank chosen for it is 0")


def _of_models(
    models: tuple[Checkpoint, Checkpoint],
    wanted: re.Pattern[str],
    cutting: Cutting,
    own: Mapping[str, int],
    workers: int,
    progress: Progress | None,
) -> list[Cut | LeftOut]:
    pairs, alone = match(*models)
    here = in_memory(models)
    tasks = [
        UpdateTask(pair, *_asked(pair, cutting, own), *here)
        for pair in pairs
        if wanted.search(pair.name)
    ]
    pace = Pace([one.seconds for one in tasks], progress)
    pace.tell()
    found: list[Cut | LeftOut | None] = [None] * len(tasks)
    workers = min(workers, len(tasks))
    require_room_at_once(models[1].path, (one.room for one in tasks), workers, say("The LoRA"))
    way = at_once(tasks, workers) if here == (None, None) else in_threads(tasks, workers)
    with closing(way) as answers:
        for answer in answers:
            if answer is not None:
                number, one = answer
                if isinstance(one, RankscopeError):
                    raise one
                found[number] = one
                pace.add(number)
            pace.tell()
    lone = [LeftOut(*one) for one in alone if wanted.search(one[0])]
    vectors = _changed_vectors(*models, wanted, progress)
    return [*lone, *(one for one in found if one is not None), *vectors]


def _asked(
    pair: Pair, cutting: Cutting, own: Mapping[str, int]
) -> tuple[str, Cutting, int | None, str]:
    """Return module, how it is cut, its own rank, and why it is none of a LoRA."""
    module, reason = _module(pair), _reason(pair)
    if reason:
        reason = say("changed, and is not in the LoRA: {reason}", reason=reason)
    return module, cutting, own.get(module, own.get(pair.name)), reason


def _of_adapter(
    tuned: Model,
    wanted: re.Pattern[str],
    cutting: Cutting,
    own: Mapping[str, int],
    progress: Progress | None,
) -> Iterator[Cut]:
    path = tuned.path if isinstance(tuned, Checkpoint) else tuned
    turned = read_adapter_config(weights_file(path)).fan_in_fan_out
    for module, factors in adapter_factors(path, progress).items():
        if not wanted.search(module) or not factors.s.any():
            continue

        def distance(b: Any, a: Any, f: LowRank = factors) -> float:
            # Of D - B A, itself a product: [U S, -B] [V^T; A].
            rest = Factored(np.hstack([f.u * f.s, -b]), np.vstack([f.vh, a]))
            return singular_values(rest).frobenius

        yield cut(module, module, turned, factors, cutting, own.get(module), distance)


def _reason(pair: Pair) -> str:
    """Say why a pair is no Linear layer of both models; "" where it is."""
    one, other = pair.base, pair.tuned
    if pair.note or one.transform or other.transform:
        return pair.note or say("the two models keep it in tensors of different shape")
    if one.role.role in _REFUSED:
        return _REFUSED[one.role.role]
    if one.index is not None:
        return say("one of a stack, which PEFT does not take apart")
    if one.view:
        return say("a convolution")
    if not one.name.endswith(".weight"):
        return say("by its name not the weight of a Linear layer")
    return ""


def _module(pair: Pair) -> str:
    """Return the full name of a module: a base may be saved without the model's own prefix."""
    names = (_TRAINING.sub("", one.name) for one in (pair.base, pair.tuned))
    return max(names, key=len).removesuffix(".weight")


def _changed_vectors(
    base: Checkpoint, tuned: Checkpoint, wanted: re.Pattern[str], progress: Progress | None
) -> Iterator[LeftOut]:
    others = {bare_name(one.name): one.name for one in tuned.skipped}
    for one in base.skipped:
        other = others.get(bare_name(one.name))
        if other is None or not wanted.search(one.name):
            continue
        if not all(s.source.entry(n).readable for s, n in ((base, one.name), (tuned, other))):
            continue
        checkpoint(progress, 1.0, "Comparing {name}", name=one.name)
        first, second = base.source.read(one.name), tuned.source.read(other)
        if first.shape != second.shape or not np.array_equal(first, second):
            yield LeftOut(one.name, say("changed, and is lost: a LoRA holds no vectors"))


def _write(folder: Path, kept: list[Cut], overwrite: bool) -> None:
    ranks = {"^" + re.escape(one.module): one.rank for one in kept}
    most = max(ranks.values())
    config = {
        "peft_type": "LORA",
        "task_type": None,
        "base_model_name_or_path": None,
        "inference_mode": True,
        "r": most,
        "lora_alpha": most,
        "lora_dropout": 0.0,
        "bias": "none",
        "use_rslora": False,
        "fan_in_fan_out": any(one.turned for one in kept),
        "target_modules": [one.module for one in kept],
        "rank_pattern": ranks,
        "alpha_pattern": ranks,
    }
    text = json.dumps(config, indent=2).encode()

    def write_config(stream: IO[bytes]) -> None:
        stream.write(text)

    tensors = {name: part for one in kept for name, part in one.tensors.items()}
    path = folder / WEIGHTS
    write_atomically(
        path, lambda stream: write_safetensors(stream, tensors, {"format": "pt"}), overwrite
    )
    _require_same(path, tensors)
    write_atomically(folder / CONFIG, write_config, overwrite)


def _require_same(path: Path, tensors: Mapping[str, Any]) -> None:
    """Read the factors back: the errors that were measured are those of what the file holds."""
    with open_matrix_file(str(path)) as source:
        for name, part in tensors.items():
            if not np.array_equal(np.asarray(source.read(name), part.dtype), part):
                problem = say("{name} was read back with other numbers", name=name)
                raise FileError(str(path), problem, say("Save it elsewhere."))
