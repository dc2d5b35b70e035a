"""What training changed, as a LoRA that PEFT loads, with the error of what was saved."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt

from engine.arguments import check_count
from engine.checkpoint.changes.adapters import CONFIG, adapter_factors, read_adapter_config
from engine.checkpoint.changes.compare import pattern
from engine.checkpoint.changes.matching import Model, Pair, bare_name, is_adapter, match, opened
from engine.checkpoint.changes.pairs import difference
from engine.checkpoint.folders import weights_file
from engine.checkpoint.listing import Checkpoint
from engine.errors import ArgumentError, DataError
from engine.files import open_matrix_file
from engine.jobs import Progress, checkpoint
from engine.sentences import one_of, say
from engine.spectrum import RANK_RULES, Factored, LowRank, Spectrum, singular_values, svd_factors
from engine.spectrum.lowrank.storing import (
    converted,
    make_folder,
    number_type,
    write_atomically,
    write_safetensors,
)

WEIGHTS = "adapter_model.safetensors"
_STEM = "base_model.model."
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


@dataclass(frozen=True, eq=False)
class _Update:
    """The change of one module: its triplets, out x in, and the error of factors of it."""

    name: str
    module: str
    turned: bool
    factors: LowRank
    error: Callable[[Any, Any], float]

    @property
    def size(self) -> float:
        """``||D||_F``."""
        return float(np.linalg.norm(self.factors.s))


@dataclass(frozen=True, eq=False)
class _Kept:
    """What is left of an update once its factors are rounded: no array but the values."""

    module: str
    turned: bool
    rank: int
    values: npt.NDArray[np.float64]
    error: Callable[[Any, Any], float]


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
) -> LoraReport:
    """Write what changed between two models as a LoRA of PEFT.

    For each Linear layer ``D = W_tuned - W_base = U S V^T`` in float64, ``B = U_r S_r^{1/2}``,
    ``A = S_r^{1/2} V_r^T`` and alpha = r, so that the scale is 1. The factors are written, read
    back, and measured against D.

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
        Told how far it is; asked whether to stop.

    Returns
    -------
    LoraReport

    Raises
    ------
    ArgumentError
        For an unknown rule, a rank that is no count, a pattern or type that is none.
    DataError
        When no Linear layer changed, or numbers are NaN or infinite.
    FileError
        When a model cannot be opened, or the folder holds a LoRA or cannot be written to.
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
    choose = _chooser(rule, dict(ranks or {}), max_rank)
    target = Path(os.fspath(folder))
    make_folder(target, (WEIGHTS, CONFIG), overwrite)
    left_out: list[tuple[str, str]] = []
    tensors: dict[str, Any] = {}
    kept: list[_Kept] = []
    if base is None or is_adapter(opened(tuned)):
        updates = _of_adapter(tuned, wanted, progress)
    else:
        updates = _of_models(opened(base), opened(tuned), wanted, left_out, progress)
    for update in updates:
        rank = choose(update)
        if rank == 0:
            left_out.append((update.name, say("changed; the rank chosen for it is 0")))
            continue
        root = np.sqrt(update.factors.s[:rank])
        for side, part in (
            ("B", update.factors.u[:, :rank] * root),
            ("A", root[:, None] * update.factors.vh[:rank]),
        ):
            key = f"{_STEM}{update.module}.lora_{side}.weight"
            tensors[key] = converted(target / WEIGHTS, key, part, kind)
        values = update.factors.s
        kept.append(_Kept(update.module, update.turned, rank, values, update.error))
    if not kept:
        raise DataError(say("No Linear layer changed: there is no LoRA to write."))
    _write(target, tensors, kept, overwrite)
    return LoraReport(str(target), tuple(_measured(target, kept)), tuple(left_out))


