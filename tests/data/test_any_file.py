"""Whatever a file holds, it is shown or refused in a sentence."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.recipe import DataPart, Recipe
from tlgui.data.checkup import look

PIECES = ["text", "label", "a", "b", "1", "2.5", ",", "\t", ";", '"', "'", "\n", "\r", "\n\n", "{", "}", "[", "]", ":"]
PIECES += [" ", '{"text": "x"}', "é", "\u2028", "\ufeff", "\\", "null", "PAR1"]
CONTENT = st.binary(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map(lambda p: "".join(p).encode())
ENCODED = st.tuples(CONTENT, st.sampled_from([b"", b"\xff\xfe", b"\xef\xbb\xbf", b"text,label\n", b"\xe9"])).map(
    lambda pair: pair[1] + pair[0]
)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.txt"])
@settings(max_examples=80, deadline=None)
@given(content=ENCODED, task=st.sampled_from(["classify", "mask"]))
def test_it_is_shown_or_refused(name: str, content: bytes, task: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        try:
            facts = look(Recipe(task=task, data=DataPart(source=str(path))), lambda event: None, Control())
        except TlguiError as error:
            assert name in error.title and error.hint
        else:
            assert facts.rows > 0 and facts.preview
