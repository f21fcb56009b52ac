"""Words and their pieces: hiding words that a person marked with braces."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from transformers import BatchEncoding, PreTrainedModel, PreTrainedTokenizerBase

from tlgui.core.errors import TlguiError
from tlgui.models.positions import head_only_at

MARKED = re.compile(r"\{([^{}]*)\}")
ANY_MASK = "[MASK]"
"""What a person may write for a hidden word, whatever the model's own mask token is."""


@dataclass(frozen=True)
class HiddenPieces:
    """One hidden word, as a model reads it."""

    word: str
    """What stood there; empty where the person wrote [MASK]."""
    positions: tuple[int, ...]
    """Where its mask tokens stand, one a piece of the word."""
    pieces: tuple[int, ...]
    """Token ids of the word; empty for [MASK]."""

    def share(self, log_shares: torch.Tensor) -> float:
        """The model's probability for the word, 0..1: the geometric mean over its pieces.

        Args:
            log_shares: Logarithms of the probabilities at its positions, shape (pieces, vocabulary).
        """
        chosen = log_shares.gather(1, torch.tensor(self.pieces, device=log_shares.device)[:, None])
        return float(chosen.mean().exp())


def word_starts(word_ids: Sequence[int | None]) -> list[bool]:
    """Whether each token begins a word, from a fast tokenizer's word numbers."""
    return [word is not None and word != before for before, word in zip([None, *word_ids], word_ids, strict=False)]


def special_frame(tokenizer: PreTrainedTokenizerBase) -> tuple[list[int], list[int]]:
    """The special tokens that a model expects before and after a text."""
    around = tokenizer("a", return_special_tokens_mask=True)
    flags, ids = around["special_tokens_mask"], around["input_ids"]
    first = flags.index(0)
    last = len(flags) - flags[::-1].index(0)
    return ids[:first], ids[last:]


def hide_words(text: str, tokenizer: PreTrainedTokenizerBase) -> tuple[BatchEncoding, tuple[HiddenPieces, ...]]:
    """Replace each word in braces by as many mask tokens as it has pieces.

    Returns:
        One row of input tensors, and the hidden words in reading order.
    Raises:
        TlguiError: nothing is hidden, or the text is too long for the model.
    """
    if tokenizer.mask_token is None:
        raise TlguiError("This model has no mask token, so it cannot guess hidden words.", "Pick another model.")
    plain, marked = _without_braces(text.replace(ANY_MASK, tokenizer.mask_token))
    inputs = tokenizer(plain, return_offsets_mapping=True, return_tensors="pt", verbose=False)
    ids = inputs["input_ids"][0]
    if len(ids) > tokenizer.model_max_length:
        raise TlguiError(
            f"The text has {len(ids):,} tokens; the model takes {tokenizer.model_max_length:,}.", "Shorten the text."
        )
    offsets = inputs.pop("offset_mapping")[0].tolist()
    found = [HiddenPieces("", (i,), ()) for i, piece in enumerate(ids.tolist()) if piece == tokenizer.mask_token_id]
    for word, begin, end in marked:
        positions = tuple(i for i, (low, high) in enumerate(offsets) if low < high and low < end and high > begin)
        if not positions:
            raise TlguiError(f"The model cannot read the word “{word}”.", "Hide another word.")
        found.append(HiddenPieces(word, positions, tuple(ids[list(positions)].tolist())))
    if not found:
        raise TlguiError(
            "No word is hidden.", f"Write {ANY_MASK} for a word, or put braces around one, as in {{word}}."
        )
    for hidden in found:
        ids[list(hidden.positions)] = tokenizer.mask_token_id
    return inputs, tuple(sorted(found, key=lambda hidden: hidden.positions))


def log_shares_of(
    model: PreTrainedModel, inputs: BatchEncoding, words: Sequence[HiddenPieces]
) -> tuple[torch.Tensor, ...]:
    """For each hidden word the logarithms of all probabilities at its positions, shape (pieces, vocabulary)."""
    positions = torch.tensor([position for word in words for position in word.positions], device=model.device)
    with head_only_at(model, positions):
        logits = model(**inputs.to(model.device))[0][0]  # the words come first, whatever else a model tells
    return logits.log_softmax(-1).split([len(word.positions) for word in words])


def _without_braces(text: str) -> tuple[str, list[tuple[str, int, int]]]:
    """The text without its braces, and each marked word with its begin and end in it."""
    plain, marked, done = "", [], 0
    for match in MARKED.finditer(text):
        plain += text[done : match.start()]
        word = match.group(1)
        if word.strip():
            marked.append((word.strip(), len(plain), len(plain) + len(word)))
        plain += word
        done = match.end()
    return plain + text[done:], marked
