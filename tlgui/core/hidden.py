"""Sentences with hidden words: braces mark a word to guess, as in “The queen lays {eggs}.”"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

_TOKEN = re.compile(r"[^\s{}]*\{[^{}]*[^{}\s][^{}]*\}[^\s{}]*|[^\s{}]+")
_MARKED = re.compile(r"(?P<before>[^{]*)\{\s*(?P<word>[^{}]*?)\s*\}(?P<after>.*)", re.DOTALL)
_PLAIN = re.compile(r"(?P<before>[^\w\s]*)(?P<word>.*?)(?P<after>[^\w\s]*)", re.DOTALL)


@dataclass(frozen=True)
class Word:
    """One word of a sentence with the marks that touch it; a dash that stands alone has an empty `word`."""

    before: str
    word: str
    after: str
    hidden: bool = False

    @property
    def can_hide(self) -> bool:
        return bool(self.word)

    def __str__(self) -> str:
        return f"{self.before}{{{self.word}}}{self.after}" if self.hidden else f"{self.before}{self.word}{self.after}"


def split(text: str) -> tuple[Word, ...]:
    """The words of a text; braces that mark nothing are dropped."""
    found = []
    for token in _TOKEN.findall(text):
        marked = _MARKED.fullmatch(token)
        parts = marked or _PLAIN.fullmatch(token)
        assert parts is not None  # the plain pattern takes any text
        found.append(Word(parts["before"], " ".join(parts["word"].split()), parts["after"], hidden=marked is not None))
    return tuple(found)


def join(words: Iterable[Word]) -> str:
    """The sentence again, hidden words in braces; `split` gives equal words back."""
    return " ".join(str(word) for word in words)


def shown(words: Iterable[Word]) -> tuple[Word, ...]:
    """The same words with none hidden."""
    return tuple(replace(word, hidden=False) for word in words)


def hide_some(words: Sequence[Word], share: float, draw: random.Random) -> tuple[Word, ...]:
    """Hide a share of the words, at least one if there is any, and show the others."""
    places = [i for i, word in enumerate(words) if word.can_hide]
    chosen = set(draw.sample(places, min(len(places), max(1, round(share * len(places))))))
    return tuple(replace(word, hidden=i in chosen) for i, word in enumerate(words))


def probes_of(words: Sequence[Word]) -> tuple[str, ...]:
    """One probe for each hidden word: the sentence with that word alone in braces."""
    bare = shown(words)
    return tuple(
        join((*bare[:i], replace(word, hidden=True), *bare[i + 1 :])) for i, word in enumerate(words) if word.hidden
    )
