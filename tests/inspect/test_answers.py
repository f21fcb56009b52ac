"""What trained models say: the same as transformers alone would, and honest about what they cannot say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from tiny_runs import tiny_recipe
from transformers import AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoTokenizer

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Finished
from tlgui.core.history import History
from tlgui.core.paths import resources
from tlgui.core.runs import RunFolder
from tlgui.inspect import classes, evaluation, hidden_words, shelf
from tlgui.train import session


def trained(task: str, folder: Path) -> Path:
    ending = session.run(tiny_recipe(folder, task), folder / "runs", lambda e: None, Control())
    assert isinstance(ending, Finished)
    return Path(ending.value.folder)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained("classify", tmp_path_factory.mktemp("classify"))


@pytest.fixture(scope="module")
def guesser(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trained("mask", tmp_path_factory.mktemp("mask"))


def quiet(event: object) -> None:
    pass


@pytest.mark.parametrize("which", ["classifier", "guesser"])
def test_the_evaluation_of_a_run_is_its_best_validation(which: str, request: pytest.FixtureRequest) -> None:
    run: Path = request.getfixturevalue(which)
    found = evaluation.of_run(str(run), quiet, Control())
    best = History.of(RunFolder(run).events()).best
    assert best is not None
    assert found.metrics == pytest.approx(dict(best.metrics), abs=1e-6)
    assert found.rows == 16


def test_classes_are_those_of_transformers_alone(classifier: Path) -> None:
    texts = [(f"w{i} w{i + 1} w{i + 2}",) for i in range(1, 40)]
    found = classes.answer(texts, str(classifier), Control())
    model = AutoModelForSequenceClassification.from_pretrained(classifier / "model").eval()
    tokenizer = AutoTokenizer.from_pretrained(classifier / "model")
    for text, answer in zip(texts, found, strict=True):
        with torch.no_grad():
            shares = model(**tokenizer(*text, return_tensors="pt")).logits.softmax(-1)[0]
        assert [guess.word for guess in answer.shares] == ["bad", "good"]
        assert np.allclose([guess.share for guess in answer.shares], shares, atol=1e-5)


def test_a_model_that_cannot_classify_says_so() -> None:
    with pytest.raises(TlguiError, match="was not trained to classify"):
        classes.answer([("a",)], "starter", Control())


def test_hidden_words_are_those_of_transformers_alone() -> None:
    (hidden,) = hidden_words.guess("The {queen} lays her eggs.", "starter", "", 5, quiet, Control())
    folder = resources() / "starter"
    model = AutoModelForMaskedLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    inputs = tokenizer("The [MASK] lays her eggs.", return_tensors="pt")
    with torch.no_grad():
        shares = model(**inputs).logits[0, 2].softmax(-1)
    queen = tokenizer.convert_tokens_to_ids("queen")
    assert hidden.original_share == pytest.approx(float(shares[queen]), rel=1e-4)
    assert hidden.original_rank == int((shares > shares[queen]).sum()) + 1
    assert [g.word for g in hidden.original] == tokenizer.convert_ids_to_tokens(shares.topk(5).indices.tolist())
    assert hidden.adapted == ()


def test_at_most_two_models_stay_open(guesser: Path, classifier: Path) -> None:
    shelf.clear()
    for source in ("starter", str(guesser), "starter"):
        shelf.open_masked(source, quiet, Control())
        shelf.open_classifier(str(classifier), quiet, Control())
        assert len(shelf._shelf) <= shelf.MOST_OPEN
    shelf.clear()


def test_predicting_with_a_label_the_model_does_not_know_names_the_row(classifier: Path, tmp_path: Path) -> None:
    file = tmp_path / "new.csv"
    file.write_text("text,label\nw1 w2,good\nw3 w4,strange\n", encoding="utf-8")
    with pytest.raises(TlguiError, match=r"new.csv, row 2, column label: .*“strange”"):
        evaluation.of_file(str(file), str(classifier), quiet, Control())


def test_an_output_that_cannot_be_written_leaves_nothing(classifier: Path, tmp_path: Path) -> None:
    rows = classifier.parent.parent / "rows.csv"
    with pytest.raises(TlguiError, match="cannot be written"):
        evaluation.predict(str(rows), str(classifier), tmp_path / "gone" / "out.csv", quiet, Control())
    assert list(tmp_path.iterdir()) == []
