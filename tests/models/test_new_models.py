"""Models from nothing: what is made of some texts, that it is found again, and that it trains."""

from __future__ import annotations

import json
import math
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from killed_runs import killed_and_gone_on
from tiny_runs import tiny_rows
from transformers import AutoModelForCausalLM, AutoTokenizer

from tlgui.core import paths
from tlgui.core.control import Control
from tlgui.core.errors import RecipeError, TlguiError
from tlgui.core.events import Event, Note
from tlgui.core.facts import ModelFacts
from tlgui.core.history import History
from tlgui.core.recipe import ModelPart, Recipe, from_values
from tlgui.core.runs import RunFolder
from tlgui.inspect.shelf import open_for
from tlgui.models import new_models
from tlgui.models.facts import look
from tlgui.models.folder import MADE
from tlgui.models.loading import HEADS, load_config, load_tokenizer
from tlgui.models.new_models import ARCHITECTURES, PRESETS, SENTINELS, SIZES
from tlgui.models.weights import weight_files
from tlgui.train import session
from tlgui.train.model_folder import model_folder, rough_folder

SENTENCES = [
    line for line in (paths.resources() / "samples" / "beekeeping.txt").read_text(encoding="utf-8").splitlines() if line
][:60]
KINDS = [architecture.key for architecture in ARCHITECTURES]
PRETRAINED = {"bert": "mask", "gpt": "next-word", "t5": "text-to-text"}


def texts() -> Iterator[list[str]]:
    yield SENTENCES[:40]
    yield SENTENCES[40:]


def quiet(event: Event) -> None:
    pass


def made(kind: str, vocabulary: int = 600) -> Path:
    return new_models.make(ModelPart(source=f"new:{kind}-mini", vocabulary=vocabulary), texts, quiet, Control())


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_texts_give_the_same_pieces_also_when_the_cache_is_gone(
    home: Path, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = []
    for place in ("one", "two", "three"):
        monkeypatch.setenv("TLGUI_HOME", str(home / place))
        folder = made(kind)
        assert folder == made(kind)
        files.append({file.name: file.read_bytes() for file in folder.iterdir()})
    assert files[0] == files[1] == files[2]
    assert folder.name != made(kind, 700).name
    other = new_models.make(ModelPart(source=f"new:{kind}-mini", vocabulary=600), lambda: [["a b"]], quiet, Control())
    assert folder.name != other.name


@pytest.mark.parametrize("kind", KINDS)
def test_the_vocabulary_is_that_asked_for_and_text_survives_it(home: Path, kind: str) -> None:
    folder = made(kind)
    tokenizer = load_tokenizer(folder)
    assert len(tokenizer) == load_config(folder).vocab_size == 600
    assert new_models.notes(folder) == (
        "The model starts from nothing: random weights, and 600 pieces of words from its own texts.",
    )
    text = "The queen lays her eggs in the cells, and the workers feed them."
    ids = tokenizer(text)["input_ids"]
    said = tokenizer.decode(ids, skip_special_tokens=True)
    assert said == (text.lower() if kind == "bert" else text) or kind == "bert"
    assert said.replace(" ", "").lower() == text.replace(" ", "").lower()
    assert tokenizer.unk_token_id not in ids or kind == "gpt"
    assert tokenizer.pad_token_id is not None
    assert ("token_type_ids" in tokenizer.model_input_names) == (kind == "bert")


def test_bytes_of_any_script_are_known(home: Path) -> None:
    tokenizer = load_tokenizer(made("gpt"))
    text = "Łódź 東京 🐝"
    assert tokenizer.decode(tokenizer(text)["input_ids"]) == text


def test_the_gaps_of_t5_are_whole_and_count_down(home: Path) -> None:
    tokenizer = load_tokenizer(made("t5"))
    ids = tokenizer.convert_tokens_to_ids([f"<extra_id_{number}>" for number in range(SENTINELS)])
    assert ids == list(range(599, 599 - SENTINELS, -1))
    assert tokenizer("w <extra_id_0> w")["input_ids"].count(ids[0]) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_few_texts_give_few_pieces_and_a_note(home: Path, kind: str) -> None:
    folder = made(kind, 20_000)
    pieces = len(load_tokenizer(folder))
    assert 600 < pieces < 20_000
    assert load_config(folder).vocab_size == pieces
    assert new_models.notes(folder)[1].endswith("so there are not the 20,000 asked for.")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: size.key)
@pytest.mark.parametrize("kind", KINDS)
def test_the_parameters_are_told_without_making_the_model(home: Path, kind: str, size: new_models.Size) -> None:
    preset = PRESETS[f"new:{kind}-{size.key}"]
    folder = new_models.sketch(ModelPart(source=preset.source, vocabulary=8000))
    with torch.device("meta"):
        model = HEADS[PRETRAINED[kind]].from_config(load_config(folder))
    assert sum(parameter.numel() for parameter in model.parameters()) == preset.parameters(8000)
    assert preset.entry().size_bytes == 4 * preset.parameters(8000)
    assert preset.entry().fits(PRETRAINED[kind])


