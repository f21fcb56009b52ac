"""Many texts in a model's tokens, on every core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerBase


def whole(tokenizer: PreTrainedTokenizerBase, columns: Sequence[Sequence[str]], limit: int) -> list[Any]:
    """Each text, or pair of texts, with its special tokens, cut at `limit` tokens.

    The tokenizers' own encodings are handed on, since the lists and masks that transformers makes of them take a third
    of the time. Where letters stand is not looked for.

    Args:
        columns: One or two sequences of texts.
    Returns:
        `tokenizers.Encoding` each; `overflowing` is what was cut off.
    """
    backend = tokenizer.backend_tokenizer
    backend.no_padding()
    backend.enable_truncation(limit, direction=tokenizer.truncation_side)
    texts = columns[0] if len(columns) == 1 else list(zip(*columns, strict=True))
    encodings: list[Any] = backend.encode_batch_fast(texts)
    return encodings


def plain(tokenizer: PreTrainedTokenizerBase, texts: Sequence[str]) -> list[Any]:
    """Each text without special tokens, however long it is; `word_ids` are known."""
    backend = tokenizer.backend_tokenizer
    backend.no_padding()
    backend.no_truncation()
    encodings: list[Any] = backend.encode_batch(texts, add_special_tokens=False)
    return encodings
