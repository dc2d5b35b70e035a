"""Roles of key names as the libraries write them."""

from __future__ import annotations

import re

import pytest

from engine.checkpoint import ROLES, role_of

# name, role, layer, stack
NAMES = """
model.embed_tokens.weight embed - -
model.layers.3.self_attn.q_proj.weight q 3 -
model.layers.31.self_attn.k_proj.weight k 31 -
model.layers.3.self_attn.v_proj.weight v 3 -
model.layers.3.self_attn.o_proj.weight o 3 -
model.layers.3.self_attn.rotary_emb.inv_freq buffer 3 -
model.layers.3.mlp.gate_proj.weight gate 3 -
model.layers.3.mlp.up_proj.weight up 3 -
model.layers.3.mlp.down_proj.weight down 3 -
model.layers.3.input_layernorm.weight norm 3 -
model.norm.weight norm - -
lm_head.weight unembed - -
layers.0.attention.wq.weight q 0 -
layers.0.attention.wo.weight o 0 -
layers.0.feed_forward.w1.weight gate 0 -
layers.0.feed_forward.w2.weight down 0 -
tok_embeddings.weight embed - -
output.weight unembed - -
transformer.wte.weight embed - -
wpe.weight position - -
h.0.attn.c_attn.weight qkv 0 -
h.0.attn.c_attn.bias vector 0 -
h.0.attn.bias buffer 0 -
transformer.h.11.attn.c_proj.weight o 11 -
h.0.mlp.c_fc.weight up 0 -
h.0.mlp.c_proj.weight down 0 -
h.0.ln_1.weight norm 0 -
ln_f.weight norm - -
model.layers.0.block_sparse_moe.gate.weight router 0 -
model.layers.0.block_sparse_moe.experts.3.w1.weight gate 0 -
model.layers.0.block_sparse_moe.experts.3.w3.weight up 0 -
model.layers.2.self_attn.q_a_proj.weight q_a 2 -
model.layers.2.self_attn.q_b_proj.weight q_b 2 -
model.layers.2.self_attn.kv_a_proj_with_mqa.weight kv_a 2 -
model.layers.2.self_attn.kv_b_proj.weight kv_b 2 -
model.layers.2.self_attn.q_a_layernorm.weight norm 2 -
model.layers.2.mlp.gate.weight router 2 -
model.layers.2.mlp.gate.e_score_correction_bias vector 2 -
model.layers.2.mlp.experts.gate_up_proj gate_up 2 -
model.layers.2.mlp.shared_experts.up_proj.weight up 2 -
model.layers.5.self_attn.qkv_proj.weight qkv 5 -
model.layers.5.mlp.gate_up_proj.weight gate_up 5 -
shared.weight embed - -
encoder.block.3.layer.0.SelfAttention.q.weight q 3 encoder
encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight position 0 encoder
decoder.block.2.layer.1.EncDecAttention.k.weight k 2 decoder
decoder.block.2.layer.2.DenseReluDense.wi_0.weight gate 2 decoder
decoder.block.2.layer.2.DenseReluDense.wo.weight down 2 decoder
vit.encoder.layer.4.attention.attention.query.weight q 4 vision
vit.encoder.layer.4.attention.output.dense.weight o 4 vision
vit.embeddings.patch_embeddings.projection.weight patch - vision
blocks.7.attn.qkv.weight qkv 7 -
blocks.7.attn.proj.weight o 7 -
pos_embed position - -
vision_model.encoder.layers.2.self_attn.out_proj.weight o 2 vision
bert.embeddings.word_embeddings.weight embed - -
bert.encoder.layer.1.attention.self.key.weight k 1 encoder
bert.encoder.layer.1.attention.output.dense.weight o 1 encoder
bert.encoder.layer.1.intermediate.dense.weight up 1 encoder
bert.encoder.layer.1.output.dense.weight down 1 encoder
bert.encoder.layer.1.output.LayerNorm.weight norm 1 encoder
cls.predictions.decoder.weight unembed - -
model.encoder.conv1.weight conv - encoder
model.decoder.layers.1.encoder_attn.q_proj.weight q 1 decoder
model.decoder.layers.1.fc1.weight up 1 decoder
down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q.weight q 1 down
down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_out.0.weight o 1 down
mid_block.resnets.0.conv1.weight conv 0 mid
up_blocks.2.attentions.1.transformer_blocks.0.ff.net.0.proj.weight gate_up 2 up
gpt_neox.layers.0.attention.query_key_value.weight qkv 0 -
gpt_neox.layers.0.attention.dense.weight o 0 -
gpt_neox.layers.0.mlp.dense_h_to_4h.weight up 0 -
embed_out.weight unembed - -
blk.0.attn_q.weight q 0 -
blk.0.attn_output.weight o 0 -
blk.0.ffn_gate_inp.weight router 0 -
blk.0.ffn_gate_exps.weight gate 0 -
blk.0.attn_norm.weight norm 0 -
token_embd.weight embed - -
base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight q 0 -
base_model.model.model.layers.0.mlp.down_proj.lora_B.default.weight down 0 -
lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_down.weight q 0 down
lora_te_text_model_encoder_layers_6_mlp_fc1.lora_up.weight up 6 encoder
rnn.weight_ih_l0 recurrent - -
lstm_cell.weight_hh recurrent - -
time_embedding.freqs other - -
backbone.embeddings.weight embed - -
backbone.layers.3.mixer.in_proj.weight recurrent 3 -
backbone.layers.3.mixer.x_proj.weight recurrent 3 -
backbone.layers.3.mixer.dt_proj.weight recurrent 3 -
backbone.layers.3.mixer.A_log recurrent 3 -
backbone.layers.3.mixer.out_proj.weight recurrent 3 -
backbone.layers.7.mixer.q_proj.weight q 7 -
transformer.h.3.mixer.out_proj.weight o 3 -
model.layers.0.mamba.in_proj.weight recurrent 0 -
model.layers.0.linear_attn.in_proj_qkvz.weight recurrent 0 -
model.layers.0.linear_attn.out_proj.weight recurrent 0 -
blk.7.ssm_in.weight recurrent 7 -
blk.7.ssm_norm.weight norm 7 -
model.layers.0.temporal_block.linear_x.weight recurrent 0 -
rwkv.blocks.5.attention.receptance.weight recurrent 5 -
rwkv.blocks.5.attention.key.weight k 5 -
rwkv.blocks.5.attention.output.weight o 5 -
rwkv.blocks.5.feed_forward.key.weight up 5 -
rwkv.blocks.5.feed_forward.value.weight down 5 -
blk.7.ffn_up_shexp.weight up 7 -
blk.7.ffn_gate_inp_shexp.weight router 7 -
model.layers.2.mlp.shared_expert_gate.weight router 2 -
model.layers.2.block_sparse_moe.router.layer.weight router 2 -
model.layers.2.block_sparse_moe.input_linear.weight gate_up 2 -
model.layers.2.block_sparse_moe.output_linear.weight down 2 -
decoder.block.1.layer.2.mlp.experts.expert_0.wo.weight down 1 decoder
model.layers.6.self_attn.W_pack.weight qkv 6 -
semantic.layers.4.attn.att_proj.weight qkv 4 -
semantic.layers.4.mlp.in_proj.weight up 4 -
semantic.layers.4.mlp.out_proj.weight down 4 -
decoder.layers.3.self_attention.linear_proj.weight o 3 decoder
model.layers.3.self_attn.dense.weight o 3 -
transformer_blocks.3.attn.to_add_out.weight o 3 -
double_blocks.3.img_mlp.0.weight up 3 -
double_blocks.3.img_mlp.2.weight down 3 -
decoder.blocks.0.mlp.0.weight up 0 decoder
decoder.blocks.0.mlp.2.weight down 0 decoder
mlp.0.weight other 0 -
encoder.stages.0.layers.1.pwconv1.weight up 0 encoder
layer4.2.conv3.weight conv 4 -
layer4.2.bn3.weight norm 4 -
layer4.0.downsample.0.weight other 4 -
fc.weight head - -
layers.3.fc.weight other 3 -
decoder.weight unembed - -
vocab_projector.weight unembed - -
down_blocks.0.attentions.0.proj_out.weight other 0 down
proj_out.weight unembed - -
model.diffusion_model.input_blocks.4.1.transformer_blocks.0.attn2.to_q.weight q 4 down
model.diffusion_model.middle_block.1.transformer_blocks.0.attn1.to_q.weight q 1 mid
lora_unet_output_blocks_4_1_transformer_blocks_0_attn1_to_v.lora_up.weight v 4 up
audio_tower.layers.4.self_attn.q_proj.weight q 4 encoder
vision_encoder.layers.4.mlp.lin1.weight up 4 vision
vit.encoder.layer.4.layernorm_before.weight norm 4 vision
bert.encoder.layer.6.output.LayerNorm.gamma norm 6 encoder
cls_token vector - -
swin.encoder.layers.0.blocks.1.attention.self.relative_position_bias_table position 0 encoder
embeddings.patch_embeddings.weight patch - -
"""
CASES = [line.split() for line in NAMES.strip().splitlines()]


