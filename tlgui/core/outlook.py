"""A run's plan over its steps: which groups learned when, what is still to come, and the marks of both on a plot."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tlgui.core.events import Finished
from tlgui.core.freeze import EMBEDDINGS, by_side, title
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.schedule import Schedule, make_schedule

Span = tuple[int, int]
"""Steps done before a group learns, and steps done when it ceases to."""


@dataclass(frozen=True)
class Mark:
    """A moment at which other groups learn."""

    step: int
    """Steps done before; it holds from the next."""
    words: str
    planned: bool = False
    """Whether it is still to come."""
    present: str = field(default="", compare=False)
    """Of what is to come, in the present tense: "layer 4 thaws"."""
    shorter: tuple[str, ...] = field(default=(), compare=False)
    """Wordings for less room, longest first: "layer 4", "4"."""


@dataclass(frozen=True)
class Outlook:
    """What is known of a run's plan, before, during or after it."""

    keys: tuple[str, ...] = ()
    """All groups, bottom to top; empty while no model is known."""
    step: int = 0
    total: int = 0
    learned: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    """By group: when it learned, up to `step`."""
    planned: Mapping[str, tuple[Span, ...]] = field(default_factory=dict)
    """By group: when it will learn, as far as the clock decides it, from `step` to `total`."""
    marks: tuple[Mark, ...] = ()
    epoch: int = 0
    """Steps of an epoch; 0 if that is not known."""
    waiting: tuple[str, ...] = ()
    """Groups that thaw in this order when validation stops improving."""
    on_trial: str = ""
    """The group that did so last and has not yet made anything better; it is frozen again if it does not."""
    lower: int = 0
    """Layers that read, where those above them write; 0 = none writes."""

    def learns_at(self, key: str, step: int) -> bool:
        """Whether a group learned in a step that is done."""
        return any(first < step <= last for first, last in self.learned.get(key, ()))


def outlook(
    history: History,
    recipe: Recipe,
    keys: Sequence[str] = (),
    new: Collection[str] = (),
    planned: int = 0,
    lower: int = 0,
) -> Outlook:
    """What is known of the plan of a run.

    Args:
        history: The run; an empty one before it begins.
        keys: The model's groups, bottom to top, for before it begins.
        new: Those that start at random.
        planned: Steps the run would take; 0 if that is not known.
        lower: Its layers that read, where those above them write; for before it begins.
    """
    lower = history.lower if history.groups else lower
    keys, total = history.groups or tuple(keys), max(history.total or planned, history.step)
    epoch = history.steps_per_epoch or planned // recipe.train.epochs
    try:
        schedule = make_schedule(recipe, keys, epoch, new)
    except ValueError:  # no model is known, or the recipe is made for another
        schedule = None
    learned = _learned(history)
    if schedule is None or isinstance(history.ending, Finished) or not total:
        return Outlook(keys, history.step, total, learned, {}, _past(history), epoch, lower=lower)
    now = set(history.learns) if history.total else set(schedule.start.learning)
    moves = _moves(schedule, history.step, now)
    return Outlook(
        keys,
        history.step,
        total,
        learned,
        _planned(now, moves, history.step, total),
        (*_past(history), *_to_come(moves, now, total, lower)),
        epoch,
        *_by_plateau(history, schedule, now),
        lower=lower,
    )


def group_words(keys: Sequence[str], lower: int = 0) -> str:
    """Some groups in the middle of a sentence: "layer 5", "layers 3 to 5", "layer 0 and embeddings".

    Args:
        lower: As for `freeze.title`.
    """
    named = []
    for name, layers in by_side(keys, lower):
        if len(layers) == 1:
            named.append(f"{name} {layers[0]}")
        elif layers[-1] - layers[0] == len(layers) - 1:
            named.append(f"{name}s {layers[0]} to {layers[-1]}")
        else:
            named.append(f"{name}s {', '.join(map(str, layers[:-1]))} and {layers[-1]}")
    named += [title(key).lower() for key in keys if not key.isdigit()]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"


def is_one(keys: Sequence[str]) -> bool:
    """Whether a verb after `group_words` is singular."""
    return len(keys) == 1 and keys[0] != EMBEDDINGS


