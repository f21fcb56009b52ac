"""The best spans of a window, by the scores of where an answer begins and ends.

Devlin et al., BERT (NAACL 2019), sections 4.2 and 4.3: a span scores the sum of both, begins before it ends and lies in
the passage; that there is no answer scores as a span at the first token.
"""

from __future__ import annotations

import torch
from torch.nn import functional

NEVER = float("-inf")


def in_passage(logits: torch.Tensor, passage: torch.Tensor, *, first: bool) -> torch.Tensor:
    """The scores of the passage's tokens, and those of the first token if wanted; `NEVER` for all others.

    Args:
        logits: Shape (rows, tokens, 2): of the beginning and of the end.
        passage: First token of the passage and the one after its last, int64, shape (rows, 2).
    """
    places = torch.arange(logits.shape[1], device=logits.device)
    begin, end = passage.to(logits.device).unbind(1)
    can = (places >= begin[:, None]) & (places < end[:, None])
    if first:
        can |= places == 0
    return logits.masked_fill(~can[..., None], NEVER)


def span_scores(logits: torch.Tensor, passage: torch.Tensor, longest: int) -> torch.Tensor:
    """The score of every span, shape (rows, tokens, lengths): begins at a token and has 1, 2, … up to `longest` tokens.

    Args:
        logits: Shape (rows, tokens, 2).
        passage: As for `in_passage`.
        longest: Tokens.
    """
    begins, ends = in_passage(logits, passage, first=False).unbind(-1)
    longest = min(longest, logits.shape[1])
    shifted = functional.pad(ends, (0, longest - 1), value=NEVER).unfold(1, longest, 1)
    return begins[..., None] + shifted


def best_spans(scores: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The best spans of each row, best first.

    Args:
        scores: As `span_scores` gives them.
    Returns:
        Scores, shape (rows, count), `NEVER` where there are fewer; and first and last token, shape (rows, count, 2).
    """
    lengths = scores.shape[2]
    flat = scores.flatten(1)
    top = flat.topk(min(count, flat.shape[1]), dim=1)
    begins = top.indices // lengths
    ends = (begins + top.indices % lengths).clamp(max=scores.shape[1] - 1)  # a score that is no number may lie outside
    return top.values, torch.stack([begins, ends], -1)


def null_scores(logits: torch.Tensor) -> torch.Tensor:
    """The score of "no answer", shape (rows,)."""
    return logits[:, 0].sum(-1)
