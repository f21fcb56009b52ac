"""Classifiers over models that read one way: the last token is read, whatever is padded and with what."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from tiny_models import families_for, tiny_folder
from tiny_runs import tiny_recipe
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.runs import RunFolder
from tlgui.inspect.classes import answer
from tlgui.models.loading import load_classifier, load_tokenizer
from tlgui.train import session

ONE_WAY = families_for("next-word")


@pytest.mark.parametrize("family", ONE_WAY)
def test_padding_changes_no_answer(tmp_path: Path, family: str) -> None:
    folder = tiny_folder(tmp_path / family, family)
    model, tokenizer = load_classifier(folder, ("a", "b")), load_tokenizer(folder)
    assert model.config.pad_token_id == tokenizer.pad_token_id == tokenizer.eos_token_id
    texts = ["w1 w2 w3 w4 w5 w6 w7", "w8 w9"]
    with torch.no_grad():
        together = model(**tokenizer(texts, padding=True, return_tensors="pt")).logits
        alone = [model(**tokenizer(text, return_tensors="pt")).logits[0] for text in texts]
    torch.testing.assert_close(together, torch.stack(alone), rtol=0, atol=1e-6)


@pytest.mark.parametrize("head", ["own", "mean"])
@pytest.mark.parametrize("family", ONE_WAY)
def test_a_classifier_is_trained_and_transformers_alone_gives_its_answers(
    tmp_path: Path, family: str, head: str
) -> None:
    recipe = tiny_recipe(tmp_path, epochs=4, learning_rate=0.01).edit("transfer", frozen=()).edit("head", pooling=head)
    recipe = recipe.edit("model", source=str(tiny_folder(tmp_path / family, family)))
    ending = session.run(recipe, tmp_path / "runs", lambda event: None, Control())
    run = RunFolder(Path(ending.value.folder))  # type: ignore[union-attr]
    assert run.summary().best == 1.0  # the label is one of the words
    texts = [("w1 w20 w30 w40",), ("w2 w50",)]
    ours = answer(texts, str(run.path), Control())
    assert [max(found.shares, key=lambda guess: guess.share).word for found in ours] == ["good", "bad"]
    tokenizer = AutoTokenizer.from_pretrained(run.model, trust_remote_code=True)
    model = AutoModelForSequenceClassification.from_pretrained(run.model, trust_remote_code=True)
    with torch.no_grad():
        logits = model(**tokenizer([text for (text,) in texts], padding=True, return_tensors="pt")).logits
    for found, shares in zip(ours, logits.softmax(-1), strict=True):
        assert [guess.share for guess in found.shares] == pytest.approx(shares.tolist(), abs=1e-5)


def test_a_tokenizer_with_nothing_to_pad_with_is_refused(tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / "gpt2", "gpt2")
    bare = shutil.copytree(folder, tmp_path / "bare")
    tokenizer = AutoTokenizer.from_pretrained(bare)
    tokenizer.bos_token = tokenizer.eos_token = None
    tokenizer.save_pretrained(bare)
    with pytest.raises(TlguiError, match="no token for padding, nor one that ends a text"):
        load_tokenizer(bare)
