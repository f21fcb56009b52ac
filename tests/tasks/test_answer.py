"""Questions: what counts in the loss, how windows come to one answer, and when there is none."""

from __future__ import annotations

import dataclasses
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_models import tiny_model, tiny_tokenizer
from tiny_runs import loop_in_memory, tiny_recipe
from torch.nn import functional

from tlgui.core.answer_cells import Answer as RightAnswer
from tlgui.core.answer_cells import write_answers
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.recipe import AnswerPart, Recipe
from tlgui.data.prepare import Part, prepare
from tlgui.tasks.answer import THRESHOLD, Answer, AnswerScorer, windows_of_one
from tlgui.tasks.base import logits_of
from tlgui.tasks.encoded import Batch
from tlgui.tasks.windows import OneQuestion, Windows
from tlgui.train import measure
from tlgui.train.parts import shares_of, split

TASK = Answer()
RANDOM = np.random.default_rng(0)
PASSAGE = "w50 w51 w52 w53 w54 w55"


def windows(answers: str = "", settings: AnswerPart | None = None, passage: str = PASSAGE) -> Windows:
    return windows_of_one(OneQuestion("w3 w20", passage, answers), tiny_tokenizer(), 32, settings or AnswerPart())


def batch_of(encoded: Windows) -> Batch:
    return TASK.batch(encoded, np.arange(len(encoded)), tiny_tokenizer(), Recipe(), RANDOM)


def logits_for(encoded: Windows, *spans: tuple[int, int, float]) -> torch.Tensor:
    """Logits of one window in which some spans, in words of the passage, score so much; 0 is no answer."""
    logits = torch.full((1, encoded.lengths[0], 2), -9.0)
    for first, last, score in spans:
        places = (0, 0) if (first, last) == (-1, -1) else (first + 2, last + 2)
        logits[0, places[0], 0] = logits[0, places[1], 1] = score / 2
    return logits


def test_labels_stay_apart_from_the_tokens_whatever_their_number() -> None:
    for words in range(1, 9):
        encoded = windows(passage=" ".join(["w50"] * words))
        batch = TASK.batch(encoded, np.zeros(2, dtype=np.int64), tiny_tokenizer(), Recipe(), RANDOM)
        assert batch["labels"].shape == (2, 1, 5)
        assert batch["labels"].dtype == torch.int64
        first, second = split(batch, np.array([1, batch["input_ids"].shape[1]]), 2)
        assert torch.equal(torch.cat([first["labels"], second["labels"]]), batch["labels"])


def test_the_loss_is_over_the_passage_and_the_first_token() -> None:
    encoded = windows(write_answers([RightAnswer("w51 w52", 4)]))
    batch, logits = batch_of(encoded), torch.randn(1, 8, 2, generator=torch.Generator().manual_seed(0))
    can = [0, *range(2, 8)]
    begins = functional.cross_entropy(logits[:, can, 0], torch.tensor([can.index(3)]))
    ends = functional.cross_entropy(logits[:, can, 1], torch.tensor([can.index(4)]))
    assert float(TASK.loss(logits, batch)) == pytest.approx(float(begins + ends) / 2)
    other = logits.clone()
    other[0, 1] = 99.0  # a token of the question
    assert torch.equal(TASK.loss(other, batch), TASK.loss(logits, batch))


def test_a_window_without_the_answer_points_to_the_first_token() -> None:
    batch = batch_of(windows())
    assert batch["labels"][0, 0, :2].tolist() == [0, 0]
    sure = torch.zeros(1, 8, 2)
    sure[0, 0] = 50.0
    assert float(TASK.loss(sure, batch)) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("family", ["bert", "distilbert", "deberta-v2", "modernbert"])
