"""Opening a checked model folder: local files only, in float32, never running code that came with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers import (
    TOKENIZER_MAPPING,
    AutoConfig,
    AutoModelForMaskedLM,
    AutoModelForSequenceClassification,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as hf_logging

from tlgui.core.errors import TlguiError
from tlgui.core.recipe import Weights
from tlgui.models.families import FAMILIES
from tlgui.models.weights import Shapes

LOCAL: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
HEADS: dict[str, Any] = {"classify": AutoModelForSequenceClassification, "mask": AutoModelForMaskedLM}
"""By the recipe's `task`."""


def load_classifier(
    folder: Path, labels: Sequence[str], weights: Weights = "pretrained", seed: int = 0
) -> PreTrainedModel:
    """The encoder in `folder` with a head of one output a label; see `load`."""
    return load(folder, HEADS["classify"], weights, seed, **label_settings(labels))


def load_masked(folder: Path, weights: Weights = "pretrained", seed: int = 0) -> PreTrainedModel:
    """The encoder in `folder` with a masked-word head; see `load`."""
    return load(folder, HEADS["mask"], weights, seed)


def load(folder: Path, head: Any, weights: Weights, seed: int, **settings: Any) -> PreTrainedModel:
    """Make a model in float32, in evaluation mode; what the folder does not hold is drawn from `seed` alone.

    Args:
        folder: Checked by `source.resolve`.
        head: One of transformers' `AutoModelFor…` classes.
        weights: `scratch` draws all of them.
        settings: Changes to the configuration, such as the labels.
    Raises:
        TlguiError: the weights do not fit the configuration.
    """
    config = load_config(folder, **settings)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        if weights == "scratch":
            return head.from_config(config, dtype=torch.float32).eval()
        return _fill(head, config, folder)[0]


def outline(folder: Path, head: Any, weights: Weights, tensors: Shapes) -> tuple[PreTrainedModel, frozenset[str]]:
    """The model that `load` would give, with the right shapes but no weights, and the parameters that would be drawn.

    Args:
        tensors: What `weights.shapes` found in the folder.
    """
    config = load_config(folder)
    try:
        with torch.device("meta"):
            model = head.from_config(config)
    except Exception as error:
        raise _no_sense(folder, error) from error
    if weights == "scratch":
        return model, frozenset(name for name, _ in model.named_parameters())
    # Tensors of one zero, stretched: transformers matches their names and shapes as it does a file's, at no cost.
    stand_ins = {name: torch.zeros(()).expand(shape) for name, shape in tensors.items()}
    return _fill(type(model), config, None, state_dict=stand_ins)


def _fill(head: Any, config: PretrainedConfig, folder: Path | None, **how: Any) -> tuple[Any, frozenset[str]]:
    try:
        with quiet():
            model, report = head.from_pretrained(
                folder,
                config=config,
                dtype=torch.float32,
                weights_only=True,
                ignore_mismatched_sizes=True,  # another number of labels: a new head; the body is looked at below
                output_loading_info=True,
                **how,
                **LOCAL,
            )
    except (OSError, RuntimeError, ValueError, ImportError) as error:
        raise _misfit(config, _first_line(error)) from error
    base = f"{model.base_model_prefix}."
    for name, found, expected in report["mismatched_keys"]:
        if name.startswith(base):
            raise _misfit(config, f"{name} is {tuple(found)}, not {tuple(expected)}")
    return model, frozenset(report["missing_keys"]) | {name for name, *_ in report["mismatched_keys"]}


def _misfit(config: PretrainedConfig, why: str) -> TlguiError:
    where = config.name_or_path or "this folder"
    return TlguiError(f"The weights in {where} do not fit its config.json: {why}.", "Get it again, or pick another.")


def load_config(folder: Path, **settings: Any) -> PretrainedConfig:
    """The configuration in `folder`, with some settings changed.

    Raises:
        TlguiError: a setting has an impossible value.
    """
    try:
        with quiet():
            return AutoConfig.from_pretrained(folder, **LOCAL, **settings)
    except Exception as error:
        raise _no_sense(folder, error) from error


def check_family(model_type: str) -> str:
    """Why a family's classes cannot be imported, heads and tokenizer included; empty if they can."""
    try:
        config = AutoConfig.for_model(model_type)
        for head in HEADS.values():
            head._model_mapping[type(config)]
        TOKENIZER_MAPPING[type(config)]
    except (ImportError, KeyError, ValueError, AttributeError) as error:
        return f"{model_type} cannot be loaded: {_first_line(error)}"
    return ""


def _no_sense(folder: Path, error: Exception) -> TlguiError:
    cause = error.__cause__ or error
    return TlguiError(f"{folder}/config.json makes no model: {_first_line(cause)}.", "Get it again, or pick another.")


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """The tokenizer in `folder`, without a look at the network; its `model_max_length` is what the model takes.

    Raises:
        TlguiError: its files cannot be read, or it has pieces that the model does not know.
    """
    try:
        with quiet():
            tokenizer = AutoTokenizer.from_pretrained(folder, **LOCAL)
    except Exception as error:  # the tokenizers library raises nothing narrower for a damaged file
        raise TlguiError(
            f"The tokenizer in {folder} cannot be read ({_first_line(error)}).", "Get it again, or pick another model."
        ) from error
    config = load_config(folder)
    if len(tokenizer) > config.vocab_size:
        raise TlguiError(
            f"The tokenizer in {folder} has {len(tokenizer):,} pieces, and the model knows only {config.vocab_size:,}.",
            "Put the tokenizer there that the model was trained with.",
        )
    tokenizer.model_max_length = most_tokens(config, tokenizer.model_max_length)
    return tokenizer


def most_tokens(config: PretrainedConfig, stated: float | None) -> int:
    """The longest text the model takes, special tokens counted; `stated` is what its tokenizer says, if anything."""
    positions = config.max_position_embeddings - FAMILIES[config.model_type].reserved_positions
    return min(positions, int(stated)) if stated else positions


def label_settings(labels: Sequence[str]) -> dict[str, Any]:
    """Configuration settings of a classifier with these label names, in the order of their ids."""
    return {
        "num_labels": len(labels),
        "id2label": dict(enumerate(labels)),
        "label2id": {label: i for i, label in enumerate(labels)},
        "problem_type": "single_label_classification",
    }


@contextmanager
def quiet() -> Iterator[None]:
    """Keep transformers from writing reports and progress bars to stderr, where the command line has its own."""
    level, bars = hf_logging.get_verbosity(), hf_logging.is_progress_bar_enabled()
    hf_logging.set_verbosity_error()
    hf_logging.disable_progress_bar()
    try:
        yield
    finally:
        hf_logging.set_verbosity(level)
        if bars:
            hf_logging.enable_progress_bar()


def _first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0][:200].rstrip(".") or type(error).__name__
