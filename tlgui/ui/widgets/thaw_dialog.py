"""Thaw and freeze groups of a run that is going: a list of them, two buttons, and what will happen."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QSize, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QDialog, QHBoxLayout, QListView, QVBoxLayout, QWidget

from tlgui.core.events import Event, Note, PlanChanged
from tlgui.core.freeze import HEAD, FreezePlan, after_gesture, title
from tlgui.core.goals import GOALS
from tlgui.core.transfer_words import change_blocker, change_sentence
from tlgui.ui import theme
from tlgui.ui.training import Training
from tlgui.ui.widgets.announce import announce
from tlgui.ui.widgets.basics import ProblemLabel, button, label

Index = QModelIndex | QPersistentModelIndex


class GroupsModel(QAbstractListModel):
    """Groups, topmost first, each with whether it learns."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: tuple[str, ...] = ()
        """Top first."""
        self._learns: frozenset[str] = frozenset()
        self._lower = 0

    def show_groups(self, groups: Sequence[str], learns: Sequence[str], lower: int = 0) -> None:
        """Take over a run's groups, bottom first, and which of them learn.

        Args:
            lower: As for `freeze.title`.
        """
        keys, self._lower = tuple(reversed(groups)), lower
        if keys != self.keys:
            self.beginResetModel()
            self.keys, self._learns = keys, frozenset(learns)
            self.endResetModel()
        elif frozenset(learns) != self._learns:
            self._learns = frozenset(learns)
            self.dataChanged.emit(self.index(0), self.index(len(keys) - 1))

    def learns(self, key: str) -> bool:
        return key in self._learns

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own signature
        return 0 if parent.isValid() else len(self.keys)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        key = self.keys[index.row()]
        learns = key in self._learns
        if role == Qt.ItemDataRole.DisplayRole:
            return f"{title(key, self._lower)}, {'learns' if learns else 'frozen'}"
        if role == Qt.ItemDataRole.DecorationRole:
            return theme.icon("open" if learns else "lock", "learnedge" if learns else "frozenedge")
        return None


class ThawDialog(QDialog):
    """Stays open beside the run and follows what learns."""

    def __init__(self, training: Training, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("thaw_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Thaw or freeze"))
        self._training = training
        self.groups = GroupsModel()
        self.list = QListView()
        self.list.setObjectName("thaw_groups")
        self.list.setAccessibleName(self.tr("Groups of the model, topmost first"))
        self.list.setModel(self.groups)
        self.list.setIconSize(QSize(theme.space(15), theme.space(15)))
        chosen = self.list.palette()  # a tint, so that the marks of learning and frozen groups stay readable on it
        chosen.setColor(QPalette.ColorRole.Highlight, theme.colour("sel"))
        chosen.setColor(QPalette.ColorRole.HighlightedText, theme.colour("text"))
        self.list.setPalette(chosen)
        self.list.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.list.selectionModel().selectionChanged.connect(lambda *_: self._show_buttons())
        self.thaw = button(self.tr("Thaw"), "thaw_groups_now", clicked=lambda: self._ask(learns=True))
        self.freeze = button(self.tr("Freeze"), "freeze_groups_now", clicked=lambda: self._ask(learns=False))
        self.said = ProblemLabel("info")
        self.said.hide()
        why = self.tr(
            "What you change holds from the next step. It becomes part of the recorded recipe, so the run can be "
            "repeated exactly."
        )
        self._lay_out(why)
        training.changed.connect(self._show)
        training.advanced.connect(self._take)
        self._show()
        self.list.selectionModel().setCurrentIndex(
            self.groups.index(self._first_frozen()), QItemSelectionModel.SelectionFlag.ClearAndSelect
        )

    @property
    def chosen(self) -> tuple[str, ...]:
        """Keys of the selected groups, bottom to top."""
        rows = sorted((index.row() for index in self.list.selectedIndexes()), reverse=True)
        return tuple(self.groups.keys[row] for row in rows)

    def _lay_out(self, why: str) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.thaw)
        buttons.addWidget(self.freeze)
        buttons.addStretch(1)
        close = button(self.tr("Close"), "close_thaw", clicked=self.close)
        close.setDefault(True)
        buttons.addWidget(close)
        column = QVBoxLayout(self)
        column.setSpacing(theme.space(8))
        column.addWidget(label(why, wrap=True))
        column.addWidget(self.list, 1)
        column.addWidget(self.said)
        column.addLayout(buttons)
        self.resize(theme.unit() * 52, theme.unit() * 60)

    def _first_frozen(self) -> int:
        """The topmost frozen group: what one most likely wants to thaw."""
        return next((row for row, key in enumerate(self.groups.keys) if not self.groups.learns(key)), 0)

    def _ask(self, *, learns: bool) -> None:
        history, recipe = self._training.history, self._training.recipe
        if recipe is None:
            return
        chosen = tuple(key for key in self.chosen if self.groups.learns(key) != learns)
        plan = FreezePlan(history.groups, frozenset(set(history.groups) - set(history.learns)))
        new = (HEAD,) if GOALS[recipe.task].new_head else ()
        after, refusal = after_gesture(plan, chosen, learns=learns, new=new)
        changed = tuple(key for key in chosen if after.learns(key) != plan.learns(key))
        if changed:
            self._training.change_groups(changed, learns=learns)
            refusal = " ".join(text for text in (change_sentence(changed, learns, history.lower), refusal) if text)
        self._say("info" if changed else "warn", refusal)

    def _say(self, level: str, text: str) -> None:
        self.said.show_text(level, text)  # type: ignore[arg-type]
        announce(self.list, text)

    def _take(self, batch: list[Event]) -> None:
        """A wish that came true is told as the log tells it; one that was refused is told there only."""
        if any(isinstance(event, PlanChanged) and event.why == "by hand" for event in batch):
            notes = [event.text for event in batch if isinstance(event, Note)]
            self._say("good", notes[-1] if notes else "")
        self._show()

    def _show(self) -> None:
        history, recipe = self._training.history, self._training.recipe
        self.groups.show_groups(history.groups, history.learns, history.lower)
        if not self._training.can_change_groups:
            blocked = change_blocker(recipe) if recipe is not None else ""
            self.said.show_text("info", blocked or self.tr("No run is going, so nothing can be changed."))
        self._show_buttons()

    def _show_buttons(self) -> None:
        can, states = self._training.can_change_groups, {self.groups.learns(key) for key in self.chosen}
        self.thaw.setEnabled(can and False in states)
        self.freeze.setEnabled(can and True in states)
