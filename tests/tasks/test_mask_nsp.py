"""BERT's objective whole: hidden words and the order of two texts, in every family that hides words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from killed_runs import killed_and_gone_on
from tiny_models import families_for, tiny_folder
from tiny_runs import gradual, loop_in_memory, tiny_documents, tiny_recipe
from transformers import AutoModelForMaskedLM, AutoModelForPreTraining, BertForPreTraining, PreTrainedModel

from tlgui.core import paths
from tlgui.core.control import Control
from tlgui.core.events import Event, Finished, StepDone, Validated
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.core.runs import RunFolder
from tlgui.data.prepare import prepare
from tlgui.inspect import evaluation, order
from tlgui.inspect.hidden_words import guess
from tlgui.models.groups import layer_groups
from tlgui.models.loading import load_own, load_tokenizer
from tlgui.models.next_sentence import FOLLOWS
from tlgui.tasks.base import logits_of
from tlgui.tasks.encoded import Batch
from tlgui.tasks.mask import NOT_PREDICTED
from tlgui.tasks.mask_nsp import ORDER, WORD
from tlgui.tasks.pairs import frame_of
from tlgui.tasks.table import TASKS
from tlgui.train import session
from tlgui.train.parts import shares_of, split
from tlgui.train.setup import Setup, set_up

TASK = TASKS["mask+nsp"]


def quiet(event: Event) -> None:
    """Nobody listens."""


def documents(folder: Path, **train: object) -> Recipe:
    return tiny_recipe(folder, "mask+nsp", **train)


def a_batch(setup: Setup, rows: int = 6) -> Batch:
    return setup.tokens(setup.train, np.arange(rows), np.random.default_rng(0))


def test_an_empty_line_ends_a_document_and_validation_has_whole_ones(tmp_path: Path) -> None:
    tiny_documents(tmp_path / "documents.txt", documents=8, lines=10)
    found = prepare(documents(tmp_path).edit("data", validation=0.2), quiet, Control())
    of_train = found.train.beside("document", np.arange(len(found.train)))
    of_held = found.validation.beside("document", np.arange(len(found.validation)))
    assert [of_train.count(str(n)) for n in range(1, 7)] == [10] * 6
    assert set(of_held) == {"7", "8"}
    some = prepare(documents(tmp_path).edit("data", rows=30), quiet, Control())
    assert set(some.train.beside("document", np.arange(len(some.train)))) == {"1", "2"}


def test_without_documents_the_end_of_the_text_is_kept_aside(tmp_path: Path) -> None:
    file = tmp_path / "one.txt"
    file.write_text("".join(f"w{n} w20 w30.\n" for n in range(40, 80)), encoding="utf-8")
    found = prepare(documents(tmp_path).edit("data", source=str(file), validation=0.25), quiet, Control())
    assert found.train.row_numbers.tolist() == list(range(1, 31))
    assert found.validation.row_numbers.tolist() == list(range(31, 41))


def test_pairs_are_framed_as_the_starter_frames_them() -> None:
    tokenizer = load_tokenizer(paths.resources() / "starter")
    frame = frame_of(tokenizer)
    texts = ("the queen lays eggs", "they hatch soon")
    both = tokenizer(*texts)
    ids = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in texts]
    assert frame.around(*ids, special=(frame.before, frame.between, frame.after)) == both["input_ids"]
    assert frame.token_types(*map(len, ids)) == both["token_type_ids"]


def test_the_loss_is_berts_own(tmp_path: Path) -> None:
    setup = set_up(documents(tmp_path), quiet, Control())
    assert isinstance(setup.model, BertForPreTraining)
    batch = a_batch(setup)
    setup.model.eval()
    with torch.no_grad():
        ours = TASK.loss(setup.logits(batch), batch)
        inputs = {name: values for name, values in batch.items() if name != "labels"}
        words, follows = batch["labels"][..., WORD], batch["labels"][:, 0, ORDER]
        theirs = setup.model(**inputs, labels=words, next_sentence_label=follows).loss
    assert float(ours) == pytest.approx(float(theirs), abs=1e-5)


@pytest.mark.parametrize("parts", [2, 3, 6])
def test_parts_add_up_to_the_loss_of_the_whole(parts: int, tmp_path: Path) -> None:
    setup = set_up(documents(tmp_path), quiet, Control())
    setup.model.eval()
    batch = a_batch(setup)
    made = split(batch, setup.train.lengths_of(np.arange(6)), parts)
    with torch.no_grad():
        whole = float(TASK.loss(setup.logits(batch), batch))
        losses = [float(TASK.loss(setup.logits(part), part)) for part in made]
    assert np.dot(losses, shares_of(TASK, made)) == pytest.approx(whole, abs=1e-5)


@pytest.mark.parametrize("family", families_for("mask+nsp"))
def test_every_family_gets_a_head_that_is_saved_with_it(family: str, tmp_path: Path) -> None:
    folder = tiny_folder(tmp_path / family, family)
    model = load_own("mask+nsp", folder, seed=3)
    assert {name for name, _ in model.named_parameters()} == {n for g in layer_groups(model) for n in g.names}
    model.save_pretrained(tmp_path / "saved")
    again = load_own("mask+nsp", tmp_path / "saved", seed=4)
    ids = torch.randint(5, 100, (3, 10), generator=torch.Generator().manual_seed(1))
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    with torch.no_grad():
        one, two = (made(**inputs) for made in (model, again))
        alone = AutoModelForMaskedLM.from_pretrained(tmp_path / "saved").eval()(**inputs)
    assert one.seq_relationship_logits.shape == (3, 2)
    assert torch.equal(one.seq_relationship_logits, two.seq_relationship_logits)
    torch.testing.assert_close(one.prediction_logits, alone.logits)


@pytest.mark.parametrize("family", families_for("mask+nsp"))
def test_only_what_is_asked_for_is_computed(family: str, tmp_path: Path) -> None:
    recipe = documents(tmp_path).edit("model", source=str(tiny_folder(tmp_path / family, family)))
    setup = set_up(recipe, quiet, Control())
    setup.model.eval()
    batch = a_batch(setup)
    with torch.no_grad():
        words, follows = logits_of(TASK, setup.model, batch)
        inputs = {name: values for name, values in batch.items() if name != "labels"}
        whole = setup.model(**inputs)
    flat = whole.prediction_logits.flatten(0, 1)[TASK.wanted(batch)]
    torch.testing.assert_close(words[0], flat, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(follows, whole.seq_relationship_logits, rtol=1e-4, atol=1e-5)


def frozen_stays(before: dict[str, torch.Tensor], model: PreTrainedModel, frozen: set[str]) -> bool:
    names = [name for group in layer_groups(model) if group.key in frozen for name in group.names]
    after = dict(model.named_parameters())
    return all(torch.equal(before[name], after[name]) for name in names)


@pytest.mark.parametrize("family", ["bert", "distilbert", "modernbert"])
def test_frozen_groups_do_not_change_and_kept_states_change_no_loss(family: str, tmp_path: Path) -> None:
    recipe = documents(tmp_path).edit("model", source=str(tiny_folder(tmp_path / family, family)))
    losses = []
    for prefix in ("off", "float32"):
        seen: list[Event] = []
        loop = loop_in_memory(recipe.edit("cache", prefix=prefix), seen.append)
        before = {name: parameter.detach().clone() for name, parameter in loop.setup.parameters.items()}
        loop.run()
        assert frozen_stays(before, loop.setup.model, {"embeddings", "0"})
        losses.append([e.loss for e in seen if isinstance(e, (StepDone, Validated))])
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    assert np.ptp(losses[0]) > 1e-3


@pytest.mark.parametrize(
    "change", [lambda r: r, lambda r: r.edit("mask", sets=2), lambda r: gradual(r, every=1, unit="steps")]
)
def test_a_killed_run_goes_on_exactly(change, tmp_path: Path) -> None:
    recipe = change(documents(tmp_path, validations=2, epochs=3))
    whole, killed = killed_and_gone_on(recipe, tmp_path, 0.0)
    one, two = (History.of(folder.events()) for folder in (whole, killed))
    assert one.losses.tolist() == two.losses.tolist()
    assert [v.metrics for v in one.validations] == [v.metrics for v in two.validations]
    weights = [(folder.model / "model.safetensors").read_bytes() for folder in (whole, killed)]
    assert weights[0] == weights[1]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that has learned which lines are of one document."""
    folder = tmp_path_factory.mktemp("documents")
    recipe = documents(folder, epochs=30, learning_rate=0.003, validations=1).edit("transfer", frozen=())
    ending = session.run(recipe, folder / "runs", quiet, Control())
    assert isinstance(ending, Finished)
    return Path(ending.value.folder)


