"""Opening a checked model folder: local files only, in float32, never running code that came with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSeq2SeqLM,
    AutoModelForSequenceClassification,
    AutoModelForTokenClassification,
    AutoTokenizer,
    PretrainedConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging as hf_logging

from tlgui.core.errors import Problem, RecipeError, TlguiError
from tlgui.core.freeze import EMBEDDINGS
from tlgui.core.recipe import Weights
from tlgui.core.transfer import LAST, MIX, HeadPart
from tlgui.models.feature_classifier import TlguiClassifierConfig, TlguiForSequenceClassification
from tlgui.models.folder import PICK
from tlgui.models.groups import family_of
from tlgui.models.next_sentence import AutoModelForPreTraining
from tlgui.models.weights import Shapes, weight_files

LOCAL: dict[str, Any] = {"local_files_only": True, "trust_remote_code": False}
HEADS: dict[str, Any] = {
    "classify": AutoModelForSequenceClassification,
    "regress": AutoModelForSequenceClassification,
    "mask": AutoModelForMaskedLM,
    "mask+nsp": AutoModelForPreTraining,
    "answer": AutoModelForQuestionAnswering,
    "next-word": AutoModelForCausalLM,
    "tag": AutoModelForTokenClassification,
    "text-to-text": AutoModelForSeq2SeqLM,
    "corrupt": AutoModelForSeq2SeqLM,
}
"""By the recipe's `task`."""
ARCHITECTURES = {
    "classify": "ForSequenceClassification",
    "regress": "ForSequenceClassification",
    "answer": "ForQuestionAnswering",
    "tag": "ForTokenClassification",
}
"""By task, for heads that come from training alone: how the name of a model that has such a head ends."""
CLASSES, REGRESSION = "single_label_classification", "regression"
PROBLEMS = {"classify": CLASSES, "regress": REGRESSION}
"""By task, for goals that share a class of models: the `problem_type` of the configuration."""
SETTINGS: dict[str, dict[str, Any]] = {"regress": {"num_labels": 1, "problem_type": REGRESSION}}
"""By task, for goals whose head is the same for all data: what the configuration says of it."""
RELATIVE = 512
"""Tokens that a model without position embeddings is given: T5 was pretrained with as many."""
OWN_HEAD = HeadPart(pooling="own")
"""The head that transformers has for the family."""
_SAME_HEAD = ("pooling", "mix", "layer", "hidden")
_NOT_THE_ENCODERS = ("_name_or_path", "architectures", "transformers_version", "dtype", "id2label", "label2id")
AutoConfig.register(TlguiClassifierConfig.model_type, TlguiClassifierConfig, exist_ok=True)


def load_classifier(
    folder: Path,
    labels: Sequence[str],
    weights: Weights = "pretrained",
    seed: int = 0,
    head: HeadPart = OWN_HEAD,
    problem_type: str = CLASSES,
) -> PreTrainedModel:
    """The encoder in `folder` with a head of one output a label; see `load`.

    Args:
        head: What the head reads; its pooling is not `auto`. A head in `folder` is kept where it is of the same kind.
    Raises:
        RecipeError: the head is to read a layer that the model has not.
    """
    if head.pooling == OWN_HEAD.pooling:
        return load(folder, HEADS["classify"], weights, seed, **label_settings(labels, problem_type))
    config = _with_head(folder, head, **label_settings(labels, problem_type))
    with _seeded(seed):
        if weights == "scratch" or not weight_files(folder):
            return TlguiForSequenceClassification(config).eval()
        return _fill_with_head(config, folder)[0]


def load_trained(task: str, folder: Path) -> PreTrainedModel:
    """A trained model with the head and the labels it was saved with; see `load`."""
    config = load_config(folder)
    if isinstance(config, TlguiClassifierConfig):
        return _fill(TlguiForSequenceClassification, config, folder)[0]
    return _fill(HEADS[task], config, folder)[0]


def load_own(
    task: str, folder: Path, weights: Weights = "pretrained", seed: int = 0, **settings: Any
) -> PreTrainedModel:
    """The body in `folder` with the head that transformers has for a goal; see `load`."""
    return load(folder, HEADS[task], weights, seed, **settings)


def load(folder: Path, head: Any, weights: Weights, seed: int, **settings: Any) -> PreTrainedModel:
    """Make a model in float32, in evaluation mode; what the folder does not hold is drawn from `seed` alone.

    Args:
        folder: Checked by `source.resolve`.
        head: One of transformers' `AutoModelFor…` classes.
        weights: `scratch` draws all of them, as is done of a model that was made from nothing.
        settings: Changes to the configuration, such as the labels.
    Raises:
        TlguiError: the weights do not fit the configuration.
    """
    config = _encoder_config(folder, **settings)
    with _seeded(seed):
        if weights == "scratch" or not weight_files(folder):
            model = head.from_config(config, dtype=torch.float32).eval()
        else:
            model = _fill_own(head, config, folder)[0]
    if family_of(config).one_way:  # a classifier of these reads the last token that is not padding
        model.config.pad_token_id = load_tokenizer(folder).pad_token_id
    if family_of(config).decoder and getattr(model.config, "decoder_start_token_id", None) is None:
        for settings_of in (model.config, model.generation_config):  # as T5 was pretrained
            settings_of.decoder_start_token_id = model.config.pad_token_id
    return model


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


