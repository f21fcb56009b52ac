"""What the window and `tlgui layers` show of a model: found out without loading its weights."""

from __future__ import annotations

import json
from pathlib import Path

from tlgui.core.facts import GroupFacts, ModelFacts
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe
from tlgui.hub import front_matter
from tlgui.models import adapters, catalogue
from tlgui.models.folder import CARD
from tlgui.models.groups import Group, family_of, layer_groups, lower_layers
from tlgui.models.loading import HEADS, SETTINGS, most_tokens, outline, outline_classifier
from tlgui.models.new_models import NUMBER
from tlgui.models.weights import shapes, weight_files

_KINDS = (
    # files that tell the kind of tokenizer where there is no tokenizer.json
    ("vocab.txt", "WordPiece"),
    ("merges.txt", "BPE"),
    ("spiece.model", "Unigram"),
    ("sentencepiece.bpe.model", "Unigram"),
    ("spm.model", "Unigram"),
)


def look(recipe: Recipe, folder: Path) -> ModelFacts:
    """The recipe's model, which is in `folder`, with the head of its goal.

    Raises:
        TlguiError: its weights do not fit its configuration.
        RecipeError: the model has not the layer or the matrices that the recipe names.
    """
    source, tensors = recipe.model.source, shapes(folder)
    weights = recipe.model.weights if tensors else "scratch"
    settings = SETTINGS.get(recipe.task, {})
    if GOALS[recipe.task].new_head:
        head = recipe.edit("head", pooling=recipe.pooling).head
        model, new = outline_classifier(folder, weights, tensors, head, **settings)
    else:
        model, new = outline(folder, HEADS[recipe.task], weights, tensors)
    family, groups = family_of(model.config), layer_groups(model)

    def updates(group: Group) -> int:
        adapted = recipe.transfer.method == "lora" and group.key.isdigit()
        return adapters.size(group.modules[0], recipe.transfer.lora, family) if adapted else 0

    sizes = {name: parameter.numel() for name, parameter in model.named_parameters()}
    listed = catalogue.row(source)
    licence, languages = card(folder)
    return ModelFacts(
        source=source,
        name=listed.name if listed else catalogue.title(source),
        folder=str(folder),
        family=family.model_type,
        layers=model.config.num_hidden_layers + (getattr(model.config, "num_decoder_layers", None) or 0),
        width=model.config.hidden_size,
        size_bytes=sum(path.stat().st_size for path in weight_files(folder)) or NUMBER * sum(sizes.values()),
        max_tokens=most_tokens(model.config, _stated_length(folder)),
        vocabulary=model.config.vocab_size,
        tokens=_tokens(folder),
        licence=listed.licence if listed else licence,
        languages=listed.languages if listed else languages,
        groups=tuple(
            GroupFacts(
                key=group.key,
                parameters=sum(sizes[name] for name in group.names),
                new=not new.isdisjoint(group.names),
                adapters=updates(group),
            )
            for group in groups
        ),
        matrices=adapters.matrices_of(family.model_type),
        lower=lower_layers(model),
    )


def card(folder: Path) -> tuple[str, str]:
    """Licence and languages as the model's README states them; "not stated" where it does not."""
    front = front_matter(folder / CARD)
    languages = front.get("language") or ()
    languages = [languages] if isinstance(languages, str) else languages
    return str(front.get("license") or catalogue.NOT_STATED), ", ".join(map(str, languages)) or catalogue.NOT_STATED


def _stated_length(folder: Path) -> float | None:
    try:
        stated = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8")).get("model_max_length")
    except (OSError, ValueError):
        return None
    return stated if isinstance(stated, (int, float)) and stated > 0 else None


def _tokens(folder: Path) -> str:
    try:
        tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
        return str(tokenizer["model"]["type"])
    except (OSError, ValueError, KeyError):
        return next((kind for name, kind in _KINDS if (folder / name).exists()), catalogue.NOT_STATED)
