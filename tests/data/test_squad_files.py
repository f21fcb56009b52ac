"""Files in SQuAD's form: one row a question, whatever the version, and faults named by their line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tlgui.core.answer_cells import Answer, read_answers
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.data.arrange import Arranged, arrange
from tlgui.data.roles import decide

PASSAGE = "The vicar let forty plots in 1919."


def asked(question: str, *answers: tuple[str, int], **more: Any) -> dict[str, Any]:
    given = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": question[:3], "question": question, "answers": given, **more}


def squad(*questions: dict[str, Any], passage: str = PASSAGE, **more: Any) -> dict[str, Any]:
    return {
        "version": "v2.0",
        "data": [{"title": "Plots", "paragraphs": [{"context": passage, "qas": questions}]}],
        **more,
    }


VICAR = asked("Who let plots?", ("vicar", 4), ("The vicar", 0), ("vicar", 4))
NOBODY = asked("Who let hens?", is_impossible=True, plausible_answers=[{"text": "vicar", "answer_start": 4}])


@pytest.mark.parametrize("scheme", ["", "squad:"])
@pytest.mark.parametrize("indent", [None, 1])
def test_one_row_a_question_in_the_order_of_the_file(write, opened, scheme: str, indent: int | None) -> None:
    source = opened(f"{scheme}{write('q.json', json.dumps(squad(VICAR, NOBODY), indent=indent))}")
    rows = source.table.rows(range(2))
    assert source.table.names == ("question", "passage", "answers", "id")
    assert rows["question"] == ["Who let plots?", "Who let hens?"]
    assert rows["passage"] == [PASSAGE] * 2
    assert list(map(read_answers, rows["answers"])) == [(Answer("vicar", 4), Answer("The vicar", 0)), ()]
    assert source.table.reading.startswith("SQuAD")


@pytest.mark.parametrize("scheme", ["", "squad:"])
def test_its_columns_are_known(write, opened, recipe, scheme: str) -> None:
    source = opened(f"{scheme}{write('q.json', json.dumps(squad(VICAR)))}")
    roles = decide(source, recipe("q.json", task="answer"), needs_label=True)
    assert (roles.text, roles.label, roles.problems) == (("question", "passage"), "answers", ())


def test_a_file_of_one_very_long_line_is_read(write, opened) -> None:
    questions = [asked(f"{i} who?", ("vicar", 4)) for i in range(10_000)]
    made = squad(*questions, version="1.1")
    made["data"] = made["data"] * 5
    source = opened(write("q.json", json.dumps(made)))
    assert len(source.table) == 50_000


def test_other_json_files_are_read_as_before(write, opened) -> None:
    for text in ('[{"text": "a", "label": "1"}]', '{"data": "x", "paragraphs": "y"}'):
        assert "question" not in opened(write("q.json", text)).table.names


@pytest.mark.parametrize(
    ("content", "match"),
    [
        ('[{"text": "a"}]', "line 1 is not valid JSON .a SQuAD file begins with"),
        ('{"version": "1"}', "line 1 is not in SQuAD"),
        ('{"data":\n[{"title": "a"}]}', "line 2 is not in SQuAD"),
        ('{"data": [{"paragraphs": [{"context": "a", "qas": [{"id": 1}]}]}]}', "line 1 is not in SQuAD"),
        ('{"data": [{"paragraphs": []}]\n', "line 2 is not valid JSON"),
        ('{"data": 3}', "“data” is no list"),
    ],
)
def test_a_fault_is_named_by_its_line(write, opened, content: str, match: str) -> None:
    with pytest.raises(TlguiError, match=match):
        opened(f"squad:{write('q.json', content)}")


def arranged(recipe) -> Arranged:
    return arrange(recipe, lambda event: None, Control())


def test_an_answer_that_is_not_in_its_passage_is_named(write, recipe) -> None:
    good = [asked(f"{i} who?", ("vicar", 4)) for i in range(9)]
    far = asked("Which year?", ("1919", 29 + 60))
    file = write("q.json", json.dumps(squad(*good, asked("Who else?", ("bishop", 4)), far, NOBODY)))
    (problem,) = [p for p in arranged(recipe(file, task="answer")).findings.problems if p.kind == "unusable-label"]
    assert (problem.rows, problem.severity) == ((10, 11), "must")
    assert problem.text == (
        "2 rows have a label that cannot be used, the first is row 10, column answers: "
        "the answer “bishop” is not in its passage."
    )


def test_a_flat_table_works_too(write, recipe) -> None:
    lines = [f"{i} who?,{PASSAGE},vicar" for i in range(9)] + [f"Whose hens?,{PASSAGE},"]
    found = arranged(recipe(write("q.csv", "\n".join(["question,context,answer", *lines])), task="answer"))
    assert found.findings.problems == [p for p in found.findings.problems if p.severity == "should"]
    assert found.roles.text == ("question", "context")
    assert found.roles.label == "answer"
    assert found.train is not None and found.held is not None
    assert len(found.train) + len(found.held) == 10
