"""What a trained model marks: the same names in a text, in a table of predictions and in the figures."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
import torch
from tiny_runs import tiny_recipe, tiny_sentences
from transformers import AutoModelForTokenClassification, AutoTokenizer

from tlgui import cli
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Finished
from tlgui.core.history import History
from tlgui.core.runs import RunFolder
from tlgui.core.word_lists import split
from tlgui.export.folder import export_folder
from tlgui.inspect import evaluation, shelf, tags
from tlgui.train import session


def quiet(event: object) -> None:
    pass


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has learned its few words."""
    folder = tmp_path_factory.mktemp("tag")
    recipe = tiny_recipe(folder, "tag", epochs=12, learning_rate=0.02).edit("transfer", frozen=())
    ending = session.run(recipe, folder / "runs", lambda e: None, Control())
    assert isinstance(ending, Finished)
    assert ending.value.best == 1.0
    return Path(ending.value.folder)


@pytest.fixture(autouse=True)
def closed() -> None:
    shelf.clear()


def test_names_are_found_where_they_stand_in_the_text(run: Path) -> None:
    text = "w71  w12\n\tw70 w72  w12 "
    found = tags.answer(text, str(run), Control())
    assert found.text == text
    assert found.kinds == ("person", "place")
    names = [(name.kind, text[name.begin : name.end]) for name in found.names]
    assert names == [("person", "w71"), ("place", "w70 w72")]
    assert all(0 < name.share <= 1 for name in found.names)


def test_a_text_without_words_has_no_names(run: Path) -> None:
    assert tags.answer("  \n", str(run), Control()).names == ()


def test_a_text_longer_than_the_model_reads_is_read_to_its_end(run: Path) -> None:
    text = "w12 " * 200 + "w71"
    assert shelf.open_for("tag", str(run), quiet, Control()).max_length == 32
    (name,) = tags.answer(text, str(run), Control()).names
    assert (name.kind, name.end) == ("person", len(text))


def test_a_model_that_was_not_trained_to_mark_names_says_so() -> None:
    with pytest.raises(
        TlguiError, match=r"was not trained to mark names\. Pick a run of the goal “Mark names in texts”"
    ):
        tags.answer("We left.", "starter", Control())


def test_the_evaluation_of_a_run_is_its_best_validation(run: Path) -> None:
    found = evaluation.of_run(str(run), quiet, Control())
    best = History.of(RunFolder(run).events()).best
    assert best is not None
    assert found.metrics == pytest.approx(dict(best.metrics), abs=1e-6)
    assert [(kind.kind, kind.support) for kind in found.kinds] == [("person", 16), ("place", 16)]
    assert found.mistakes == ()


def test_mistakes_are_words_in_their_sentence_the_surest_first(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "odd.conll"
    file.write_text("w71 B-place\nw12 O\nw30 O\nw31 O\n\nw71 B-person\nw70 O\nw12 O\nw30 O\n", encoding="utf-8")
    found = evaluation.of_file(str(file), str(run), quiet, Control())
    first, *_ = [mistake for mistake in found.mistakes if mistake.row == 1]
    assert (first.text, first.truth, first.guess) == ("{w71} w12 w30 w31", "B-place", "B-person")
    shares = [mistake.share for mistake in found.mistakes]
    assert shares == sorted(shares, reverse=True)


def test_a_row_with_other_counts_is_named(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "odd.jsonl"
    file.write_text(json.dumps({"tokens": ["w1", "w2"], "tags": ["O"]}) + "\n", encoding="utf-8")
    with pytest.raises(TlguiError, match=r"odd.jsonl, row 1, column tags: there are 2 tokens and 1 tag"):
        evaluation.of_file(str(file), str(run), quiet, Control())


def test_the_commands_write_tags_and_print_figures(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, out = tiny_sentences(tmp_path / "new.conll", rows=6, most=60, seed=3), tmp_path / "out.csv"
    assert cli.main(["predict", str(file), "--model", str(run), "--out", str(out)]) == 0
    with out.open(encoding="utf-8", newline="") as written:
        rows = list(csv.DictReader(written))
    assert list(rows[0]) == ["row", "tokens", "tags"]
    assert len(rows) == 6
    for row in rows:
        tagged = dict(zip(split(row["tokens"]), split(row["tags"]), strict=True))
        assert [tagged[word] for word in ("w70", "w72", "w71")] == ["B-place", "I-place", "B-person"]
    capsys.readouterr()
    assert cli.main(["evaluate", str(file), "--model", str(run)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "6 rows"
    assert lines[1].startswith("f1: ")
    assert lines[-2].split("\t")[0] == "person"
    assert cli.main(["evaluate", str(file), "--model", str(run), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert [kind["kind"] for kind in answer["kinds"]] == ["person", "place"]


def test_rows_without_tags_are_predicted_too(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "plain.conll"
    file.write_text("w71\nw12\n\nw70\nw33\n", encoding="utf-8")
    assert evaluation.predict(str(file), str(run), tmp_path / "out.csv", quiet, Control()) == 2


def test_an_exported_model_opens_with_transformers_alone_and_with_ours(run: Path, tmp_path: Path) -> None:
    folder = export_folder(run, tmp_path / "out")
    model, tokenizer = AutoModelForTokenClassification.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    with torch.no_grad():
        found = model(**tokenizer("w70 w72 w12 w71", return_tensors="pt")).logits[0].argmax(-1).tolist()
    assert [model.config.id2label[i] for i in found] == ["B-place", "I-place", "O", "B-person"]
    assert "AutoModelForTokenClassification" in (folder / "README.md").read_text(encoding="utf-8")
    file = tiny_sentences(tmp_path / "new.conll", rows=6)
    assert evaluation.of_file(str(file), str(folder), quiet, Control()).metrics["f1"] == 1.0
