"""Questions in SQuAD's JSON, versions 1.1 and 2.0: articles of passages of questions, read article by article."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from tlgui.core.answer_cells import Answer, offset, write_answers
from tlgui.core.errors import TlguiError
from tlgui.core.recipe import ReadingPart
from tlgui.data import json_files
from tlgui.data.json_files import JsonText
from tlgui.data.tables import Stream, text_batch
from tlgui.data.text_files import BLOCK, MAX_LINE, TextFile, examine
from tlgui.data.watch import Watch

COLUMNS = ("question", "passage", "answers", "id")
TEXT, LABEL = COLUMNS[:2], COLUMNS[2]
_BEGINNING = re.compile(r'\s*\{.*"data"\s*:\s*\[\s*\{', re.DOTALL)
_PASSAGES = re.compile(r'"paragraphs"\s*:\s*\[')


def read(path: Path, reading: ReadingPart, watch: Watch) -> Stream:
    """The rows of a JSON file: questions if it is in SQuAD's form, else its records.

    Raises:
        TlguiError: as for `read_questions` and `json_files.read`.
    """
    file = examine(path, reading.encoding, watch, long_lines=True)
    beginning = file.sample(BLOCK)
    if _BEGINNING.match(beginning) and _PASSAGES.search(beginning):
        return _stream(file, watch)
    return json_files.stream(file, watch)


def read_questions(path: Path, reading: ReadingPart, watch: Watch) -> Stream:
    """One row a question, with its passage and its answers as a JSON list; an empty list = it has none.

    Raises:
        TlguiError: now or while the batches are read: the file is damaged or in another form; the line is named.
    """
    return _stream(examine(path, reading.encoding, watch, long_lines=True), watch)


def _stream(file: TextFile, watch: Watch) -> Stream:
    return Stream(COLUMNS, _batches(file, watch), f"SQuAD, {file.title}")


@dataclass
class _Block:
    """Rows that are written together."""

    columns: tuple[list[str], ...] = field(default_factory=lambda: tuple([] for _ in COLUMNS))
    size: int = 0

    def add(self, *cells: str) -> None:
        for column, cell in zip(self.columns, cells, strict=True):
            column.append(cell)
        self.size += sum(map(len, cells))


def _batches(file: TextFile, watch: Watch) -> Iterator[pa.RecordBatch]:
    block = _Block()
    for line, article in _articles(file, watch):
        for row in _questions(file, line, article):
            block.add(*row)
            if block.size > MAX_LINE:
                yield text_batch(*block.columns)
                block = _Block()
    yield text_batch(*block.columns)


def _articles(file: TextFile, watch: Watch) -> Iterator[tuple[int, Any]]:
    """The entries of the file's `data`, each with the line it starts on."""
    with file.path.open(encoding=file.encoding, newline=None) as source:
        text = JsonText(file, source, watch)
        text.skip("{", "a SQuAD file begins with {")
        found = False
        while text.next_character() not in ("", "}"):
            key = text.value()
            text.skip(":", "a colon is missing")
            text.next_character()
            if key != "data":
                text.value()
                continue
            found = True
            text.skip("[", "“data” is no list")
            while text.next_character() not in ("", "]"):
                yield text.line, text.value()
            text.skip("]", "the list is not closed")
        text.skip("}", "it is not closed")
    if not found:
        raise _other_form(file, 1)


def _questions(file: TextFile, line: int, article: Any) -> Iterator[tuple[str, str, str, str]]:
    """The rows of an article."""
    try:
        for paragraph in article["paragraphs"]:
            for asked in paragraph["qas"]:
                answers = () if asked.get("is_impossible", False) else _answers(asked.get("answers") or ())
                question, passage = str(asked["question"] or ""), str(paragraph["context"] or "")
                yield question, passage, write_answers(answers), str(asked.get("id", ""))
    except (KeyError, TypeError, AttributeError):
        raise _other_form(file, line) from None


def _answers(given: Any) -> tuple[Answer, ...]:
    """The answers of a question, each once."""
    return tuple(dict.fromkeys(Answer(str(one["text"]), offset(one.get("answer_start"))) for one in given))


def _other_form(file: TextFile, line: int) -> TlguiError:
    form = json.dumps({"data": [{"paragraphs": [{"context": "…", "qas": ["…"]}]}]}, ensure_ascii=False)
    return TlguiError(f"{file.path.name}, line {line:,} is not in SQuAD’s form.", f"The form is {form}.")
