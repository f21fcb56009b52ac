"""A run from recipe to model folder: a plain function of (recipe, emit, control) for window, terminal and tests."""

from __future__ import annotations

import traceback
from pathlib import Path

import torch

from tlgui.core import recipe as recipes
from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Event, Failed, Finished, Kept, Note, Partial, Progress, Started, Stopped
from tlgui.core.freeze import describe
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.export.card import write_card
from tlgui.export.folder import save_model
from tlgui.export.report import write_report
from tlgui.train import checkpoint
from tlgui.train.checkpoint import Position
from tlgui.train.devices import device_name, threads_for
from tlgui.train.loop import DivergedError, Loop
from tlgui.train.optimizer import make_optimizer
from tlgui.train.setup import Setup, set_up


def run(recipe: Recipe, runs: Path, emit: Emit, control: Control, *, exact_name: str = "") -> Event:
    """Train a new run in a folder of its own below `runs`.

    Args:
        exact_name: Of the folder; empty = the recipe's name with the next free number.
    Returns:
        Finished(RunSummary), or Stopped(RunSummary); Stopped(None) if it was discarded.
    Raises:
        TlguiError: the user's input cannot be used; before the first step nothing has been written.
    """
    setup = set_up(recipe, emit, control)
    if exact_name and not recipes.is_safe_name(exact_name):
        raise TlguiError(f"“{exact_name}” cannot name a run.", f"A name {recipes.NAME_RULE}")
    folder = RunFolder.create(runs, exact_name or recipe.name, exact=bool(exact_name))
    folder.begin(setup.recipe.edit("train", threads=torch.get_num_threads()))
    return _go(setup, folder, emit, control, resumed=False)


def resume(path: Path, emit: Emit, control: Control) -> Event:
    """Go on with a run from its last checkpoint, exactly where it was; arguments and result as for `run`."""
    folder = RunFolder(path)
    if not folder.recipe_file.exists():
        raise TlguiError(f"{path} is no run folder: it has no recipe.toml.", "Pick another folder.")
    setup = set_up(folder.recipe(), emit, control)
    return _go(setup, folder, emit, control, resumed=True)


def _go(setup: Setup, folder: RunFolder, emit: Emit, control: Control, *, resumed: bool) -> Event:
    folder.claim()

    def tell(event: Event) -> None:
        if not isinstance(event, (Progress, Partial)):
            folder.append(event)
        emit(event)

    try:
        return _train(setup, folder, tell, control, resumed=resumed)
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


def _train(setup: Setup, folder: RunFolder, tell: Emit, control: Control, *, resumed: bool) -> Event:
    optimizer = make_optimizer(
        setup.model, setup.groups, setup.plan, setup.recipe.train, setup.recipe.transfer.layer_decay
    )
    position = _position(setup, folder, optimizer) if resumed else None
    from_checkpoint = position is not None
    position = position or Position(fingerprint=setup.fingerprint())
    loop = Loop(setup, position, optimizer, tell, control)
    metric = GOALS[setup.recipe.task].metric
    tell(
        Started(
            run=str(folder.path),
            first_step=position.step,
            total=loop.total,
            steps_per_epoch=loop.steps_per_epoch,
            learns=setup.plan.learning,
            metric=metric.key,
            from_checkpoint=from_checkpoint,
        )
    )
    _tell_start(setup, position, tell, from_checkpoint)
    ending: type[Finished] | type[Stopped] = Finished
    try:
        loop.run(
            save=lambda: checkpoint.save_last(folder.checkpoints, position, setup.learning, optimizer),
            save_best=lambda: checkpoint.save_best(folder.checkpoints, position, setup.learning),
        )
    except StopRequested as stop:
        if stop.discard:
            raise
        ending = Stopped
    except DivergedError:
        if position.best_step > 0:
            _keep_model(setup, folder, position, tell)
        raise
    checkpoint.save_last(folder.checkpoints, position, setup.learning, optimizer)
    if position.step:
        _keep_model(setup, folder, position, tell)
    folder.append(ending())
    summary = folder.summary()
    write_card(folder, summary, setup.plan.keys)
    write_report(folder, summary)
    return ending(summary)


def _position(setup: Setup, folder: RunFolder, optimizer: torch.optim.Optimizer) -> Position | None:
    """Where the run stopped, weights and optimizer put back as they were; None if it had no checkpoint yet."""
    now = setup.fingerprint()
    position = checkpoint.load_last(folder.checkpoints, setup.learning, optimizer)
    if position is not None and position.fingerprint != now:
        raise TlguiError(
            f"The model or the data of {folder.name} has changed since the run began, so it cannot go on.",
            "Start a new run with the same recipe.",
        )
    return position


def _tell_start(setup: Setup, position: Position, tell: Emit, from_checkpoint: bool) -> None:
    if from_checkpoint:
        tell(Note(position.step, f"Going on after step {position.step:,}, exactly where the run was."))
        return
    for sentence in setup.notes:
        tell(Note(0, sentence))
    learning = sum(p.numel() for p in setup.learning.values())
    every = learning + sum(p.numel() for p in setup.frozen)
    words = describe(setup.plan)
    tell(Note(0, f"{words[0].upper()}{words[1:]}: {learning:,} of {every:,} parameters."))
    threads = threads_for(setup.recipe.train.threads)
    place = device_name(setup.device)
    tell(Note(0, f"Training on the {place}" + (f", {threads} thread{'s' * (threads > 1)}." if place == "CPU" else ".")))


def _keep_model(setup: Setup, folder: RunFolder, position: Position, tell: Emit) -> None:
    """Write the best weights as a model folder; those of the last step if none was validated since the start."""
    scored = position.validated > 0
    kept = position.best_step if scored else position.step
    if scored:
        checkpoint.load_best(folder.checkpoints, position, setup.learning)
    if scored and kept == 0:
        tell(Note(position.step, "No validation was better than before training, so those weights are kept."))
    if not scored:
        tell(Note(position.step, f"Stopped before a validation: the weights of step {kept:,} are kept unscored."))
    save_model(setup.model, setup.tokenizer, folder.model)
    tell(Kept(kept, scored))
    if setup.frozen:
        assert setup.frozen_checksum() in position.fingerprint, "frozen weights changed during the run"
        number = sum(p.numel() for p in setup.frozen)
        tell(Note(position.step, f"Checked by checksum: 0 of {number:,} frozen values changed."))


def _record_failure(folder: RunFolder, failure: Failed) -> None:
    try:
        folder.append(failure)
    except TlguiError:
        return  # a full disk; the window and the command line still hear of it
