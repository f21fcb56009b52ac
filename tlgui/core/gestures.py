"""What a gesture on the freeze board makes of the recipe: pure rules, one function a gesture."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from tlgui.core.board import Board
from tlgui.core.freeze import EMBEDDINGS, HEAD, FreezePlan, after_gesture, layer_keys
from tlgui.core.recipe import Recipe
from tlgui.core.transfer import Method, Rule

Outcome = tuple[Recipe, str]
"""What a gesture makes of the recipe, and why it is less than was asked ("" if it is all)."""

_LORA_LAYERS = "LoRA adapts layers only; all else stays as it is."
_LORA_LEARNS = "With LoRA the layers themselves stay frozen. Choose “Top layers” or “Everything” to let them learn."
_LORA_THAWS = "LoRA learns from the start. Choose “Gradual” to thaw layers one at a time."
_STALLS = "Here layers thaw when validation stalls. Choose “every” above the board to give them a time."
_HEAD_STARTS = "Only layers and embeddings thaw; the head and the pooler learn from the start."


def freeze(board: Board, chosen: Iterable[str]) -> Outcome:
    """Some groups keep their weights all the time."""
    shut, chosen = board.shut, tuple(chosen)
    after, refusal = after_gesture(shut, chosen, learns=False, new=board.new)
    if after == shut:
        return board.recipe, refusal
    if board.transfer.method == "lora" and not any(after.learns(key) for key in layer_keys(board.keys)):
        return board.recipe, "Every layer would be frozen, so LoRA would have nothing to adapt."
    if board.transfer.method == "gradual":
        times = {key: time for key, time in board.open_times.items() if after.learns(key)}
        return _with_times(board, times, after), refusal
    return _with(board, board.transfer.method, after), refusal


def learn(board: Board, chosen: Iterable[str]) -> Outcome:
    """Some groups learn from the start."""
    chosen, refusal = tuple(chosen), ""
    if board.transfer.method == "lora":
        refusal = _LORA_LEARNS if set(chosen) & set(board.order) else ""
        chosen = tuple(key for key in chosen if key not in board.order)
    after = board.shut.with_state(chosen, learns=True)
    if all(board.start.learns(key) for key in chosen):
        return board.recipe, refusal
    if board.transfer.method == "gradual":
        wanted = [key for key in chosen if key in board.order]
        times = _pushed(board, board.open_times, wanted, 0.0) if wanted else board.open_times
        return _with_times(board, times, after), refusal
    method: Method = "lora" if board.transfer.method == "lora" else "fine-tune"
    return _with(board, method, after), refusal


def let_in(board: Board, chosen: Iterable[str]) -> Outcome:
    """Some groups take part as the method has it: they learn, thaw when their turn comes, or get LoRA."""
    chosen = tuple(chosen)
    if board.transfer.method == "lora":
        layers = tuple(key for key in chosen if key.isdigit())
        others = tuple(key for key in chosen if key not in layers)
        adapted, refusal = adapt(board, layers) if layers else (board.recipe, "")
        recipe, other = learn(replace(board, recipe=adapted), others)
        return recipe, _LORA_LAYERS if EMBEDDINGS in others else refusal or other
    if board.transfer.method != "gradual":
        return learn(board, chosen)
    times = board.open_times
    for key in board.order:
        if key in chosen and key not in times:
            above = max((times[k] for k in board.order[: board.order.index(key)] if k in times), default=0.0)
            times = _pushed(board, times, (key,), _next_time(board, above))
    return _with_times(board, times, board.shut.with_state(chosen, learns=True)), ""


def toggle(board: Board, chosen: Iterable[str]) -> Outcome:
    """Freeze groups that all take part, else open them."""
    chosen = tuple(chosen)
    return freeze(board, chosen) if all(board.kind(key) != "frozen" for key in chosen) else let_in(board, chosen)


def thaw(board: Board, chosen: Iterable[str], time: float) -> Outcome:
    """Some groups begin to learn at a time, in the recipe's unit: those above not later, those below not earlier."""
    asked = tuple(chosen)
    wanted = [key for key in asked if key in board.order]
    refusal = _HEAD_STARTS if len(wanted) < len(asked) else ""
    if board.transfer.method == "lora":
        return board.recipe, _LORA_THAWS
    if board.transfer.method == "gradual" and board.transfer.gradual.rule == "plateau":
        return board.recipe, _STALLS
    if not wanted:
        return board.recipe, refusal
    after = board.shut.with_state(wanted, learns=True)
    return _with_times(board, _pushed(board, board.open_times, wanted, time), after, "schedule"), refusal


def thaw_in_epoch(board: Board, chosen: Iterable[str], epoch: int) -> Outcome:
    """Some groups begin to learn with an epoch, counted from 1."""
    if epoch > board.recipe.train.epochs:
        number = board.recipe.train.epochs
        has = "1 epoch" if number == 1 else f"{number:,} epochs"
        return board.recipe, f"The run has {has}, so nothing can thaw in epoch {epoch}."
    if board.transfer.gradual.unit == "steps" and not board.steps_per_epoch:
        return board.recipe, "How many steps an epoch has is not known before there is data."
    if epoch == 1:
        return learn(board, chosen)
    return thaw(board, chosen, board.in_unit(epoch - 1))


