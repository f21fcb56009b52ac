"""The tokenizers library is asked without transformers between; both must read texts alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_models import tiny_tokenizer
from transformers import PreTrainedTokenizerBase

from tlgui.core import paths
from tlgui.models.loading import load_tokenizer
from tlgui.tasks import pieces

TEXTS = ["A fine film.", "", "unbelievably  [MASK] naïve — 好看 😀", "w1 w2 " * 40, "tok \u200b\u0301 x" * 3]
READERS = {"word": tiny_tokenizer, "starter": lambda: load_tokenizer(Path(paths.resources() / "starter"))}


@pytest.fixture(params=READERS)
def tokenizer(request: pytest.FixtureRequest) -> PreTrainedTokenizerBase:
    return READERS[request.param]()


@pytest.mark.parametrize("columns", [(TEXTS,), (TEXTS, TEXTS[::-1])])
@pytest.mark.parametrize("side", ["right", "left"])
def test_whole_texts_are_read_as_transformers_reads_them(
    tokenizer: PreTrainedTokenizerBase, columns: tuple[list[str], ...], side: str
) -> None:
    tokenizer.truncation_side = side
    tokenizer(TEXTS, padding=True)  # what was asked before must not matter
    found = pieces.whole(tokenizer, columns, 24)
    wanted = tokenizer(*columns, truncation=True, max_length=24)
    assert [one.ids for one in found] == wanted["input_ids"]
    if "token_type_ids" in wanted:
        assert [one.type_ids for one in found] == wanted["token_type_ids"]
    full = tokenizer(*columns, verbose=False)["input_ids"]
    assert [bool(one.overflowing) for one in found] == [len(row) > 24 for row in full]


def test_plain_texts_are_not_cut(tokenizer: PreTrainedTokenizerBase) -> None:
    tokenizer(TEXTS, truncation=True, max_length=8, padding=True)
    found = pieces.plain(tokenizer, TEXTS)
    wanted = tokenizer(TEXTS, add_special_tokens=False, verbose=False)
    assert [one.ids for one in found] == wanted["input_ids"]
    assert [one.word_ids for one in found] == [wanted.word_ids(row) for row in range(len(TEXTS))]