@pytest.mark.parametrize(("name", "role", "layer", "stack"), CASES, ids=[c[0] for c in CASES])
def test_every_library_writes_its_own_names(name, role, layer, stack):
    found = role_of(name)
    assert (found.role, found.layer, found.stack) == (
        role,
        None if layer == "-" else int(layer),
        "" if stack == "-" else stack,
    )
    assert found.role in ROLES


def test_there_are_as_many_as_promised():
    assert len(CASES) >= 73


@pytest.mark.parametrize(
    ("name", "cross"),
    [
        ("model.decoder.layers.1.encoder_attn.q_proj.weight", True),
        ("model.decoder.layers.1.self_attn.q_proj.weight", False),
        ("decoder.block.2.layer.1.EncDecAttention.k.weight", True),
        ("down_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k.weight", True),
        ("down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_k.weight", False),
        ("lora_unet_mid_block_attentions_0_transformer_blocks_0_attn2_to_v.lora_up.weight", True),
        ("decoder.layers.1.multihead_attn.out_proj.weight", True),
        ("model.layers.0.multi_head_attention.dense.weight", False),
    ],
)
def test_attention_to_another_sequence_is_told(name, cross):
    assert role_of(name).cross is cross


@pytest.mark.parametrize(
    ("name", "shape", "config", "orientation"),
    [
        ("h.0.attn.c_attn.weight", (64, 192), None, "in_out"),
        ("h.0.attn.c_attn.weight", (192, 64), None, "out_in"),
        ("h.0.mlp.c_proj.weight", (256, 64), None, "in_out"),
        ("h.0.mlp.c_proj.weight", (64, 256), None, "out_in"),
        ("h.0.attn.c_proj.weight", (64, 64), {"model_type": "gpt2"}, "in_out"),
        ("h.0.attn.c_proj.weight", (64, 64), {"model_type": "gpt_bigcode"}, "out_in"),
        ("model.layers.0.self_attn.q_proj.weight", (64, 64), None, "out_in"),
    ],
)
def test_how_a_weight_lies(name, shape, config, orientation):
    assert role_of(name, shape, config).orientation == orientation