def _by_plateau(history: History, schedule: Schedule, now: Collection[str]) -> tuple[tuple[str, ...], str]:
    """The groups that still wait for validation to stall, and the one on trial."""
    if not schedule.waiting or any(change.why == "worse" for change in history.changes):
        return (), ""
    thawed = [(change.step, key) for change in history.changes if change.why == "plateau" for key in change.thawed]
    shut = {key for change in history.changes if change.why == "by hand" for key in change.frozen}
    tried = shut | {key for _, key in thawed}
    best = history.best.step if history.best else 0
    on_trial = next((key for step, key in thawed[-1:] if best <= step and key in now), "")
    return tuple(key for key in schedule.waiting if key not in now and key not in tried), on_trial


Move = tuple[int, tuple[str, ...], bool]
"""Steps done before, groups, whether they learn from then on."""


def _learned(history: History) -> dict[str, tuple[Span, ...]]:
    """Read the changes backwards from what learns now."""
    spans: dict[str, list[Span]] = {key: [] for key in (history.groups or history.learns)}
    ends = dict.fromkeys(history.learns, history.step)
    for change in reversed(history.changes):
        for key in change.thawed:
            if key in ends:
                spans.setdefault(key, []).append((change.step, ends.pop(key)))
        ends.update(dict.fromkeys(change.frozen, change.step))
    for key, end in ends.items():
        spans.setdefault(key, []).append((0, end))
    return {key: tuple(reversed(found)) for key, found in spans.items()}


def _moves(schedule: Schedule, done: int, now: Collection[str]) -> list[Move]:
    """What the clock and the recorded changes bring from here, by step."""
    thaws = [(thaw.after, (thaw.key,), True) for thaw in schedule.thaws if thaw.key not in now]
    moves = [*thaws, *((change.step, change.groups, change.learns) for change in schedule.changes)]
    return sorted((move for move in moves if move[0] >= done), key=lambda move: move[0])


def _planned(now: Collection[str], moves: Sequence[Move], step: int, total: int) -> dict[str, tuple[Span, ...]]:
    begun = dict.fromkeys(now, step)
    spans: dict[str, tuple[Span, ...]] = {}
    for at, keys, learns in moves:
        for key in keys:
            if learns:
                begun.setdefault(key, at)
            elif key in begun:
                spans[key] = (*spans.get(key, ()), (begun.pop(key), at))
    for key, since in begun.items():
        spans[key] = (*spans.get(key, ()), (since, total))
    return spans


def _past(history: History) -> tuple[Mark, ...]:
    marks: list[Mark] = []
    thawed_before: set[str] = set()
    for change in history.changes:
        said = []
        if change.thawed:
            words = group_words(change.thawed, history.lower)
            said.append(f"{words} {'thaws' if is_one(change.thawed) else 'thaw'}")
        if change.frozen:
            again = " again" if thawed_before & set(change.frozen) else ""
            said.append(f"{group_words(change.frozen, history.lower)} frozen{again}")
        thawed_before |= set(change.thawed)
        shorter = _shorter(change.thawed or change.frozen, history.lower)
        marks.append(Mark(change.step, ", ".join(said), shorter=shorter))
    return tuple(marks)


def _to_come(moves: Sequence[Move], now: Collection[str], total: int, lower: int) -> tuple[Mark, ...]:
    """One mark a moment, however many groups change in it."""
    learning = set(now)
    by_step: dict[tuple[int, bool], list[str]] = {}
    for at, keys, learns in moves:
        changed = [key for key in keys if (key in learning) != learns]
        learning = learning | set(changed) if learns else learning - set(changed)
        if changed and at < total:
            by_step.setdefault((at, learns), []).extend(changed)
    return tuple(_coming(at, keys, learns, lower) for (at, learns), keys in by_step.items())


def _coming(step: int, keys: Sequence[str], learns: bool, lower: int) -> Mark:
    words, one, shorter = group_words(keys, lower), is_one(keys), _shorter(keys, lower)
    if learns:
        return Mark(step, f"{words} will thaw", True, f"{words} {'thaws' if one else 'thaw'}", shorter)
    return Mark(step, f"{words} will be frozen", True, f"{words} {'is' if one else 'are'} frozen", shorter)


def _shorter(keys: Sequence[str], lower: int) -> tuple[str, ...]:
    return group_words(keys, lower), ", ".join(keys)
