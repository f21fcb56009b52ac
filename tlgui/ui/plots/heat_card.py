"""The card of the heat map: what it shows is chosen in its heading; a learned mix of layers is a third view."""

from __future__ import annotations

from collections.abc import Sequence
from math import isfinite

from PySide6.QtCore import QEvent, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QActionGroup, QBrush, QColor, QFontMetricsF, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QStackedWidget, QToolButton, QWidget

from tlgui.core.history import History
from tlgui.core.outlook import Outlook
from tlgui.ui import theme
from tlgui.ui.plots.chart import ReadingWindow
from tlgui.ui.plots.heat_map import NO_VALUES, HeatMap, ramp, short_title
from tlgui.ui.plots.heat_values import MEASURES, Measure, heat_values
from tlgui.ui.plots.mix_bars import MixBars
from tlgui.ui.widgets.basics import Card

MIX = "How the head mixes the layers"
EMPTY = "The first measurement appears here soon after Start."
OLD = "This run did not measure its groups."
MOST_TOLD = 6
"""Groups that the reading window has room for, topmost first."""


class HeatCard(Card):
    """Group × time, and the shares of the layers after a run that learned a mix."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("heat_card")
        self._place = 0
        """Place in the menu."""
        self._mixed = False
        self._run: tuple[History, Outlook] | None = None
        self._values, self._drawn = NO_VALUES, tuple[object, ...]()
        """What is shown, and what it was made from: it is not made twice."""
        self.map = HeatMap()
        self.mix = MixBars()
        self.legend = HeatLegend()
        self._window = ReadingWindow(self.map)
        self.choice = QToolButton()
        self.choice.setObjectName("heat_choice")
        self.choice.setFont(theme.font("heading"))
        self.choice.setAutoRaise(True)
        self.choice.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.choice.setLayoutDirection(Qt.LayoutDirection.RightToLeft)  # the arrow stands after the words
        self.menu = QMenu(self)
        self.choice.clicked.connect(self._open_menu)
        self.actions_of = self._make_actions()
        keeps_room = self.legend.sizePolicy()
        keeps_room.setRetainSizeWhenHidden(True)
        self.legend.setSizePolicy(keeps_room)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.map)
        self._stack.addWidget(self.mix)
        edge = theme.space(10)
        self.body.setContentsMargins(0, theme.space(6), theme.space(4), theme.space(2))
        self.body.setSpacing(theme.space(2))
        self.head.setContentsMargins(theme.space(8), 0, edge - theme.space(4), 0)  # a flat button has room of its own
        inset = QHBoxLayout()
        inset.setContentsMargins(edge, 0, 0, 0)
        inset.addWidget(self._stack)
        self.head.addWidget(self.choice)
        self.head.addWidget(self.legend, 1)
        self.body.addLayout(self.head)
        self.body.addLayout(inset, 1)
        self.map.hovered.connect(self._read)
        self._show_choice()

    @property
    def measure(self) -> Measure:
        return MEASURES[min(self._place, len(MEASURES) - 1)]

    def choose(self, place: int) -> None:
        """Show the measure at this place of the menu, or the mix after them."""
        self._place = place
        self._show_choice()
        if self._run is not None:
            self.show_history(*self._run)

    def show_history(self, history: History, view: Outlook) -> None:
        """Draw a run; the view of its mix opens by itself when it is learned."""
        self._run = (history, view)
        mixed = history.mix is not None
        self.actions_of[-1].setVisible(mixed)
        if mixed != self._mixed:
            self._mixed = mixed
            self._place = len(MEASURES) if mixed else min(self._place, len(MEASURES) - 1)
            self._show_choice()
        self.map.empty_sentence = OLD if view.step and history.ending is not None else EMPTY
        drawn = (self.measure, len(history.measured), view.keys, id(history))
        if drawn != self._drawn:
            self._drawn = drawn
            self._values = heat_values(history, view.keys, self.measure)
            low, high = self._values.scale(logarithmic=self.measure.logarithmic)
            figures = (self.measure.figure(low) if low else "0", self.measure.figure(high)) if high else ("", "")
            self.legend.show_ends(*figures)
        self.map.show_values(self.measure, self._values, view)
        self.mix.show_mix(history.mix)
        if self.map.read_step is not None and self._window.isVisible():
            self._read(self.map.read_step)

    # Parts

    def _make_actions(self) -> list[QAction]:
        group = QActionGroup(self)
        made = []
        for place, name in enumerate([*(measure.title for measure in MEASURES), MIX]):
            action = self.menu.addAction(self.tr(name))
            action.setCheckable(True)
            group.addAction(action)
            action.triggered.connect(lambda _=False, place=place: self.choose(place))
            made.append(action)
        made[-1].setVisible(False)
        return made

    def _open_menu(self) -> None:
        self.menu.popup(self.choice.mapToGlobal(self.choice.rect().bottomLeft()))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "choice"):
            self.choice.setIcon(theme.icon("down"))

    def _show_choice(self) -> None:
        self.choice.setIcon(theme.icon("down"))
        action = self.actions_of[self._place]
        action.setChecked(True)
        self.choice.setText(action.text())
        self.choice.setAccessibleName(action.text())
        self.map.setAccessibleName(action.text())
        mixes = self._place == len(MEASURES)
        tip = self.measure.explains
        self.choice.setToolTip("" if mixes else tip)
        self.choice.setAccessibleDescription(self.tr("Chooses what is shown of each group."))
        self._stack.setCurrentWidget(self.mix if mixes else self.map)
        self.legend.setVisible(not mixes)

    def _read(self, step: int | None) -> None:
        if step is None or self.map.is_empty:
            self._window.hide()
            return
        values = zip(self._values.keys, self._values.at(step), strict=True)
        lower = self._run[1].lower if self._run else 0
        known = [(short_title(key, lower), value) for key, value in values if isfinite(value)]
        told = [f"{name} <b>{self.measure.figure(value)}</b>" for name, value in known][:MOST_TOLD]
        where = f"<b>Step {step:,}</b>"
        self._window.show_at(self.map.x_of(step), "<br>".join([where, *(told or [self.tr("nothing measured")])]))


class HeatLegend(QWidget):
    """What hatching and colours mean, right-aligned; gives up words rather than room."""

    def __init__(self) -> None:
        super().__init__()
        self._low, self._high = "", ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_ends(self, low: str, high: str) -> None:
        """The values of the ramp's ends; empty before there are any."""
        if (low, high) != (self._low, self._high):
            self._low, self._high = low, high
            said = f"Colours run from {low} to {high}. " if high else ""
            self.setAccessibleName(f"{said}Hatched is frozen.")
            self.update()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, round(QFontMetricsF(theme.font("caption")).height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font("caption"))
        metrics = QFontMetricsF(theme.font("caption"))
        ink = self.palette().color(QPalette.ColorRole.PlaceholderText)
        x, gap = float(self.width()), theme.space(6)

        def words(text: str) -> None:
            nonlocal x
            x -= metrics.horizontalAdvance(text)
            painter.setPen(ink)
            painter.drawText(QRectF(x, 0, self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, text)
            x -= gap

        if self._high:
            words("now")
            x -= gap
            words(self._high)
            x -= theme.space(52)
            self._paint_ramp(
                painter, QRectF(x, (self.height() - theme.space(10)) / 2, theme.space(52), theme.space(10))
            )
            x -= gap
            words("0" if self._low.strip("0.") == "" else self._low)
            x -= gap
        if x > metrics.horizontalAdvance("frozen") + theme.space(24):
            words("frozen")
            box = QRectF(x - theme.space(16), (self.height() - theme.space(10)) / 2, theme.space(16), theme.space(10))
            painter.fillRect(box, theme.colour("alt"))
            painter.fillRect(box, QBrush(theme.hatch("frozenedge", self.devicePixelRatioF())))

    @staticmethod
    def _paint_ramp(painter: QPainter, area: QRectF) -> None:
        colours: Sequence[int] = ramp()[:: 256 // 26].tolist()
        width = area.width() / len(colours)
        for place, colour in enumerate(colours):
            painter.fillRect(
                QRectF(area.left() + place * width, area.top(), width + 0.5, area.height()), QColor(colour)
            )
