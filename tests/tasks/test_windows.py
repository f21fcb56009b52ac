"""Questions in windows: the same as transformers makes, nothing lost, and answers found again letter by letter."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import ByteLevel
from tokenizers.processors import RobertaProcessing
from transformers import AutoTokenizer, PreTrainedTokenizerBase, PreTrainedTokenizerFast

from tlgui.core.answer_cells import Answer, read_answers, write_answers
from tlgui.core.paths import resources
from tlgui.core.recipe import AnswerPart
from tlgui.core.squad_metrics import agreement
from tlgui.tasks.answer import gathered
from tlgui.tasks.windows import Counts, Windows, cuts, frame_of, windows_of

WORDS = ["keeper", "hedge", "damson", "winter", "rent", "plot", "well", "stove", "bramble", "lane", "October", "ledger"]


class Listed:
    """Questions in memory, as a part of a table has them."""

    def __init__(self, rows: Sequence[tuple[str, str, str]], starts: Sequence[str] = ()) -> None:
        self.rows, self.starts = rows, starts

    def __len__(self) -> int:
        return len(self.rows)

    def texts(self, indices: np.ndarray) -> list[tuple[str, ...]]:
        return [self.rows[i][:2] for i in indices]

    def truths(self, indices: np.ndarray) -> list[str]:
        return [self.rows[i][2] for i in indices]

    def beside(self, column: str, indices: np.ndarray) -> list[str]:
        return [self.starts[i] if self.starts else "" for i in indices]


@pytest.fixture(scope="module")
def starter() -> PreTrainedTokenizerBase:
    return AutoTokenizer.from_pretrained(resources() / "starter")


@pytest.fixture(scope="module")
def byte_level() -> PreTrainedTokenizerBase:
    """Bytes as pieces, two separators between the texts, and no types, as RoBERTa has it."""
    alphabet = sorted(ByteLevel.alphabet())
    pieces = {piece: i for i, piece in enumerate(("<s>", "<pad>", "</s>", *alphabet))}
    tokenizer = Tokenizer(BPE(pieces, []))
    tokenizer.pre_tokenizer = ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=False, add_prefix_space=False)
    names = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>"}
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, model_input_names=["input_ids", "attention_mask"], **names
    )


def put(asked: Listed, tokenizer: PreTrainedTokenizerBase, limit: int = 64, stride: int = 16) -> tuple[Windows, Counts]:
    counts, settings = Counts(), AnswerPart(stride=stride)
    rows = np.arange(len(asked))
    made = gathered(
        iter([list(windows_of(rows, asked, tokenizer, limit, settings, counts))]), asked, tokenizer, settings
    )
    return made, counts


def passage(words: int, seed: int = 0) -> str:
    return " ".join(np.random.default_rng(seed).choice(WORDS, words))


@pytest.mark.parametrize("kind", ["starter", "byte_level"])
@pytest.mark.parametrize("words", [1, 3, 40, 300])
def test_windows_are_those_of_transformers(kind: str, words: int, request: pytest.FixtureRequest) -> None:
    tokenizer: PreTrainedTokenizerBase = request.getfixturevalue(kind)
    question, text = "Who keeps it?", passage(words)
    made, _ = put(Listed([(question, text, "")]), tokenizer)
    theirs = tokenizer(
        question,
        text,
        truncation="only_second",
        max_length=64,
        stride=16,
        return_overflowing_tokens=True,
        return_offsets_mapping=True,
        return_token_type_ids=True,
    )
    assert len(made) == len(theirs["input_ids"])
    for i in range(len(made)):
        span = slice(made.starts[i], made.starts[i + 1])
        assert made.fields["input_ids"][span].tolist() == theirs["input_ids"][i]
        if "token_type_ids" in made.fields:
            assert made.fields["token_type_ids"][span].tolist() == theirs["token_type_ids"][i]
        owners = theirs.encodings[i].sequence_ids
        offsets = [o if owner == 1 else (-1, -1) for o, owner in zip(theirs["offset_mapping"][i], owners, strict=True)]
        begin, end = made.fields["begin"][span].tolist(), made.fields["end"][span].tolist()
        assert list(zip(begin, end, strict=True)) == offsets
        assert made.labels is not None
        assert owners.index(1) == made.labels[i, 2]
        assert len(owners) - owners[::-1].index(1) == made.labels[i, 3]
    assert ("token_type_ids" in made.fields) == (kind == "starter")


def test_a_model_without_special_tokens_has_no_frame() -> None:
    bare = Tokenizer(BPE({"a": 0, "b": 1}, []))
    frame = frame_of(PreTrainedTokenizerFast(tokenizer_object=bare))
    assert frame.tokens == 0
    assert frame.types[1] != frame.types[3]


@pytest.mark.parametrize("tokens", [1, 9, 10, 11, 57, 500])
@pytest.mark.parametrize(("room", "stride"), [(10, 0), (10, 3), (10, 50), (1, 64)])
def test_windows_cover_a_passage_and_overlap(tokens: int, room: int, stride: int) -> None:
    spans = cuts(tokens, room, stride)
    assert spans[0][0] == 0
    assert spans[-1][1] == tokens
    assert all(0 < end - begin <= room for begin, end in spans)
    shared = min(stride, room // 2)
    assert all(first[1] - second[0] == shared for first, second in itertools.pairwise(spans))
    assert all(end < tokens for _, end in spans[:-1])  # none more than needed


def answers_of(made: Windows) -> Iterator[tuple[int, str]]:
    """Of each window that has an answer: its row, and the answer read back from the tokens."""
    assert made.labels is not None
    for window, (first, last, *_) in enumerate(made.labels.tolist()):
        if first:
            row = int(made.rows[window])
            text = made.asked.texts(np.array([row]))[0][1]
            begin, end = made.characters(window, first, last, text)
            yield row, text[begin:end]


@pytest.mark.parametrize("kind", ["starter", "byte_level"])
@pytest.mark.parametrize("limit", [384, 64])
def test_every_answer_of_xquad_is_found_again(
    kind: str, limit: int, shared_data: Path, request: pytest.FixtureRequest
) -> None:
    file = shared_data / "squad" / "xquad.en.json"
    paragraphs = [p for article in json.loads(file.read_text())["data"] for p in article["paragraphs"]]
    rows = [
        (one["question"], p["context"], write_answers([Answer(a["text"], a["answer_start"]) for a in one["answers"]]))
        for p in paragraphs
        for one in p["qas"]
    ]

    def right(row: int) -> list[str]:
        whole = [counts.whole[row]] if row in counts.whole else []
        return [answer.text for answer in read_answers(rows[row][2])] + whole

    limit *= 8 if kind == "byte_level" else 1  # each letter is a token there
    made, counts = put(Listed(rows), request.getfixturevalue(kind), limit, stride=limit // 3)
    assert len(counts.whole) == (kind == "starter")  # “7,000,000 square kilometres (2,70” ends within a number
    assert counts == Counts(whole=counts.whole)
    found: dict[int, set[float]] = {}
    for row, text in answers_of(made):
        found.setdefault(row, set()).add(agreement(text, right(row))[0])
    assert len(rows) == 1190
    assert set(found) == set(range(1190))
    assert all(exact == {1.0} for exact in found.values())


def test_an_answer_that_a_window_cuts_is_not_in_it(starter: PreTrainedTokenizerBase) -> None:
    text = passage(200)
    begin = text.index(" ", 500) + 1
    answer = text[begin : begin + 40].rsplit(" ", 1)[0]
    made, _ = put(Listed([("Who?", text, write_answers([Answer(answer, begin)]))]), starter)
    assert made.labels is not None
    first = made.labels[:, 0] > 0
    assert 0 < first.sum() < len(made)
    assert (made.labels[~first, :2] == 0).all()
    assert [found for _, found in answers_of(made)] == [answer] * first.sum()


def test_an_answer_that_no_window_has_whole_is_counted(starter: PreTrainedTokenizerBase) -> None:
    text = passage(200)
    made, counts = put(Listed([("Who?", text, " ".join(text.split()[50:120]))]), starter)
    assert made.labels is not None
    assert not made.labels[:, 0].any()
    assert counts.cut == 1
    assert "whole in none of them: 1 answer" in counts.notes(64, np.array([1]))[0]


def test_what_was_repaired_or_left_out_is_counted(starter: PreTrainedTokenizerBase) -> None:
    text = "The hedge was planted in winter. The hedge grew."
    rows = [
        ("What?", text, "hedge"),
        ("What?", text, "hedge"),
        ("When?", text, write_answers([Answer("winter", 20)])),
        (passage(100), text, "winter"),
        ("When?", text, "winter"),
        ("When?", "\u200b", ""),
    ]
    made, counts = put(Listed(rows, starts=("", "37", "", "", "", "")), starter)
    assert counts == Counts(moved=1, several=1, too_long=1, first_too_long=3, blank=1)
    assert made.rows.tolist() == [0, 1, 2, 4]
    assert made.labels is not None
    assert made.labels[0, 0] < made.labels[1, 0]
    assert [found for _, found in answers_of(made)] == ["hedge", "hedge", "winter", "winter"]
    notes = counts.notes(64, np.array([11, 12, 13, 14, 15, 16]))
    assert len(notes) == 4
    assert "64 tokens have no room for a passage beside them: 1 question, the first is row 14." in notes[2]


def test_some_windows_know_their_questions(starter: PreTrainedTokenizerBase) -> None:
    made, _ = put(Listed([("Who?", passage(200), ""), ("What?", passage(3), "")]), starter)
    last = made.some(np.array([len(made) - 1]))
    assert last.rows.tolist() == [1]
    assert last.labels is not None
    first, behind = last.labels[0, 2:].tolist()
    assert last.characters(0, first, behind - 1, passage(3)) == (0, len(passage(3)))
