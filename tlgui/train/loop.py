"""The loop: train, validate, keep the best, stop early, checkpoint.

All randomness is a function of the seed and the step, so a run that goes on from a checkpoint takes the same steps, to
the last bit on a CPU, as one that was never interrupted.
"""

from __future__ import annotations

import math
import time

import numpy as np
import torch

from tlgui.core import randomness
from tlgui.core.control import Control, StopRequested
from tlgui.core.events import (
    Emit,
    Event,
    GroupsMeasured,
    Note,
    Paused,
    ProbeScored,
    Progress,
    Resumed,
    Saved,
    StepDone,
    Validated,
)
from tlgui.core.goals import GOALS
from tlgui.core.rates import rate_factor
from tlgui.data.batches import fixed_batches
from tlgui.tasks.base import Scores, Writer
from tlgui.train.busy import ThreadWatch
from tlgui.train.checkpoint import Position
from tlgui.train.devices import resident_bytes
from tlgui.train.movement import gradients, is_measured
from tlgui.train.optimizer import update
from tlgui.train.prefix_keeper import PrefixKeeper
from tlgui.train.setup import Setup
from tlgui.train.store import Store
from tlgui.train.suspects import diverged
from tlgui.train.thaw import PlanKeeper

CHECKPOINT_SECONDS = 30.0
"""At most this much work is lost when the process is killed."""
APART_SECONDS = 1.0
"""A validation so soon after a checkpoint writes none: that takes longer than many steps of a lone head."""


