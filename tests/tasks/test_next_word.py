"""Next words: every token is predicted once, in parts as at once, and a killed run goes on."""

from __future__ import annotations

import math
import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from killed_runs import killed_and_gone_on
from tiny_models import families_for, tiny_batch, tiny_folder, tiny_model, tiny_one_way_tokenizer
from tiny_runs import loop_in_memory, tiny_recipe
from torch.nn import functional

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Event, Validated
from tlgui.core.history import History
from tlgui.core.recipe import Recipe
from tlgui.data.batches import fixed_batches
from tlgui.export.usage import model_usage
from tlgui.models import fit
from tlgui.models.loading import load_own, load_tokenizer
from tlgui.tasks import next_word
from tlgui.tasks.base import logits_of
from tlgui.tasks.encoded import Encoded
from tlgui.tasks.mask import NOT_PREDICTED
from tlgui.tasks.next_word import NextWord, last_word
from tlgui.train.setup import set_up

TASK = NextWord()
NEVER = np.random.default_rng(0)


def encoded(tmp_path: Path, max_length: int) -> tuple[Encoded, list[int]]:
    """The training rows in blocks, and all of them as one row of tokens."""
    setup = set_up(tiny_recipe(tmp_path, "next-word", max_length=max_length), lambda event: None, Control())
    stream = [int(setup.train.fields["input_ids"][0])]
    for start, end in zip(setup.train.starts[:-1], setup.train.starts[1:], strict=True):
        stream += setup.train.fields["input_ids"][start + 1 : end].tolist()
    return setup.train, stream


@pytest.mark.parametrize("max_length", [8, 31, 32])
def test_every_token_is_predicted_once_from_those_before_it_in_its_block(tmp_path: Path, max_length: int) -> None:
    blocks, stream = encoded(tmp_path, max_length)
    rows = (tmp_path / "rows.csv").read_text(encoding="utf-8").splitlines()[1:]
    words = sum(len(row.rpartition(",")[0].split()) for row in rows)
    held = set_up(tiny_recipe(tmp_path, "next-word"), lambda event: None, Control()).validation
    assert stream[0] == stream[-1] == 0
    assert len(stream) - 1 + int(held.lengths.sum()) - len(held) == words + len(rows)  # each text and its end
    lengths = blocks.lengths
    assert set(lengths[:-1]) == {max_length}
    assert 2 <= lengths[-1] <= max_length
    found = []
    for row in range(len(blocks)):
        batch = TASK.batch(blocks, np.array([row]), tiny_one_way_tokenizer_padded(), Recipe(), NEVER)
        assert batch["labels"][0, -1] == NOT_PREDICTED
        assert batch["labels"][0, :-1].tolist() == batch["input_ids"][0, 1:].tolist()
        found += batch["labels"][0, :-1].tolist()
    assert found == stream[1:]


def tiny_one_way_tokenizer_padded() -> object:
    tokenizer = tiny_one_way_tokenizer()
    tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def test_padding_is_never_predicted_although_it_is_the_token_that_ends_a_text(tmp_path: Path) -> None:
    blocks, _ = encoded(tmp_path, 32)
    rows = np.array([0, len(blocks) - 1])
    batch = TASK.batch(blocks, rows, tiny_one_way_tokenizer_padded(), Recipe(), NEVER)  # type: ignore[arg-type]
    there = batch["attention_mask"].sum(1)
    assert there[1] < there[0] == 32
    assert (batch["labels"] != NOT_PREDICTED).sum(1).tolist() == (there - 1).tolist()


@pytest.mark.parametrize("family", families_for("next-word"))
def test_the_perplexity_is_exactly_that_of_all_tokens(tmp_path: Path, family: str) -> None:
    blocks, stream = encoded(tmp_path, 16)
    model = tiny_model(family, "next-word")
    scorer = TASK.scorer(blocks, ())
    with torch.no_grad():
        for rows in fixed_batches(blocks.lengths, 5):
            batch = TASK.batch(blocks, rows, tiny_one_way_tokenizer_padded(), Recipe(), NEVER)  # type: ignore[arg-type]
            scorer.add(logits_of(TASK, model, batch), batch)
        lost, right = 0.0, 0
        for start in range(0, len(stream) - 1, 15):
            ids = torch.tensor([stream[start : start + 16]])
            logits = model(input_ids=ids).logits[0, :-1]
            lost += float(functional.cross_entropy(logits, ids[0, 1:], reduction="sum"))
            right += int((logits.argmax(-1) == ids[0, 1:]).sum())
    found = scorer.scores()
    assert found.loss == pytest.approx(lost / (len(stream) - 1), abs=1e-5)
    assert found.metrics["perplexity"] == pytest.approx(math.exp(lost / (len(stream) - 1)), rel=1e-5)
    assert found.metrics["hits"] == pytest.approx(right / (len(stream) - 1))


