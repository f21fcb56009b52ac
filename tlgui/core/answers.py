"""What trained models say of texts, and how right that is: plain values, shown by the window and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Guess:
    """One word a model would put in a hidden place."""

    word: str
    share: float
    """Probability, 0..1."""


@dataclass(frozen=True)
class HiddenWord:
    """What two models make of one hidden place."""

    word: str
    """What stood there; empty if the user wrote [MASK]."""
    original: tuple[Guess, ...]
    adapted: tuple[Guess, ...]
    """Empty when there is only one model."""
    original_rank: int
    """Rank of the word itself, from 1; 0 if it has no single piece or none was given."""
    adapted_rank: int
    original_share: float
    adapted_share: float


@dataclass(frozen=True)
class ClassAnswer:
    """Shares of the classes for one text."""

    text: str
    shares: tuple[Guess, ...]
    """One entry a class, in the order of the label ids."""


@dataclass(frozen=True)
class NumberAnswer:
    """The number that a model gives a text."""

    text: str
    number: float
    """May lie beyond the ends of the scale."""
    lowest: float
    highest: float


@dataclass(frozen=True)
class OrderAnswer:
    """How likely a text follows another, 0..1, by two models; None for one that cannot tell."""

    original: float | None
    adapted: float | None


@dataclass(frozen=True)
class FoundName:
    """A name that a model marks in a text."""

    kind: str
    begin: int
    end: int
    """Characters of the text, from `begin` up to `end`."""
    share: float
    """Probability of its words' tags, their geometric mean, 0..1."""


@dataclass(frozen=True)
class TagAnswer:
    """What a model makes of the words of a text."""

    text: str
    names: tuple[FoundName, ...]
    """In reading order."""
    kinds: tuple[str, ...]
    """All that the model knows, in the order of its tags."""


@dataclass(frozen=True)
class KindScore:
    """How well names of one kind are found."""

    kind: str
    precision: float
    recall: float
    f1: float
    support: int
    """Names of this kind in the data."""


@dataclass(frozen=True)
class FoundSpan:
    """A part of a passage that may answer a question."""

    text: str
    begin: int
    """Characters of the passage before it."""
    end: int
    share: float
    """Probability, 0..1."""


@dataclass(frozen=True)
class FoundAnswer:
    """What a model finds in a passage for a question."""

    question: str
    passage: str
    spans: tuple[FoundSpan, ...]
    """Best first."""
    no_answer: float
    """Probability that the passage has no answer, 0..1."""
    says_nothing: bool
    """Whether the model says so, by its threshold."""


@dataclass(frozen=True)
class Evaluation:
    """How a trained model does on labelled rows."""

    rows: int
    metrics: Mapping[str, float]
    labels: tuple[str, ...] = ()
    confusion: tuple[tuple[int, ...], ...] = ()
    """Row = truth, column = guess."""
    mistakes: tuple[Mistake, ...] = ()
    """Confident ones first."""
    kinds: tuple[KindScore, ...] = ()
    """Of each kind of name, where the goal is to mark names."""


@dataclass(frozen=True)
class Mistake:
    """A row that a model got wrong."""

    row: int
    text: str
    """Of two texts the second is in a second line."""
    truth: str
    guess: str
    share: float
    """How sure the model was, 0..1; of a number how far off, as a share of the scale."""
