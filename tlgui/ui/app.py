"""The application: theme, last recipe, faults that are told, the window. Nothing heavy before the first paint."""

from __future__ import annotations

import signal
import sys
import tomllib
import traceback
from types import TracebackType

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QGuiApplication, QIcon
from PySide6.QtWidgets import QApplication, QWidget

from tlgui.core import paths
from tlgui.core import recipe as recipes
from tlgui.core.errors import TlguiError
from tlgui.core.recipe import Recipe
from tlgui.ui import commands, theme
from tlgui.ui.settings import APPLICATION, APPLICATION_ID, ORGANISATION, RECIPE, settings
from tlgui.ui.widgets.dialogs import show_error
from tlgui.ui.window import Window
from tlgui.ui.workbench import Workbench


def run_window(recipe: Recipe | None = None) -> int:
    """Open the window on a recipe, or on the one it was closed with; returns when it is closed."""
    app = make_application()
    window = make_window(recipe)
    faults = Faults(window)
    sys.excepthook = faults.tell
    # Ctrl-C in the terminal ends the process at once: an exception inside a paint would crash Qt, and a run survives
    # any end.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    window.show()
    code = app.exec()
    sys.excepthook = sys.__excepthook__
    return code


def make_application() -> QApplication:
    """The one QApplication of the process."""
    QCoreApplication.setOrganizationName(ORGANISATION)
    QCoreApplication.setApplicationName(APPLICATION)
    found = QApplication.instance()
    app = found if isinstance(found, QApplication) else QApplication([APPLICATION])
    QGuiApplication.setApplicationDisplayName("")  # the window's own title says it
    QGuiApplication.setDesktopFileName(APPLICATION_ID)  # by which Wayland finds name and icon
    app.setWindowIcon(QIcon(str(paths.resources() / "icons" / "tlgui.svg")))
    return app


def make_window(recipe: Recipe | None = None) -> Window:
    """The window in the user's theme; it begins to look at model and data after its first paint."""
    bench = Workbench(recipe or last_recipe())
    theme.apply(commands.saved_theme(bench))
    window = Window(bench)
    bench.setParent(window)
    window.painted.connect(bench.findings.begin)
    return window


def last_recipe() -> Recipe:
    """What the window was closed with; an empty recipe the first time, or if it cannot be read any more."""
    text = settings().value(RECIPE, "", type=str)
    try:
        return recipes.from_values(tomllib.loads(str(text)))
    except (TlguiError, tomllib.TOMLDecodeError):
        return Recipe()


class Faults:
    """Tells of exceptions that nobody caught; the window stays alive."""

    def __init__(self, parent: QWidget) -> None:
        self._parent = parent
        self._telling = False

    def tell(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """For `sys.excepthook`. A fault during a fault, such as in painting, is only printed."""
        details = "".join(traceback.format_exception(kind, error, trace))
        sys.stderr.write(details)
        if issubclass(kind, KeyboardInterrupt):
            self._parent.close()
            return
        if self._telling:
            return
        self._telling = True
        try:
            if isinstance(error, TlguiError):
                show_error(self._parent, error.title, error.hint, details)
            else:
                title = f"Unexpected {kind.__name__}: {error}"
                show_error(self._parent, title, "Copy the details into a report.", details)
        finally:
            self._telling = False