def test_both_losses_have_curves_of_their_own_and_fall(run: Path) -> None:
    history = History.of(RunFolder(run).events())
    for validation in history.validations:
        parts = validation.metrics["word_loss"] + validation.metrics["order_loss"]
        assert validation.loss == validation.metrics["loss"] == pytest.approx(parts)
    first, best = history.validations[0].metrics, history.best
    assert best is not None
    assert best.metrics["word_loss"] < first["word_loss"] - 0.05
    assert any(
        "in 5" in note.text or "in 4" in note.text for note in history.notes if "second text follows" in note.text
    )


def test_a_trained_model_opens_in_transformers_alone(run: Path) -> None:
    model = AutoModelForPreTraining.from_pretrained(run / "model")
    assert isinstance(model, BertForPreTraining)
    ours = load_own("mask+nsp", run / "model")
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), ours.parameters(), strict=True))


def test_a_trained_model_tells_the_order_and_guesses_words(run: Path) -> None:
    started = str(run.parent.parent / "model")
    found = order.tell("w21 w50 w51", "w21 w52 w53", started, str(run), quiet, Control())
    assert found.original is None  # its head was never trained
    assert found.adapted is not None and 0 < found.adapted < 1
    (word,) = guess("w21 {w50} w51", started, str(run), 3, quiet, Control())
    assert len(word.original) == len(word.adapted) == 3


def test_evaluating_gives_the_figures_of_the_best_check(run: Path) -> None:
    found = evaluation.of_run(str(run), quiet, Control())
    best = History.of(RunFolder(run).events()).best
    assert best is not None
    assert dict(found.metrics) == pytest.approx(dict(best.metrics), abs=1e-4)


def test_labels_tell_words_and_order(tmp_path: Path) -> None:
    setup = set_up(documents(tmp_path), quiet, Control())
    labels = a_batch(setup)["labels"]
    assert set(labels[:, 0, ORDER].tolist()) <= {FOLLOWS, 1 - FOLLOWS}
    assert ((labels[..., WORD] != NOT_PREDICTED).sum(1) > 0).all()
