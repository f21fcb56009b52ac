"""Figures of written texts, and writing itself: greedy, with an end, and stoppable."""

from __future__ import annotations

import pytest
import torch
from tiny_models import tiny_model, tiny_writing_tokenizer

from tlgui.core.control import Control, StopRequested
from tlgui.tasks.written import bleu, figures, word_f1, write


@pytest.mark.parametrize(
    ("written", "wanted", "expected"),
    [
        ("Close the door.", "close the door .", 1.0),
        ("the door", "the window", 0.5),
        ("the the the", "the", 0.5),
        ("", "", 1.0),
        ("", "a", 0.0),
        ("the .", "a house .", 0.0),
        ("a b c", "c b a", 1.0),
    ],
)
def test_word_f1(written: str, wanted: str, expected: float) -> None:
    assert word_f1(written, wanted) == pytest.approx(expected)


def test_exact_matches_forgive_spaces_alone() -> None:
    found = figures(["a  b", "A b"], ["a b", "a b"])
    assert (found["exact_match"], found["f1"]) == (0.5, 1.0)
    assert figures([], []) == {"f1": 0.0, "exact_match": 0.0, "bleu": 0.0}


def test_bleu_is_of_the_whole_list() -> None:
    texts = ["the cat sat on the mat today", "a dog ran over the green field"]
    assert bleu(texts, texts) == pytest.approx(100)
    assert 0 < bleu(texts, [texts[0], "a dog ran over the field again"]) < 100


def test_writing_takes_the_likeliest_token_each_time() -> None:
    model, tokenizer = tiny_model("t5", "text-to-text"), tiny_writing_tokenizer()
    ids = torch.tensor([[20, 21, 22, 2], [30, 2, 1, 1]])
    there = (ids != 1).long()
    tokens: list[torch.Tensor] = []

    def read(found: torch.Tensor) -> list[str]:
        tokens.append(found)
        return tokenizer.batch_decode(found, skip_special_tokens=True)

    said: list[list[str]] = []
    written = write(model, tokenizer, ids, there, 6, Control(), said.append, read)
    by_hand = torch.full((2, 1), 1)
    done = torch.zeros(2, dtype=torch.bool)
    with torch.no_grad():
        for _ in range(6):
            logits = model(input_ids=ids, attention_mask=there, decoder_input_ids=by_hand).logits[:, -1]
            following = logits.argmax(-1).masked_fill(done, 1)
            by_hand, done = torch.cat([by_hand, following[:, None]], 1), done | (following == 2)
    width = tokens[-1].shape[1]
    assert torch.equal(tokens[-1], by_hand[:, :width])
    assert said[-1] == written
    assert len(said) >= 1


def test_writing_stops_between_two_tokens() -> None:
    model, tokenizer, control = tiny_model("t5", "text-to-text"), tiny_writing_tokenizer(), Control()
    said: list[list[str]] = []

    def tell(texts: list[str]) -> None:
        said.append(texts)
        control.stop()

    ids = torch.tensor([[20, 21, 2]])
    with pytest.raises(StopRequested):
        write(model, tokenizer, ids, torch.ones_like(ids), 6, control, tell)
    assert len(said) == 1
