"""The pages of the window, in the order of the rail; each is imported when it is first shown."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module

from tlgui.ui.pages.page import Page


@dataclass(frozen=True)
class PageRow:
    """One page: where its class is, and whether Next and Back pass it."""

    key: str
    title: str
    module: str
    """Below `tlgui.ui.pages`. The Train page brings pyqtgraph, which would delay the first paint by half a second."""
    class_name: str
    in_wizard: bool = True
    section: str = ""
    """Heading in the rail under which it stands with others; empty for pages of the wizard and for places."""
    icon: str = ""
    """In the rail, for a place outside the wizard and the sections."""

    def load(self) -> type[Page]:
        """Import the page's class."""
        found: type[Page] = getattr(import_module(f"tlgui.ui.pages.{self.module}"), self.class_name)
        return found


PAGES: tuple[PageRow, ...] = (
    PageRow("goal", "Goal", "goal", "GoalPage"),
    PageRow("model", "Model", "model", "ModelPage"),
    PageRow("data", "Data", "data", "DataPage"),
    PageRow("layers", "Layers", "layers", "LayersPage"),
    PageRow("train", "Train", "train", "TrainPage"),
    PageRow("try", "Try", "try_out", "TryPage"),
    PageRow("runs", "Runs", "runs", "RunsPage", in_wizard=False, icon="disk"),
    PageRow("race", "Race", "race", "RacePage", in_wizard=False, section="Labs"),
)
WIZARD: tuple[str, ...] = tuple(row.key for row in PAGES if row.in_wizard)


def row_of(key: str) -> PageRow:
    return next(row for row in PAGES if row.key == key)
