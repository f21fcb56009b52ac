"""What a model folder holds, by the names of its files and by its config.json. No torch in here."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tlgui.core.errors import TlguiError
from tlgui.models.families import FAMILIES

CONFIG = "config.json"
CARD = "README.md"
MADE = "made.json"
"""Beside a model that was made from nothing, which has no weights before it is trained."""
PICK = "Pick another model."

OURS = "tlgui-classifier"
"""Model type of a classifier with a head of ours; its encoder is of one of the families."""
OUR_CODE = (
    "c673d1a83d8647a435becf11e6ae00235f125892654ac753a5a9b42c22ec9171",
    "29dd1ebc7661a01570aab1aa9d569f8f3aad2e5239df61b5bff29523711c638b",
)
"""SHA-256 of `feature_classifier.py`, which lies beside such a model, and of what that file was in earlier versions."""

WEIGHTS = (
    # one file, index of several files, name of each; in the order in which transformers prefers them
    ("model.safetensors", "model.safetensors.index.json", re.compile(r"model-\d+-of-\d+\.safetensors")),
    ("pytorch_model.bin", "pytorch_model.bin.index.json", re.compile(r"pytorch_model-\d+-of-\d+\.bin")),
)
TOKENIZERS = (
    # any one row is enough
    ("tokenizer.json",),
    ("vocab.txt",),
    ("vocab.json", "merges.txt"),
    ("spiece.model",),
    ("sentencepiece.bpe.model",),
    ("spm.model",),
    ("tokenizer.model",),
)
_EXTRAS = (CARD, "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json")


def wanted(names: Sequence[str], where: str) -> list[str]:
    """Which files of a repository make the model, a single kind of weights among them.

    Raises:
        TlguiError: the configuration, the tokenizer or the weights are not among them.
    """
    require_parts(names, where)
    tokenizer = {name for row in TOKENIZERS for name in row}
    weights = set(weight_names(names))
    return [name for name in names if name == CONFIG or name in tokenizer or name in _EXTRAS or name in weights]


def weight_names(names: Sequence[str]) -> list[str]:
    """The weights among some file names, with their index; the kind that transformers would open, or none."""
    for single, index, shard in WEIGHTS:
        if single in names:
            return [single]
        if index in names:
            return [index, *(name for name in names if shard.fullmatch(name))]
    return []


def require_parts(names: Sequence[str], where: str) -> None:
    """Raise TlguiError if the configuration, the tokenizer or the weights are not among the file names."""
    if CONFIG not in names:
        raise TlguiError(f"{where} holds no model: there is no {CONFIG}.", "Pick a folder saved by transformers.")
    if "adapter_config.json" in names:
        raise TlguiError(f"{where} holds an adapter, not a whole model.", "Merge the two, or pick another.")
    if not any(set(row) <= set(names) for row in TOKENIZERS):
        raise TlguiError(f"{where} holds no tokenizer (tokenizer.json or vocab.txt).", "Save the tokenizer there too.")
    if not weight_names(names) and MADE not in names:
        raise TlguiError(
            f"{where} holds no weights (model.safetensors or pytorch_model.bin).", "Save the weights there too."
        )


def _require_our_code(folder: Path) -> None:
    """Raise TlguiError if a classifier of ours lies beside other program code than ours, which would run elsewhere."""
    for path in folder.glob("*.py"):
        if hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest() not in OUR_CODE:
            raise TlguiError(f"{path} is program code that TLGUI did not write, and it is never run.", PICK)


def base_type(config: dict[str, Any]) -> str:
    """Which family a model is of, or the encoder in a classifier of ours, by the values of its config.json."""
    return str(config["encoder"]["model_type"] if config["model_type"] == OURS else config["model_type"])


def read_config(folder: Path) -> dict[str, Any]:
    """The values of config.json, once it is sure that this program knows the family.

    Raises:
        TlguiError: unreadable, unknown family, or a model that brings its own program code.
    """
    path = folder / CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise TlguiError(f"{path} cannot be read ({error.strerror}).", PICK) from error
    except ValueError as error:
        raise TlguiError(f"{path} is not valid JSON ({error}).", "Get the model again.") from error
    kind = config.get("model_type") if isinstance(config, dict) else None
    if kind == OURS:
        _require_our_code(folder)
        encoder = config.get("encoder")
        kind = encoder.get("model_type") if isinstance(encoder, dict) else None
    if not isinstance(kind, str):
        raise TlguiError(f"{path} does not say which family the model is of (“model_type”).", PICK)
    if kind not in FAMILIES and "auto_map" in config:
        raise TlguiError(f"The model in {folder} brings its own program code, which is never run.", PICK)
    if kind not in FAMILIES:
        known = ", ".join(family.name for family in FAMILIES.values())
        raise TlguiError(f"The model in {folder} is of the family “{kind}”.", f"Pick one of these: {known}.")
    return config
