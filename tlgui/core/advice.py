"""What the facts mean for a person, in one sentence each: the rules behind the words of the Data and Layers pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from tlgui.core.facts import LengthFacts
from tlgui.core.freeze import FreezePlan, layer_keys, preset
from tlgui.core.wording import cut_sentence, percent

LONG_WORDS = 1.8
"""Tokens per word from which a vocabulary does not fit a text well; ordinary English lies near 1.2."""
BALANCED = 1.5
"""Up to this ratio of the largest class to the smallest, a data set is called balanced."""

_WHY = {  # preset of the plan: heading, reason
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
    "everything": (
        "Why everything",
        "Every layer may adapt to your texts. This usually predicts best, and takes the most time and memory.",
    ),
    "": (
        "Why a plan of your own",
        "A locked part keeps its weights. Parts above the lowest one that learns cost time in any case; "
        "only the parts below it are cheap.",
    ),
}


def why(plan: FreezePlan, new: Collection[str] = ()) -> tuple[str, str]:
    """Heading and reason for a freeze plan over groups of which those in `new` start at random."""
    key, count = preset(plan, new)
    heading, text = _WHY[key]
    if key == "top" and count == len(layer_keys(plan.keys)):
        return heading, "The meaning of each word piece stays as it was learned, and all layers adapt to your texts."
    return heading, text


def cut_advice(lengths: LengthFacts, max_length: int, most: int) -> str:
    """What cutting at `max_length` tokens does to the texts, and what would be enough if the model takes `most`."""
    said = cut_sentence(lengths.cut_share(max_length))
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
