"""An encoding that the user names and the file is not in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.recipe import ReadingPart
from tlgui.data.sources import open_source


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "ascii", "base64", "nonsense"])
def test_a_wrong_encoding_is_one_sentence(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "r.csv"
    file.write_text("text,label\n" + "größer,ja\nkleiner,nein\n" * 20, encoding="utf-8")
    with pytest.raises(TlguiError) as caught:
        open_source(str(file), ReadingPart(encoding=encoding), lambda event: None, Control())
    assert caught.value.title.endswith(".")
    assert caught.value.hint.endswith(".")
