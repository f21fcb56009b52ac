"""A configuration that makes no model is one sentence, whatever is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tiny_models import tiny_folder

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.recipe import Recipe
from tlgui.models.facts import look
from tlgui.models.source import resolve


@pytest.mark.parametrize(("key", "value"), [("hidden_size", "many"), ("vocab_size", -5), ("num_attention_heads", 3)])
def test_an_impossible_setting_is_one_sentence(tmp_path: Path, key: str, value: object) -> None:
    folder = tiny_folder(tmp_path / "model")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, key: value}), encoding="utf-8")
    with pytest.raises(TlguiError, match=r"config\.json makes no model"):
        look(Recipe().edit("model", source=str(folder)), resolve(str(folder), lambda event: None, Control()))