def test_adapters_experts_and_modules():
    adapter = role_of("base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight")
    assert (adapter.adapter, adapter.module) == ("A", "model.layers.0.self_attn.q_proj")
    kohya = role_of("lora_te_text_model_encoder_layers_6_mlp_fc1.lora_up.weight")
    assert kohya.adapter == "B"
    expert = role_of("model.layers.0.block_sparse_moe.experts.3.w1.weight")
    assert (expert.expert, expert.indices) == (3, (0, 3))
    switch = role_of("decoder.block.1.layer.2.mlp.experts.expert_7.wi.weight")
    assert (switch.role, switch.layer, switch.expert) == ("up", 1, 7)
    assert role_of("model.layers.0.mlp.up_proj.weight").expert is None
    assert role_of("module.h.0.attn.c_attn.weight").module == "h.0.attn.c_attn"


@pytest.mark.parametrize("name", ["", ".", "weight", "_", "a" * 10_000, "q", "层.0.权重", "0.1.2"])
def test_any_name_has_a_role(name):
    assert role_of(name, (2, 2)).role in ROLES


def test_a_vector_is_one_by_its_shape():
    assert role_of("model.layers.0.self_attn.q_proj.weight", (64,)).role == "vector"
    assert role_of("model.layers.0.input_layernorm.weight", (64,)).role == "norm"


@pytest.mark.parametrize(("name", "role", "layer", "stack"), CASES)
def test_numbers_change_layer_and_module_and_nothing_else(name, role, layer, stack):
    changed = re.sub(r"(?<=\.)([3-9]|[1-9]\d+)(?=\.)", "417", name)
    before, after = role_of(name), role_of(changed)
    assert after.module == re.sub(r"(?<=\.)([3-9]|[1-9]\d+)(?=\.|$)", "417", before.module)
    assert len(after.indices) == len(before.indices)
    expected = 417 if layer != "-" and f".{layer}." in name and int(layer) > 2 else before.layer
    assert after.layer == expected
    same = (before.role, before.stack, before.cross, before.orientation, before.adapter)
    assert (after.role, after.stack, after.cross, after.orientation, after.adapter) == same


def test_numbers_of_any_length_and_number_are_read():
    found = role_of("layers.007.mlp.experts.40.9.5.w1.weight")
    assert (found.layer, found.expert, found.indices) == (7, 40, (7, 40, 9, 5))
    assert found.module == "layers.007.mlp.experts.40.9.5.w1"
    many = role_of(".".join(map(str, range(3, 20))) + ".q_proj.weight")
    assert many.indices == tuple(range(3, 20))
    assert role_of("layers." + "9" * 5000 + ".q_proj.weight").role == "q"
    assert role_of("layers.9000000000.5.q_proj.weight").indices == (9000000000, 5)
    assert role_of("layers.3.q_proj.lora_A.7.weight").module == "layers.3.q_proj"
