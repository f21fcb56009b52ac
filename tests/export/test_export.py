"""What leaves the application is what the run made."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

import pytest
from tiny_runs import tiny_recipe

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Finished
from tlgui.core.history import History
from tlgui.core.runs import RunFolder
from tlgui.export.folder import export_folder
from tlgui.train import session


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    folder = tmp_path_factory.mktemp("export")
    ending = session.run(tiny_recipe(folder), folder / "runs", lambda e: None, Control())
    assert isinstance(ending, Finished)
    return RunFolder(Path(ending.value.folder))


def test_an_exported_folder_is_the_model_with_its_card(run: RunFolder, tmp_path: Path) -> None:
    target = export_folder(run.path, tmp_path / "model")
    for file in run.model.iterdir():
        assert (target / file.name).read_bytes() == file.read_bytes()
    readme = (target / "README.md").read_text(encoding="utf-8")
    assert readme.startswith(run.card.read_text(encoding="utf-8"))
    assert "AutoModelForSequenceClassification.from_pretrained(folder)" in readme


def test_a_folder_with_something_in_it_is_left_alone(run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("keep", encoding="utf-8")
    with pytest.raises(TlguiError, match="is not empty"):
        export_folder(run.path, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_files_beside_the_target_are_left_alone(run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "out.partial").mkdir()
    (tmp_path / "out.partial" / "mine.txt").write_text("keep", encoding="utf-8")
    export_folder(run.path, tmp_path / "out")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out", "out.partial"]
    assert (tmp_path / "out.partial" / "mine.txt").exists()


def test_a_file_is_no_target(run: RunFolder, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("a file", encoding="utf-8")
    with pytest.raises(TlguiError, match="cannot be written"):
        export_folder(run.path, tmp_path / "out")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_a_run_without_a_model_cannot_be_exported(tmp_path: Path) -> None:
    empty = RunFolder.create(tmp_path, "empty")
    with pytest.raises(TlguiError, match="has no model yet"):
        export_folder(empty.path, tmp_path / "out")


def test_the_card_tells_what_ran_with_the_figures_of_the_run(run: RunFolder) -> None:
    card, history = run.card.read_text(encoding="utf-8"), History.of(run.events())
    assert "| Frozen | embeddings, 0 |" in card
    assert "| Learned | 1 to 2, pooler, head |" in card
    for validated in history.validations:
        assert f"{validated.loss:.4f}" in card
    assert card.count("(kept)") == 1


class Texts(HTMLParser):
    """Gathers the text and the points of the curves."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.points = "", 0

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.points += len((dict(attrs).get("points") or "").split())


def test_the_report_draws_every_step_and_asks_for_nothing_outside(run: RunFolder) -> None:
    html, history = run.report.read_text(encoding="utf-8"), History.of(run.events())
    texts = Texts()
    texts.feed(html)
    curves = 4  # accuracy, macro F1, and the two of two classes
    assert texts.points == 2 * len(history.steps) + (1 + curves) * len(history.validations)
    assert all(note.text in texts.text for note in history.notes)
    assert "http" not in html
    assert "<script" not in html