def shift(board: Board, chosen: Iterable[str], by: int) -> Outcome:
    """Groups that thaw do so earlier or later, by so many steps of the grid."""
    asked, grid, moved = set(chosen), board.grid, board
    wanted = [key for key in board.times if key in asked]
    for key in reversed(wanted) if by > 0 else wanted:
        recipe, _ = thaw(moved, (key,), max(board.clamped(board.times[key] + by * grid), grid))
        moved = replace(moved, recipe=recipe)
    return moved.recipe, "" if wanted else "Only a layer that thaws by the clock has a time to move."


def adapt(board: Board, chosen: Iterable[str]) -> Outcome:
    """Some layers stay frozen and LoRA learns beside them; with another method so far, no others do."""
    asked = tuple(chosen)
    layers = {key for key in asked if key.isdigit()}
    refusal = _LORA_LAYERS if len(layers) < len(asked) else ""
    if not layers:
        return board.recipe, refusal
    if board.transfer.method == "lora":
        shut = board.shut.frozen - layers
    else:
        shut = board.start.frozen - layers | {key for key in layer_keys(board.keys) if key not in layers}
    after = FreezePlan(board.keys, frozenset(shut) - {HEAD})
    unchanged = board.transfer.method == "lora" and after == board.shut
    return (board.recipe if unchanged else _with(board, "lora", after)), refusal


def with_rate(board: Board, key: str, rate: float) -> Recipe:
    """A group has a peak rate of its own; the head's is the recipe's, which the others follow."""
    rate = float(f"{min(max(rate, 1e-12), 1.0):.3g}")
    if key == HEAD and HEAD not in board.transfer.rates:
        return board.recipe.edit("train", learning_rate=rate)
    return board.recipe.edit("transfer", rates={**board.transfer.rates, key: rate})


def scaled(board: Board, chosen: Iterable[str], factor: float) -> Recipe:
    """The peak rates of groups that learn, times a factor; those that follow a head among them change with it."""
    wanted = [key for key in chosen if key in board.ever]
    if HEAD in wanted:
        wanted = [key for key in wanted if key == HEAD or key in board.transfer.rates]
    scaled_so_far = board
    for key in wanted:
        scaled_so_far = replace(scaled_so_far, recipe=with_rate(scaled_so_far, key, board.rates[key] * factor))
    return scaled_so_far.recipe


def with_computed_rates(board: Board, chosen: Iterable[str]) -> Recipe:
    """Groups follow the head's rate again."""
    dropped = set(chosen)
    kept = {key: rate for key, rate in board.transfer.rates.items() if key not in dropped}
    return board.recipe.edit("transfer", rates=kept)


def _pushed(board: Board, times: Mapping[str, float], chosen: Sequence[str], time: float) -> dict[str, float]:
    """Times with some groups moved to `time`, the others only as far as the order from the top down asks."""
    places = [board.order.index(key) for key in chosen]
    found: dict[str, float] = {}
    for place, key in enumerate(board.order):
        if key in chosen:
            found[key] = time
        elif key in times:
            not_later = min(times[key], time) if place < max(places) else times[key]
            found[key] = max(not_later, time) if place > min(places) else not_later
    return found


def _next_time(board: Board, above: float) -> float:
    """When a group opened below one that thaws at `above` has its turn, within the run."""
    gradual = board.transfer.gradual
    if gradual.rule == "plateau":
        return math.inf
    return max(min(above + gradual.every, board.length - board.grid), above, min(gradual.every, board.grid))


def _with_times(board: Board, times: Mapping[str, float], shut: FreezePlan, rule: Rule | None = None) -> Recipe:
    """The gradual recipe with these thaw times; fine-tuning if all learn from the start or never."""
    later = [key for key in board.order if times.get(key, 0.0) > 0]
    if not later:
        return _with(board, "fine-tune", shut)
    every = board.transfer.gradual.every
    own = {key: 0.0 for key, time in times.items() if time == 0}
    for place, key in enumerate(later, start=1):
        if math.isfinite(times[key]) and not math.isclose(times[key], every * place):
            own[key] = times[key]
    recipe = _with(board, "gradual", shut)
    return recipe.edit("transfer.gradual", at=own, rule=rule or board.transfer.gradual.rule)


def _with(board: Board, method: Method, shut: FreezePlan) -> Recipe:
    """The recipe with a method and a set of frozen groups; its head stays what it is."""
    if method == "feature-based":
        return board.recipe
    made = board.recipe.edit("transfer", method=method, frozen=tuple(shut.spec()))
    if method != "gradual":
        made = made.edit("transfer.gradual", at={})
    return made if made.pooling == board.recipe.pooling else made.edit("head", pooling=board.recipe.pooling)
