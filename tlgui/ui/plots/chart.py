"""A card with one plot: heading, legend or caption, canvas, and the small window that reads values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from tlgui.core.history import History
from tlgui.core.outlook import Outlook, group_words
from tlgui.ui import theme
from tlgui.ui.plots import margins
from tlgui.ui.plots.canvas import Canvas, Extent, value_at
from tlgui.ui.plots.curves import Curve, Points
from tlgui.ui.plots.overlays import Level
from tlgui.ui.widgets.basics import Card
from tlgui.ui.widgets.elided import ElidedLabel

Range = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """How a chart reads: its name, its y axis, and what it says while it is empty."""

    key: str
    title: str
    empty: str
    span: Callable[[Sequence[Points]], Range]
    """Lowest and highest value that the y axis must show."""
    factor: Callable[[float], float] = lambda peak: 1.0
    """What the axis multiplies values with, from the highest of them."""
    figure: Callable[[float], str] = "{:.2f}".format
    """A value for the reading window, not multiplied."""
    legend: bool = False
    names_lines: bool = False
    """Whether its curves are named by group, so that marks need no words."""


class Chart(Card):
    """One plot of a run."""

    def __init__(self, look: Look, curves: Sequence[Curve], labels: str = margins.FIGURES) -> None:
        super().__init__(look.title)
        self._look, self._curves = look, tuple(curves)
        self._points: tuple[Points, ...] = ()
        self._view = Outlook()
        self._level: Level | None = None
        self._is_read = False
        self.setObjectName(f"{look.key}_chart")
        self.canvas = Canvas(curves, labels=labels)
        self.canvas.setObjectName(f"{look.key}_plot")
        self.canvas.setAccessibleName(look.title)
        self.canvas.empty_sentence = look.empty
        self.canvas.hovered.connect(self._read)
        edge = theme.space(10)
        self.body.setContentsMargins(edge, theme.space(8), theme.space(4), theme.space(4))
        self.head.setContentsMargins(0, 0, edge - theme.space(4), 0)
        self.body.setSpacing(theme.space(2))
        self.caption = Caption()
        if look.legend:
            self.head.addWidget(Legend(curves))
        else:
            self.head.setStretch(1, 0)
            self.head.addWidget(self.caption, 1)
        self.body.addWidget(self.canvas, 1)
        self._window = ReadingWindow(self.canvas)

    @property
    def curves(self) -> tuple[Curve, ...]:
        return self._curves

    def show_look(self, look: Look) -> None:
        """Read from now on in another way, as when another run has another figure."""
        self._look = look
        self.heading.setText(look.title)
        self.canvas.setAccessibleName(look.title)

    def show_note(self, *texts: str) -> None:
        """A caption at the right of the heading: the first of some wordings, longest first, that fits."""
        self.caption.show_texts(texts)

    def show_empty_sentence(self, text: str) -> None:
        self.canvas.empty_sentence = text
        self.canvas.update_all()

    def show_level(self, level: Level | None) -> None:
        """A value to compare the curves with, shown with the next points."""
        self._level = level

    def show_history(self, history: History, view: Outlook, curves: Sequence[Curve] | None = None) -> None:
        """Draw a run, with other curves than before if they are given."""
        shown = self._curves if curves is None else tuple(curves)
        self.show_points(shown, [curve.points(history) for curve in shown], view)

    def show_points(self, curves: Sequence[Curve], points: Sequence[Points], view: Outlook) -> None:
        """Draw curves whose points were worked out already."""
        self._curves, self._points, self._view = tuple(curves), tuple(points), view
        self.canvas.replace_curves(self._curves)
        level = [] if self._level is None else [(np.zeros(1), np.full(1, self._level.value))]
        low, high = self._look.span((*self._points, *level))
        run = Extent(view.total, view.step, view.epoch)
        self.canvas.show_points(self._points, run, low, high, self._look.factor(high))
        self.canvas.show_marks(view.marks, self._level, words=not self._look.names_lines)
        self.canvas.setAccessibleDescription(self._spoken())
        if self._is_read:
            self._read(self.canvas.cursor)

    def _spoken(self) -> str:
        if self.canvas.is_empty:
            return self.canvas.empty_sentence
        known = ((c.title, p[1]) for c, p in zip(self._curves, self._points, strict=True) if len(p[1]))
        compared = [] if self._level is None else [self._level.words[0]]
        return ", ".join([*(f"{title} {self._look.figure(float(values[-1]))}" for title, values in known), *compared])

    def _read(self, step: int | None) -> None:
        self._is_read = step is not None and not self.canvas.is_empty
        if step is None or self.canvas.is_empty:
            self._window.hide()
            return
        rows = [(curve, value_at(points, step)) for curve, points in zip(self._curves, self._points, strict=True)]
        lines = [
            f"<span style='color:{theme.colour(curve.token).name()}'>■</span> "
            f"{escape(curve.words[0] or curve.title)} <b>{self._look.figure(value)}</b>"
            for curve, value in rows
            if value is not None
        ]
        lines += [escape(words) for words in (_who_learns(self._view, step), _marks_near(self._view, step)) if words]
        epoch = f", epoch {(max(step, 1) - 1) // self._view.epoch + 1}" if self._view.epoch else ""
        where = f"<b>Step {step:,}</b>{epoch}"
        self._window.show_at(self.canvas.place(step, 0).x(), "<br>".join([where, *lines]))


def _who_learns(view: Outlook, step: int) -> str:
    """ "Learning: layer 5 and head"; nothing of a step that is still to come."""
    learning = [key for key in view.keys if view.learns_at(key, max(step, 1))]
    if not learning or not view.learned:
        return ""
    return f"Learning: {'every group' if len(learning) == len(view.keys) else group_words(learning, view.lower)}"


def _marks_near(view: Outlook, step: int) -> str:
    """The marks within two hundredths of the run from a step."""
    near = [mark for mark in view.marks if abs(mark.step - step) * 50 <= view.total]
    return ", ".join(f"{mark.words} at step {mark.step:,}" for mark in near)


class Caption(QWidget):
    """A dim line at the right of a heading that gives up words rather than room."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    @property
    def text(self) -> str:
        """The longest wording."""
        return self._texts[0] if self._texts else ""

    def show_texts(self, texts: Sequence[str]) -> None:
        self._texts = tuple(texts)
        self.setToolTip(self.text)
        self.setAccessibleName(self.text)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(theme.font("caption"))
        painter.setPen(theme.colour("dim"))
        widths = ((text, painter.fontMetrics().horizontalAdvance(text)) for text in self._texts)
        text = next((text for text, width in widths if width <= self.width()), "")
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


