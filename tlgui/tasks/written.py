"""What a model writes, word by word, and how it compares with what was wanted."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase, StoppingCriteria, StoppingCriteriaList

from tlgui.core.control import Control

_WORD = re.compile(r"\w+")


class _Watched(StoppingCriteria):
    """Lets the user stop between two tokens, and tells how far the outputs are."""

    def __init__(self, control: Control, tell: Callable[[torch.Tensor], None] | None) -> None:
        self._control, self._tell = control, tell

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor, **_: Any) -> torch.Tensor:
        self._control.check()
        if self._tell is not None:
            self._tell(input_ids)
        return torch.zeros(len(input_ids), dtype=torch.bool, device=input_ids.device)


@torch.no_grad()
def write(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    ids: torch.Tensor,
    attention: torch.Tensor,
    most: int,
    control: Control,
    tell: Callable[[list[str]], None] | None = None,
    read: Callable[[torch.Tensor], list[str]] | None = None,
) -> list[str]:
    """The likeliest next token again and again, until the model ends its output.

    Args:
        ids: Of the inputs, shape (rows, tokens).
        attention: 0 for padding, same shape.
        most: Tokens of an output.
        tell: Called with the outputs so far after each token.
        read: Makes texts of tokens, shape (rows, tokens); None = as the tokenizer does.
    Raises:
        StopRequested: between two tokens.
    """

    def plain(tokens: torch.Tensor) -> list[str]:
        return [text.strip() for text in tokenizer.batch_decode(tokens, skip_special_tokens=True)]

    made = read or plain
    watched = _Watched(control, None if tell is None else lambda tokens: tell(made(tokens)))
    tokens = model.generate(
        input_ids=ids.to(model.device),
        attention_mask=attention.to(model.device),
        max_new_tokens=most,
        do_sample=False,
        num_beams=1,
        pad_token_id=tokenizer.pad_token_id,
        stopping_criteria=StoppingCriteriaList([watched]),
    )
    return made(tokens)


def figures(written: Sequence[str], wanted: Sequence[str]) -> dict[str, float]:
    """Word F1 and exact matches, 0..1, and BLEU as sacreBLEU has it, 0..100, over all rows; zeros for no rows."""
    rows = max(1, len(wanted))
    pairs = list(zip(written, wanted, strict=True))
    return {
        "f1": sum(word_f1(one, other) for one, other in pairs) / rows,
        "exact_match": sum(_plain(one) == _plain(other) for one, other in pairs) / rows,
        "bleu": bleu(written, wanted) if pairs else 0.0,
    }


def word_f1(written: str, wanted: str) -> float:
    """Harmonic mean of how many written words were wanted and how many wanted words were written, 0..1.

    Words are compared without regard to capitals and order, and signs do not count: a full stop is easy to write.
    """
    one, other = Counter(_WORD.findall(written.lower())), Counter(_WORD.findall(wanted.lower()))
    if not one or not other:
        return float(one == other)
    return 2 * (one & other).total() / (one.total() + other.total())


def bleu(written: Sequence[str], wanted: Sequence[str]) -> float:
    """Post, A Call for Clarity in Reporting BLEU Scores (WMT 2018): of the whole list, not a mean over its rows."""
    from sacrebleu.metrics.bleu import BLEU

    return float(BLEU(force=True).corpus_score(list(written), [list(wanted)]).score)


def _plain(text: str) -> str:
    """A text with single spaces, since tokenizers keep no others."""
    return " ".join(text.split())
