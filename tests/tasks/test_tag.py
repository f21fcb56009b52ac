"""Tagged sentences in a model's tokens and back: no word is lost, none is counted twice."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_models import tiny_model, tiny_tokenizer
from tiny_runs import tiny_sentences
from tiny_tokenizers import tokenizers
from transformers import PreTrainedTokenizerBase

from tlgui.core.control import Control
from tlgui.core.recipe import Recipe
from tlgui.core.word_lists import split
from tlgui.data.batches import fixed_batches
from tlgui.data.prepare import Part, Prepared
from tlgui.data.whole import open_part
from tlgui.models.loading import label_settings, load_tokenizer
from tlgui.tasks.base import logits_of
from tlgui.tasks.encoded import TRUTH, Batch
from tlgui.tasks.tag import PLACE, SENTENCE, TAG, Tag, Tagged, TagScorer, counted, shares_of

TASK = Tag()
NEVER = np.random.default_rng(0)


def quiet(event: object) -> None:
    pass


def rows_of(file: Path | str) -> Part:
    """All sentences of a file."""
    recipe = Recipe(task="tag").edit("data", source=str(file))
    return open_part(recipe, (), quiet, Control())


def encoded(part: Part, tokenizer: PreTrainedTokenizerBase, max_length: int = 64) -> Tagged:
    recipe = Recipe(task="tag").edit("train", max_length=max_length)
    return TASK.encode(part, tokenizer, recipe, quiet, Control())


def batch_of(examples: Tagged, rows: np.ndarray, tokenizer: PreTrainedTokenizerBase) -> Batch:
    return TASK.batch(examples, rows, tokenizer, Recipe(task="tag"), NEVER)


def perfect(batch: Batch, labels: int) -> torch.Tensor:
    """What a model puts out that is sure of every tag."""
    return torch.nn.functional.one_hot(counted(batch)[:, TAG], labels).float()[None] * 20


def go_round(part: Part, tokenizer: PreTrainedTokenizerBase, max_length: int) -> tuple[list[list[str]], TagScorer]:
    """The tags of sentences that went through a model that is always right, in batches of any order; and the scorer."""
    examples = encoded(part, tokenizer, max_length)
    scorer, other = (TASK.scorer(examples, examples.names) for _ in range(2))
    for number, rows in enumerate(fixed_batches(examples.lengths, 16)):
        batch = batch_of(examples, rows, tokenizer)
        assert batch["input_ids"].shape[1] <= max_length
        (scorer if number % 2 else other).add(perfect(batch, len(examples.names)), batch)
    other.include(scorer)
    return other.sentences()[1], other


def test_labels_stand_at_first_pieces_and_sentences_are_cut_between_words(tmp_path: Path) -> None:
    tokenizer = tokenizers()["bert"]
    file = tmp_path / "a.conll"
    file.write_text("We O\nleft O\nTrieste B-PLACE\n\nunstoppable B-X\n" + "harbour O\n" * 9, encoding="utf-8")
    examples = encoded(rows_of(file), tokenizer, 12)
    assert examples.names == ("O", "B-PLACE", "B-X")
    assert examples.lengths.max() <= 12
    assert set(examples.labels[:, 0].tolist()) == {0, 1}
    batch = batch_of(examples, np.arange(len(examples)), tokenizer)
    for row, labels in zip(batch["input_ids"], batch["labels"], strict=True):
        counts = labels[:, TAG] != -100
        assert not counts[0] and not counts[row == tokenizer.sep_token_id].any()
        pieces = tokenizer.convert_ids_to_tokens(row[counts])
        assert not any(piece.startswith("##") for piece in pieces)
    words = counted(batch)
    assert sorted(map(tuple, words[:, [SENTENCE, PLACE]].tolist())) == [
        *((0, i) for i in range(3)),
        *((1, i) for i in range(10)),
    ]


@pytest.mark.parametrize("max_length", [8, 13, 64])
def test_tags_survive_the_way_through_the_pieces(tmp_path: Path, max_length: int) -> None:
    part = rows_of(tiny_sentences(tmp_path / "rows.conll", most=40))
    found, scorer = go_round(part, tiny_tokenizer(), max_length)
    assert found == [split(cell) for cell in part.truths(np.arange(len(part)))]
    assert scorer.scores().metrics == dict.fromkeys(("f1", "precision", "recall", "accuracy"), 1.0)


@pytest.mark.parametrize("name", ["train", "dev", "test"])
def test_every_sentence_of_wnut_survives(shared_data: Path, name: str) -> None:
    from tlgui.core.paths import resources

    file = shared_data / "wnut17" / f"{name}.conll"
    lines = file.read_text(encoding="utf-8").split("\n")
    sentences: list[list[list[str]]] = [[]]
    for line in lines:
        if line.strip():
            sentences[-1].append(line.split("\t"))
        elif sentences[-1]:
            sentences.append([])
    gold = [sentence for sentence in sentences if sentence]
    part = rows_of(file)
    texts = [split(cells[0].strip()) for cells in part.texts(np.arange(len(part)))]
    assert texts == [[fields[0] for fields in sentence] for sentence in gold]
    kinds = {"starter": load_tokenizer(resources() / "starter"), **(tokenizers() if name == "dev" else {})}
    for family, tokenizer in kinds.items():
        for max_length in (128, 24):  # the shorter one cuts most sentences
            found, scorer = go_round(part, tokenizer, max_length)
            assert found == [[fields[-1] for fields in sentence] for sentence in gold], family
        assert scorer.scores().metrics["f1"] == 1.0


def test_what_is_no_sequence_is_repaired_and_counted(tmp_path: Path) -> None:
    file = tmp_path / "a.conll"
    file.write_text("We O\n\nleft I-x\nTrieste I-x\nyes I-y\n\nand I-y\n", encoding="utf-8")
    examples = encoded(rows_of(file), tiny_tokenizer())
    assert examples.names == ("O", "B-x", "I-x", "B-y")
    assert examples.notes == ("3 tags with I- begin a name, and are read with B-; the first is in row 2.",)


def test_label_names_are_those_of_the_training_rows_and_others_count_as_missed(tmp_path: Path) -> None:
    for name, tag in (("train", "B-x"), ("dev", "B-new")):
        (tmp_path / f"{name}.conll").write_text(f"w1 {tag}\nw2 O\n\nw3 B-x\n", encoding="utf-8")
    train, dev = (rows_of(tmp_path / f"{name}.conll") for name in ("train", "dev"))
    labels = TASK.label_names(Prepared(train, dev, (), "tags", ()))
    assert labels == encoded(train, tiny_tokenizer()).names == ("O", "B-x")
    examples = encoded(dev, tiny_tokenizer())
    batch = batch_of(examples, np.arange(2), tiny_tokenizer())
    scorer = TASK.scorer(examples, labels)
    right = torch.tensor([[[0.0, 9.0], [9.0, 0.0], [0.0, 9.0]]])  # B-x O, B-x
    scorer.add(right, batch)
    scores = scorer.scores()
    assert scores.loss < 0.01  # of what it can know
    assert scores.metrics == pytest.approx({"precision": 1 / 2, "recall": 1 / 2, "f1": 1 / 2, "accuracy": 2 / 3})


def test_a_word_longer_than_the_model_reads_loses_its_end_and_is_counted(tmp_path: Path) -> None:
    tokenizer = tokenizers()["roberta"]
    file = tmp_path / "a.conll"
    file.write_text(f"We O\n{'xq' * 30} B-x\nleft O\n", encoding="utf-8")
    part = rows_of(file)
    assert encoded(part, tokenizer, 16).cut == 1
    assert go_round(part, tokenizer, 16)[0] == [["O", "B-x", "O"]]


def test_some_of_the_examples_keep_their_sentences_and_names(tmp_path: Path) -> None:
    examples = encoded(rows_of(tiny_sentences(tmp_path / "rows.conll")), tiny_tokenizer())
    some = examples.some(np.array([7, 3]))
    assert some.names == examples.names
    assert some.labels.tolist() == [[7, 0], [3, 0]]
    assert some.fields[TRUTH].tolist() == [
        *examples.some(np.array([7])).fields[TRUTH],
        *examples.some(np.array([3])).fields[TRUTH],
    ]


@pytest.mark.parametrize("family", ["bert", "roberta", "albert", "deberta-v2"])
def test_shares_of_a_long_text_are_those_of_its_parts(family: str) -> None:
    tokenizer = tokenizers()[family]
    labels = ("O", "B-x", "I-x")
    model = tiny_model(family, "tag", vocab_size=len(tokenizer), **label_settings(labels))
    texts = [["We", "left", "Trieste", ",", "unstoppable"], [], ["on"]]
    whole = shares_of(model, tokenizer, texts, 64)
    assert [shares.shape for shares in whole] == [(5, 3), (0, 3), (1, 3)]
    assert np.allclose(np.concatenate(whole).sum(axis=1), 1, atol=1e-5)
    inputs = tokenizer(" ".join(texts[0]), return_tensors="pt")
    with torch.no_grad():
        plain = model(**{name: inputs[name] for name in ("input_ids", "attention_mask")}).logits[0].softmax(-1)
    assert np.allclose(whole[0][0], plain[1], atol=1e-5)
    cut = shares_of(model, tokenizer, texts, 8)
    assert not np.allclose(cut[0], whole[0], atol=1e-7)  # a word sees its own part alone
    assert np.allclose(cut[2], whole[2], atol=1e-6)


def test_the_head_runs_at_first_pieces_alone(tmp_path: Path) -> None:
    tokenizer = tiny_tokenizer()
    examples = encoded(rows_of(tiny_sentences(tmp_path / "rows.conll")), tokenizer)
    model = tiny_model("bert", "tag", **label_settings(examples.names))
    batch = batch_of(examples, np.arange(8), tokenizer)
    with torch.no_grad():
        logits = logits_of(TASK, model, batch)
    assert logits.shape == (1, len(counted(batch)), len(examples.names))
    with torch.no_grad():
        whole = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).logits
    assert torch.allclose(logits[0], whole.flatten(0, 1)[TASK.wanted(batch)], atol=1e-5)
    loss = torch.nn.functional.cross_entropy(
        whole.flatten(0, 1), batch["labels"][..., TAG].flatten(), ignore_index=-100
    )
    assert float(TASK.loss(logits, batch)) == pytest.approx(float(loss), abs=1e-5)