@pytest.mark.parametrize("family", families_for("next-word"))
def test_the_output_layer_in_parts_gives_the_same_loss_and_gradients(
    family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = tiny_batch(3, 12)
    batch["labels"] = torch.full((3, 12), NOT_PREDICTED)
    batch["labels"][:, :-1] = batch["input_ids"][:, 1:]
    found = []
    for at_once in (1 << 24, 500):  # of 3,300
        monkeypatch.setattr(next_word, "VALUES_AT_ONCE", at_once)
        model = tiny_model(family, "next-word")
        logits = logits_of(TASK, model, batch)
        assert logits.shape == (1, 33, 2)
        loss = TASK.loss(logits, batch)
        loss.backward()
        found.append((loss.item(), {name: p.grad for name, p in model.named_parameters() if p.grad is not None}))
        assert "forward" not in vars(model.get_output_embeddings())
    (whole, pulls), (parts, pulled) = found
    assert parts == pytest.approx(whole, abs=1e-6)
    assert pulls.keys() == pulled.keys()
    for name, pull in pulls.items():
        torch.testing.assert_close(pulled[name], pull, rtol=1e-4, atol=1e-6, msg=name)


def test_a_run_learns_and_its_best_weights_are_those_of_the_lowest_perplexity(tmp_path: Path) -> None:
    seen: list[Event] = []
    loop_in_memory(tiny_recipe(tmp_path, "next-word", learning_rate=0.01, epochs=4), seen.append).run()
    checks = [event for event in seen if isinstance(event, Validated)]
    first, *_, last = (event.metrics["perplexity"] for event in checks)
    assert first > last > 1
    assert [event.metrics["loss"] for event in checks] == pytest.approx(
        [math.log(event.metrics["perplexity"]) for event in checks], abs=1e-6
    )
    best = [event.metrics["perplexity"] for event in checks if event.best]
    assert best == sorted(best, reverse=True)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 exists on Linux and macOS only")
def test_a_killed_run_goes_on_exactly_where_it_was(tmp_path: Path) -> None:
    whole, killed = killed_and_gone_on(tiny_recipe(tmp_path, "next-word", epochs=4), tmp_path, 0.0)
    one, two = History.of(whole.events()), History.of(killed.events())
    assert len(one.losses) > 8
    assert one.losses.tolist() == two.losses.tolist()
    assert [(v.step, v.loss) for v in one.validations] == [(v.step, v.loss) for v in two.validations]
    assert (whole.model / "model.safetensors").read_bytes() == (killed.model / "model.safetensors").read_bytes()


def test_a_kept_sentence_is_scored_by_its_last_word(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path, "next-word")
    folder = Path(recipe.model.source)
    model, tokenizer = load_own("next-word", folder), load_tokenizer(folder)
    before, word = last_word("w1 {w20} w30", tokenizer)
    assert (before, word) == ([0, 2, 21], [31])
    with torch.no_grad():
        share, _ = TASK.probe(model, tokenizer, "w1 w20 w30", -1)
        logits = model(input_ids=torch.tensor([[0, 2, 21]])).logits[0, -1]
    assert share == pytest.approx(float(logits.softmax(-1)[31]), rel=1e-4)


@pytest.mark.parametrize(("text", "why"), [("w1", "two words at least"), (" ".join(["w1"] * 70), "takes 62")])
def test_a_sentence_that_cannot_be_scored_is_refused(tmp_path: Path, text: str, why: str) -> None:
    tokenizer = load_tokenizer(Path(tiny_recipe(tmp_path, "next-word").model.source))
    with pytest.raises(TlguiError, match=why):
        TASK.check_probe(tokenizer, text)


@pytest.mark.parametrize("family", families_for("next-word"))
def test_what_is_exported_says_which_class_opens_it(tmp_path: Path, family: str) -> None:
    assert "AutoModelForCausalLM.from_pretrained(folder)" in model_usage(tiny_folder(tmp_path / family, family))


def test_a_model_that_reads_both_ways_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    recipe = tiny_recipe(tmp_path).edit("", task="next-word", probes=())
    with pytest.raises(TlguiError, match="BERT reads a text from both sides, so it cannot guess the next word"):
        set_up(recipe, lambda event: None, Control())
    other = tiny_recipe(tmp_path, "next-word").edit("", task="mask", probes=())
    with pytest.raises(TlguiError, match="GPT-2 cannot guess hidden words: it has no head for that"):
        set_up(other, lambda event: None, Control())


def test_goals_follow_from_the_heads_that_transformers_has() -> None:
    assert set(families_for("next-word")) == {"gpt2", "gpt_neox", "llama"}
    assert not set(families_for("next-word")) & set(families_for("mask"))
    assert "next-word" not in fit.goals_of("bert") and "mask" in fit.goals_of("bert")
    assert {"classify", "next-word"} <= set(fit.goals_of("gpt2"))
