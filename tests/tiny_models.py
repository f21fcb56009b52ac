"""Tiny models with random weights: one a family, made in code, a few kilobytes each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace, WhitespaceSplit
from tokenizers.processors import TemplateProcessing
from transformers import AutoConfig, PretrainedConfig, PreTrainedModel, PreTrainedTokenizerFast

from tlgui.core.transfer import HeadPart
from tlgui.models.families import FAMILIES
from tlgui.models.feature_classifier import TlguiClassifierConfig, TlguiForSequenceClassification
from tlgui.models.fit import why_not
from tlgui.models.loading import HEADS, load_classifier, quiet

PADDING = 1
"""Token of the configurations."""
SIZES = {
    "vocab_size": 100,
    "hidden_size": 16,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 32,
    "max_position_embeddings": 64,
    "pad_token_id": PADDING,
}
SENTINELS = 10
"""Of the tokenizer for models that write."""
T5 = {  # two layers that read and one that writes
    **{"d_model": 16, "d_kv": 8, "d_ff": 32, "num_hidden_layers": 2, "num_decoder_layers": 1, "num_heads": 2},
    **{"relative_attention_num_buckets": 8, "relative_attention_max_distance": 20},
    **{"decoder_start_token_id": 1, "eos_token_id": 2},
}
ENDS = {"bos_token_id": 0, "eos_token_id": 0}
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
    "gpt2": {"n_embd": 16, "n_layer": 3, "n_head": 2, "n_positions": 64, "n_inner": 32, **ENDS},
    "gpt_neox": {"hidden_dropout": 0.1, "attention_dropout": 0.1, **ENDS},
    "llama": {"attention_dropout": 0.1, **ENDS},
    "t5": T5,
    "mt5": T5,
    "modernbert": {
        "attention_dropout": 0.1,
        "mlp_dropout": 0.1,
        "embedding_dropout": 0.1,
        "classifier_dropout": 0.1,
        **dict.fromkeys(("cls_token_id", "bos_token_id"), 0),
        **dict.fromkeys(("sep_token_id", "eos_token_id"), 2),
    },
}


EACH_KIND = ("classify", "mask", "next-word", "text-to-text")
"""Goals of which every family can do one."""


def families_for(task: str) -> tuple[str, ...]:
    """The families that can do a goal."""
    return tuple(family for family in FAMILIES if not why_not(task, family))


def pretraining(model_type: str) -> str:
    """The goal whose head a family is pretrained with."""
    return next(task for task in ("mask", "next-word", "text-to-text") if not why_not(task, model_type))


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


def tiny_folder(folder: Path, model_type: str = "bert", task: str = "", **settings: Any) -> Path:
    """Save a tiny model as a Hugging Face folder, tokenizer included; without a goal, as it comes from pretraining."""
    with quiet():
        tiny_model(model_type, task or pretraining(model_type), **settings).save_pretrained(folder)
        tokenizer_for(model_type).save_pretrained(folder)
    return folder


def tokenizer_for(model_type: str) -> PreTrainedTokenizerFast:
    """A tokenizer of the kind that a family has."""
    if FAMILIES[model_type].decoder:
        return tiny_writing_tokenizer()
    return tiny_one_way_tokenizer() if FAMILIES[model_type].one_way else tiny_tokenizer()


def tiny_one_way_tokenizer() -> PreTrainedTokenizerFast:
    """A tokenizer of 100 whole words that has nothing for padding, and one token that begins and ends a text."""
    end = "<end>"
    words = {word: i for i, word in enumerate((end, *(f"w{i}" for i in range(99))))}
    tokenizer = Tokenizer(WordLevel(words, unk_token=end))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    inputs = ["input_ids", "attention_mask"]
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=62,
        model_input_names=inputs,
        bos_token=end,
        eos_token=end,
        unk_token=end,
    )


def tiny_writing_tokenizer() -> PreTrainedTokenizerFast:
    """A tokenizer of 100 whole words, sentinels among them, that closes each text as T5's does."""
    special = ("<s>", "<pad>", "</s>", "<unk>", *(f"<extra_id_{i}>" for i in range(SENTINELS)))
    words = {word: i for i, word in enumerate((*special, *(f"w{i}" for i in range(100 - len(special)))))}
    tokenizer = Tokenizer(WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.post_processor = TemplateProcessing("$A </s>", "$A </s> $B </s>", [("</s>", 2)])
    names = {f"{word}_token": f"<{sign}>" for word, sign in (("pad", "pad"), ("eos", "/s"), ("unk", "unk"))}
    inputs = ["input_ids", "attention_mask"]
    extra = list(special[4:])
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_max_length=62, model_input_names=inputs, extra_special_tokens=extra, **names
    )


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
        tiny_folder(folder.with_name(f"{folder.name}-body"), model_type), labels, head=HeadPart(**head)
    )
    with quiet():
        made.save_pretrained(folder)
        tokenizer_for(model_type).save_pretrained(folder)
    return folder
