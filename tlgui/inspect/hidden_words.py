"""What one or two models would put in hidden places."""

from __future__ import annotations

import torch
from transformers import PreTrainedTokenizerBase

from tlgui.core.answers import Guess, HiddenWord
from tlgui.core.control import Control
from tlgui.core.events import Emit
from tlgui.inspect.shelf import Opened, open_masked
from tlgui.tasks.words import HiddenPieces, hide_words, log_shares_of


def guess(text: str, original: str, adapted: str, top: int, emit: Emit, control: Control) -> tuple[HiddenWord, ...]:
    """The likeliest words for each hidden place.

    Args:
        text: Braces around words to hide, or [MASK].
        original: A model source.
        adapted: Another, such as a run folder; empty for none.
        top: Guesses for each place.
    Raises:
        TlguiError: nothing is hidden, or a model cannot be opened.
    """
    first = _guesses(text, open_masked(original, emit, control), top)
    control.check()
    second = _guesses(text, open_masked(adapted, emit, control), top) if adapted else [_NOTHING] * len(first)
    return tuple(
        HiddenWord(a.word, a.guesses, b.guesses, a.rank, b.rank, a.share, b.share)
        for a, b in zip(first, second, strict=True)
    )


class _Place:
    """One model's view of one hidden place."""

    def __init__(self, word: str, guesses: tuple[Guess, ...], rank: int, share: float) -> None:
        self.word, self.guesses, self.rank, self.share = word, guesses, rank, share


_NOTHING = _Place("", (), 0, 0.0)


@torch.no_grad()
def _guesses(text: str, opened: Opened, top: int) -> list[_Place]:
    inputs, hidden = hide_words(text, opened.tokenizer)
    found = log_shares_of(opened.model, inputs, hidden)
    return [_place(word, log_shares, opened.tokenizer, top) for word, log_shares in zip(hidden, found, strict=True)]


def _place(hidden: HiddenPieces, log_shares: torch.Tensor, tokenizer: PreTrainedTokenizerBase, top: int) -> _Place:
    at = log_shares[0]
    best = at.topk(min(top, len(at)))
    more = "…" if len(hidden.positions) > 1 else ""  # a longer word's first piece
    guesses = tuple(
        Guess(tokenizer.decode([piece]).strip() + more, share)
        for piece, share in zip(best.indices.tolist(), best.values.exp().tolist(), strict=True)
    )
    if not hidden.pieces:
        return _Place(hidden.word, guesses, 0, 0.0)
    rank = int((at > at[hidden.pieces[0]]).sum()) + 1 if len(hidden.pieces) == 1 else 0
    return _Place(hidden.word, guesses, rank, hidden.share(log_shares))
