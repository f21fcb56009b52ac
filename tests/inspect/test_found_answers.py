"""Answers of a trained model: those of its logits, the same in the window, in a table and in the scores."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_runs import tiny_recipe
from transformers import AutoModelForQuestionAnswering, AutoTokenizer

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Finished
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.core.squad_metrics import agreement
from tlgui.inspect import answers, evaluation, shelf
from tlgui.tasks.answer import THRESHOLD
from tlgui.train import session

PASSAGE = " ".join(f"w{n}" for n in (*range(40, 52), 20, *range(52, 58)))


def quiet(event: object) -> None:
    pass


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("answer")
    ending = session.run(tiny_recipe(folder, "answer", epochs=1), folder / "runs", quiet, Control())
    assert isinstance(ending, Finished)
    return Path(ending.value.folder)


def test_the_evaluation_of_a_run_is_its_best_validation(run: Path) -> None:
    best = History.of(RunFolder(run).events()).best
    assert best is not None
    found = evaluation.of_run(str(run), quiet, Control())
    assert found.metrics == pytest.approx(dict(best.metrics), abs=1e-6)
    assert set(found.metrics) == {"f1", "exact", "f1_answering_all", "exact_answering_all", THRESHOLD}
    assert found.metrics["f1"] >= found.metrics["f1_answering_all"]


def test_shares_are_those_of_transformers_alone(run: Path) -> None:
    found = answers.find("w3 w20", PASSAGE, str(run), Control(), top=1000)
    model = AutoModelForQuestionAnswering.from_pretrained(run / "model").eval()
    tokenizer = AutoTokenizer.from_pretrained(run / "model")
    with torch.no_grad():
        output = model(**tokenizer("w3 w20", PASSAGE, return_tensors="pt"))
    begins, ends = output.start_logits[0].tolist(), output.end_logits[0].tolist()
    scores = {(i, j): begins[i] + ends[j] for i in range(2, 21) for j in range(i, 21)}
    scores[0, 0] = begins[0] + ends[0]
    total = sum(map(np.exp, scores.values()))
    assert found.no_answer == pytest.approx(np.exp(scores.pop((0, 0))) / total, rel=1e-3)
    words = PASSAGE.split()
    expected = sorted(
        ((np.exp(s) / total, " ".join(words[i - 2 : j - 1])) for (i, j), s in scores.items()), reverse=True
    )
    assert [span.share for span in found.spans] == pytest.approx([share for share, _ in expected], rel=1e-3)
    assert found.spans[0].text == expected[0][1]
    assert all(PASSAGE[span.begin : span.end] == span.text for span in found.spans)
    assert sum(span.share for span in found.spans) + found.no_answer == pytest.approx(1.0, abs=1e-4)


def test_a_long_passage_is_searched_in_all_its_windows(run: Path) -> None:
    passage = " ".join([PASSAGE] * 8)
    found = answers.find("w3 w20", passage, str(run), Control(), top=2000)
    places = [(span.begin, span.end) for span in found.spans]
    assert len(set(places)) == len(places)
    assert min(begin for begin, _ in places) == 0
    assert max(end for _, end in places) == len(passage)
    shares = [span.share for span in found.spans]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) + found.no_answer < 1.0 + 1e-4


def test_the_threshold_is_that_of_the_runs_own_validation(run: Path) -> None:
    best = History.of(RunFolder(run).events()).best
    assert best is not None
    how = answers.settled(RunFolder(run).recipe(), str(run)).answer
    assert (how.no_answer, how.threshold) == ("fixed", best.metrics[THRESHOLD])
    bare = answers.settled(Recipe(task="answer"), str(run / "model")).answer
    assert (bare.no_answer, bare.threshold) == ("fixed", 0.0)
    never = Recipe(task="answer").edit("answer", no_answer="never")
    assert answers.settled(never, str(run)) is never


def test_a_table_of_answers_agrees_with_the_scores(run: Path, tmp_path: Path) -> None:
    source = run.parent.parent / "questions.csv"
    rows = evaluation.predict(str(source), str(run), tmp_path / "out.csv", quiet, Control())
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        written = list(csv.DictReader(file))
    with source.open(encoding="utf-8", newline="") as file:
        asked = list(csv.DictReader(file))
    assert rows == len(written) == len(asked) == 60
    exact = []
    for line, row in zip(written, asked, strict=True):
        assert (line["question"], line["passage"]) == (row["question"], row["passage"])
        assert line["answer"] == "" or row["passage"].startswith(line["answer"], int(line["answer_start"]))
        assert 0 <= float(line["share_no_answer"]) <= 1
        exact.append(agreement(line["answer"], [a["text"] for a in json.loads(row["answers"])])[0])
    found = evaluation.of_file(str(source), str(run), quiet, Control())
    assert found.metrics["exact"] == pytest.approx(np.mean(exact))


def test_a_question_without_room_has_an_empty_line(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_text(f"question,passage,answers\n{'w3 ' * 40},w50 w51,\nw3,w50 w51,\n", encoding="utf-8")
    evaluation.predict(str(file), str(run), tmp_path / "out.csv", quiet, Control())
    first, second = (tmp_path / "out.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert first.endswith(",w50 w51,,,,")
    assert not second.endswith(",")


def test_a_model_that_was_not_trained_to_answer_says_so() -> None:
    with pytest.raises(TlguiError, match="was not trained to answer questions"):
        answers.find("Who?", "Somebody.", "starter", Control())
    shelf.clear()
