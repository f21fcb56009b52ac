"""Continuing a text: how words are drawn, and what models make of it. Plain values for window and command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tlgui.core.answers import Guess
from tlgui.core.errors import TlguiError
from tlgui.core.wording import percent

MOST_WORDS = 1000


@dataclass(frozen=True)
class Drawing:
    """How each next word is chosen."""

    words: int = 40
    """At most so many, from 1."""
    temperature: float = 0.8
    """Shares are sharpened below 1 and levelled above; 0 = always the likeliest word."""
    top_k: int = 50
    """Only so many of the likeliest pieces can be drawn; 0 = all."""
    top_p: float = 0.95
    """Only the likeliest pieces that together have this share can be drawn, 0 < share <= 1: Holtzman et al., The
    Curious Case of Neural Text Degeneration (ICLR 2020), section 3.1."""
    seed: int = 0
    """The same seed draws the same words."""

    def require(self) -> None:
        """Raise TlguiError if a value is impossible."""
        rules = (
            (1 <= self.words <= MOST_WORDS, f"The number of words must be from 1 to {MOST_WORDS:,}."),
            (0 <= self.temperature <= 10, "The temperature must be from 0 (always the likeliest word) to 10."),
            (self.top_k >= 0, "Top-k must be 0 (all pieces) or more."),
            (0 < self.top_p <= 1, "Top-p must be above 0 and at most 1."),
        )
        if wrong := [text for holds, text in rules if not holds]:
            raise TlguiError(wrong[0], "Choose another value.")


@dataclass(frozen=True)
class Continuation:
    """What one model has written so far."""

    text: str
    """What follows the prompt, its first space among it."""
    ended: bool = False
    """Whether the model has ended the text itself."""


@dataclass(frozen=True)
class NextWords:
    """What one or two models expect next, the likeliest first."""

    original: tuple[Guess, ...]
    adapted: tuple[Guess, ...] = ()
    """Empty when there is only one model."""


def next_words_sentence(found: NextWords) -> str:
    """What the models expect, as a sentence."""
    if not found.original:
        return ""
    first = found.original[0]
    if not found.adapted:
        return f"The model expects “{first.word}” next, with {percent(first.share)}."
    then = found.adapted[0]
    if then.word == first.word:
        shares = f"{percent(first.share)} before and {percent(then.share)} now"
        return f"Both expect “{first.word}” next, with {shares}."
    return (
        f"The original model expects “{first.word}” next, with {percent(first.share)}. "
        f"After your texts it is “{then.word}”, with {percent(then.share)}."
    )


def shown_ending(found: Continuation) -> str:
    """A word on how a text ended; empty if it just stopped."""
    return "The model ended its text here." if found.ended else ""


def scale_of(found: Sequence[Guess], narrowest: float) -> float:
    """The share that fills a bar's width, so that the largest just fits and a doubtful one never looks sure."""
    return max([narrowest, *(guess.share * 1.05 for guess in found)])
