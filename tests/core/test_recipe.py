"""Recipes: round trip, and every problem names its field."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlgui.core import recipe as recipes
from tlgui.core.errors import RecipeError, TlguiError
from tlgui.core.recipe import Recipe

CONTRACT = """
schema = 1
name = "reviews"
task = "classify"
[model]
source = "starter"
weights = "pretrained"
[data]
source = "reviews.csv"
text = ["sentence"]
label = "label"
validation = 0.1
rows = 0
[transfer]
method = "fine-tune"
frozen = ["embeddings", "0-3"]
layer_decay = 1.0
[train]
epochs = 3
batch_size = 16
learning_rate = 5e-5
max_length = 128
seed = 0
"""

WRONG = (  # section, field, value, where the problem is
    ("", "schema", 2, "schema"),
    ("", "name", "../x", "name"),
    ("", "name", "con", "name"),
    ("", "name", "a\nb", "name"),
    ("", "name", "ends in a dot.", "name"),
    ("", "task", "dance", "task"),
    ("", "colour", 1, "colour"),
    ("model", "source", " ", "model.source"),
    ("model", "weights", "half", "model.weights"),
    ("data", "text", ["a", "b", "c"], "data.text"),
    ("data", "text", ["a", "a"], "data.text"),
    ("data", "label", "sentence", "data.label"),
    ("data", "validation", 1.5, "data.validation"),
    ("data", "rows", -1, "data.rows"),
    ("transfer", "method", "slowly", "transfer.method"),
    ("transfer", "layer_decay", 0.0, "transfer.layer_decay"),
    ("train", "epochs", 0, "train.epochs"),
    ("train", "epochs", "many", "train.epochs"),
    ("train", "epoch_count", 3, "train.epoch_count"),
    ("train", "batch_size", 0, "train.batch_size"),
    ("train", "learning_rate", 0.0, "train.learning_rate"),
    ("train", "max_length", 2, "train.max_length"),
    ("train", "warmup", 1.0, "train.warmup"),
    ("train", "schedule", "wavy", "train.schedule"),
    ("train", "patience", -1, "train.patience"),
    ("mask", "share", 0.0, "mask.share"),
)


def test_the_recipe_of_the_contract_is_read_as_written(tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text(CONTRACT, encoding="utf-8")
    read = recipes.load(file)
    assert read.transfer.frozen == ("embeddings", "0-3")
    assert read.data.source == str(tmp_path / "reviews.csv")
    assert read.train.learning_rate == 5e-5
    assert recipes.problems(read) == []


@pytest.mark.parametrize(("section", "field", "value", "where"), WRONG)
def test_a_wrong_value_is_named_by_its_field(section: str, field: str, value: object, where: str) -> None:
    values = tomllib.loads(CONTRACT)
    (values.setdefault(section, {}) if section else values)[field] = value
    with pytest.raises(RecipeError) as caught:
        recipes.from_values(values)
    assert where in [problem.field for problem in caught.value.problems]
    assert all(problem.text.endswith(".") for problem in caught.value.problems)


def test_several_problems_are_told_at_once() -> None:
    values = tomllib.loads(CONTRACT)
    values["train"].update(epochs=0, batch_size=0)
    with pytest.raises(RecipeError) as caught:
        recipes.from_values(values)
    assert {p.field for p in caught.value.problems} == {"train.epochs", "train.batch_size"}


def test_a_misspelt_key_gets_a_suggestion() -> None:
    values = tomllib.loads(CONTRACT)
    values["train"]["learnin_rate"] = 1e-4
    with pytest.raises(RecipeError, match="Did you mean “learning_rate”"):
        recipes.from_values(values)


def test_a_probe_for_masked_words_hides_exactly_one_word() -> None:
    good = Recipe(task="mask", probes=("The {queen} lays.",)).edit("data", source="x.txt")
    assert recipes.problems(good) == []
    for wrong in ("No word is hidden.", "The {} lays.", "A {b} {c}.", "} a {b", "[MASK] and {eggs}."):
        assert [p.field for p in recipes.problems(good.edit("", probes=(wrong,)))] == ["probes"]


@pytest.mark.parametrize("text", ["task = \n", "[model\nsource = 1"])
def test_bad_toml_names_the_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "r.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(TlguiError, match=r"not valid TOML: .*\((at line 1|at end of document)"):
        recipes.load(file)


def test_a_missing_recipe_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TlguiError, match="cannot be read"):
        recipes.load(tmp_path / "none.toml")


@given(
    name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 _-]{0,20}x", fullmatch=True),
    epochs=st.integers(1, 1000),
    rate=st.floats(1e-8, 1.0),
    share=st.floats(0.01, 0.99),
    text=st.lists(st.text(min_size=1, max_size=12), max_size=2, unique=True),
    frozen=st.lists(st.sampled_from(["embeddings", "0", "1-3", "pooler"]), unique=True),
)
def test_what_is_written_is_read_back_equal(
    name: str, epochs: int, rate: float, share: float, text: list[str], frozen: list[str]
) -> None:
    made = (
        Recipe(name=name)
        .edit("train", epochs=epochs, learning_rate=rate)
        .edit("data", validation=share, text=tuple(text), source="x.csv")
        .edit("transfer", frozen=tuple(frozen))
    )
    assert recipes.from_values(tomllib.loads(recipes.dump(made))) == made


def test_relative_sources_belong_to_the_recipes_folder() -> None:
    made = Recipe().edit("data", source="glue:data/SST-2", validation="held.csv").edit("model", source="hub:a/b")
    moved = recipes.absolute(made, Path("/base"))
    assert moved.data.source == "glue:/base/data/SST-2"
    assert moved.data.validation == "/base/held.csv"
    assert moved.model.source == "hub:a/b"
