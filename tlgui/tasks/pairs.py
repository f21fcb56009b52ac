"""Pairs of neighbouring texts out of documents, for next-sentence prediction.

Devlin et al., BERT (NAACL 2019), section 3.1 and appendix A.2: two spans of text, as long together as the model is to
read; in half of the pairs the second is what follows the first, in the other half it is from somewhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from transformers import PreTrainedTokenizerBase

from tlgui.tasks import pieces
from tlgui.tasks.mask import spans
from tlgui.tasks.words import word_starts

RANDOM = 0.5
"""Share of the pairs whose second text does not follow."""
SHORT = 0.1
"""Share of the pairs that are made shorter than need be, so that short texts are seen as well."""
SENTENCES = re.compile(r"(?<=[.!?…。！？])\s+")


@dataclass(frozen=True)
class Pair:
    """Where the tokens of two texts are, among the tokens of all units."""

    first: tuple[int, int]
    second: tuple[int, int]
    follows: bool


@dataclass(frozen=True)
class Frame:
    """The special tokens that a model expects around a pair, and which text each token is counted to."""

    before: list[int]
    between: list[int]
    after: list[int]
    types: tuple[int, int, int, int, int]
    """Of the special tokens before, the first text, those between, the second text, those after."""

    def __len__(self) -> int:
        return len(self.before) + len(self.between) + len(self.after)

    def around(self, first: Sequence[int], second: Sequence[int], *, special: Sequence[list[int]]) -> list[int]:
        """Two rows of numbers with those of the special tokens around them."""
        return [*special[0], *first, *special[1], *second, *special[2]]

    def token_types(self, first: int, second: int) -> list[int]:
        """Which text each token is counted to, for two texts of some lengths."""
        lengths = (len(self.before), first, len(self.between), second, len(self.after))
        return [kind for kind, length in zip(self.types, lengths, strict=True) for _ in range(length)]


def frame_of(tokenizer: PreTrainedTokenizerBase) -> Frame:
    """How a tokenizer puts two texts together."""
    both = tokenizer("a", "a")
    ids, texts = both["input_ids"], both.sequence_ids()
    kinds = both.get("token_type_ids") or [0] * len(ids)
    a, b = texts.index(0), texts.index(1)
    a_end, b_end = len(texts) - texts[::-1].index(0), len(texts) - texts[::-1].index(1)
    types = (kinds[0], kinds[a], kinds[a_end], kinds[b], kinds[-1])
    return Frame(ids[:a], ids[a_end:b], ids[b_end:], types)


def units(
    texts: Sequence[str], tokenizer: PreTrainedTokenizerBase, most: int
) -> tuple[dict[str, list[Any]], list[int]]:
    """Texts as sentences of at most `most` tokens, and for each sentence the place of its text."""
    split = [(place, sentence) for place, text in enumerate(texts) for sentence in SENTENCES.split(text)]
    ids: list[list[int]] = []
    starts: list[list[bool]] = []
    places: list[int] = []
    found = pieces.plain(tokenizer, [sentence for _, sentence in split])
    for (place, _), one in zip(split, found, strict=True):
        words = word_starts(one.word_ids)
        for begin, end in spans(len(one.ids), most):
            ids.append(one.ids[begin:end])
            starts.append(words[begin:end])
            places.append(place)
    return {"input_ids": ids, "word_start": starts}, places


def pairs(starts: np.ndarray, documents: np.ndarray, limit: int, random: np.random.Generator) -> Iterator[Pair]:
    """Go through documents and make pairs of their units; a unit is in the first or in a following text once.

    Args:
        starts: Where each unit's tokens begin, int64, shape (units + 1,).
        documents: Number of each unit's document, rising, shape (units,).
        limit: Tokens of both texts together.
    """
    edges = np.flatnonzero(np.diff(documents)) + 1
    for begin, end in zip([0, *edges.tolist()], [*edges.tolist(), len(documents)], strict=True):
        at = begin
        while at < end:
            wanted = limit if random.random() >= SHORT else int(random.integers(2, limit + 1))
            stop = min(end, at + int(np.searchsorted(starts[at + 1 : end + 1], starts[at] + wanted)) + 1)
            cut = at + (int(random.integers(1, stop - at)) if stop - at > 1 else 1)
            first = int(starts[at]), int(starts[cut])
            other = None
            if cut == stop or random.random() < RANDOM:
                other = _elsewhere((begin, end), (at, stop), len(documents), random)
            if other is not None:
                over = at if begin <= other < at else _end_of(documents, other)
                second = int(starts[other]), int(starts[over])
                yield _fitted(first, second, limit, follows=False)
                at = cut
            else:
                if cut < stop:
                    yield _fitted(first, (int(starts[cut]), int(starts[stop])), limit, follows=True)
                at = stop


def _elsewhere(
    document: tuple[int, int], chunk: tuple[int, int], count: int, random: np.random.Generator
) -> int | None:
    """A unit of another document; of another part where there is one document only; None if there is none."""
    begin, end = document if document != (0, count) else chunk
    if end - begin == count:
        return None
    place = int(random.integers(count - (end - begin)))
    return place if place < begin else place + (end - begin)


def _end_of(documents: np.ndarray, unit: int) -> int:
    """Past the last unit of a unit's document."""
    return int(np.searchsorted(documents, documents[unit], side="right"))


def _fitted(first: tuple[int, int], second: tuple[int, int], limit: int, *, follows: bool) -> Pair:
    """Cut both to the limit together: the first loses its start and the second its end, so that the seam stays."""
    a, b = first[1] - first[0], second[1] - second[0]
    if a + b > limit:
        half = limit // 2
        a = min(a, max(half, limit - b))
        b = min(b, limit - a)
    return Pair((first[1] - a, first[1]), (second[0], second[0] + b), follows)
