"""Masked words: what is hidden, how long texts are cut, and what the scores count."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import tiny_tokenizer
from transformers import AutoTokenizer, PreTrainedTokenizerBase

from tlgui.core.errors import TlguiError
from tlgui.core.paths import resources
from tlgui.core.randomness import ByExample, generator
from tlgui.core.recipe import Recipe
from tlgui.tasks.encoded import Gatherer
from tlgui.tasks.mask import NOT_PREDICTED, Mask, MaskScorer, hide, spans
from tlgui.tasks.words import hide_words, word_starts


@pytest.fixture(scope="module")
def starter() -> PreTrainedTokenizerBase:
    return AutoTokenizer.from_pretrained(resources() / "starter")


@given(st.integers(0, 5000), st.integers(1, 200))
def test_spans_cover_a_text_once_in_the_fewest_nearly_equal_parts(length: int, limit: int) -> None:
    cut = spans(length, limit)
    assert [i for begin, end in cut for i in range(begin, end)] == list(range(length))
    assert len(cut) == -(-length // limit)
    sizes = [end - begin for begin, end in cut]
    assert all(0 < size <= limit for size in sizes)
    assert not sizes or max(sizes) - min(sizes) <= 1


@given(st.integers(1, 8), st.integers(3, 60), st.floats(0.05, 0.5), st.booleans(), st.integers(0, 99))
def test_hiding_chooses_the_share_and_keeps_special_tokens(
    rows: int, tokens: int, share: float, whole_words: bool, seed: int
) -> None:
    tokenizer, random = tiny_tokenizer(), generator(seed, "test")
    ids = random.integers(5, 100, size=(rows, tokens))
    ids[:, 0], ids[:, -1] = tokenizer.cls_token_id, tokenizer.sep_token_id
    starts = random.random(ids.shape) < 0.7
    starts[:, 0] = starts[:, -1] = False
    starts[:, 1] = True
    hidden, labels = hide(ids, starts, tokenizer, share, whole_words, random)
    chosen = labels != NOT_PREDICTED
    assert not chosen[:, 0].any()
    assert not chosen[:, -1].any()
    assert np.array_equal(hidden[~chosen], ids[~chosen])
    assert np.array_equal(labels[chosen], ids[chosen])
    wanted = np.maximum(1, np.round(share * (tokens - 2)))
    if whole_words:
        assert (chosen.sum(axis=1) >= wanted).all()
        units = np.cumsum(starts, axis=1)
        for row in range(rows):
            inside = slice(1, tokens - 1)
            for unit in np.unique(units[row, inside]):
                assert len(set(chosen[row, inside][units[row, inside] == unit])) == 1
    else:
        assert (chosen.sum(axis=1) == wanted).all()


def test_of_the_chosen_four_fifths_are_masked_and_a_tenth_each_random_or_kept() -> None:
    tokenizer, random = tiny_tokenizer(), generator(0, "test")
    ids = random.integers(5, 100, size=(2000, 60))
    hidden, labels = hide(ids, np.ones_like(ids, dtype=bool), tokenizer, 0.15, False, random)
    chosen = labels != NOT_PREDICTED
    masked = (hidden[chosen] == tokenizer.mask_token_id).mean()
    kept = (hidden[chosen] == ids[chosen]).mean()
    assert masked == pytest.approx(0.8, abs=0.015)
    assert kept == pytest.approx(0.1 + 0.1 / 100, abs=0.015)
    assert chosen.mean() == pytest.approx(0.15, abs=0.001)


def test_hiding_is_a_function_of_its_generator() -> None:
    tokenizer = tiny_tokenizer()
    ids = np.arange(5, 65).reshape(2, 30)
    one, two = (hide(ids, ids > 0, tokenizer, 0.2, True, generator(3, "masks", 7)) for _ in range(2))
    assert np.array_equal(one[0], two[0])
    assert np.array_equal(one[1], two[1])
    assert not np.array_equal(one[0], hide(ids, ids > 0, tokenizer, 0.2, True, generator(3, "masks", 8))[0])


@given(st.data(), st.booleans())
def test_with_draws_of_its_own_an_example_hides_the_same_words_in_any_batch(data: st.DataObject, whole: bool) -> None:
    tokenizer = tiny_tokenizer()
    words = data.draw(st.lists(st.lists(st.integers(5, 99), min_size=1, max_size=12), min_size=2, max_size=6))
    with Gatherer({"input_ids": np.int32, "word_start": np.bool_}) as gatherer:
        ids = [[tokenizer.cls_token_id, *row, tokenizer.sep_token_id] for row in words]
        gatherer.add({"input_ids": ids, "word_start": [[0, *(n % 3 > 0 for n in row), 0] for row in words]})
        encoded = gatherer.finish()
    recipe = Recipe(task="mask").edit("mask", whole_words=whole, sets=2)
    rows = np.array(data.draw(st.permutations(range(len(words)))))
    together = Mask().batch(encoded, rows, tokenizer, recipe, ByExample(0, "masks", 1))
    for at, row in enumerate(rows):
        alone = Mask().batch(encoded, np.array([row]), tokenizer, recipe, ByExample(0, "masks", 1))
        for name, values in alone.items():
            assert torch.equal(together[name][at, : values.shape[1]], values[0])


def test_the_loss_is_the_mean_over_hidden_tokens_only() -> None:
    every = torch.randn(2, 5, 7, generator=torch.Generator().manual_seed(0))
    labels = torch.full((2, 5), NOT_PREDICTED)
    labels[0, 1], labels[1, 4] = 3, 6
    by_hand = -(every[0, 1].log_softmax(-1)[3] + every[1, 4].log_softmax(-1)[6]) / 2
    wanted = Mask().wanted({"labels": labels})
    assert wanted.tolist() == [1, 9]
    logits = every.flatten(0, 1)[wanted][None]
    assert Mask().loss(logits, {"labels": labels}).item() == pytest.approx(by_hand.item(), rel=1e-6)
    scorer = MaskScorer()
    scorer.add(logits, {"labels": labels})
    scores = scorer.scores()
    assert scores.loss == pytest.approx(by_hand.item(), rel=1e-6)
    right = int(every[0, 1].argmax() == 3) + int(every[1, 4].argmax() == 6)
    assert scores.metrics["hits"] == right / 2


def test_words_are_found_in_pieces() -> None:
    assert word_starts([None, 0, 0, 1, 2, 2, None]) == [False, True, False, True, True, False, False]


def test_a_marked_word_becomes_as_many_masks_as_it_has_pieces(starter: PreTrainedTokenizerBase) -> None:
    inputs, hidden = hide_words("The {foulbrood} killed the {queen}.", starter)
    assert [word.word for word in hidden] == ["foulbrood", "queen"]
    assert len(hidden[0].pieces) > 1
    assert len(hidden[1].pieces) == 1
    ids = inputs["input_ids"][0].tolist()
    assert [i for i, piece in enumerate(ids) if piece == starter.mask_token_id] == [
        *hidden[0].positions,
        *hidden[1].positions,
    ]
    assert starter.convert_ids_to_tokens(hidden[1].pieces[0]) == "queen"


def test_the_mask_token_may_be_written(starter: PreTrainedTokenizerBase) -> None:
    _, hidden = hide_words("Paris is the [MASK] of France.", starter)
    assert [(word.word, word.pieces) for word in hidden] == [("", ())]


@pytest.mark.parametrize("text", ["Nothing is hidden.", "", "Only {} braces."])
def test_a_text_without_a_hidden_word_is_one_sentence(starter: PreTrainedTokenizerBase, text: str) -> None:
    with pytest.raises(TlguiError, match="No word is hidden"):
        hide_words(text, starter)


def test_a_text_longer_than_the_model_takes_is_refused_with_both_numbers(starter: PreTrainedTokenizerBase) -> None:
    with pytest.raises(TlguiError, match=r"the model takes 512"):
        hide_words("word " * 600 + "{end}", starter)