def outline(
    folder: Path, head: Any, weights: Weights, tensors: Shapes, **settings: Any
) -> tuple[PreTrainedModel, frozenset[str]]:
    """The model that `load` would give, with the right shapes but no weights, and the parameters that would be drawn.

    Args:
        tensors: What `weights.shapes` found in the folder.
    """
    config = _encoder_config(folder, **settings)
    model = _empty(folder, head.from_config, config)
    if weights == "scratch":
        return model, frozenset(name for name, _ in model.named_parameters())
    return _fill_own(head, config, folder, **_stand_ins(tensors))


def outline_classifier(
    folder: Path, weights: Weights, tensors: Shapes, head: HeadPart, **settings: Any
) -> tuple[PreTrainedModel, frozenset[str]]:
    """The model that `load_classifier` would give, as `outline` has it for `load`."""
    if head.pooling == OWN_HEAD.pooling:
        return outline(folder, HEADS["classify"], weights, tensors, **settings)
    config = _with_head(folder, head, **settings)
    model = _empty(folder, TlguiForSequenceClassification, config)
    if weights == "scratch":
        return model, frozenset(name for name, _ in model.named_parameters())
    return _fill_with_head(config, folder, **_stand_ins(tensors))


def _empty(folder: Path, make: Callable[[Any], Any], config: PretrainedConfig) -> Any:
    try:
        with torch.device("meta"):
            return make(config)
    except Exception as error:
        raise _no_sense(folder, error) from error


def _stand_ins(tensors: Shapes) -> dict[str, Any]:
    """Tensors of one zero, stretched: transformers matches their names and shapes as it does a file's, at no cost."""
    return {"state_dict": {name: torch.zeros(()).expand(shape) for name, shape in tensors.items()}}


def _encoder_config(folder: Path, **settings: Any) -> PretrainedConfig:
    """The configuration in `folder`, or that of the encoder in a classifier of ours, with some settings changed."""
    config = load_config(folder, **settings)
    if not isinstance(config, TlguiClassifierConfig):
        return config
    try:
        encoder = config.encoder_config(**settings)
    except Exception as error:
        raise _no_sense(folder, error) from error
    encoder.name_or_path = str(folder)
    return encoder


def _with_head(folder: Path, head: HeadPart, **settings: Any) -> TlguiClassifierConfig:
    """The configuration of a classifier of ours over the encoder in `folder`."""
    encoder = _encoder_config(folder)
    values = {key: value for key, value in encoder.to_dict().items() if key not in _NOT_THE_ENCODERS}
    if not settings:
        saved = load_config(folder)
        settings = {"id2label": saved.id2label, "label2id": saved.label2id}
    config = TlguiClassifierConfig(
        encoder=values,
        pooling=head.pooling,
        mix=head.features == MIX,
        layer=_layer_read(encoder, head.features),
        hidden=head.hidden,
        **settings,
    )
    config.name_or_path = str(folder)
    return config


