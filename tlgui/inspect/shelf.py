"""The models that are open for trying: at most two, so that the original and the adapted one answer at once."""

from __future__ import annotations

import json
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.models.loading import load_classifier, load_masked, load_tokenizer
from tlgui.models.source import resolve
from tlgui.train.devices import choose_device, use_threads

MOST_OPEN = 2


@dataclass(frozen=True)
class Opened:
    """A model in evaluation mode with its tokenizer."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    labels: tuple[str, ...] = ()
    """Of a classifier, in the order of the label ids."""


_shelf: OrderedDict[tuple[str, str, float], Opened] = OrderedDict()


def open_masked(source: str, emit: Emit, control: Control) -> Opened:
    """A model with a masked-word head: a source as in a recipe, or a run folder."""
    return _open("masked", resolve(source, emit, control))


def open_classifier(source: str, emit: Emit, control: Control) -> Opened:
    """A trained classifier.

    Raises:
        TlguiError: the model was not trained to classify.
    """
    return _open("classifier", resolve(source, emit, control))


def clear() -> None:
    """Close every model, as before a run that needs the memory."""
    _shelf.clear()


def _open(kind: str, folder: Path) -> Opened:
    key = (kind, str(folder), (folder / "config.json").stat().st_mtime)
    if key not in _shelf:
        use_threads(0)
        _shelf[key] = _load(kind, folder)
        while len(_shelf) > MOST_OPEN:
            _shelf.popitem(last=False)
    _shelf.move_to_end(key)
    return _shelf[key]


def _load(kind: str, folder: Path) -> Opened:
    tokenizer = load_tokenizer(folder)
    if kind == "masked":
        return Opened(load_masked(folder).to(choose_device()).eval(), tokenizer)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if not any(name.endswith("ForSequenceClassification") for name in config.get("architectures") or ()):
        raise TlguiError(f"{folder} was not trained to classify.", "Pick a run of the goal “Classify texts”.")
    names = config["id2label"]
    labels = tuple(names[str(i)] for i in range(len(names)))
    return Opened(load_classifier(folder, labels).to(choose_device()).eval(), tokenizer, labels)
