"""What a tensor of a model is for, by its name: one table for every family.

Names are brought to one spelling first, small letters joined by ``_``, which is how kohya's files
write them anyway; a role is one line of the table, and the first line that fits counts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

ROLES = (
    *("q", "k", "v", "o", "qkv", "kv_a", "kv_b", "q_a", "q_b"),
    *("gate", "up", "gate_up", "down", "router"),
    *("embed", "position", "unembed", "patch", "head", "conv", "recurrent"),
    *("norm", "vector", "buffer", "other"),
)

# A regular expression that the end of the name without ".weight" fits, and the role. A BERT's
# "attention.output.dense" is o and its "output.dense" down; "mlp.gate" is a router.
_TABLE = tuple(
    (re.compile(rf"(?:^|.*_)(?:{pattern})$"), role)
    for pattern, role in (
        (r"rotary_emb_inv_freq|inv_freq|\d+_(?:attn|attention)_(?:masked_)?bias"
         r"|position_ids|num_batches_tracked|running_(?:mean|var)|rotary_emb_(?:cos|sin)\w*"
         r"|rope_freqs|relative_position_index|token_type_ids", "buffer"),
        (r"(?:\w*(?:layer_?norm|rms_?norm|_norm|norm\d*|ln_\w+|ln\d*)(?:_gamma|_beta)?"
         r"|norm|norm_\w+|final_layer_norm|layernorm_(?:before|after|final|embedding|\d+)"
         r"|normalization|bn\d*)", "norm"),
        (r"q_a_proj|attn_q_a", "q_a"),
        (r"q_b_proj|attn_q_b", "q_b"),
        (r"kv_a_proj_with_mqa|kv_a_proj|attn_kv_a_mqa", "kv_a"),
        (r"kv_b_proj|attn_kv_b", "kv_b"),
        # State-space and linear recurrent layers have an in_proj and an out_proj, too.
        (r"(?:mixer|mamba|linear_attn)_(?:in_proj\w*|x_proj|dt_proj|a_log|d)"
         r"|(?:mamba|linear_attn|backbone_layers_\d+_mixer)_out_proj"
         r"|ssm_(?:in|out|x|dt|a|d|ba|beta_alpha)|temporal_block_linear_(?:x|y|out)"
         r"|rg_lru_(?:input|recurrent)_gate|\w*time_mix_\w+|receptance"
         r"|weight_(?:ih|hh)(?:_l\d+(?:_reverse)?)?|recurrent_kernel", "recurrent"),
        # Before "wo", "key", "value", "in_proj" and "out_proj", which are attention's elsewhere.
        (r"densereludense_wo|mlp_wo|experts_(?:expert_)?\d+_wo|mlp_out_proj"
         r"|(?:feed_forward|ffn)_(?:value|output)", "down"),
        (r"(?:feed_forward|ffn)_key|mlp_in_proj|feed_forward_intermediate", "up"),
        (r"qkv_proj|qkv|wqkv|c_attn|query_key_value|in_proj|attn_qkv|w_pack|att_proj"
         r"|queries_keys_values_linear", "qkv"),
        (r"q_proj|wq|query|to_q|attn_q|q|q_lin|query_proj|q_head"
         r"|self_attention_experts_input_linear", "q"),
        (r"k_proj|wk|key|to_k|attn_k|k|k_lin|key_proj|k_head", "k"),
        (r"v_proj|wv|value|to_v|attn_v|v|v_lin|value_proj|v_head", "v"),
        (r"o_proj|wo|out_proj|to_(?:add_)?out(?:_0)?|attn_output|attention_output_dense"
         r"|attention_dense|self_attention_dense|self_attn_dense|attn_c_proj|attn_proj"
         r"|selfattention_o|encdecattention_o|out_lin|attention_(?:attn_)?o"
         r"|(?:self_)?attention_linear_proj|self_attn_projection|attention_post_proj"
         r"|att(?:ention)?_output|self_attention_experts_output_linear", "o"),
        (r"ffn_gate_inp(?:_shexp)?|block_sparse_moe_gate|mlp_gate|router(?:_layer)?|moe_gate"
         r"|router_classifier|feed_forward_gate|shared_expert_gate", "router"),
        (r"gate_up_proj|w13|ff_net_0_proj|experts_gate_up_proj|(?:moe|mlp)_input_linear",
         "gate_up"),
        (r"gate_proj|w1|ffn_gate(?:_(?:ch|sh)?exps?)?|wi_0", "gate"),
        (r"up_proj|w3|ffn_up(?:_(?:ch|sh)?exps?)?|wi_1|wi|fc1|c_fc|dense_h_to_4h"
         r"|intermediate_(?:query_)?dense|fc_in|lin1|linear1|mlp_dense1|pwconv1"
         r"|albert_layers_\d+_ffn|ffn_linear_1|ff_layer_1|\d+_(?:\w+_)?(?:mlp|ffn?)_0", "up"),
        (r"down_proj|w2|ffn_down(?:_(?:ch|sh)?exps?)?|fc2|mlp_c_proj|dense_4h_to_h"
         r"|output_(?:query_)?dense|ff_net_2|fc_out|lin2|linear2|mlp_dense2|pwconv2"
         r"|(?:moe|mlp)_output_linear|ffn_linear_2|ff_layer_2|\d+_(?:\w+_)?(?:mlp|ffn?)_2", "down"),
        (r"patch_embed(?:d|ding|dings)?(?:_\d+)?(?:_proj(?:ection)?)?|^conv_proj", "patch"),
        (r"wpe|position_embeddings?|pos_embed|embed_positions|relative_attention_bias"
         r"|positional_embedding|position_embd|position_embeds_layer|positions_embed"
         r"|position_enc|relative_position_bias_table|rel_pos_[hw]|rel_pos_(?:[xy]_)?bias"
         r"|relative_pos_embeddings|attention_biases", "position"),
        (r"lm_heads?(?:_\d+)?|embed_out|^proj_out|predictions_decoder|^output|lm_head_decoder"
         r"|vocab_projector|lm_loss|^(?:model_decoder_)?output_projection|pred_layer_proj"
         r"|^decoder", "unembed"),
        (r"embed_tokens|wte|tok_embeddings|token_embd|word_embeddings?|token_type_embeddings?"
         r"|shared|embed_in|token_embedding|input_embeds_layer(?:s_\d+)?|tokens_embed"
         r"|^(?:backbone_|rwkv_|transformer_)?embeddings?", "embed"),
        (r"classifier(?:_\d)?|score|pooler_dense|head|qa_outputs|visual_projection"
         r"|text_projection|^fc", "head"),
        (r"conv\w*|downsamplers_\d+_conv|upsamplers_\d+_conv", "conv"),
    )
)  # fmt: skip
_ADAPTER = re.compile(
    r"[._](?:lora_(?:embedding_)?(?P<side>[AB]|down|up)|lora\.(?P<other>down|up))"
    r"(?:\.(?!weight$)\w+)?(?:\.weight)?$"
)
_SIDES = {"A": "A", "down": "A", "B": "B", "up": "B"}
_WRAPPERS = re.compile(r"^(?:(?:module|_orig_mod|base_model\.model)\.)+")
_ENDINGS = re.compile(r"_(?:weight|bias|alpha)$")
_VECTORS = re.compile(
    r"(?:^|_)(?:bias|alpha|e_score_correction_bias|cls_token|gamma|scales?|zeros?)$"
)
_JOINTS = re.compile(r"[./:]+")
_PIPELINE = re.compile(r"^lora_(?:unet|te\d?)_")
_CROSS = re.compile(
    r"(?:^|_)(?:encoder_attn|encdecattention|cross_?attn|cross_?attention|attn2|multihead_attn)_"
)
_STAGE = re.compile(r"(?:^|(?<=_))(layer|stage|block)(\d+)_(?=\d+_)")  # layer4.2 of a ResNet
_STACKS = (
    ("vision", re.compile(r"(?:^|_)(?:vision_model|vision_tower|vision_encoder|visual|vit)_")),
    ("down", re.compile(r"(?:^|_)(?:down|input)_blocks?_")),
    ("mid", re.compile(r"(?:^|_)(?:mid|middle)_block_")),
    ("up", re.compile(r"(?:^|_)(?:up|output)_blocks?_")),
    ("decoder", re.compile(r"(?:^|_)decoder_(?!weight|bias)")),
    ("encoder", re.compile(r"(?:^|_)(?:encoder_(?!attn)|audio_tower_)")),
)
_DIGITS = 10  # that an index has at most
_EXPERT = re.compile(rf"(?:^|_)experts_(?:expert_)?(\d{{1,{_DIGITS}}})(?:_|$)")
_INDEX = re.compile(rf"(?:^|(?<=_))\d{{1,{_DIGITS}}}(?=_|$)")
_MARK = 9_000_000_000  # and the numbers after it, in place of those of a name
_MARKS = tuple(str(_MARK + place) for place in range(8))
_NAMED = ("0", "1", "2")
_CONV1D = ("_c_attn", "_c_fc", "_c_proj")
_HIGHER = re.compile(r"(?:^|(?<=_))(?:[3-9]|\d{2,})(?=_|$)")
_OUTSIDE = ("embed", "unembed", "head")
_IN_OUT = ("gpt2", "imagegpt", "openai-gpt", "decision_transformer")


@dataclass(frozen=True)
class Role:
    """What a tensor is for.

    Attributes
    ----------
    role : str
        One of `ROLES`.
    layer : int or None
        Position in the list of layers; None outside of it.
    stack : str
        "", "encoder", "decoder", "vision", "down", "mid" or "up".
    expert : int or None
        Which expert, where every one has tensors of its own.
    cross : bool
        Whether it is attention to another sequence.
    indices : tuple of int
        All numbered places of the name.
    module : str
        The name without wrappers, adapter and ".weight".
    orientation : str
        "out_in" as in a Linear, or "in_out" as in GPT-2's Conv1D.
    adapter : str
        "A" or "B" of a low-rank update, "" of a weight.
    """

    role: str
    layer: int | None
    stack: str
    expert: int | None
    cross: bool
    indices: tuple[int, ...]
    module: str
    orientation: str
    adapter: str


def role_of(
    name: str, shape: tuple[int, ...] = (), config: Mapping[str, Any] | None = None
) -> Role:
    """Return what the tensor ``name`` is for.

    Parameters
    ----------
    name : str
        As a library wrote it: Transformers, timm, llama.cpp, diffusers, PEFT, kohya.
    shape : tuple of int
        Tells vectors, and how a weight lies; () where it is not known.
    config : mapping, optional
        The model's config.json: its ``model_type`` says how a square weight lies.

    Returns
    -------
    Role

    References
    ----------
    The key names are those that the libraries write; `tests/engine/checkpoint` has one of each.

    Examples
    --------
    >>> found = role_of("model.layers.3.self_attn.q_proj.weight", (64, 64))
    >>> found.role, found.layer, found.orientation
    ('q', 3, 'out_in')
    >>> role_of("transformer.h.0.mlp.gate.weight").role
    'router'
    """
    # Thousands of experts differ in numbers only: what is the same for all is found once.
    numbers, key = _numbered(name)
    form = _form(key, len(shape))
    if form.count != len(numbers):  # some of them are no part of the module
        numbers, form = [], _form(name, len(shape))
    indices, expert, module = form.indices, form.expert, form.module
    if numbers:
        indices = tuple([i if i < _MARK else int(numbers[i - _MARK]) for i in indices])
        if expert >= _MARK:
            expert = int(numbers[expert - _MARK])
        for mark, number in zip(_MARKS, numbers, strict=False):
            module = module.replace(mark, number)
    return Role(
        form.role,
        indices[0] if indices and form.role not in _OUTSIDE else None,
        form.stack,
        expert if expert >= 0 else None,
        form.cross,
        indices,
        module,
        _orientation(form.end, shape, config or {}) if form.end else "out_in",
        form.adapter,
    )


@dataclass(frozen=True)
class _Form:
    """What a name says, whatever the numbers for which it has marks; ``count`` are their number.

    ``expert`` is -1 of none; ``end`` how the name of a Conv1D ends, "" of any other.
    """

    role: str
    stack: str
    expert: int
    cross: bool
    indices: tuple[int, ...]
    module: str
    end: str
    adapter: str
    count: int


def _numbered(name: str) -> tuple[list[str], str]:
    """Return the numbers between points from 3 on, and the name with marks in their place.

    The table names no index above 2: layers and experts beyond it are like any other.
    """
    parts = name.split(".")
    numbers: list[str] = []
    for place, part in enumerate(parts):
        if part.isdigit() and part not in _NAMED and part.isascii() and len(part) < _DIGITS:
            if len(numbers) == len(_MARKS):
                return [], name
            parts[place] = _MARKS[len(numbers)]
            numbers.append(part)
    return ([], name) if _MARKS[0][:-1] in name else (numbers, ".".join(parts))


@lru_cache(maxsize=4096)
def _form(name: str, axes: int) -> _Form:
    bare, adapter = _WRAPPERS.sub("", name), ""
    if found := _ADAPTER.search(bare):
        adapter, bare = _SIDES[found["side"] or found["other"]], bare[: found.start()]
    # A kohya name begins with the part of the pipeline.
    spelled = _STAGE.sub(r"\1_\2_", _JOINTS.sub("_", _PIPELINE.sub("", bare)).lower())
    stem = _ENDINGS.sub("", spelled)
    role, stack, cross = _kind(_HIGHER.sub("9", spelled), axes)
    indices = tuple(int(number) for number in _INDEX.findall(stem))
    expert = _EXPERT.search(stem)
    module = bare.removesuffix(".weight").removesuffix(".bias")
    marks = {number for number in indices if number >= _MARK and str(number) in module}
    return _Form(
        *(role, stack, int(expert[1]) if expert else -1, cross, indices, module),
        next((end for end in _CONV1D if stem.endswith(end)), ""),
        adapter,
        len(marks),
    )


@lru_cache(maxsize=4096)
def _kind(spelled: str, axes: int) -> tuple[str, str, bool]:
    """Return role, stack, and whether it is cross-attention."""
    stack = next((key for key, pattern in _STACKS if pattern.search(spelled)), "")
    return _role(spelled, _ENDINGS.sub("", spelled), axes), stack, bool(_CROSS.search(spelled))


def _role(spelled: str, stem: str, axes: int) -> str:
    whole = next((role for pattern, role in _TABLE[:1] if pattern.match(spelled)), "")
    found = whole or next((role for pattern, role in _TABLE if pattern.match(stem)), "other")
    if found in ("buffer", "norm", "position"):
        return found
    if axes == 1 or _VECTORS.search(spelled):
        return "vector"
    if found == "other" and axes in (3, 4, 5) and spelled.endswith("_weight"):
        return "conv"
    return found


def _orientation(end: str, shape: tuple[int, ...], config: Mapping[str, Any]) -> str:
    if len(shape) == 2 and shape[0] != shape[1]:
        wide = end != "_c_proj"  # more outputs than inputs
        return "in_out" if (shape[1] > shape[0]) == wide else "out_in"
    known = config.get("model_type")
    return "in_out" if known is None or known in _IN_OUT else "out_in"