class ReadingWindow(QLabel):
    """All series at one step, beside the cross line and never under it."""

    def __init__(self, canvas: QWidget) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setFont(theme.font("caption"))
        self.setMargin(theme.space(6))
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_at(self, x: float, text: str) -> None:
        self.setText(text)
        self.adjustSize()
        right = round(x) + theme.space(10)
        fits = right + self.width() <= self._canvas.width()
        self.move(right if fits else max(0, round(x) - theme.space(10) - self.width()), theme.space(4))
        self.show()
        self.raise_()


class Legend(QWidget):
    """The curves of a plot with line, dash and marker, in a row."""

    def __init__(self, curves: Sequence[Curve]) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.space(6))
        for curve in curves:
            row.addSpacing(theme.space(8))
            row.addWidget(Sample(curve))
            name = ElidedLabel("caption", dim=True)
            name.setText(curve.title)
            name.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
            row.addWidget(name)


class Sample(QWidget):
    """A short piece of a curve."""

    def __init__(self, curve: Curve) -> None:
        super().__init__()
        self._curve = curve
        self.setFixedSize(theme.space(22), theme.space(12))

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink = theme.colour(self._curve.token)
        line = theme.colour(self._curve.token)
        line.setAlphaF(max(self._curve.opacity, 0.55))
        pen = QPen(line, self._curve.width)
        if self._curve.dashed:
            pen.setDashPattern([2.2, 1.4])
        painter.setPen(pen)
        middle = self.height() / 2
        painter.drawLine(QPointF(0, middle), QPointF(self.width(), middle))
        if self._curve.marker:
            side = theme.space(7)
            painter.setPen(QPen(ink, 1.5))
            painter.setBrush(theme.colour("base"))
            painter.drawEllipse(QRectF((self.width() - side) / 2, middle - side / 2, side, side))
