"""Inputs and outputs: prefixes, what the decoder reads, the loss, and figures of what is written."""

from __future__ import annotations

import csv
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_models import tiny_folder, tiny_model, tiny_writing_tokenizer

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.recipe import MixingPart, Recipe
from tlgui.data.prepare import prepare
from tlgui.tasks.base import Writer, logits_of
from tlgui.tasks.text_to_text import WRITTEN_ROWS, TextPairs, TextScorer, TextToText, asked
from tlgui.train.setup import set_up

TASK = TextToText()


def write_rows(file: Path, rows: list[tuple[str, ...]], names: tuple[str, ...] = ("prefix", "input", "output")) -> Path:
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([names, *rows])
    return file


def recipe_of(file: Path, **data: object) -> Recipe:
    return Recipe(task="text-to-text").edit("data", source=str(file), **data)


def encode(recipe: Recipe) -> TextPairs:
    prepared = prepare(recipe, lambda e: None, Control())
    return TASK.encode(prepared.train, tiny_writing_tokenizer(), recipe, lambda e: None, Control())


def tokens(ids: np.ndarray | list[int]) -> str:
    return str(tiny_writing_tokenizer().decode([token for token in ids if token != -100]))


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    made = [(f"w{i % 2}", f"w{i + 2} w{i + 3}", " ".join(["w9"] * (1 + i % 4))) for i in range(20)]
    return write_rows(tmp_path / "rows.csv", made)


def test_a_column_named_prefix_stands_in_front(rows: Path) -> None:
    pairs = encode(recipe_of(rows))
    texts = {tokens(pairs.padded("input_ids", np.array([i]), 1)[0]) for i in range(len(pairs))}
    assert {text.split()[0] for text in texts} == {"<unk>"}  # "w0:" is no word of this tokenizer
    assert set(pairs.tasks) == {"w0", "w1"}
    assert sum(pairs.counts) == len(pairs)
    assert sorted(pairs.of_epoch(0, 0)) == list(range(len(pairs)))  # type: ignore[arg-type]


def test_a_prefix_of_the_recipe_is_for_all_rows(rows: Path) -> None:
    recipe = recipe_of(rows, text=("input",), label="output").edit("text", prefix="w7 >")
    pairs = encode(recipe)
    first = tokens(pairs.padded("input_ids", np.array([0]), 1)[0])
    assert first.split()[0] == "w7"
    assert pairs.tasks == ("",)
    assert pairs.of_epoch(0, 0) is None


@pytest.mark.parametrize(
    ("columns", "cells", "prefix", "expected"),
    [
        (("input",), ("a text ",), "", ("", "a text")),
        (("input",), ("a text",), "shorten", ("shorten", "shorten: a text")),
        (("input",), ("a text",), "shorten:", ("shorten:", "shorten: a text")),
        (("prefix", "input"), (" shorten", "a text"), "other", ("shorten", "shorten: a text")),
        (("premise", "hypothesis"), ("one", "two"), "nli", ("nli", "nli: premise: one hypothesis: two")),
    ],
)
def test_what_is_asked(
    columns: tuple[str, ...], cells: tuple[str, ...], prefix: str, expected: tuple[str, str]
) -> None:
    assert asked(columns, cells, prefix) == expected


def test_labels_are_the_outputs_and_padding_does_not_count(rows: Path) -> None:
    recipe = recipe_of(rows).edit("text", max_output=3)
    pairs = encode(recipe)
    chosen = np.arange(8)
    batch = TASK.batch(pairs, chosen, tiny_writing_tokenizer(), recipe, np.random.default_rng(0))
    assert batch["labels"].shape == batch["decoder_attention_mask"].shape
    assert ((batch["labels"] == -100) == (batch["decoder_attention_mask"] == 0)).all()
    wanted = pairs.part.truths(chosen)
    for labels, text in zip(batch["labels"].tolist(), wanted, strict=True):
        kept = [token for token in labels if token != -100]
        assert kept[-1] == 2  # the end, also of an output that was cut
        assert tokens(kept[:-1]) == " ".join(text.split()[:2])
    assert any("lose their end after 3 tokens" in note for note in pairs.notes)


