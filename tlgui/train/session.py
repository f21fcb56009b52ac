"""A run from recipe to model folder: a plain function of (recipe, emit, control) for window, terminal and tests."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from pathlib import Path

import torch

from tlgui.core import recipe as recipes
from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Event, Failed, Finished, Kept, MixLearned, Note, Partial, Progress, Started, Stopped
from tlgui.core.facts import CostFacts
from tlgui.core.freeze import everything
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.core.schedule import describe_schedule
from tlgui.export.card import write_card
from tlgui.export.folder import save_adapter, save_model
from tlgui.export.report import write_report
from tlgui.models.feature_classifier import TlguiForSequenceClassification
from tlgui.train import baseline, checkpoint
from tlgui.train.checkpoint import Position
from tlgui.train.devices import device_name, threads_for
from tlgui.train.estimate import check_estimate
from tlgui.train.features import FromFeatures, cached
from tlgui.train.loop import Loop
from tlgui.train.optimizer import make_optimizer
from tlgui.train.receipts import hand_out
from tlgui.train.setup import Setup, set_up
from tlgui.train.store import RunStore
from tlgui.train.suspects import DivergedError


def run(
    recipe: Recipe,
    runs: Path,
    emit: Emit,
    control: Control,
    *,
    exact_name: str = "",
    foretold: CostFacts | None = None,
) -> Event:
    """Train a new run in a folder of its own below `runs`.

    Args:
        exact_name: Of the folder; empty = the recipe's name with the next free number.
        foretold: What was measured beforehand; the run tells how far it was off.
    Returns:
        Finished(RunSummary), or Stopped(RunSummary); Stopped(None) if it was discarded.
    Raises:
        TlguiError: the user's input cannot be used; before the first step nothing has been written.
    """
    setup = set_up(recipe, emit, control)
    if exact_name and not recipes.is_safe_name(exact_name):
        raise TlguiError(f"“{exact_name}” cannot name a run.", f"A name {recipes.NAME_RULE}")
    setup = cached(setup, emit, control)
    folder = RunFolder.create(runs, exact_name or recipe.name, exact=bool(exact_name))
    setup.recipe = setup.recipe.edit("train", threads=torch.get_num_threads())
    folder.begin(setup.recipe)
    return _go(setup, folder, emit, control, foretold)


def resume(path: Path, emit: Emit, control: Control) -> Event:
    """Go on with a run from its last checkpoint, exactly where it was; arguments and result as for `run`."""
    folder = RunFolder(path)
    if not folder.recipe_file.exists():
        raise TlguiError(f"{path} is no run folder: it has no recipe.toml.", "Pick another folder.")
    setup = cached(set_up(folder.recipe(), emit, control), emit, control)
    return _go(setup, folder, emit, control)


def _go(setup: Setup, folder: RunFolder, emit: Emit, control: Control, foretold: CostFacts | None = None) -> Event:
    folder.claim()

    def tell(event: Event) -> None:
        if not isinstance(event, (Progress, Partial)):
            folder.append(event)
        emit(event)

    try:
        return _train(setup, folder, tell, control, foretold)
    except StopRequested as stop:
        if stop.discard:
            folder.release()
            folder.delete()
            return Stopped()
        raise
    except TlguiError as error:
        _record_failure(folder, Failed(error.title, error.hint))
        raise
    except Exception as error:
        _record_failure(folder, Failed(f"Unexpected {type(error).__name__}.", "", traceback.format_exc()))
        raise
    finally:
        folder.release()


def _train(setup: Setup, folder: RunFolder, tell: Emit, control: Control, foretold: CostFacts | None) -> Event:
    before = setup.checksums()
    loop = _loop(setup, folder, tell, control)
    position = loop.position
    tell(
        Started(
            run=str(folder.path),
            first_step=position.step,
            total=loop.total,
            steps_per_epoch=loop.steps_per_epoch,
            learns=setup.plan.learning,
            metric=GOALS[setup.recipe.task].metric.key,
            groups=setup.keys,
            from_checkpoint=folder.can_go_on(),
        )
    )
    _tell_start(setup, position, tell, folder.can_go_on())
    ending: type[Finished] | type[Stopped] = Finished
    try:
        if not folder.can_go_on() and setup.recipe.head.baseline and isinstance(setup, FromFeatures):
            baseline.compare(setup, tell, control)
        loop.run()
    except StopRequested as stop:
        if stop.discard:
            raise
        ending = Stopped
    except DivergedError:
        if position.best_step > 0:
            _keep_model(loop, folder, before, tell)
        raise
    loop.store.save()
    if position.step:
        _keep_model(loop, folder, before, tell)
    if loop.spent:
        check_estimate(loop, foretold, tell)
    folder.append(ending())
    summary = folder.summary()
    write_card(folder, summary)
    write_report(folder, summary)
    return ending(summary)


def _loop(setup: Setup, folder: RunFolder, tell: Emit, control: Control) -> Loop:
    """The loop at its first step, or where the run stopped, weights and optimizer put back as they were."""
    optimizer = make_optimizer(setup.model, setup.groups, setup.recipe)
    fingerprint, path = setup.fingerprint(), checkpoint.newest(folder.checkpoints)
    if path is None:
        position = Position(fingerprint=fingerprint, learns=setup.plan.learning)
        return Loop(setup, position, optimizer, RunStore(folder, setup, position, optimizer), tell, control)
    position = checkpoint.read_position(path)
    if position.fingerprint != fingerprint or not {*position.learns, *position.learned} <= set(setup.keys):
        raise TlguiError(
            f"The model or the data of {folder.name} has changed since the run began, so it cannot go on.",
            "Start a new run with the same recipe.",
        )
    store = RunStore(folder, setup, position, optimizer)
    store.first.keep(position.learned)
    checkpoint.put_back(path, setup.learnable(position.learned), optimizer)
    setup.follow(everything(setup.keys).with_state(set(setup.keys) - set(position.learns), learns=False))
    return Loop(setup, position, optimizer, store, tell, control)


def _tell_start(setup: Setup, position: Position, tell: Emit, from_checkpoint: bool) -> None:
    if from_checkpoint:
        tell(Note(position.step, f"Going on after step {position.step:,}, exactly where the run was."))
        return
    for sentence in setup.notes:
        tell(Note(0, sentence))
    learning = sum(p.numel() for p in setup.learning.values())
    every = sum(p.numel() for p in setup.parameters.values())
    words = describe_schedule(setup.recipe, setup.keys, setup.new)
    tell(Note(0, f"{words[0].upper()}{words[1:]}: {learning:,} of {every:,} parameters learn at the start."))
    threads = threads_for(setup.recipe.train.threads)
    place = device_name(setup.device)
    tell(Note(0, f"Training on the {place}" + (f", {threads} thread{'s' * (threads > 1)}." if place == "CPU" else ".")))


def _keep_model(loop: Loop, folder: RunFolder, before: Mapping[str, int], tell: Emit) -> None:
    """Write the best weights as a model folder; those of the last step if none was validated since the start."""
    setup, position = loop.setup, loop.position
    scored = position.validated > 0
    kept = position.best_step if scored else position.step
    if scored:
        loop.store.put_back_best()
    if scored and kept == 0:
        tell(Note(position.step, "No validation was better than before training, so those weights are kept."))
    if not scored:
        tell(Note(position.step, f"Stopped before a validation: the weights of step {kept:,} are kept unscored."))
    save_model(setup.model, setup.tokenizer, folder.model)
    save_adapter(setup.model, setup.tokenizer, setup.recipe, folder.adapter)
    tell(Kept(kept, scored))
    hand_out(setup, position, loop.store.first, before, tell)
    if isinstance(setup.model, TlguiForSequenceClassification) and (mix := setup.model.mix_shares()):
        tell(MixLearned(position.step, *mix))


def _record_failure(folder: RunFolder, failure: Failed) -> None:
    try:
        folder.append(failure)
    except TlguiError:
        return  # a full disk; the window and the command line still hear of it
