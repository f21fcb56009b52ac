"""Hidden spans: input and target hold the text, exactly; shares and spans are those asked for."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_models import SENTINELS, tiny_model, tiny_tokenizer, tiny_writing_tokenizer

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.randomness import ByExample, generator
from tlgui.core.recipe import MaskPart, ModelPart, Recipe
from tlgui.data.prepare import Part
from tlgui.data.sources import open_source
from tlgui.models import new_models
from tlgui.models.loading import load_tokenizer
from tlgui.tasks.corruption import Corrupt, Corruptible, choose, corrupt, gaps, restore, sentinels_of, sizes

MARKS = list(range(1000, 1100))


@given(
    lengths=st.lists(st.integers(1, 60), min_size=1, max_size=8),
    share=st.floats(0.01, 0.9),
    span=st.floats(1, 8),
    marks=st.integers(2, 100),
    seed=st.integers(0, 5),
)
def test_input_and_target_give_the_text_back(
    lengths: list[int], share: float, span: float, marks: int, seed: int
) -> None:
    mask, sentinels = MaskPart(share=share, span=span), MARKS[:marks]
    flags = choose(np.array(lengths), mask, marks, generator(seed, "masks", 1))
    hidden, spans = sizes(np.array(lengths), mask, marks)
    for row, length in enumerate(lengths):
        text = np.arange(length)
        inputs, targets = corrupt(text, flags[row, :length], sentinels)
        assert restore(inputs, targets, sentinels) == text.tolist()
        used = [token for token in inputs if token in sentinels]
        assert used == sentinels[: len(used)] == [token for token in targets if token in sentinels][:-1]
        assert targets[-1] == sentinels[len(used)]
        assert (len(used), flags[row].sum()) == (spans[row], hidden[row])
        assert len(inputs) == length - hidden[row] + spans[row]
        assert not flags[row, length:].any()


def test_the_shares_are_those_of_the_paper() -> None:
    lengths = np.full(400, 100)
    flags = choose(lengths, MaskPart(), 100, generator(0, "masks", 1))
    begins = flags & ~np.pad(flags, ((0, 0), (1, 0)))[:, :-1]
    assert (flags.sum(1) == 15).all()
    assert (begins.sum(1) == 5).all()
    shares = flags.mean(0)
    assert shares[5:-5].std() < 0.03  # inside, no place is hidden more often than another
    for end in (0, -1):  # a token at an end is hidden if a span ends there
        assert shares[end] == pytest.approx(5 / 86, abs=0.03)


def test_an_example_is_corrupted_alike_in_any_company() -> None:
    random, rows = ByExample(0, "masks", 2), np.array([3, 8, 5])
    lengths = np.array([10, 50, 20])
    together = choose(lengths, MaskPart(), 100, random.of(rows))
    for place, length in enumerate(lengths):
        alone = choose(lengths[place : place + 1], MaskPart(), 100, random.of(rows[place : place + 1]))
        assert (alone[0] == together[place, :length]).all()


def test_a_gap_that_the_target_lacks_stays() -> None:
    assert restore([1, 1000, 2, 1001], [1001, 7, 1002], MARKS) == [1, 1000, 2, 7]


def test_lengths_are_those_of_the_inputs(tmp_path: Path) -> None:
    file = tmp_path / "texts.txt"
    file.write_text("\n".join(" ".join(f"w{i % 80}" for i in range(n)) for n in (3, 12, 40, 90)), encoding="utf-8")
    encoded = encode(file, tiny_writing_tokenizer(), 32)
    assert len(encoded) == 7  # the long ones in two parts and in three
    for rows in (np.arange(7), np.array([5]), np.array([2, 0])):
        batch = Corrupt().batch(encoded, rows, tiny_writing_tokenizer(), Recipe(), generator(0, "masks", 1))
        assert batch["attention_mask"].sum(1).tolist() == encoded.lengths_of(rows).tolist()
        assert (batch["decoder_attention_mask"].sum(1) == (batch["labels"] != -100).sum(1)).all()
    some = encoded.some(np.array([4, 1]))
    assert some.lengths.tolist() == encoded.lengths[[4, 1]].tolist()
    assert some.whole.lengths.tolist() == encoded.whole.lengths[[4, 1]].tolist()


def encode(file: Path, tokenizer: object, length: int) -> Corruptible:
    recipe = Recipe(task="corrupt").edit("train", max_length=length)
    source = open_source(str(file), recipe.data.reading, lambda e: None, Control())
    part = Part(source.table, source.table.names[:1], np.arange(1, len(source.table) + 1), None)
    return Corrupt().encode(part, tokenizer, recipe, lambda e: None, Control())  # type: ignore[arg-type]


def test_two_thousand_lines_of_wikitext_come_back(shared_data: Path, tmp_path: Path, home: Path) -> None:
    lines = (shared_data / "wikitext-2" / "valid.txt").read_text(encoding="utf-8").splitlines()
    texts = [line.strip() for line in lines if line.strip()][:2000]
    file = tmp_path / "lines.txt"
    file.write_text("\n".join(texts), encoding="utf-8")
    made = new_models.make(
        ModelPart(source="new:t5-mini", vocabulary=1000), lambda: iter([texts[:200]]), lambda e: None, Control()
    )
    tokenizer = load_tokenizer(made)
    encoded, marks = encode(file, tokenizer, 512), sentinels_of(tokenizer)
    gone = spans = 0
    for start in range(0, len(encoded), 64):
        rows = np.arange(start, min(start + 64, len(encoded)))
        batch = Corrupt().batch(encoded, rows, tokenizer, Recipe(), generator(0, "masks", start))
        for row, ids, labels in zip(rows, batch["input_ids"].tolist(), batch["labels"].tolist(), strict=True):
            begin, end = encoded.whole.starts[row : row + 2]
            whole = encoded.whole.fields["input_ids"][begin:end].tolist()
            inputs = ids[: encoded.lengths[row] - 1]
            targets = [token for token in labels if token != -100]
            assert targets.pop() == tokenizer.eos_token_id
            assert restore(inputs, targets, marks) == whole
            spans += sum(token in marks for token in inputs)
            gone += len(targets) - sum(token in marks for token in targets)
    tokens = int(encoded.whole.lengths.sum())
    assert len(encoded) >= 2000
    assert gone / tokens == pytest.approx(0.15, abs=0.005)
    assert gone / spans == pytest.approx(3, abs=0.2)


def test_without_sentinels_nothing_can_be_hidden() -> None:
    with pytest.raises(TlguiError, match="no tokens such as <extra_id_0>"):
        sentinels_of(tiny_tokenizer())
    assert len(sentinels_of(tiny_writing_tokenizer())) == SENTINELS


def test_words_in_braces_are_gaps_to_fill() -> None:
    tokenizer = tiny_writing_tokenizer()
    inputs, targets = gaps("w1 {w2 w3} w4 {w5}", tokenizer)
    assert tokenizer.convert_ids_to_tokens(inputs) == ["w1", "<extra_id_0>", "w4", "<extra_id_1>"]
    expected = ["<extra_id_0>", "w2", "w3", "<extra_id_1>", "w5", "<extra_id_2>"]
    assert tokenizer.convert_ids_to_tokens(targets) == expected
    for text, problem in (("w1 w2", "No word is hidden"), (" ".join(["{w1}"] * 10), "at most 9 gaps")):
        with pytest.raises(TlguiError, match=problem):
            gaps(text, tokenizer)


def test_a_kept_sentence_is_scored_by_its_hidden_word_alone() -> None:
    tokenizer, model = tiny_writing_tokenizer(), tiny_model("t5", "corrupt")
    inputs, targets = gaps("w1 {w2 w3} w4", tokenizer)
    score, chosen = Corrupt().probe(model, tokenizer, "w1 {w2 w3} w4", -1)
    import torch

    labels = torch.tensor([[*targets, 2]])
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([[*inputs, 2]]), labels=labels).logits[0].log_softmax(-1)
    by_hand = logits[[1, 2], [targets[1], targets[2]]].mean().exp()
    assert (score, chosen) == (pytest.approx(float(by_hand), rel=1e-5), -1)
