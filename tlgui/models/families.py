"""The model families that can be adapted: one row each, telling which of its parts make which group.

No torch in here, so that lists of models are quick to make.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Family:
    """Paths of a family's parts inside its base model; a part that a configuration leaves out is passed over."""

    model_type: str
    """The configuration's `model_type`."""
    name: str
    """For people."""
    embeddings: tuple[str, ...]
    """Parts that every layer builds on, whatever module holds them."""
    layers: str
    """A module list, bottom first; each entry is a group."""
    matrices: Mapping[str, tuple[str, ...]]
    """Modules of a layer by what they compute, of `transfer.MATRICES`; a `*` stands for any number."""
    closing: tuple[str, ...] = ()
    """Parts that complete the last layer's output; they belong to its group."""
    decoder: str = ""
    """Of a family that writes: a second module list, whose layers read those of `layers` and have the next numbers."""
    between: tuple[str, ...] = ()
    """Where there is a decoder: parts that complete the output of the last layer below it; they are of its group."""
    pooler: tuple[str, ...] = ()
    """Parts between the last layer and the head that come with the pretrained weights."""
    last_layer: str = ""
    """How the last layer is run at some tokens alone, of `last_layer.WAYS`; empty = it is run at all of them. The
    family's own classifier then reads the first token and no other."""
    reserved_positions: int = 0
    """How many of the position embeddings no token uses, as they stand before that of the first token."""
    one_way: bool = False
    """Whether a token sees only those before it, so that the model can be asked what comes next."""


_BERT_PARTS = ("embeddings",), "encoder.layer"


def _matrices(query: str, key: str, value: str, output: str, *feed_forward: str) -> dict[str, tuple[str, ...]]:
    return {
        "query": (query,),
        "key": (key,),
        "value": (value,),
        "output": (output,),
        "feed-forward": feed_forward,
    }


_AFTER_ATTENTION = "attention.output.dense", "intermediate.dense", "output.dense"
_BERT_MATRICES = _matrices("attention.self.query", "attention.self.key", "attention.self.value", *_AFTER_ATTENTION)
# One matrix computes all three in DeBERTa and in ModernBERT, so they can only be adapted together.
_DEBERTA_MATRICES = _matrices(*("attention.self.in_proj",) * 3, *_AFTER_ATTENTION)
_MODERNBERT_MATRICES = _matrices(*("attn.Wqkv",) * 3, "attn.Wo", "mlp.Wi", "mlp.Wo")
_DEBERTA_2_MATRICES = _matrices(
    "attention.self.query_proj", "attention.self.key_proj", "attention.self.value_proj", *_AFTER_ATTENTION
)
_DISTILBERT_MATRICES = _matrices(
    "attention.q_lin", "attention.k_lin", "attention.v_lin", "attention.out_lin", "ffn.lin1", "ffn.lin2"
)
_MPNET_MATRICES = _matrices(
    "attention.attn.q", "attention.attn.k", "attention.attn.v", "attention.attn.o", *_AFTER_ATTENTION[1:]
)
_ALBERT_MATRICES = _matrices(
    *(f"albert_layers.*.attention.{name}" for name in ("query", "key", "value", "dense")),
    *("albert_layers.*.ffn", "albert_layers.*.ffn_output"),
)
_GPT2_MATRICES = _matrices(*("attn.c_attn",) * 3, "attn.c_proj", "mlp.c_fc", "mlp.c_proj")
_GPT_NEOX_MATRICES = _matrices(
    *("attention.query_key_value",) * 3, "attention.dense", "mlp.dense_h_to_4h", "mlp.dense_4h_to_h"
)
_LLAMA_MATRICES = _matrices(
    *(f"self_attn.{letter}_proj" for letter in "qkvo"), *(f"mlp.{name}_proj" for name in ("gate", "up", "down"))
)
# Both sides share their embeddings, and each has one table of relative positions, in its first layer, for all layers.
# The dropout before the first layer is also that after the last one.
_T5_TABLE = "block.0.layer.0.SelfAttention.relative_attention_bias"
_T5_PARTS = (
    (
        "shared",
        "encoder.embed_tokens",
        "encoder.dropout",
        f"encoder.{_T5_TABLE}",
        "decoder.embed_tokens",
        f"decoder.{_T5_TABLE}",
    ),
    "encoder.block",
)
_T5_SIDES: dict[str, Any] = {
    "decoder": "decoder.block",
    "between": ("encoder.final_layer_norm",),
    "closing": ("decoder.final_layer_norm", "decoder.dropout"),
}
_T5_MATRICES = _matrices(
    *(f"layer.*.*Attention.{letter}" for letter in "qkvo"), "layer.*.DenseReluDense.wi*", "layer.*.DenseReluDense.wo"
)

