"""The folder of a recipe's model, fit for its goal; a model from nothing is made of the run's own training texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe
from tlgui.data.prepare import Part, Prepared, prepare
from tlgui.models import fit, new_models
from tlgui.models.source import resolve
from tlgui.tasks.base import texts_in_chunks


def model_folder(recipe: Recipe, emit: Emit, control: Control, prepared: Prepared | None = None) -> Path:
    """The checked folder that a recipe's model is opened from.

    Args:
        prepared: The recipe's rows, if they were read already.
    Raises:
        TlguiError: see `source.resolve`; or the model cannot do the goal, or its texts cannot be read.
        StopRequested: from `control`.
    """
    if not recipe.model.from_nothing:
        folder = resolve(recipe.model.source, emit, control)
        fit.require(recipe.task, folder)
        return folder
    _require_fit(recipe)
    if not recipe.data.source:
        raise TlguiError("A model from nothing is made of texts, and there are none.", "Choose the data.")
    part = (prepared or prepare(recipe, emit, control)).train
    return new_models.make(recipe.model, lambda: _texts(part, recipe), emit, control)


def rough_folder(recipe: Recipe, emit: Emit, control: Control) -> Path:
    """As `model_folder`; a model from nothing whose texts cannot be read yet has the vocabulary that was asked for.

    Such a folder is good for a look at the model and no more.
    """
    try:
        return model_folder(recipe, emit, control)
    except TlguiError:
        if not recipe.model.from_nothing:
            raise
        _require_fit(recipe)
        return new_models.sketch(recipe.model)


def _require_fit(recipe: Recipe) -> None:
    preset = new_models.preset_of(recipe.model.source)
    if why := fit.why_not(recipe.task, preset.architecture.model_type):
        raise TlguiError(why, "Pick another model.")


def _texts(part: Part, recipe: Recipe) -> Iterator[list[str]]:
    """All that the model will read or write, in spans of rows."""
    writes = GOALS[recipe.task].truth == "text"
    for rows in texts_in_chunks(part):
        texts = [" ".join(columns) for columns in part.texts(rows)]
        yield [*texts, *part.truths(rows)] if writes else texts
