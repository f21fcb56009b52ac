"""The models one can pick: the starter, those on this disk, the user's own runs, and recommended ones on the Hub."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from huggingface_hub import constants

from tlgui.core import paths, runs
from tlgui.core.errors import TlguiError
from tlgui.core.facts import ModelEntry
from tlgui.core.goals import GOALS, metric_of
from tlgui.hub import SCHEME, cached
from tlgui.models.fit import goals_of
from tlgui.models.folder import base_type, read_config, wanted
from tlgui.models.new_models import PRESETS
from tlgui.models.weights import shapes, weight_files

NOT_STATED = "not stated"


def entries() -> list[ModelEntry]:
    """Every model that can be picked, what is on this disk first; never asks the network."""
    here = {entry.source: entry for entry in (*_shipped(), *_cached_models(), *_finished_runs())}
    away = (entry for entry in _rows() if entry.source not in here)
    return [*here.values(), *away, *(preset.entry() for preset in PRESETS.values())]


def row(source: str) -> ModelEntry | None:
    """The catalogue's line for a recipe's model source, if it has one."""
    if source in PRESETS:
        return PRESETS[source].entry()
    return next((entry for entry in _rows() if entry.source == source), None)


def title(source: str) -> str:
    """A name for a model that has none: its name on the Hub, its run's or its folder's."""
    if source.startswith(SCHEME):
        return source.removeprefix(SCHEME)
    path = Path(source)
    return path.parent.name if path.name == "model" and (path.parent / "recipe.toml").exists() else path.name


@cache
def _rows() -> tuple[ModelEntry, ...]:
    with (paths.resources() / "catalogue.toml").open("rb") as file:
        return tuple(_row(**values) for values in tomllib.load(file)["model"])


def _row(family: str, **values: Any) -> ModelEntry:
    return ModelEntry(**values, goals=goals_of(family))


def _shipped() -> Iterable[ModelEntry]:
    return (entry for entry in _rows() if entry.here)


def _cached_models() -> Iterator[ModelEntry]:
    """Whole models of known families in the common Hub cache."""
    for folder in sorted(Path(constants.HF_HUB_CACHE).glob("models--*")):
        name = folder.name.removeprefix("models--").replace("--", "/")
        try:
            found = cached("model", name, lambda names: wanted(names, ""))
            if found:
                yield _measured(found.folder, row(SCHEME + name) or _unknown(SCHEME + name, "In the Hub cache"))
        except TlguiError:  # another kind of model, or a damaged one: not for this list
            continue


def _finished_runs() -> Iterator[ModelEntry]:
    for run in runs.find(paths.runs()):
        if run.has_model and run.status != "running":
            metric = metric_of(run.task, run.metric)
            score = "" if run.best is None else f", {metric.title.lower()} {metric.show(run.best)}"
            trained = row(run.model)
            entry = replace(
                _unknown(run.folder, f"Your run: {GOALS[run.task].short.lower()}{score}"),
                licence=trained.licence if trained else NOT_STATED,
                languages=trained.languages if trained else NOT_STATED,
            )
            try:
                yield _measured(Path(run.folder) / "model", entry)
            except TlguiError:
                continue


def _unknown(source: str, note: str) -> ModelEntry:
    return ModelEntry(source, title(source), note, 0, 0, NOT_STATED, NOT_STATED, here=True)


def _measured(folder: Path, entry: ModelEntry) -> ModelEntry:
    """The entry with what the files say.

    Raises:
        TlguiError: the model is damaged or of an unknown family.
    """
    return replace(
        entry,
        goals=goals_of(base_type(read_config(folder))),
        parameters=sum(math.prod(shape) for shape in shapes(folder).values()),
        size_bytes=sum(path.stat().st_size for path in weight_files(folder)),
        here=True,
    )
