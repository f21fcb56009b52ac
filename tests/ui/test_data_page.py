"""The Data page: roles, problems in place, folding, lengths, split, and what it says when nothing can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox, QFileDialog, QLabel
from pytestqt.qtbot import QtBot
from ui_facts import EMPTY_TEXT, LENGTHS, ODD_SPLIT, TWO_LABELS, model, table, tell

from tlgui.core.events import Failed, Progress
from tlgui.core.facts import DataProblem
from tlgui.core.samples import SAMPLES
from tlgui.ui import theme
from tlgui.ui.pages.data import DataPage
from tlgui.ui.widgets.data_model import AROUND, HEAD, Fold, Line, folded
from tlgui.ui.widgets.histogram import BINS, binned
from tlgui.ui.workbench import Workbench

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def page(bench: Workbench, qtbot: QtBot) -> DataPage:
    bench.draft.edit("data", source="/data/reviews.csv")
    made = DataPage(bench)
    qtbot.addWidget(made)
    made.resize(1096, 728)
    made.show()
    tell(bench, model=model(), data=table(EMPTY_TEXT, TWO_LABELS, ODD_SPLIT), lengths=LENGTHS)
    return made


def press(page: DataPage, qtbot: QtBot, name: str) -> None:
    button = page.findChild(QAbstractButton, name)
    assert button is not None, name
    qtbot.mouseClick(button, LEFT)


def pick(page: DataPage, column: str, role: str) -> None:
    """Choose a role as a hand would: the chooser changes first, then it speaks."""
    choice = page.findChild(QComboBox, f"role_{column}")
    assert isinstance(choice, QComboBox)
    at = choice.findText(role)
    choice.setCurrentIndex(at)
    choice.activated.emit(at)


def shown_roles(page: DataPage) -> list[str]:
    return [choice.currentText() for choice in page.table.header.choices]


def lines(page: DataPage) -> list[str]:
    """The first column as it is read, top down."""
    rows = page.table.rows
    return [rows.index(row, 0).data() for row in range(rows.rowCount())]


# roles


def test_the_headers_show_the_roles_that_were_found(page: DataPage) -> None:
    assert shown_roles(page) == ["Text", "Label", "Ignore"]
    assert page.table.header.choices[0].accessibleName() == "Role of column text"


def test_a_second_text_column_goes_into_the_recipe_in_the_order_of_the_table(page: DataPage) -> None:
    pick(page, "source", "Text")
    data = page.bench.draft.recipe.data
    assert (data.text, data.label) == (("text", "source"), "label")
    assert shown_roles(page) == ["Text", "Label", "Text"]


def test_another_label_takes_the_place_of_the_first(page: DataPage) -> None:
    pick(page, "source", "Label")
    assert page.bench.draft.recipe.data.label == "source"
    assert shown_roles(page) == ["Text", "Ignore", "Label"]


def test_the_only_text_column_cannot_be_ignored_and_the_page_says_why(page: DataPage) -> None:
    before = page.bench.draft.recipe
    pick(page, "text", "Ignore")
    assert page.bench.draft.recipe == before
    assert page.refusal.isVisible()
    assert page.refusal.text.startswith("At least one column must be the text.")
    assert shown_roles(page) == ["Text", "Label", "Ignore"]
    pick(page, "source", "Text")
    assert not page.refusal.isVisible()


def test_a_goal_without_labels_offers_none(page: DataPage) -> None:
    page.bench.draft.edit("", task="mask")
    first = page.table.header.choices[0]
    assert [first.itemText(i) for i in range(first.count())] == ["Text", "Ignore"]


def test_roles_are_chosen_by_keyboard(page: DataPage, qtbot: QtBot) -> None:
    choice = page.table.header.choices[2]
    choice.setFocus()
    qtbot.keyClick(choice, Qt.Key.Key_Up)
    assert page.bench.draft.recipe.data.label == "source"


def test_every_chooser_stands_over_its_column(page: DataPage) -> None:
    header = page.table.header
    for section, choice in enumerate(header.choices):
        left = header.sectionViewportPosition(section)
        assert left <= choice.x()
        assert choice.x() + choice.width() <= left + header.sectionSize(section)


# problems


def test_problem_rows_are_marked_by_colour_and_icon(page: DataPage) -> None:
    rows = page.table.rows
    for number, token in ((212, "badbg"), (300, "warnbg")):
        at = rows.line_of(number)
        assert rows.index(at, 1).data(Qt.ItemDataRole.BackgroundRole) == theme.colour(token)
        assert rows.headerData(at, Qt.Orientation.Vertical, Qt.ItemDataRole.DecorationRole) is not None
    clean = rows.line_of(1)
    assert rows.index(clean, 0).data(Qt.ItemDataRole.BackgroundRole) is None
    assert rows.headerData(clean, Qt.Orientation.Vertical, Qt.ItemDataRole.DecorationRole) is None


def test_an_empty_text_says_so(page: DataPage) -> None:
    assert lines(page)[page.table.rows.line_of(212)] == "empty"


def test_show_scrolls_to_the_row_and_selects_it(page: DataPage, qtbot: QtBot) -> None:
    press(page, qtbot, "show_two-labels")
    selected = {index.row() for index in page.table.selectionModel().selectedIndexes()}
    assert selected == {page.table.rows.line_of(300)}
    assert page.table.viewport().rect().contains(page.table.visualRect(page.table.currentIndex()).center())


def test_a_problem_without_rows_has_nothing_to_show(page: DataPage) -> None:
    assert page.findChild(QAbstractButton, "show_overlap") is None
    assert page.findChild(QAbstractButton, "fix_overlap") is not None


def test_a_fix_goes_into_the_recipe_and_can_be_undone(page: DataPage, qtbot: QtBot) -> None:
    assert page.problems.title.text() == "3 problems"
    press(page, qtbot, "fix_empty-text")
    assert page.bench.draft.recipe.data.leave_out == ("empty-text",)
    assert page.problems.title.text() == "2 problems"
    assert page.problems.summary.text() == ""
    press(page, qtbot, "undo_empty-text")
    assert page.bench.draft.recipe.data.leave_out == ()
    assert page.problems.title.text() == "3 problems"


def test_all_are_settled_in_one_step_of_undo(page: DataPage, qtbot: QtBot) -> None:
    press(page, qtbot, "settle_all")
    assert page.bench.draft.recipe.data.leave_out == ("empty-text", "two-labels", "overlap")
    assert page.problems.title.text() == "No problems"
    page.bench.draft.undo()
    assert page.bench.draft.recipe.data.leave_out == ()


def test_many_problems_scroll_and_leave_the_table_its_room(page: DataPage) -> None:
    many = [DataProblem(f"kind-{i}", "should", f"Problem {i}.", (), 1, "", "Leave out") for i in range(30)]
    tell(page.bench, data=table(*many))
    assert page.problems.height() < page.height() / 2


# folding


def test_clean_stretches_fold_and_open(page: DataPage, qtbot: QtBot) -> None:
    assert lines(page)[:7] == [*(f"Text number {n}." for n in range(1, 7)), "203 rows without problems"]
    fold = page.table.rows.index(6, 0)
    qtbot.mouseClick(page.table.viewport(), LEFT, pos=page.table.visualRect(fold).center())
    assert lines(page)[:20] == [f"Text number {n}." for n in range(1, 21)]
    assert lines(page)[20] == "188 rows without problems"


def test_a_fold_opens_by_keyboard(page: DataPage, qtbot: QtBot) -> None:
    page.table.setCurrentIndex(page.table.rows.index(6, 0))
    qtbot.keyClick(page.table, Qt.Key.Key_Return)
    assert len(lines(page)) > 30


def test_without_problems_nothing_that_is_held_is_folded(page: DataPage) -> None:
    tell(page.bench, data=table())
    assert lines(page)[19] == "Text number 20."


def test_where_not_every_problem_row_is_named_a_fold_promises_nothing(page: DataPage) -> None:
    many = DataProblem("two-labels", "should", "90 rows have two labels, first 300.", (300,), 90, "label", "Leave out")
    tell(page.bench, data=table(many))
    assert lines(page)[6] == "291 more rows"


@given(
    st.sets(st.integers(1, 300), min_size=1).map(sorted),
    st.sets(st.integers(1, 300)),
    st.integers(300, 400),
    st.booleans(),
)
def test_lines_and_folds_cover_every_row_once_and_in_order(
    numbers: list[int], marked: set[int], rows: int, unfold: bool
) -> None:
    made = folded([(n, (str(n),)) for n in numbers], rows, marked, unfold)
    covered = [n for x in made for n in (range(x.first, x.last + 1) if isinstance(x, Fold) else (x.number,))]
    assert covered == list(range(1, rows + 1))
    shown = {x.number for x in made if isinstance(x, Line)}
    near = {m + d for m in marked for d in range(-AROUND, AROUND + 1)}
    assert shown >= (set(numbers) if unfold or not marked else set(numbers) & near | set(numbers[:HEAD]))
    assert all(x.held == bool(set(range(x.first, x.last + 1)) & set(numbers)) for x in made if isinstance(x, Fold))


def test_the_rows_are_a_sound_model(page: DataPage) -> None:
    tester = QAbstractItemModelTester(page.table.rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    page.table.rows.unfold()
    tell(page.bench, data=table())
    assert tester.model().rowCount() == len(lines(page))


# reading


def test_the_file_is_named_with_how_it_was_read(page: DataPage) -> None:
    assert page.source.name.text() == "reviews.csv"
    assert page.source.facts.text() == "400 rows, 3 columns, comma, UTF-8, header in line 1"


def test_a_wrong_guess_of_the_reading_is_corrected(page: DataPage, qtbot: QtBot) -> None:
    page.bench.draft.edit("data", text=("text",), label="label")
    assert not page.source.form.isVisible()
    qtbot.mouseClick(page.source.how, LEFT)
    choice = page.source.form.choices["delimiter"]
    assert choice.isVisible()
    choice.setCurrentIndex(choice.findText("semicolon"))
    choice.activated.emit(choice.currentIndex())
    data = page.bench.draft.recipe.data
    assert data.reading.delimiter == ";"
    assert (data.text, data.label) == ((), "")


def test_a_delimiter_that_is_not_in_the_list_is_shown(page: DataPage) -> None:
    reading = page.bench.draft.recipe.data.reading.model_copy(update={"delimiter": "#"})
    page.bench.draft.edit("data", reading=reading)
    assert page.source.form.choices["delimiter"].currentText() == "#"


@pytest.mark.parametrize(
    ("source", "visible"),
    [
        ("/data/a.csv", ["delimiter", "encoding", "header", "quoting"]),
        ("/data/a.txt", ["encoding"]),
        ("/data/a.parquet", []),
        ("sample:reviews", []),
    ],
)
def test_only_settings_that_mean_something_are_shown(
    page: DataPage, qtbot: QtBot, source: str, visible: list[str]
) -> None:
    page.source.how.setChecked(True)
    page.bench.draft.edit("data", source=source)
    assert [field for field, choice in page.source.form.choices.items() if choice.isVisible()] == visible
    assert page.source.how.isVisible() == bool(visible)


def test_a_file_that_cannot_be_read_is_named_in_place_of_the_table(page: DataPage) -> None:
    tell(page.bench, data=None)
    page.bench.findings._failures["data"] = Failed("reviews.csv is empty.", "Choose another file.")
    page.bench.findings.changed.emit("data")
    assert page.failure.isVisible()
    assert page.failure.text == "reviews.csv is empty. Choose another file."
    assert not page.table.isVisible()
    assert page.source.form.isVisible()
    assert not page.problems.isVisible()


def test_without_a_file_the_page_invites_one(bench: Workbench, qtbot: QtBot) -> None:
    page = DataPage(bench)
    qtbot.addWidget(page)
    page.show()
    assert page.shown.currentWidget() is page._empty
    assert not page.around.checks.isVisible()
    assert page.source.name.text() == "No data yet"


def test_while_a_file_is_read_its_progress_is_said(page: DataPage) -> None:
    tell(page.bench, data=None)
    page.bench.draft.edit("data", source="/data/other.csv")
    page.bench.findings.progressed.emit("data", Progress("Reading other.csv", 3120, 7677))
    assert page.progress.isVisible()
    assert page.progress.text() == "Reading other.csv, 3,120 of 7,677"
    assert (page.progress_bar.value(), page.progress_bar.maximum()) == (3120, 7677)


def test_while_the_same_file_is_checked_again_its_rows_stay(page: DataPage) -> None:
    tell(page.bench, data=None)
    assert page.table.isVisible()
    assert len(lines(page)) > 10


# choosing


def drop(page: DataPage, path: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, none = Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(50, 50), copy, data, LEFT, none)
    QApplication.sendEvent(page, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page, QDropEvent(QPointF(50, 50), copy, data, LEFT, none))


def test_a_dropped_file_is_taken_and_what_belonged_to_the_old_one_is_forgotten(page: DataPage, tmp_path: Path) -> None:
    page.bench.draft.edit("data", text=("text",), leave_out=("empty-text",), validation=0.2, rows=50)
    drop(page, tmp_path / "other.csv")
    data = page.bench.draft.recipe.data
    assert (data.source, data.text, data.leave_out, data.rows) == (str(tmp_path / "other.csv"), (), (), 0)
    assert data.validation == 0.2


def test_the_menu_offers_file_folder_and_the_samples(page: DataPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a: ("/data/new.tsv", ""))
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *a: "/data/classes")
    actions = [action for action in page.source.choose.menu().actions() if action.text()]
    sources = []
    for action in actions:
        action.trigger()
        sources.append(page.bench.draft.recipe.data.source)
    samples = {sample.recipe().data.source for sample in SAMPLES.values()}
    assert sources[:2] == ["/data/new.tsv", "/data/classes"]
    assert len(sources) == 2 + len(samples)
    assert set(sources[2:]) == samples


def test_a_cancelled_dialog_changes_nothing(page: DataPage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a: ("", ""))
    before = page.bench.draft.recipe
    page.source.choose_file()
    assert page.bench.draft.recipe == before


# the side column


def test_the_cut_is_said_in_words_and_edits_the_recipe(page: DataPage) -> None:
    page.around.max_length.setValue(64)
    assert page.bench.draft.recipe.train.max_length == 64
    assert page.around.cut.text() == "20.0 % of the texts lose their end. At 80, none do."
    page.around.max_length.setValue(128)
    assert page.around.cut.text() == "No text loses its end."
    assert page.around.max_length.maximum() == 512


def test_the_split_edits_the_recipe(page: DataPage, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    page.around.validation.setValue(25)
    assert page.bench.draft.recipe.data.validation == 0.25
    page.around.rows.setValue(200)
    assert page.bench.draft.recipe.data.rows == 200
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *a: ("/data/dev.csv", ""))
    press(page, qtbot, "second_file")
    assert page.bench.draft.recipe.data.validation == "/data/dev.csv"
    assert page.around.second.text() == "Validation rows come from dev.csv."
    assert not page.around.validation.isVisible()
    press(page, qtbot, "second_file")
    assert page.bench.draft.recipe.data.validation == 0.1


def test_showing_a_recipe_edits_nothing(page: DataPage) -> None:
    page.bench.draft.edit("data", validation=0.123456, rows=7)
    page.bench.draft.edit("train", max_length=509)
    before = page.bench.draft.recipe
    tell(page.bench, lengths=None)
    assert page.bench.draft.recipe == before
    assert page.around.validation.text() == "12.3456 %"


def test_the_check_up_ticks_what_was_looked_for(page: DataPage, qtbot: QtBot) -> None:
    def shown() -> list[str]:
        labels = page.around.checks.findChildren(QLabel)
        return [line.text() for line in labels if line.text() and line.isVisible()]

    found = [
        "Check-up",
        "37 texts are on both sides of the split.",
        "No unknown characters",
        "1.2 tokens per word: the model knows this vocabulary",
    ]
    assert shown() == found
    press(page, qtbot, "passed_checks")
    assert shown() == [*found, "No text is repeated"]


def test_labels_and_balance(page: DataPage) -> None:
    assert page.around.bars.accessibleName() == "good: 200, bad: 200"
    assert page.around.labels.note.text() == "balanced"
    page.around.bars.show_labels({f"class {i}": 100 - i for i in range(40)})
    assert page.around.bars.accessibleName().count(":") == 7
    assert not page.around.bars.grab().isNull()


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=300))
def test_every_text_is_in_one_bar(lengths: list[int]) -> None:
    width, counts = binned(lengths)
    assert sum(counts) == len(lengths)
    assert len(counts) <= BINS
    assert width * len(counts) > max(lengths)


def test_every_control_has_a_name(page: DataPage) -> None:
    page.source.how.setChecked(True)
    controls = [
        widget
        for kind in (QAbstractButton, QAbstractSpinBox, QComboBox)
        for widget in page.findChildren(kind)
        if widget.focusPolicy() != Qt.FocusPolicy.NoFocus and widget.isVisible()
    ]
    assert len(controls) >= 15
    assert [w for w in (*controls, page.table) if not (w.objectName() and w.accessibleName())] == []


def test_tab_reaches_every_control(page: DataPage, qtbot: QtBot) -> None:
    page.activateWindow()
    page.source.how.setFocus()
    reached = []
    for _ in range(60):
        focused = QApplication.focusWidget()
        assert focused is not None
        if focused in reached:
            break
        reached.append(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    names = [widget.objectName() for widget in reached]
    wanted = {"choose_data", "role_text", "role_label", "role_source", "data_table", "settle_all", "max_length"}
    assert wanted <= set(names)
    path = ["choose_data", "data_table", "role_text", "role_label", "role_source", "settle_all", "fix_empty-text"]
    order = [names.index(name) for name in (*path, "max_length")]
    assert order == sorted(order)
