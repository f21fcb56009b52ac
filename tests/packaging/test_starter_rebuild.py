"""The vocabulary cut of packaging/starter/rebuild.py, on the shipped model; its training is the application's own."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import torch

from tlgui.core import paths
from tlgui.models.loading import load_own, load_tokenizer
from tlgui.models.source import check

TEXTS = ["The queen lays eggs in each cell of the comb.", "A heather honey is thick, and the queen knows it."]


@pytest.fixture(scope="module")
def rebuild() -> ModuleType:
    path = Path(__file__).parents[2] / "packaging" / "starter" / "rebuild.py"
    spec = importlib.util.spec_from_file_location("rebuild_starter", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_frequent_latin_pieces_stay_and_every_letter(rebuild: ModuleType) -> None:
    tokenizer = load_tokenizer(paths.resources() / "starter")
    kept = rebuild.pieces_to_keep(tokenizer, TEXTS, 600)
    assert kept[:5] == list(rebuild.SPECIAL)
    assert len(kept) == len(set(kept)) == 600
    assert {"a", "z", "##a", "##z", "7", "?"} <= set(kept)
    assert {"queen", "honey"} <= set(kept)
    assert kept[5:] == sorted(kept[5:], key=tokenizer.get_vocab().get)


def test_the_cut_model_gives_the_same_features_for_what_it_still_has_pieces_for(
    rebuild: ModuleType, tmp_path: Path
) -> None:
    starter = paths.resources() / "starter"
    rebuild.cut_vocabulary(starter, tmp_path / "cut", rebuild.pieces_to_keep(load_tokenizer(starter), TEXTS, 600))
    check(tmp_path / "cut")
    features, words = [], []
    for folder in (starter, tmp_path / "cut"):
        tokenizer, model = load_tokenizer(folder), load_own("mask", folder)
        inputs = tokenizer(TEXTS[0], return_tensors="pt")
        words.append(tokenizer.convert_ids_to_tokens(inputs["input_ids"][0]))
        with torch.no_grad():
            features.append(model.bert(**inputs).last_hidden_state)
    assert words[0] == words[1]
    assert torch.allclose(features[0], features[1], atol=1e-6)
    assert load_own("mask", tmp_path / "cut").config.vocab_size == 600


def test_the_saved_model_is_half_the_size_and_opens_alike(rebuild: ModuleType, tmp_path: Path) -> None:
    starter = paths.resources() / "starter"
    rebuild.save_half(starter, tmp_path / "half")
    check(tmp_path / "half")
    weights = [(folder / "model.safetensors").stat().st_size for folder in (starter, tmp_path / "half")]
    assert weights[1] == pytest.approx(weights[0], rel=0.001)
    pairs = zip(load_own("mask", starter).parameters(), load_own("mask", tmp_path / "half").parameters(), strict=True)
    assert all(torch.equal(shipped, saved) for shipped, saved in pairs)