FAMILIES: dict[str, Family] = {
    family.model_type: family
    for family in (
        Family("bert", "BERT", *_BERT_PARTS, _BERT_MATRICES, pooler=("pooler",), last_layer="bert"),
        Family("roberta", "RoBERTa", *_BERT_PARTS, _BERT_MATRICES, last_layer="bert", reserved_positions=2),
        Family("xlm-roberta", "XLM-RoBERTa", *_BERT_PARTS, _BERT_MATRICES, last_layer="bert", reserved_positions=2),
        Family("camembert", "CamemBERT", *_BERT_PARTS, _BERT_MATRICES, last_layer="bert", reserved_positions=2),
        Family(
            "distilbert",
            "DistilBERT",
            ("embeddings",),
            "transformer.layer",
            _DISTILBERT_MATRICES,
            last_layer="distilbert",
        ),
        Family(
            "electra",
            "ELECTRA",
            ("embeddings", "embeddings_project"),
            "encoder.layer",
            _BERT_MATRICES,
            last_layer="bert",
        ),
        # Every layer of ALBERT runs the same weights, so they can only be frozen together: one group, `0`.
        Family(
            "albert",
            "ALBERT",
            ("embeddings", "encoder.embedding_hidden_mapping_in"),
            "encoder.albert_layer_groups",
            _ALBERT_MATRICES,
            pooler=("pooler",),
        ),
        # The table of relative positions is read by all layers, so it is as low as the embeddings.
        Family(
            "mpnet",
            "MPNet",
            ("embeddings", "encoder.relative_attention_bias"),
            "encoder.layer",
            _MPNET_MATRICES,
            reserved_positions=2,
        ),
        Family(
            "deberta",
            "DeBERTa",
            ("embeddings", "encoder.rel_embeddings", "encoder.LayerNorm"),
            "encoder.layer",
            _DEBERTA_MATRICES,
        ),
        # DeBERTa v3 has the same model type; `conv` runs once, beside layer 0, on the embeddings.
        Family(
            "deberta-v2",
            "DeBERTa v2, v3",
            ("embeddings", "encoder.rel_embeddings", "encoder.LayerNorm", "encoder.conv"),
            "encoder.layer",
            _DEBERTA_2_MATRICES,
        ),
        # Layers that normalise their input leave the last output raw; with the closing norm in the last group a
        # frozen encoder gives the published features, and the head holds only what the goal adds.
        Family("modernbert", "ModernBERT", ("embeddings",), "layers", _MODERNBERT_MATRICES, closing=("final_norm",)),
        # `drop` has no weights; in the group it is still while the embeddings are frozen.
        Family("gpt2", "GPT-2", ("wte", "wpe", "drop"), "h", _GPT2_MATRICES, closing=("ln_f",), one_way=True),
        Family(
            "gpt_neox",
            "GPT-NeoX, Pythia",
            ("embed_in", "emb_dropout"),
            "layers",
            _GPT_NEOX_MATRICES,
            closing=("final_layer_norm",),
            one_way=True,
        ),
        Family("llama", "Llama", ("embed_tokens",), "layers", _LLAMA_MATRICES, closing=("norm",), one_way=True),
        Family("t5", "T5", *_T5_PARTS, _T5_MATRICES, **_T5_SIDES),
        Family("mt5", "mT5", *_T5_PARTS, _T5_MATRICES, **_T5_SIDES),
    )
}
