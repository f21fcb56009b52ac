"""The model families that can be adapted: one row each, telling which of its parts make which group.

No torch in here, so that lists of models are quick to make.
"""

from __future__ import annotations

from dataclasses import dataclass


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
    closing: tuple[str, ...] = ()
    """Parts that complete the last layer's output; they belong to its group."""
    pooler: tuple[str, ...] = ()
    """Parts between the last layer and the head that come with the pretrained weights."""
    reserved_positions: int = 0
    """How many of the position embeddings no token uses, as they stand before that of the first token."""


_BERT_PARTS = ("embeddings",), "encoder.layer"

FAMILIES: dict[str, Family] = {
    family.model_type: family
    for family in (
        Family("bert", "BERT", *_BERT_PARTS, pooler=("pooler",)),
        Family("roberta", "RoBERTa", *_BERT_PARTS, reserved_positions=2),
        Family("xlm-roberta", "XLM-RoBERTa", *_BERT_PARTS, reserved_positions=2),
        Family("camembert", "CamemBERT", *_BERT_PARTS, reserved_positions=2),
        Family("distilbert", "DistilBERT", ("embeddings",), "transformer.layer"),
        Family("electra", "ELECTRA", ("embeddings", "embeddings_project"), "encoder.layer"),
        # Every layer of ALBERT runs the same weights, so they can only be frozen together: one group, `0`.
        Family(
            "albert",
            "ALBERT",
            ("embeddings", "encoder.embedding_hidden_mapping_in"),
            "encoder.albert_layer_groups",
            pooler=("pooler",),
        ),
        # The table of relative positions is read by all layers, so it is as low as the embeddings.
        Family(
            "mpnet",
            "MPNet",
            ("embeddings", "encoder.relative_attention_bias"),
            "encoder.layer",
            reserved_positions=2,
        ),
        Family("deberta", "DeBERTa", ("embeddings", "encoder.rel_embeddings", "encoder.LayerNorm"), "encoder.layer"),
        # DeBERTa v3 has the same model type; `conv` runs once, beside layer 0, on the embeddings.
        Family(
            "deberta-v2",
            "DeBERTa v2, v3",
            ("embeddings", "encoder.rel_embeddings", "encoder.LayerNorm", "encoder.conv"),
            "encoder.layer",
        ),
        # Layers that normalise their input leave the last output raw; with the closing norm in the last group a
        # frozen encoder gives the published features, and the head holds only what the goal adds.
        Family("modernbert", "ModernBERT", ("embeddings",), "layers", closing=("final_norm",)),
    )
}