def recipe(folder: Path, **train: object) -> Recipe:
    if not (folder / "rows.csv").exists():
        tiny_rows(folder / "rows.csv")
    settings = {"epochs": 1, "batch_size": 8, "learning_rate": 1e-3, "max_length": 32, "threads": 1, **train}
    return (
        Recipe(name="new", task="next-word")
        .edit("model", source="new:gpt-mini", vocabulary=300)
        .edit("data", source=str(folder / "rows.csv"), validation=0.2)
        .edit("train", **settings)
    )


def found(wanted: Recipe) -> ModelFacts:
    return look(wanted, rough_folder(wanted, quiet, Control()))


def test_a_run_keeps_model_and_tokenizer_and_goes_on_from_there(home: Path, tmp_path: Path) -> None:
    seen: list[Event] = []
    ending = session.run(recipe(tmp_path), tmp_path / "runs", seen.append, Control())
    run = RunFolder(Path(ending.value.folder))  # type: ignore[union-attr]
    assert run.recipe().model == ModelPart(source="new:gpt-mini", weights="scratch", vocabulary=300)
    notes = [event.text for event in seen if isinstance(event, Note)]
    assert notes[0].startswith("The model starts from nothing: random weights, and 300 pieces")
    tokenizer, model = AutoTokenizer.from_pretrained(run.model), AutoModelForCausalLM.from_pretrained(run.model)
    assert len(tokenizer) == model.config.vocab_size == 300
    folder = model_folder(recipe(tmp_path), quiet, Control())
    assert not weight_files(folder)
    assert (folder / "tokenizer.json").read_bytes() == (run.model / "tokenizer.json").read_bytes()
    again = session.run(recipe(tmp_path), tmp_path / "again", quiet, Control())
    weights = [Path(end.value.folder) / "model" / "model.safetensors" for end in (ending, again)]  # type: ignore[union-attr]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    more = recipe(tmp_path).edit("model", source=str(run.path), vocabulary=8000)
    assert found(more).vocabulary == 300


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="kill -9 exists on Linux and macOS only")
def test_a_killed_run_goes_on_from_the_same_random_weights(tmp_path: Path) -> None:
    whole, killed = killed_and_gone_on(recipe(tmp_path).edit("transfer", frozen=("0",)), tmp_path, 0.0)
    one, two = History.of(whole.events()), History.of(killed.events())
    assert len(one.losses) > 6
    assert one.losses.tolist() == two.losses.tolist()
    assert (whole.model / "model.safetensors").read_bytes() == (killed.model / "model.safetensors").read_bytes()


def test_only_training_texts_make_the_pieces(home: Path, tmp_path: Path) -> None:
    wanted = recipe(tmp_path)
    one = model_folder(wanted, quiet, Control())
    assert one != model_folder(wanted.edit("train", seed=1), quiet, Control())  # another split
    assert one != model_folder(wanted.edit("data", text=("text", "label")), quiet, Control())
    assert one == model_folder(wanted.edit("train", epochs=9), quiet, Control())


def test_the_untrained_model_can_be_asked_and_knows_nothing(home: Path, tmp_path: Path) -> None:
    opened = open_for("next-word", str(model_folder(recipe(tmp_path), quiet, Control())), quiet, Control())
    with torch.no_grad():
        logits = opened.model(**opened.tokenizer("w1 w2", return_tensors="pt")).logits[0, -1]
    lost = -float(logits.log_softmax(-1).mean())
    assert lost == pytest.approx(math.log(300), abs=0.3)


def test_what_is_known_of_a_preset_needs_no_data(home: Path, tmp_path: Path) -> None:
    wanted = Recipe(task="next-word").edit("model", source="new:gpt-mini")
    facts = found(wanted)
    assert facts.parameters == PRESETS["new:gpt-mini"].parameters(8000)
    assert (facts.layers, facts.width, facts.vocabulary, facts.tokens) == (4, 256, 8000, "BPE")
    assert facts.size_bytes == 4 * facts.parameters
    assert facts.new == facts.keys == ("embeddings", *"0123", "head")
    with_data = found(recipe(tmp_path))
    assert with_data.vocabulary == 300


def test_a_model_that_does_not_fit_or_is_not_there_is_refused_in_a_sentence(home: Path, tmp_path: Path) -> None:
    with pytest.raises(TlguiError, match="BERT reads a text from both sides, so it cannot guess the next word"):
        found(recipe(tmp_path).edit("model", source="new:bert-mini"))
    with pytest.raises(TlguiError, match=r"no model “new:gpt-huge”.*new:bert-mini"):
        model_folder(recipe(tmp_path).edit("model", source="new:gpt-huge"), quiet, Control())
    with pytest.raises(RecipeError, match="vocabulary must be a whole number from 300"):
        from_values({"schema": 1, "model": {"source": "new:gpt-mini", "vocabulary": 10}})


def test_what_was_made_is_told_beside_the_model(home: Path) -> None:
    about = json.loads((made("gpt") / MADE).read_text(encoding="utf-8"))
    assert about == {"asked": 600, "pieces": 600}
