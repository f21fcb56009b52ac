"""Words and the pieces that a model reads: which piece begins which word, in every family's tokenizer.

The words are joined by spaces and tokenised as one text; a piece belongs to the word that its letters are of, and one
for a space alone to the word after it. So no tokenizer has to know that the text was split before, whether it puts the
space before a word into its first piece or not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from transformers import PreTrainedTokenizerBase

from tlgui.tasks import pieces


@dataclass(frozen=True)
class Aligned:
    """The words of one text in pieces, without special tokens."""

    ids: list[int]
    firsts: list[int]
    """For each word the place of its first piece in `ids`; every word has a piece of its own."""


@dataclass(frozen=True)
class Stretch:
    """Some words of a text, as one example."""

    ids: list[int]
    firsts: list[int]
    """For each of its words the place of the first piece in `ids`."""
    word: int
    """The first of them, counted through the text."""
    cut: bool
    """Whether its one word lost its end."""


def align(tokenizer: PreTrainedTokenizerBase, texts: Sequence[Sequence[str]]) -> list[Aligned]:
    """Texts, given as words, in pieces.

    A word that the tokenizer makes nothing of, such as a sign without a letter, becomes the unknown piece, so that it
    gets a tag as well.
    """
    unknown = tokenizer.pad_token_id if tokenizer.unk_token_id is None else tokenizer.unk_token_id
    found = pieces.plain(tokenizer, [" ".join(words) for words in texts])
    return [_aligned(words, one.ids, one.offsets, unknown) for words, one in zip(texts, found, strict=True)]


def stretches(text: Aligned, limit: int) -> Iterator[Stretch]:
    """Cut a text between words into parts of nearly equal length, each of at most `limit` pieces."""
    edges, total = [*text.firsts, len(text.ids)], len(text.ids)
    most = -(-total // max(1, -(-total // limit)))
    begin = 0
    for end in range(1, len(edges)):
        if end + 1 < len(edges) and edges[end + 1] - edges[begin] <= most:
            continue
        start, stop = edges[begin], edges[end]
        firsts = [first - start for first in text.firsts[begin:end]]
        yield Stretch(text.ids[start : min(stop, start + limit)], firsts, begin, stop - start > limit)
        begin = end


def words_in(text: str) -> list[tuple[int, int]]:
    """Begin and end of each word of running text: runs of letters and digits, and every other sign by itself.

    One sign between two of those joins them, as in "half-past" or "3.50"; @ and # go with what they begin, and so does
    an apostrophe within a word: "Nora's" is "Nora" and "'s".
    """
    spans: list[tuple[int, int]] = []
    begin = 0
    while begin < len(text):
        if text[begin].isspace():
            begin += 1
            continue
        end = begin + 1
        leads = text[begin] in "@#" or (text[begin] in "'’" and _is_inner(_at(text, begin - 1)))
        if _is_inner(text[begin]) or (leads and _is_inner(_at(text, end))):
            while _is_inner(_at(text, end + (_at(text, end) in _JOINING))):
                end += 1
        while end < len(text) and _goes_on(text[end]):
            end += 1
        spans.append((begin, end))
        begin = end
    return spans


_JOINING = tuple("-.,:/&_@")


def _at(text: str, place: int) -> str:
    """The character at a place; empty outside of the text."""
    return text[place] if 0 <= place < len(text) else ""


def _is_inner(character: str) -> bool:
    """Whether it is a letter, a mark on one, or a digit; not if it is empty."""
    return bool(character) and unicodedata.category(character)[0] in "LMN"


def _goes_on(character: str) -> bool:
    """Whether a sign belongs to the one before it, as in a joined emoji."""
    return unicodedata.category(character)[0] == "M" or character == "\N{ZERO WIDTH JOINER}"


def _aligned(words: Sequence[str], ids: Sequence[int], offsets: Sequence[tuple[int, int]], unknown: int) -> Aligned:
    """Args:
    offsets: For each piece the letters of the joined text that it is made of, from begin up to end.
    """
    ends = [end - 1 for end in accumulate(len(word) + 1 for word in words)]
    made: list[int] = []
    firsts: list[int] = []
    word = 0  # the first one that does not end before this piece
    for piece, (low, high) in zip(ids, offsets, strict=True):
        while word < len(words) and ends[word] <= low:
            word += 1
        inside = word < len(words) and low < high and ends[word] - len(words[word]) <= high
        while inside and len(firsts) <= word:
            firsts.append(len(made))
            if len(firsts) <= word:
                made.append(unknown)
        if firsts:  # a piece before the first word would be one of spaces alone
            made.append(piece)
    while len(firsts) < len(words):
        firsts.append(len(made))
        made.append(unknown)
    return Aligned(made, firsts)