def test_all_tokens_are_read_and_parts_give_the_whole_loss(family: str, tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "answer")
    part = prepare(recipe, lambda event: None, Control()).train
    encoded = TASK.encode(part, tiny_tokenizer(), recipe, lambda event: None, Control())
    batch = TASK.batch(encoded, np.arange(12), tiny_tokenizer(), recipe, RANDOM)
    model = tiny_model(family, "answer")
    inputs = {name: values for name, values in batch.items() if name != "labels"}
    output = model(**inputs)
    logits = logits_of(TASK, model, batch)
    assert torch.allclose(logits[..., 0], output.start_logits, atol=1e-6)
    assert torch.allclose(logits[..., 1], output.end_logits, atol=1e-6)
    assert logits.shape == (*batch["input_ids"].shape, 2)
    parts = split(batch, encoded.lengths_of(np.arange(12)), 5)
    pieces = zip(parts, shares_of(TASK, parts), strict=True)
    with torch.no_grad():
        loss = sum(share * float(TASK.loss(logits_of(TASK, model, one), one)) for one, share in pieces)
    assert loss == pytest.approx(float(TASK.loss(logits.detach(), batch)), rel=1e-5)


def scored(encoded: Windows, logits: torch.Tensor) -> dict[str, float]:
    scorer = AnswerScorer(encoded)
    scorer.add(logits, batch_of(encoded))
    return scorer.scores().metrics


def test_the_best_span_is_scored_against_every_right_answer() -> None:
    encoded = windows(write_answers([RightAnswer("w51", 4), RightAnswer("w51 w52 w53", 4)]))
    assert scored(encoded, logits_for(encoded, (1, 3, 5.0))) == {"f1": 1.0, "exact": 1.0}
    assert scored(encoded, logits_for(encoded, (1, 4, 5.0))) == {"f1": pytest.approx(6 / 7), "exact": 0.0}
    assert scored(encoded, logits_for(encoded, (5, 5, 5.0)))["f1"] == 0.0


def test_an_answer_is_no_longer_than_the_recipe_says() -> None:
    encoded = windows(write_answers([RightAnswer("w51", 4)]), AnswerPart(longest_answer=1))
    assert scored(encoded, logits_for(encoded, (1, 4, 5.0), (1, 1, 4.0)))["exact"] == 1.0


@pytest.mark.parametrize(
    ("settings", "f1"),
    [
        (AnswerPart(no_answer="never"), 0.0),
        (AnswerPart(no_answer="fixed", threshold=2.0), 0.0),
        (AnswerPart(no_answer="fixed", threshold=0.5), 1.0),
        (AnswerPart(), 1.0),
    ],
)
def test_no_answer_is_said_above_the_threshold(settings: AnswerPart, f1: float) -> None:
    encoded = windows("", settings)
    found = scored(encoded, logits_for(encoded, (1, 1, 3.0), (-1, -1, 4.0)))
    assert found["f1"] == found["exact"] == f1
    assert (THRESHOLD in found) == (settings.no_answer != "never")
    assert found.get("f1_answering_all", 0.0) == 0.0


def questions(folder: Path) -> tuple[Windows, Part]:
    recipe = tiny_recipe(folder, "answer")
    part = prepare(recipe, lambda event: None, Control()).train
    encoded = TASK.encode(part, tiny_tokenizer(), recipe, lambda event: None, Control())
    assert isinstance(encoded, Windows)
    return encoded, part


def test_windows_of_a_question_are_weighed_against_each_other(tmp_path: Path) -> None:
    """By hand, from all logits at once: the best span of all windows, against the lowest score of no answer."""
    encoded, part = questions(tmp_path)
    assert len(encoded) > len(part)
    batch = batch_of(encoded)
    logits = logits_of(TASK, tiny_model("bert", "answer"), batch).detach()
    right = 0
    for row in range(len(part)):
        best, nothing, text = -np.inf, np.inf, ""
        ((_, passage),), (cell,) = part.texts(np.array([row])), part.truths(np.array([row]))
        for window in np.flatnonzero(encoded.rows == row):
            _, _, low, high, number = batch["labels"][window, 0].tolist()
            assert number == window
            nothing = min(nothing, float(logits[window, 0].sum()))
            for i in range(low, high):
                for j in range(i, min(high, i + 30)):
                    score = float(logits[window, i, 0] + logits[window, j, 1])
                    if score > best:
                        best, text = score, passage[slice(*encoded.characters(window, i, j, passage))]
        said = "" if nothing - best > 0.1 else text
        right += said == (cell.split('"')[3] if "text" in cell else "")
    fixed = dataclasses.replace(encoded, settings=AnswerPart(no_answer="fixed", threshold=0.1))
    assert scored(fixed, logits)["exact"] == pytest.approx(right / len(part))


