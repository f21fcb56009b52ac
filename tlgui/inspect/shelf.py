"""The models that are open for trying: at most two, so that the original and the adapted one answer at once."""

from __future__ import annotations

import sys
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.core.goals import GOALS
from tlgui.core.runs import RunFolder
from tlgui.models import fit
from tlgui.models.loading import (
    HEADS,
    goal_of,
    load_config,
    load_own,
    load_tokenizer,
    load_trained,
    outline,
)
from tlgui.models.source import resolve
from tlgui.models.weights import shapes, weight_files
from tlgui.train.devices import choose_device, use_threads

MOST_OPEN = 2


@dataclass(frozen=True)
class Opened:
    """A model in evaluation mode with its tokenizer."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    max_length: int
    """Tokens that it was trained to read; a longer text loses its end."""
    labels: tuple[str, ...] = ()
    """Of a classifier, in the order of the label ids."""


_shelf: OrderedDict[tuple[str, str, float], Opened] = OrderedDict()


def open_for(task: str, source: str, emit: Emit, control: Control) -> Opened:
    """A model that was trained for a goal.

    Args:
        task: The goal's key.
        source: As in a recipe, or a run folder.
    Raises:
        TlguiError: the model was not trained for that.
    """
    return _open(task, resolve(source, emit, control))


def open_masked(source: str, emit: Emit, control: Control) -> Opened:
    """A model with a masked-word head: a source as in a recipe, or a run folder."""
    return open_for("mask", source, emit, control)


def open_classifier(source: str, emit: Emit, control: Control) -> Opened:
    """A trained classifier.

    Raises:
        TlguiError: the model was not trained to classify.
    """
    return open_for("classify", source, emit, control)


def clear() -> None:
    """Close every model, as before a run that needs the memory."""
    _shelf.clear()


def _open(task: str, folder: Path) -> Opened:
    key = (task, str(folder), (folder / "config.json").stat().st_mtime)
    use_threads(0)  # a run, or the measurement of one, may have left another number
    if key not in _shelf:
        _shelf[key] = _load(task, folder)
        while len(_shelf) > MOST_OPEN:
            _shelf.popitem(last=False)
    _shelf.move_to_end(key)
    return _shelf[key]


def _load(task: str, folder: Path) -> Opened:
    tokenizer = load_tokenizer(folder)
    length = min(_trained_length(folder), tokenizer.model_max_length)
    if GOALS[task].pretrained_head:
        fit.require(task, folder)
        if weight_files(folder) and not _has_trained_head(task, folder):
            raise _untrained(task, folder)
        return Opened(load_own(task, folder).to(choose_device()).eval(), tokenizer, length)
    config = load_config(folder)
    if goal_of(config) != task:
        raise _untrained(task, folder)
    labels = tuple(config.id2label[i] for i in range(config.num_labels))
    return Opened(load_trained(task, folder).to(choose_device()).eval(), tokenizer, length, labels)


def _untrained(task: str, folder: Path) -> TlguiError:
    goal = GOALS[task]
    return TlguiError(f"{folder} was not trained to {goal.does}.", f"Pick a run of the goal “{goal.title}”.")


def _has_trained_head(task: str, folder: Path) -> bool:
    """Whether the folder holds all weights of the goal's head, so that none would be random."""
    return not outline(folder, HEADS[task], "pretrained", shapes(folder))[1]


def _trained_length(folder: Path) -> int:
    """What the run that made the folder cut at; no limit if none did."""
    run = RunFolder(folder.parent)
    return run.recipe().train.max_length if run.recipe_file.exists() else sys.maxsize