def test_the_loss_is_that_of_transformers(rows: Path) -> None:
    recipe, model = recipe_of(rows), tiny_model("t5", "text-to-text")
    pairs = encode(recipe)
    batch = TASK.batch(pairs, np.arange(6), tiny_writing_tokenizer(), recipe, np.random.default_rng(0))
    loss = TASK.loss(logits_of(TASK, model, batch), batch)
    with torch.no_grad():
        theirs = model(**{k: batch[k] for k in ("input_ids", "attention_mask", "labels")}).loss
    assert float(loss.detach()) == pytest.approx(float(theirs), rel=1e-5)


def test_an_empty_output_and_a_missing_prefix_are_named(tmp_path: Path) -> None:
    good = [("w1", f"w{i}", "w2") for i in range(9)]
    no_output = write_rows(tmp_path / "a.csv", [*good, ("w1", "w20", "")])
    with pytest.raises(TlguiError, match=r"row 10, column output: the label is empty"):
        prepare(recipe_of(no_output), lambda e: None, Control())
    no_prefix = write_rows(tmp_path / "b.csv", [*good, ("", "w20", "w3")])
    with pytest.raises(TlguiError, match=r"row 10, column prefix: the text is empty"):
        prepare(recipe_of(no_prefix), lambda e: None, Control())


def test_a_scorer_writes_for_some_rows_and_can_be_sent(rows: Path) -> None:
    recipe, model, tokenizer = recipe_of(rows), tiny_model("t5", "text-to-text"), tiny_writing_tokenizer()
    pairs = encode(recipe)
    whole, parts = TASK.scorer(pairs, ()), [TASK.scorer(pairs, ()) for _ in range(2)]
    assert isinstance(whole, Writer)
    for scorer, chosen in ((whole, np.arange(8)), (parts[0], np.arange(4)), (parts[1], np.arange(4, 8))):
        batch = TASK.batch(pairs, chosen, tokenizer, recipe, np.random.default_rng(0))
        with torch.no_grad():
            scorer.add(logits_of(TASK, model, batch), batch)
        scorer.write(model, tokenizer, pairs, chosen, Control())
    first, second = (pickle.loads(pickle.dumps(part)) for part in parts)
    first.include(second)
    assert first.figures() == whole.figures()
    assert first.scores().loss == pytest.approx(whole.scores().loss, rel=1e-6)
    assert set(whole.scores().metrics) == {"loss", "f1", "exact_match", "bleu", "f1:w0", "f1:w1"}


def test_figures_are_means_over_the_tasks() -> None:
    scorer = TextScorer(("one", "two"))
    scorer._pairs = [(0, "a", "a"), (0, "b", "b"), (0, "c", "c"), (1, "x", "y")]
    metrics = scorer.figures()
    assert (metrics["f1"], metrics["exact_match"]) == (0.5, 0.5)
    assert (metrics["f1:one"], metrics["f1:two"]) == (1.0, 0.0)


def test_at_most_so_many_rows_of_a_task_are_written(rows: Path) -> None:
    pairs = encode(recipe_of(rows))
    many = TextPairs(
        np.arange(301),
        {"input_ids": np.zeros(300, dtype=np.int32)},
        outputs=pairs.outputs,
        part=pairs.part,
        places=np.arange(300),
        tasks=("a", "b"),
        task_of=np.repeat(np.array([0, 1], dtype=np.int32), [290, 10]),
        most=8,
    )
    assert many.written[:290].sum() == WRITTEN_ROWS
    assert many.written[290:].all()


def test_a_kept_sentence_needs_input_and_output() -> None:
    model, tokenizer = tiny_model("t5", "text-to-text"), tiny_writing_tokenizer()
    with pytest.raises(TlguiError, match="=>"):
        TASK.check_probe(tokenizer, "w1 w2")
    score, chosen = TASK.probe(model, tokenizer, "w1 w2 => w3", -1)
    assert 0 < score < 1
    assert chosen == -1


def test_a_run_says_how_tasks_are_mixed(rows: Path, tmp_path: Path) -> None:
    recipe = recipe_of(rows, validation=0.2).edit("model", source=str(tiny_folder(tmp_path / "t5", "t5", "corrupt")))
    setup = set_up(recipe.model_copy(update={"mixing": MixingPart(rule="equal")}), lambda e: None, Control())
    assert any(note.startswith("Rows of an epoch, mixed equally: ") and "50.0 % (8)" in note for note in setup.notes)
