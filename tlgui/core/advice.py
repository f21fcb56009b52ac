"""What the facts mean for a person, in one sentence each: the rules behind the words of the Data and Layers pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from tlgui.core.board import Board
from tlgui.core.facts import LengthFacts, RunSummary
from tlgui.core.freeze import layer_keys
from tlgui.core.plan import millions
from tlgui.core.presets import preset_of
from tlgui.core.wording import cut_sentence, percent

LONG_WORDS = 1.8
"""Tokens per word from which a vocabulary does not fit a text well; ordinary English lies near 1.2."""
BALANCED = 1.5
"""Up to this ratio of the largest class to the smallest, a data set is called balanced."""

_WHY = {  # preset of the plan: heading, reason
    "features": (
        "Why feature-based",
        "The whole encoder stays as it is and is read once; only a small head learns from its features. Runs take "
        "seconds, and a head can be tried with few texts. The encoder never adapts to your words.",
    ),
    "head": (
        "Why the head only",
        "The pretrained layers stay as they are, and only the last step is learned. It is the fastest plan and asks "
        "for the fewest texts, but the model's reading of your texts does not change.",
    ),
    "top": (
        "Why the top layers",
        "Lower layers hold what is common to most texts, upper ones what is special to a goal. Learning at the top "
        "keeps the first and saves time; it often gives up a little accuracy.",
    ),
    "gradual": (
        "Why gradual",
        "The new head starts from random values. It learns alone first, so its early mistakes do not disturb the "
        "layers below.",
    ),
    "everything": (
        "Why everything",
        "Every layer may adapt to your texts. This usually predicts best, and takes the most time and memory.",
    ),
    "lora": (
        "Why LoRA",
        "The layers stay frozen, and a small pair of matrices learns beside each chosen one. Memory and files stay "
        "small, and leaving them out gives the original model back.",
    ),
    "": (
        "Why a plan of your own",
        "A locked part keeps its weights. Parts above the lowest one that learns cost time in any case; "
        "only the parts below it are cheap.",
    ),
}
_WHY_ALL_LAYERS = "The meaning of each word piece stays as it was learned, and all layers adapt to your texts."
_WHY_GRADUAL_KNOWN = "The top adapts to your texts first, so the layers below are disturbed late and little."
_WHY_PLATEAU = " The next layer joins when validation stops improving, and steps back if that did no good."
_WHY_SCRATCH = (
    "Why from scratch",
    "The same architecture with random weights, as the control: what it lacks in the end is what pretraining gave. "
    "It needs far more texts, and there is nothing in it to freeze.",
)


def why(board: Board) -> tuple[str, str]:
    """Heading and reason for the plan that a board shows."""
    if board.recipe.model.weights == "scratch":
        return _WHY_SCRATCH
    key, count = preset_of(board)
    key = key or (board.transfer.method if board.transfer.method in _WHY else "")
    heading, text = _WHY[key]
    if key == "top" and count == len(layer_keys(board.keys)):
        text = _WHY_ALL_LAYERS
    if key == "gradual":
        text = text if board.new else _WHY_GRADUAL_KNOWN
        text += _WHY_PLATEAU if board.transfer.gradual.rule == "plateau" else ""
    return heading, text


def receipt(runs: Sequence[RunSummary]) -> tuple[Literal["good", "bad", "info"], str, str]:
    """Whether the newest finished run kept what was frozen: a level, a sentence, and how it is known.

    Args:
        runs: Newest first.
    """
    run = next((run for run in runs if run.status == "finished" and run.frozen_changed >= 0), None)
    if run is None:
        return "info", "After a run, this says whether the frozen parts kept every value.", ""
    checked = "Checked group by group before and after each run."
    if not run.frozen_values:
        return "info", f"Last run, {run.name}: nothing was frozen.", checked
    of = f"{run.frozen_changed:,} of {millions(run.frozen_values)} frozen values changed."
    return ("bad" if run.frozen_changed else "good"), f"Last run, {run.name}: {of}", checked


def cut_advice(lengths: LengthFacts, max_length: int, most: int, *, windows: bool = False) -> str:
    """What a limit of `max_length` tokens does to the texts, and what would be enough if the model takes `most`."""
    said = cut_sentence(lengths.cut_share(max_length), windows=windows)
    longest = max(lengths.lengths, default=0)
    enough = min(-(-longest // 16) * 16, most)
    return f"{said} At {enough:,}, none do." if max_length < longest <= most else said


def vocabulary(lengths: LengthFacts) -> tuple[tuple[Literal["good", "warn"], str], ...]:
    """How well the model's vocabulary fits the texts: a level and a few words for each finding."""
    unknown: tuple[Literal["good", "warn"], str] = ("good", "No unknown characters")
    if lengths.unknown_share > 0:
        unknown = "warn", f"{percent(lengths.unknown_share)} of the tokens are unknown to the model"
    words = f"{lengths.pieces_per_word:.1f} tokens per word: "
    if lengths.pieces_per_word < LONG_WORDS:
        return unknown, ("good", words + "the model knows this vocabulary")
    return unknown, ("warn", words + "many words are in pieces")


def balance(labels: Mapping[str, int]) -> str:
    """How even the classes are: "balanced", or the ratio of the largest to the smallest."""
    counts = [count for count in labels.values() if count]
    if len(counts) < 2:
        return ""
    ratio = max(counts) / min(counts)
    return "balanced" if ratio <= BALANCED else f"largest {ratio:,.1f} × smallest"
