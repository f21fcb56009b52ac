"""Words and pieces: whichever tokenizer it is, each word has its own pieces, in order, and none is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_tokenizers import SENTENCES, tokenizers
from transformers import PreTrainedTokenizerFast

from tlgui.tasks.alignment import Aligned, align, stretches, words_in

KINDS = tokenizers()
WORD = st.text(st.sampled_from("abNt3.'@é-ł\u0301\ufe0f\U0001f600\u00a0 漢"), max_size=8)


def alone(tokenizer: PreTrainedTokenizerFast, family: str, word: str, place: int) -> list[int]:
    """The pieces of a word by itself, with what its family has for the space before it."""
    before = " " if family == "roberta" and place else ""
    return tokenizer(before + word, add_special_tokens=False)["input_ids"]


@pytest.mark.parametrize("family", KINDS)
def test_each_word_has_the_pieces_that_it_has_alone(family: str) -> None:
    tokenizer = KINDS[family]
    texts = [[text[begin:end] for begin, end in words_in(text)] for text in SENTENCES]
    for words, found in zip(texts, align(tokenizer, texts), strict=True):
        ends = [*found.firsts[1:], len(found.ids)]
        assert len(found.ids) > len(words)
        for place, (word, first, end) in enumerate(zip(words, found.firsts, ends, strict=True)):
            assert found.ids[first:end] == alone(tokenizer, family, word, place), word


@pytest.mark.parametrize("family", KINDS)
@settings(max_examples=150, deadline=None)
@given(words=st.lists(WORD, max_size=8))
def test_every_word_has_a_first_piece_of_its_own_whatever_it_is(family: str, words: list[str]) -> None:
    (found,) = align(KINDS[family], [words])
    assert len(found.firsts) == len(words)
    assert found.firsts == sorted(set(found.firsts))
    assert found.firsts[:1] in ([], [0])
    assert all(first < len(found.ids) for first in found.firsts)


def test_a_word_that_the_tokenizer_drops_becomes_unknown() -> None:
    tokenizer = KINDS["bert"]
    (found,) = align(tokenizer, [["\ufe0f", "on", "\u0301", "\ufe0f", "on", "\ufe0f"]])
    on, unknown = tokenizer("on", add_special_tokens=False)["input_ids"], tokenizer.unk_token_id
    assert found.ids == [unknown, *on, unknown, unknown, *on, unknown]


@given(
    st.lists(st.integers(1, 9), min_size=1, max_size=30),
    st.integers(3, 40),
)
def test_a_text_is_cut_between_words_into_parts_that_are_nearly_equal(lengths: list[int], limit: int) -> None:
    firsts = [sum(lengths[:i]) for i in range(len(lengths))]
    text = Aligned(list(range(sum(lengths))), firsts)
    parts = list(stretches(text, limit))
    assert [part.word for part in parts] == [sum(len(p.firsts) for p in parts[:i]) for i in range(len(parts))]
    assert sum(len(part.firsts) for part in parts) == len(lengths)
    for part in parts:
        assert 0 < len(part.ids) <= limit
        assert [part.ids[first] for first in part.firsts] == firsts[part.word :][: len(part.firsts)]
        assert part.cut == (lengths[part.word] > limit)
        assert not part.cut or len(part.firsts) == 1
    if sum(lengths) <= limit:
        assert len(parts) == 1


def test_no_words_make_no_part() -> None:
    (found,) = align(KINDS["bert"], [[]])
    assert list(stretches(found, 10)) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("We left Trieste.", ["We", "left", "Trieste", "."]),
        (
            "Nora's well-known  café,\n3.50 or 10:30!",
            ["Nora", "'s", "well-known", "café", ",", "3.50", "or", "10:30", "!"],
        ),
        ("“Yes” (no)…", ["“", "Yes", "”", "(", "no", ")", "…"]),
        ("@nora #delayed @ # x@y.org", ["@nora", "#delayed", "@", "#", "x@y.org"]),
        ("'quoted' don’t", ["'", "quoted", "'", "don", "’t"]),
        ("\u2764\ufe0f \U0001f469\u200d\U0001f52c ok", ["\u2764\ufe0f", "\U0001f469\u200d", "\U0001f52c", "ok"]),
        ("नमस्ते जी।", ["नमस्ते", "जी", "।"]),
    ],
)
def test_running_text_falls_into_words(text: str, words: list[str]) -> None:
    assert [text[begin:end] for begin, end in words_in(text)] == words