def test_several_processes_come_to_the_same_scores(tmp_path: Path) -> None:
    encoded, _ = questions(tmp_path)
    model, whole, pieces = tiny_model("bert", "answer"), AnswerScorer(encoded), []
    for rows in np.array_split(np.random.default_rng(0).permutation(len(encoded)), 4):
        batch = TASK.batch(encoded, rows, tiny_tokenizer(), Recipe(), RANDOM)
        one = AnswerScorer(encoded)
        for scorer in (whole, one):
            scorer.add(logits_of(TASK, model, batch).detach(), batch)
        sent = pickle.dumps(one)
        assert len(sent) < 100 * len(rows) + 1000  # numbers travel, texts do not
        pieces.append(pickle.loads(sent))
    first, *others = pieces
    for other in others:
        first.include(other)
    assert first.scores().metrics == whole.scores().metrics
    assert first.scores().loss == pytest.approx(whole.scores().loss)
    assert 0 < whole.scores().metrics["exact"] < 1


def test_one_text_column_is_too_few(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "answer").edit("data", text=("passage",))
    with pytest.raises(TlguiError, match="an answer needs two text columns"):
        prepare(recipe, lambda event: None, Control())


@pytest.mark.parametrize("marked", ["w50 {w51 w52} w53", "w50 w51 w52 w53"])
def test_a_kept_question_shows_the_share_of_its_answer(marked: str) -> None:
    model, text = tiny_model("bert", "answer"), f"w3 w20\n{marked}"
    TASK.check_probe(tiny_tokenizer(), text)
    with torch.no_grad():
        share, chosen = TASK.probe(model, tiny_tokenizer(), text, -1)
        output = model(**tiny_tokenizer()("w3 w20", "w50 w51 w52 w53", return_tensors="pt"))
    begins, ends = output.start_logits[0], output.end_logits[0]
    spans = {(i, j): float(begins[i] + ends[j]) for i in range(2, 6) for j in range(i, 6)}
    spans[0, 0] = float(begins[0] + ends[0])
    total = sum(map(np.exp, spans.values()))
    assert share == pytest.approx(np.exp(spans[(3, 4) if "{" in marked else (0, 0)]) / total, rel=1e-4)
    assert chosen == -1


@pytest.mark.parametrize("text", ["w3 w20", f"{'w3 ' * 70}\nw50"])
def test_a_kept_question_that_cannot_be_scored_is_refused(text: str) -> None:
    with pytest.raises(TlguiError, match=r"needs its passage|no room for the question"):
        TASK.check_probe(tiny_tokenizer(), text)


def test_what_is_left_out_is_noted(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "answer", max_length=11)
    notes = loop_in_memory(recipe).setup.notes
    assert not any("no room" in note for note in notes)  # 2 words of a question, 9 of a passage
    file = tmp_path / "questions.csv"
    file.write_text(file.read_text() + f"{'w3 ' * 9}w20,w50 w51 w52,\n", encoding="utf-8")
    notes = loop_in_memory(recipe).setup.notes
    assert any("11 tokens have no room for a passage beside them: 1 question, the first is row 61" in n for n in notes)


def test_the_steps_that_windows_take_are_foretold(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "answer", epochs=1)
    setup = loop_in_memory(recipe).setup
    facts = measure.lengths(recipe, lambda event: None, Control())
    rows = len(set(setup.train.rows.tolist())), len(set(setup.validation.rows.tolist()))  # type: ignore[attr-defined]
    found = measure.cost(recipe, facts, *rows, lambda event: None, Control())
    assert len(setup.train) > 1.3 * rows[0]
    assert found.steps == pytest.approx(setup.steps_per_epoch, rel=0.2)