def _layer_read(encoder: PretrainedConfig, features: str) -> int:
    """Which hidden state a recipe's `head.features` names: 0 = the embeddings, -1 = the last layer.

    Raises:
        RecipeError: the model has no such group.
    """
    layers = encoder.num_hidden_layers
    groups = getattr(encoder, "num_hidden_groups", layers)  # ALBERT's are of several layers; the last one is read
    states = {LAST: -1, MIX: -1, EMBEDDINGS: 0}
    states |= {str(i): (i + 1) * layers // groups for i in range(groups - 1)} | {str(groups - 1): -1}
    if features not in states:
        text = f"“{features}” is no layer of this model. Take “last”, “mix”, “embeddings” or 0 to {groups - 1}."
        raise RecipeError([Problem("head.features", text)])
    return states[features]


def _fill_own(head: Any, config: PretrainedConfig, folder: Path, **how: Any) -> tuple[Any, frozenset[str]]:
    """A head of transformers over the encoder in `folder`; `how` may have a `state_dict` in place of its files."""
    saved = load_config(folder)
    if not isinstance(saved, TlguiClassifierConfig):
        return _fill(head, config, folder, **how)
    encoder, _ = _fill_encoder(saved, folder, **how)
    return _fill(head, config, None, state_dict=encoder.state_dict())


def _fill_with_head(config: TlguiClassifierConfig, folder: Path, **how: Any) -> tuple[Any, frozenset[str]]:
    """A head of ours over the encoder in `folder`, as `_fill_own`."""
    saved = load_config(folder)
    same = isinstance(saved, TlguiClassifierConfig) and all(
        getattr(saved, name) == getattr(config, name) for name in _SAME_HEAD
    )
    if same:
        return _fill(TlguiForSequenceClassification, config, folder, **how)
    encoder, missing = _fill_encoder(saved, folder, **how)
    prefix = f"{TlguiForSequenceClassification.base_model_prefix}."
    tensors = {prefix + name: value for name, value in encoder.state_dict().items()}
    model, new = _fill(TlguiForSequenceClassification, config, None, state_dict=tensors)
    return model, new | {prefix + name for name in missing}


def _fill_encoder(saved: PretrainedConfig, folder: Path, **how: Any) -> tuple[PreTrainedModel, frozenset[str]]:
    """The encoder alone, without its pooler, and which of its parameters the folder does not hold."""
    if isinstance(saved, TlguiClassifierConfig):
        model, missing = _fill(TlguiForSequenceClassification, saved, folder, **how)
        model, prefix = model.backbone, f"{model.base_model_prefix}."
        return model, frozenset(name.removeprefix(prefix) for name in missing if name.startswith(prefix))
    model, missing = _fill(AutoModel, saved, folder, **how)
    if getattr(model, "pooler", None) is not None:
        model.pooler = None
    return model, missing & {name for name, _ in model.named_parameters()}


def _fill(head: Any, config: PretrainedConfig, folder: Path | None, **how: Any) -> tuple[Any, frozenset[str]]:
    """A model with the weights in `folder`, or in the `state_dict` given; and the parameters that neither holds."""
    where = config.name_or_path
    if "state_dict" in how:
        folder, head = None, class_of(head, config)
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
        raise _misfit(config, first_line(error)) from error
    model.config.name_or_path = where
    base = f"{model.base_model_prefix}."
    for name, found, expected in report["mismatched_keys"]:
        if name.startswith(base) or model.base_model is model:
            raise _misfit(config, f"{name} is {tuple(found)}, not {tuple(expected)}")
    return model, frozenset(report["missing_keys"]) | {name for name, *_ in report["mismatched_keys"]}


def class_of(head: Any, config: PretrainedConfig) -> Any:
    """The class that one of transformers' `AutoModelFor…` classes makes of a configuration."""
    return head._model_mapping[type(config)] if hasattr(head, "_model_mapping") else head


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


def _no_sense(folder: Path, error: Exception) -> TlguiError:
    cause = error.__cause__ or error
    return TlguiError(f"{folder}/config.json makes no model: {first_line(cause)}.", "Get it again, or pick another.")


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """The tokenizer in `folder`, without a look at the network; its `model_max_length` is what the model takes.

    Where no token is for padding, the one that ends a text is.

    Raises:
        TlguiError: its files cannot be read, it has nothing to pad with, or pieces that the model does not know.
    """
    try:
        with quiet():
            tokenizer = AutoTokenizer.from_pretrained(folder, **LOCAL)
    except Exception as error:  # the tokenizers library raises nothing narrower for a damaged file
        raise TlguiError(
            f"The tokenizer in {folder} cannot be read ({first_line(error)}).", "Get it again, or pick another model."
        ) from error
    config = load_config(folder)
    if len(tokenizer) > config.vocab_size:
        raise TlguiError(
            f"The tokenizer in {folder} has {len(tokenizer):,} pieces, and the model knows only {config.vocab_size:,}.",
            "Put the tokenizer there that the model was trained with.",
        )
    if tokenizer.pad_token is None and tokenizer.eos_token is None:
        raise TlguiError(f"The tokenizer in {folder} has no token for padding, nor one that ends a text.", PICK)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    tokenizer.model_max_length = most_tokens(config, tokenizer.model_max_length)
    return tokenizer


def most_tokens(config: PretrainedConfig, stated: float | None) -> int:
    """The longest text the model takes, special tokens counted; `stated` is what its tokenizer says, if anything."""
    positions = getattr(config, "max_position_embeddings", RELATIVE) - family_of(config).reserved_positions
    return min(positions, int(stated)) if stated else positions


def problem_of(config: PretrainedConfig) -> str:
    """The `problem_type` of a model's configuration; where it is not stated, as transformers takes it to be."""
    return config.problem_type or (REGRESSION if config.num_labels == 1 else CLASSES)


def goal_of(config: PretrainedConfig) -> str:
    """The goal that a saved model's head was trained for; empty if the head comes with pretrained models."""
    made, problem = config.architectures or (), problem_of(config)
    fitting = (task for task, ending in ARCHITECTURES.items() if any(name.endswith(ending) for name in made))
    return next((task for task in fitting if PROBLEMS.get(task, problem) == problem), "")


def label_settings(labels: Sequence[str], problem_type: str = CLASSES) -> dict[str, Any]:
    """Configuration settings of a classifier with these label names, in the order of their ids."""
    return {
        "num_labels": len(labels),
        "id2label": dict(enumerate(labels)),
        "label2id": {label: i for i, label in enumerate(labels)},
        "problem_type": problem_type,
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


def first_line(error: BaseException) -> str:
    return str(error).strip().split("\n")[0][:200].rstrip(".") or type(error).__name__
