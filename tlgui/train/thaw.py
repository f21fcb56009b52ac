"""The one place where other groups begin or cease to learn: just before a step, never after it.

No checkpoint is written between such a change and its step, so a run that goes on makes the change again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch

from tlgui.core.control import Control, Wish
from tlgui.core.errors import Problem
from tlgui.core.events import Emit, Note, PlanChanged, Why
from tlgui.core.freeze import title
from tlgui.core.outlook import group_words, is_one
from tlgui.core.plan import scientific
from tlgui.core.rates import peak_rates, rate_factor
from tlgui.core.recipe import Recipe
from tlgui.core.schedule import make_schedule, plan_problems
from tlgui.core.transfer import HandChange
from tlgui.models.groups import lower_layers
from tlgui.train.checkpoint import Position
from tlgui.train.optimizer import forget
from tlgui.train.setup import Setup
from tlgui.train.store import Store


class PlanKeeper:
    """Decides before each step which groups learn in it: by the clock, by validation, by hand."""

    def __init__(
        self,
        setup: Setup,
        position: Position,
        optimizer: torch.optim.Optimizer,
        store: Store,
        emit: Emit,
        control: Control,
    ) -> None:
        self._setup, self._position, self._optimizer, self._store = setup, position, optimizer, store
        self._emit, self._control = emit, control
        self._total = setup.recipe.train.epochs * setup.steps_per_epoch

    @property
    def still_thawing(self) -> bool:
        """Whether a group is still to thaw, or has thawed and not yet shown what it is good for."""
        position = self._position
        by_clock = any(thaw.after >= position.step for thaw in self._setup.schedule.thaws)
        return by_clock or bool(position.on_trial or self._next_waiting())

    def heed(self, better: bool) -> None:
        """Take note of a validation."""
        position = self._position
        position.stalled = 0 if better else position.stalled + 1
        if better:
            position.on_trial = ""

    def before_step(self) -> None:
        """Make all changes that are due; the same ones, in the same order, when the recorded recipe runs again."""
        position, schedule = self._position, self._setup.schedule
        due = [thaw.key for thaw in schedule.thaws if thaw.after == position.step]
        if due:
            self._change(due, learns=True, why="planned")
        self._by_plateau()
        for change in [change for change in schedule.changes if change.step == position.step]:
            self._by_hand(change.groups, learns=change.learns)
        while (wish := self._control.next_wish()) is not None:
            self._grant(wish)
        learned = {*position.learned, *self._setup.plan.learning}
        position.learns = self._setup.plan.learning
        position.learned = tuple(key for key in self._setup.keys if key in learned)
        self._store.first.keep(position.learned)

    @property
    def _lower(self) -> int:
        """Layers that read, where those above them write."""
        return lower_layers(self._setup.model)

    def turn_down(self) -> None:
        """Answer what was asked for when no step was left."""
        while (wish := self._control.next_wish()) is not None:
            words = group_words(wish.groups, self._lower)
            self._emit(Note(self._position.step, f"No step is left, so {words} cannot be changed by hand any more."))

    def _change(self, keys: Sequence[str], *, learns: bool, why: Why, said: str = "", back_to: int = -1) -> bool:
        """Thaw or freeze groups and say so; False if they are like that already.

        Args:
            said: The sentence, without the rate; empty = what happened and why.
        Raises:
            ValueError: nothing would learn; the message is a sentence.
        """
        setup, step = self._setup, self._position.step
        plan = setup.plan.with_state(keys, learns=learns)
        changed = tuple(key for key in plan.keys if plan.learns(key) != setup.plan.learns(key))
        if not changed:
            return False
        setup.follow(plan)
        if not learns:
            forget(self._optimizer, setup.learnable(changed).values())
        thawed, frozen = (changed, ()) if learns else ((), changed)
        self._emit(PlanChanged(step, plan.learning, thawed, frozen, why, back_to))
        words = group_words(changed, self._lower)
        said = said or f"{words[0].upper()}{words[1:]} {'thawed' if learns else 'frozen'}{_HOW[why]}."
        self._emit(Note(step, f"{said} {self._rates(changed)}" if learns else said))
        return True

    def _rates(self, keys: Iterable[str]) -> str:
        """What groups learn at in the next step."""
        recipe = self._setup.recipe
        peaks = peak_rates(recipe, self._setup.keys)
        factor = rate_factor(self._position.step + 1, self._total, recipe.train)
        rates = sorted({scientific(peaks[key] * factor) for key in keys}, key=float)
        return f"Rate {rates[0]}." if len(rates) == 1 else f"Rates {rates[0]} to {rates[-1]}."

    def _next_waiting(self) -> str:
        """The group that thaws when validation stalls; empty if there is none any more."""
        position, plan = self._position, self._setup.plan
        if position.thawing_over:
            return ""
        waiting = self._setup.schedule.waiting
        return next((key for key in waiting if key not in position.tried and not plan.learns(key)), "")

    def _by_plateau(self) -> None:
        """Thaw the next group when validation has stalled; when it stalls again without a better one, undo that."""
        position, checks = self._position, self._setup.recipe.transfer.gradual.checks
        key = position.on_trial or self._next_waiting()
        if not key or position.stalled < checks:
            return
        position.stalled = 0
        times = "one check" if checks == 1 else f"{checks} checks"
        if position.on_trial:
            position.on_trial, position.thawing_over, position.without_better = "", True, 0
            said = (
                f"{title(key, self._lower)} made nothing better in {times}, so it is frozen again and thawing ends. "
                f"The weights of step {position.best_step:,} are back."
            )
            self._change([key], learns=False, why="worse", said=said, back_to=position.best_step)
            self._store.put_back_best()
            self._setup.processes.follow_first(self._setup.learnable(position.learned).values())
        else:
            position.on_trial, position.tried = key, (*position.tried, key)
            said = f"Validation has not improved for {times}, so {title(key, self._lower).lower()} thawed."
            self._change([key], learns=True, why="plateau", said=said)

    def _by_hand(self, groups: Sequence[str], *, learns: bool) -> None:
        """Do what the user decided, now or in the run that the recipe recorded."""
        try:
            self._change(groups, learns=learns, why="by hand")
        except ValueError as error:  # of a recorded change, where what was thawed before it has not been this time
            self._emit(Note(self._position.step, f"A recorded change by hand was left out. {error}"))
            return
        position = self._position
        if learns:
            position.stalled = 0
        else:
            position.tried = (*position.tried, *(key for key in groups if key not in position.tried))
            position.on_trial = "" if position.on_trial in groups else position.on_trial

    def _grant(self, wish: Wish) -> None:
        """Thaw or freeze by hand and record it in the recipe, or say why not."""
        step, recipe = self._position.step, self._setup.recipe
        if refusal := self._refusal(wish):
            self._emit(Note(step, refusal))
            return
        change = HandChange(step=step, groups=wish.groups, learns=wish.learns)
        earlier = [one for one in recipe.transfer.changes if one.step <= step]
        later = [one for one in recipe.transfer.changes if one.step > step]
        recorded = recipe.edit("transfer", changes=(*earlier, change, *later))
        if found := self._problems(recorded):
            self._emit(Note(step, f"Nothing was changed by hand. {found[0].text}"))
            return
        self._setup.recipe = recorded
        self._setup.schedule = make_schedule(recorded, self._setup.keys, self._setup.steps_per_epoch, self._setup.new)
        self._store.record(recorded)
        self._by_hand(wish.groups, learns=wish.learns)

    def _refusal(self, wish: Wish) -> str:
        """Why a wish makes no sense in this run, as a sentence; empty if it may."""
        setup = self._setup
        if strange := [key for key in wish.groups if key not in setup.keys]:
            return f"“{strange[0]}” is no group of this model, so nothing was changed by hand."
        words = group_words(wish.groups, self._lower)
        if setup.settled:
            return f"{setup.settled} So {words} cannot be {'thawed' if wish.learns else 'frozen'} by hand."
        if all(setup.plan.learns(key) == wish.learns for key in wish.groups):
            state = ("learns", "learn") if wish.learns else ("is frozen", "are frozen")
            return f"{words[0].upper()}{words[1:]} {state[not is_one(wish.groups)]} already."
        bare = [key for key in wish.groups if wish.learns and key not in setup.can_learn]
        if bare:
            has = "has" if is_one(bare[:1]) else "have"
            return f"{title(bare[0], self._lower)} {has} no LoRA adapters in this run and cannot be thawed."
        return ""

    def _problems(self, recipe: Recipe) -> list[Problem]:
        """What would keep the recorded recipe from running again."""
        return plan_problems(recipe, self._setup.keys, self._setup.new, self._setup.steps_per_epoch)


_HOW: dict[Why, str] = {"planned": ", as planned", "by hand": " by hand", "plateau": "", "worse": " again"}