def _of_models(
    base: Checkpoint,
    tuned: Checkpoint,
    wanted: re.Pattern[str],
    left_out: list[tuple[str, str]],
    progress: Progress | None,
) -> Iterator[_Update]:
    pairs, alone = match(base, tuned)
    chosen = [pair for pair in pairs if wanted.search(pair.name)]
    left_out += [one for one in alone if wanted.search(one[0])]
    for number, pair in enumerate(chosen):
        checkpoint(progress, number / len(chosen), "Comparing {name}", name=pair.name)
        first, second, is_changed = difference(pair, (base, tuned), progress)
        if not is_changed:
            continue
        if reason := _reason(pair):
            text = say("changed, and is not in the LoRA: {reason}", reason=reason)
            left_out.append((pair.name, text))
            continue
        turned = pair.base.role.orientation == "in_out"
        delta = (second - first).T if turned else second - first
        factors = svd_factors(delta, progress)

        def error(b: Any, a: Any, pair: Pair = pair, turned: bool = turned) -> float:
            # Read again: all differences at once would be a third model in memory.
            one, other, _ = difference(pair, (base, tuned))
            return float(np.linalg.norm(((other - one).T if turned else other - one) - b @ a))

        yield _Update(pair.name, _module(pair), turned, factors, error)
    left_out += _changed_vectors(base, tuned, wanted)


def _of_adapter(
    tuned: Model, wanted: re.Pattern[str], progress: Progress | None
) -> Iterator[_Update]:
    path = tuned.path if isinstance(tuned, Checkpoint) else tuned
    turned = read_adapter_config(weights_file(path)).fan_in_fan_out
    for module, factors in adapter_factors(path, progress).items():
        if not wanted.search(module) or not factors.s.any():
            continue

        def error(b: Any, a: Any, f: LowRank = factors) -> float:
            # Of D - B A, itself a product: [U S, -B] [V^T; A].
            rest = Factored(np.hstack([f.u * f.s, -b]), np.vstack([f.vh, a]))
            return singular_values(rest).frobenius

        yield _Update(module, module, turned, factors, error)


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
    base: Checkpoint, tuned: Checkpoint, wanted: re.Pattern[str]
) -> Iterator[tuple[str, str]]:
    others = {bare_name(one.name): one.name for one in tuned.skipped}
    for one in base.skipped:
        other = others.get(bare_name(one.name))
        if other is None or not wanted.search(one.name):
            continue
        if not all(s.source.entry(n).readable for s, n in ((base, one.name), (tuned, other))):
            continue
        first, second = base.source.read(one.name), tuned.source.read(other)
        if first.shape != second.shape or not np.array_equal(first, second):
            yield one.name, say("changed, and is lost: a LoRA holds no vectors")


def _chooser(
    rule: tuple[Any, ...], ranks: dict[str, int], max_rank: int | None
) -> Callable[[_Update], int]:
    """Return what chooses the rank of an update."""
    key, *parameters = rule if isinstance(rule, tuple) and rule else (rule,)
    if key not in RANK_RULES:
        raise ArgumentError("rule", key, one_of(RANK_RULES))
    own = {name: check_count("ranks", rank) for name, rank in ranks.items()}
    most = math.inf if max_rank is None else check_count("max_rank", max_rank)

    def choose(update: _Update) -> int:
        found = update.factors
        rank = own.get(update.module, own.get(update.name))
        if rank is None:
            shape = found.u.shape[0], found.vh.shape[1]
            bound = float(found.errors.max()) if found.errors is not None else 0.0
            missing = np.zeros(min(shape) - found.s.size)
            values = np.append(found.s, missing)
            asked = Spectrum(values, shape, "float64", found.method, bound, True, update.size)
            rank = RANK_RULES[key](asked, *parameters).rank
        return int(min(rank, most, found.s.size, np.count_nonzero(found.s)))

    return choose


def _write(folder: Path, tensors: dict[str, Any], kept: list[_Kept], overwrite: bool) -> None:
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

    write_atomically(
        folder / WEIGHTS,
        lambda stream: write_safetensors(stream, tensors, {"format": "pt"}),
        overwrite,
    )
    write_atomically(folder / CONFIG, write_config, overwrite)


def _measured(folder: Path, kept: list[_Kept]) -> Iterator[LoraModule]:
    """Measure every update against the factors that the file holds now."""
    with open_matrix_file(str(folder / WEIGHTS)) as source:
        for one in kept:
            b, a = (
                np.asarray(source.read(f"{_STEM}{one.module}.lora_{side}.weight"), np.float64)
                for side in "BA"
            )
            size = float(np.linalg.norm(one.values))
            # What measuring itself may round away, so that the bound holds.
            rounding = (one.rank + 16.0) * 2.0**-52 * (size + float(one.values.sum()))
            floor = float(np.linalg.norm(one.values[one.rank :]))
            error = max(one.error(b, a) + rounding, floor)
            yield LoraModule(one.module, one.rank, error, floor, error / size)