class Loop:
    """One run's steps, from a position to the end."""

    def __init__(
        self,
        setup: Setup,
        position: Position,
        optimizer: torch.optim.Optimizer,
        store: Store,
        emit: Emit,
        control: Control,
        *,
        watched: bool = True,
    ) -> None:
        """A run that is not watched is neither validated, measured nor saved on its way; its last weights count."""
        self.setup, self.position, self.optimizer, self.store = setup, position, optimizer, store
        self.watched = watched
        self.spent: list[float] = []
        """Seconds of each step that was made here."""
        self.memory = 0
        """Highest resident memory that was seen, bytes."""
        self._pass_on, self._control = emit, control
        self._untold: tuple[int, torch.Tensor, float, float] | None = None
        """A step whose loss has not been read: its number, loss, rate and seconds."""
        self._keeper = PlanKeeper(setup, position, optimizer, store, self._emit, control)
        self._prefix = PrefixKeeper(setup, position, self._emit, watched)
        self._threads = ThreadWatch(setup, position, self._emit)
        self._train, self._metric = setup.recipe.train, GOALS[setup.recipe.task].metric
        self.steps_per_epoch = setup.steps_per_epoch
        self.total = self._train.epochs * self.steps_per_epoch
        self._marks = validation_marks(self.steps_per_epoch, self._train.validations)
        self._saved_at = time.monotonic()

    def run(self) -> None:
        """Train to the last step, or until validation has stopped improving.

        Raises:
            StopRequested: between two steps.
            DivergedError: a loss is not a number any more.
        """
        try:
            if self._score_start() or self._check_if_due():
                self._save()
            self._take_steps()
        except StopRequested:
            self._catch_up()
            raise
        self._catch_up()
        self.position.ended = True
        self._keeper.turn_down()

    def _take_steps(self) -> None:
        while self.position.step < self.total and not self.position.ended:
            epoch = self.position.step // self.steps_per_epoch
            for rows in self.setup.batches(epoch)[self.position.step % self.steps_per_epoch :]:
                self._control.check()
                self._wait_if_paused()
                self._keeper.before_step()
                self._prefix.follow()
                self._step(rows)
                self._threads.after_step(rows, self.spent[-1])
                validated = self._score_start() | self._check_if_due()
                over = self.position.ended or self.position.step == self.total
                apart = APART_SECONDS if validated else CHECKPOINT_SECONDS
                if (validated and over) or time.monotonic() - self._saved_at > apart:
                    self._save()
                if self.position.ended:
                    break

    def _score_start(self) -> bool:
        """Validate the weights of the start, once a step is made: the first step need not wait for that."""
        if not self.watched or self.position.step == 0 or self.position.validated >= 0:
            return False
        with self.store.first.in_place():
            self._validate(0)
        return True

    def _check_if_due(self) -> bool:
        """Validate at each mark; a validation that was stopped is made up for."""
        position = self.position
        at_mark = position.step > 0 and (position.step - 1) % self.steps_per_epoch + 1 in self._marks
        if not self.watched or not at_mark or position.validated == position.step:
            return False
        self._validate(position.step)
        self._stop_early()
        return True

    def _step(self, rows: np.ndarray) -> None:
        """One optimizer update."""
        began = time.perf_counter()
        setup, step = self.setup, self.position.step + 1
        loss = setup.backward(rows, step)
        self._catch_up()
        measured = self.watched and is_measured(step, self.total)
        pulls = self._look() if measured else {}
        factor = rate_factor(step, self.total, self._train)
        rate = update(self.optimizer, setup.learning.values(), factor, self._train.clip)
        self.position.step = step
        self.spent.append(time.perf_counter() - began)
        self._untold = step, loss, rate, self.spent[-1]
        if self._reads_at_once:
            self._catch_up()
        if measured:
            self._emit(GroupsMeasured(step, self.store.first.distances(), pulls))

    @property
    def _reads_at_once(self) -> bool:
        """A CPU has computed the loss by the time that a step is made."""
        return self.setup.device.type == "cpu"

    def _catch_up(self) -> None:
        """Read the last step's loss and tell of the step.

        An accelerator computes behind the program's back, and reading waits for it. So its loss is read when the next
        step is under way, or something else is to be told or done.
        """
        if self._untold is not None:
            (step, loss, rate, seconds), self._untold = self._untold, None
            value = loss.item()
            self._require_number(value, step - 1)
            self._pass_on(StepDone(step, self.total, value, rate, seconds))

    def _emit(self, event: Event) -> None:
        """Tell of something, after the step that was before it."""
        self._catch_up()
        self._pass_on(event)

    def _look(self) -> dict[str, float]:
        """The norm of each group's gradient; and the memory, which is highest when the gradients are there."""
        self.memory = max(self.memory, resident_bytes())
        return gradients(self.setup)

    def _validate(self, step: int) -> None:
        """Score the validation rows and the probes with the weights of a step; keep them if they are the best."""
        self._catch_up()
        position, began = self.position, time.perf_counter()
        scores = self.score()
        seconds = time.perf_counter() - began
        self._require_number(scores.loss, step)
        value = scores.metrics[self._metric.key]
        better = self._is_better(value, scores.loss)
        self._keeper.heed(better)
        if better:
            position.without_better = 0
            position.best, position.best_loss, position.best_step = value, scores.loss, step
            self.store.save_best()
        elif not self._keeper.still_thawing:
            position.without_better += 1
        self._emit(Validated(step, scores.loss, scores.metrics, better, seconds))
        self._emit(Note(step, self._sentence(step, value, better)))
        self._score_probes(step)
        position.validated = step

    def _require_number(self, loss: float, step: int) -> None:
        if not math.isfinite(loss):
            raise diverged(self.setup.recipe, step, self.total)

    def _is_better(self, value: float, loss: float) -> bool:
        """Whether a validation beats the best so far; of two equal figures the lower loss is better."""
        position = self.position
        if position.best is None or position.best == value:
            return position.best is None or loss < position.best_loss
        return (value > position.best) == self._metric.higher_is_better

    @torch.no_grad()
    def score(self) -> Scores:
        """Score the validation rows with the weights as they are."""
        setup = self.setup
        self._prefix.follow()
        setup.model.eval()
        batches = fixed_batches(setup.validation.lengths, self._train.batch_size * 2)
        scorers = {}
        for number, _ in setup.processes.share(len(batches)):
            self._control.check()
            self._emit(Progress("Scoring the validation rows", number, len(batches)))
            # The same words are hidden at every validation, so that the scores can be compared.
            random = randomness.generator(self._train.seed, "validation", number)
            batch = setup.batch(setup.validation, batches[number], random)
            scorers[number] = setup.task.scorer(setup.validation, setup.labels)
            scorers[number].add(setup.logits(batch), batch)
            if isinstance(scorer := scorers[number], Writer):
                scorer.write(setup.model, setup.tokenizer, setup.validation, batches[number], self._control)
        first, *others = setup.processes.all_pieces(scorers)
        for other in others:
            first.include(other)
        return first.scores()

    @torch.no_grad()
    def _score_probes(self, step: int) -> None:
        setup, position = self.setup, self.position
        setup.model.eval()
        known = position.probe_classes or (-1,) * len(setup.recipe.probes)
        classes = []
        for number, (text, before) in enumerate(zip(setup.recipe.probes, known, strict=True)):
            score, chosen = setup.task.probe(setup.model, setup.tokenizer, text, before)
            classes.append(chosen)
            self._emit(ProbeScored(step, number, score))
        position.probe_classes = tuple(classes)

    def _stop_early(self) -> None:
        patience, position = self._train.patience, self.position
        if self._keeper.still_thawing:
            return  # what is still to thaw may make it better
        if patience and position.without_better >= patience and position.step < self.total:
            position.ended = True
            checks = "one check" if patience == 1 else f"{patience} checks"
            self._emit(
                Note(
                    position.step,
                    f"Validation has not improved for {checks}, so training ends here. "
                    f"The weights of step {position.best_step:,} are the best.",
                )
            )

    def _sentence(self, step: int, value: float, better: bool) -> str:
        metric, position = self._metric, self.position
        shown = f"{metric.title} {metric.show(value)}"
        if step == 0:
            return f"{shown} before training."
        if better:
            return f"{shown}, the best so far. These weights are kept."
        assert position.best is not None
        return f"{shown}. The best is {metric.show(position.best)}, at step {position.best_step:,}."

    def _wait_if_paused(self) -> None:
        if self._control.paused:
            self._save()  # a pause may last for days
            self._emit(Paused(self.position.step))
            self._control.wait_until_on()
            self._control.check()
            self._emit(Resumed(self.position.step))

    def _save(self) -> None:
        self._catch_up()  # a loss that is not a number must not be saved
        self.store.save()
        self._saved_at = time.monotonic()
        self._emit(Saved(self.position.step))


def validation_marks(steps_per_epoch: int, wanted: int) -> frozenset[int]:
    """Steps of an epoch (from 1) after which to validate: evenly spaced, the last step among them."""
    count = min(wanted, steps_per_epoch)
    return frozenset(round(steps_per_epoch * (i + 1) / count) for i in range(count))
