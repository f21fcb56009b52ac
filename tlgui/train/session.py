"""A run from recipe to model folder: a plain function of (recipe, emit, control) for window, terminal and tests."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from tlgui.core.control import Control, StopRequested
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Event, Failed, Finished, Kept, MixLearned, Note, Partial, Progress, Started, Stopped
from tlgui.core.facts import CostFacts
from tlgui.core.freeze import everything
from tlgui.core.goals import GOALS
from tlgui.core.recipe import Recipe
from tlgui.core.recipe_rules import NAME_RULE, is_safe_name
from tlgui.core.runs import RunFolder
from tlgui.core.schedule import describe_schedule
from tlgui.export.card import write_card
from tlgui.export.folder import save_adapter, save_model
from tlgui.export.report import write_report
from tlgui.models.feature_classifier import TlguiForSequenceClassification
from tlgui.models.groups import lower_layers
from tlgui.train import baseline, checkpoint
from tlgui.train.checkpoint import Position
from tlgui.train.devices import device_name, threads_for
from tlgui.train.estimate import check_estimate
from tlgui.train.features import FromFeatures, cached
from tlgui.train.loop import Loop
from tlgui.train.optimizer import make_optimizer
from tlgui.train.processes import ALONE, Alone
from tlgui.train.receipts import hand_out
from tlgui.train.setup import Setup, set_up
from tlgui.train.store import NoStore, RunStore
from tlgui.train.suspects import DivergedError
from tlgui.train.trials import choose


def run(
    recipe: Recipe,
    runs: Path,
    emit: Emit,
    control: Control,
    *,
    exact_name: str = "",
    foretold: CostFacts | None = None,
    processes: Alone = ALONE,
) -> Event:
    """Train a new run in a folder of its own below `runs`.

    Args:
        exact_name: Of the folder; empty = the recipe's name with the next free number.
        foretold: What was measured beforehand; the run tells how far it was off.
        processes: Those that train together; only the first emits, writes, and returns what came of it.
    Returns:
        Finished(RunSummary), or Stopped(RunSummary); Stopped(None) if it was discarded.
    Raises:
        TlguiError: the user's input cannot be used; before the first step nothing has been written.
    """
    emit = processes.heard(emit)
    setup = set_up(recipe, emit, control)
    if exact_name and not is_safe_name(exact_name):
        raise TlguiError(f"“{exact_name}” cannot name a run.", f"A name {NAME_RULE}")
    choose(setup, control)
    setup = cached(_together(setup, processes), emit, control)
    folder = processes.from_first(lambda: _new_folder(runs, exact_name, setup.recipe))
    return _go(setup, folder, emit, control, foretold)


def resume(path: Path, emit: Emit, control: Control, processes: Alone = ALONE) -> Event:
    """Go on with a run from its last checkpoint, exactly where it was; arguments and result as for `run`."""
    emit = processes.heard(emit)
    recipe = processes.from_first(lambda: _recipe_in(path))
    setup = cached(_together(set_up(recipe, emit, control), processes), emit, control)
    return _go(setup, RunFolder(path), emit, control)


def _together(setup: Setup, processes: Alone) -> Setup:
    """Let processes compute each batch together, in one part each at least."""
    setup.processes = processes
    if processes.count > 1:
        parts = max(setup.recipe.train.parts, processes.count)
        setup.recipe = setup.recipe.edit("train", parts=parts)
        setup.notes += (f"{processes.count} processes train together and compute each batch in {parts} parts.",)
    return setup


def _new_folder(runs: Path, exact_name: str, recipe: Recipe) -> RunFolder:
    folder = RunFolder.create(runs, exact_name or recipe.name, exact=bool(exact_name))
    folder.begin(recipe)
    return folder


def _recipe_in(path: Path) -> Recipe:
    folder = RunFolder(path)
    if not folder.recipe_file.exists():
        raise TlguiError(f"{path} is no run folder: it has no recipe.toml.", "Pick another folder.")
    return folder.recipe()


def _go(setup: Setup, folder: RunFolder, emit: Emit, control: Control, foretold: CostFacts | None = None) -> Event:
    if setup.processes.index:
        with suppress(StopRequested):
            _loop(setup, folder, emit, control).run()
        return Finished()
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
            lower=lower_layers(setup.model),
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
    optimizer, processes = make_optimizer(setup.model, setup.groups, setup.recipe), setup.processes
    fingerprint = setup.fingerprint()
    path, position = processes.from_first(lambda: _last(folder, setup, fingerprint))
    if position.fingerprint != fingerprint or not {*position.learns, *position.learned} <= set(setup.keys):
        raise _changed(folder, goes_on=path is not None)
    kept = processes.index == 0
    store = RunStore(folder, setup, position, optimizer) if kept else NoStore(setup, position)
    if path is not None:
        learned = setup.learnable(position.learned)
        store.first.keep(position.learned)
        processes.from_first(lambda: checkpoint.put_back(path, learned, optimizer))
        processes.follow_moments(learned, optimizer)
        setup.follow(everything(setup.keys).with_state(set(setup.keys) - set(position.learns), learns=False))
    return Loop(setup, position, optimizer, store, tell, processes.control(control))


def _last(folder: RunFolder, setup: Setup, fingerprint: str) -> tuple[Path | None, Position]:
    """The newest checkpoint and where it stands; where the run begins, if there is none."""
    path = checkpoint.newest(folder.checkpoints)
    if path is not None:
        return path, checkpoint.read_position(path)
    return None, Position(fingerprint=fingerprint, learns=setup.plan.learning, threads=setup.threads)


def _changed(folder: RunFolder, *, goes_on: bool) -> TlguiError:
    if goes_on:
        return TlguiError(
            f"The model or the data of {folder.name} has changed since the run began, so it cannot go on.",
            "Start a new run with the same recipe.",
        )
    return TlguiError(
        "The processes do not have the same model or the same data.", "Put the same files on every machine."
    )


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
