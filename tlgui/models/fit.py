"""Which goals a model can be adapted to: its family's way of reading, and the heads that transformers has for it."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from transformers import TOKENIZER_MAPPING, AutoConfig, AutoModel, PretrainedConfig

from tlgui.core.errors import TlguiError
from tlgui.core.goals import GOALS, Goal
from tlgui.models.families import FAMILIES
from tlgui.models.folder import PICK, base_type, read_config
from tlgui.models.loading import HEADS, class_of, first_line


def require(task: str, folder: Path) -> None:
    """Raise TlguiError if the model in a checked folder is of a family that cannot do a goal."""
    if why := why_not(task, base_type(read_config(folder))):
        raise TlguiError(why, PICK)


def why_not(task: str, model_type: str) -> str:
    """Why a family cannot do a goal, as a sentence; empty if it can."""
    goal, family = GOALS[task], FAMILIES[model_type]
    if goal.goes_on and not family.one_way:
        return f"{family.name} reads a text from both sides, so it cannot {goal.does}."
    if goal.writes and not family.decoder:
        return f"{family.name} only reads and cannot write, so it cannot {goal.does}."
    if family.decoder and not goal.writes:
        return f"{family.name} is made to write, so it cannot {goal.does}."
    config = AutoConfig.for_model(model_type)
    if not all(has_head(head, config) for head in _heads(goal)):
        return f"{family.name} cannot {goal.does}: it has no head for that."
    return ""


@cache
def goals_of(model_type: str) -> tuple[str, ...]:
    """The goals that a family can do, by key."""
    return tuple(task for task in GOALS if not why_not(task, model_type))


def _heads(goal: Goal) -> tuple[Any, ...]:
    """The heads that must be there: whatever else hides words needs one that guesses them."""
    return (HEADS[goal.key], HEADS["mask"]) if goal.hides_words and not goal.writes else (HEADS[goal.key],)


def has_head(head: Any, config: PretrainedConfig) -> bool:
    """Whether transformers has such a head for a model; one that is no `AutoModelFor…` is there for any."""
    return not hasattr(head, "_model_mapping") or type(config) in head._model_mapping


def opened_by(config: PretrainedConfig) -> str:
    """Name of the class of transformers that opens a saved model with its head."""
    made = (config.architectures or [""])[0]
    for head in HEADS.values():
        if has_head(head, config) and class_of(head, config).__name__ == made:
            return str(head.__name__)
    return "AutoModelForSequenceClassification"  # of a head of ours


def check_family(model_type: str) -> str:
    """Why a family's classes cannot be imported, heads and tokenizer included; empty if they can."""
    try:
        config = AutoConfig.for_model(model_type)
        for head in (AutoModel, *HEADS.values()):
            if has_head(head, config):
                class_of(head, config)
        TOKENIZER_MAPPING.get(type(config), None)  # None where every tokenizer of the family is of the common kind
    except (ImportError, KeyError, ValueError, AttributeError) as error:
        return f"{model_type} cannot be loaded: {first_line(error)}"
    return ""
