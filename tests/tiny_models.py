"""Tiny models with random weights: one a family, made in code, a few kilobytes each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from transformers import AutoConfig, PretrainedConfig, PreTrainedModel, PreTrainedTokenizerFast

from tlgui.core.transfer import HeadPart
from tlgui.models.feature_classifier import TlguiClassifierConfig, TlguiForSequenceClassification
from tlgui.models.loading import HEADS, load_classifier, quiet

SIZES = {
    "vocab_size": 100,
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 64,
    "pad_token_id": 1,
}
EXTRAS: dict[str, dict[str, Any]] = {
    "distilbert": {"dim": 16, "n_layers": 3, "n_heads": 2, "hidden_dim": 32},
    "electra": {"embedding_size": 8},
    # neither ALBERT v2 nor ModernBERT uses dropout; here both do, to see that it is off where it must be
    "albert": {"embedding_size": 8, "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.1},
    "deberta": {"relative_attention": True, "pos_att_type": ["c2p", "p2c"]},
    # as DeBERTa v2 xlarge, which has the convolution that v3 has not
    "deberta-v2": {
        "relative_attention": True,
        "position_buckets": 8,
        "norm_rel_ebd": "layer_norm",
        "share_att_key": True,
        "pos_att_type": ["c2p", "p2c"],
        "conv_kernel_size": 3,
        "type_vocab_size": 0,
        "position_biased_input": False,
    },
    "modernbert": {
        "attention_dropout": 0.1,
        "mlp_dropout": 0.1,
        "embedding_dropout": 0.1,
        "classifier_dropout": 0.1,
        **dict.fromkeys(("cls_token_id", "bos_token_id"), 0),
        **dict.fromkeys(("sep_token_id", "eos_token_id"), 2),
    },
}


def tiny_config(model_type: str, **settings: Any) -> PretrainedConfig:
    """A configuration with three layers, 16 wide, and 100 words."""
    return AutoConfig.for_model(model_type, **{**SIZES, **EXTRAS.get(model_type, {}), **settings})


def tiny_model(model_type: str, task: str, **settings: Any) -> PreTrainedModel:
    """A model with the head of a goal, in evaluation mode."""
    torch.manual_seed(0)
    return HEADS[task].from_config(tiny_config(model_type, **settings)).eval()


def tiny_classifier(model_type: str, **head: Any) -> TlguiForSequenceClassification:
    """A classifier with a head of ours, as settings of its configuration say, in evaluation mode."""
    torch.manual_seed(0)
    config = TlguiClassifierConfig(encoder=tiny_config(model_type).to_dict(), **head)
    return TlguiForSequenceClassification(config).eval()


def tiny_batch(rows: int = 4, tokens: int = 12) -> dict[str, torch.Tensor]:
    """The same random words each time."""
    ids = torch.randint(5, 100, (rows, tokens), generator=torch.Generator().manual_seed(1))
    return {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def tiny_folder(folder: Path, model_type: str = "bert", task: str = "mask", **settings: Any) -> Path:
    """Save a tiny model as a Hugging Face folder, tokenizer included."""
    with quiet():
        tiny_model(model_type, task, **settings).save_pretrained(folder)
        tiny_tokenizer().save_pretrained(folder)
    return folder


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """A tokenizer of 100 whole words."""
    special = ("[CLS]", "[PAD]", "[SEP]", "[UNK]", "[MASK]")
    words = {word: i for i, word in enumerate((*special, *(f"w{i}" for i in range(100 - len(special)))))}
    tokenizer = Tokenizer(WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = Whitespace()
    names = {f"{word.strip('[]').lower()}_token": word for word in special}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=62, **names)


def tiny_headed_folder(
    folder: Path, model_type: str = "bert", labels: tuple[str, ...] = ("a", "b"), **head: Any
) -> Path:
    """Save a tiny model with a head of ours, as a recipe's section says, over the encoder of a masked-word model."""
    made = load_classifier(
        tiny_folder(folder.with_name(f"{folder.name}-masked"), model_type), labels, head=HeadPart(**head)
    )
    with quiet():
        made.save_pretrained(folder)
        tiny_tokenizer().save_pretrained(folder)
    return folder
