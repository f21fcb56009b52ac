"""Recipe files and tables that the user picks or drops."""

from __future__ import annotations

import shutil
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from tlgui.core import recipe as recipes
from tlgui.core.data_edits import with_source
from tlgui.core.errors import TlguiError
from tlgui.ui.settings import FOLDER
from tlgui.ui.widgets.dialogs import show_error
from tlgui.ui.workbench import Workbench

RECIPES = "Recipes (*.toml)"
TABLES = "Tables and texts (*.csv *.tsv *.txt *.json *.jsonl *.parquet *.conll *.pos *.neg);;All files (*)"


def open_recipe(parent: QWidget, bench: Workbench) -> None:
    """Ask for a recipe file and take it."""
    name, _ = QFileDialog.getOpenFileName(parent, "Open a recipe", _folder(bench), RECIPES)
    if name:
        load_recipe(parent, bench, Path(name))


def load_recipe(parent: QWidget, bench: Workbench, path: Path) -> None:
    """Take a recipe file; what is wrong with it is shown and the draft stays as it was."""
    try:
        bench.draft.replace(recipes.load(path))
    except TlguiError as error:
        show_error(parent, error.title, error.hint)
        return
    bench.settings.setValue(FOLDER, str(path.parent))


def save_recipe(parent: QWidget, bench: Workbench) -> None:
    """Ask where the recipe goes and write it."""
    proposed = str(Path(_folder(bench)) / f"{bench.draft.recipe.name}.toml")
    name, _ = QFileDialog.getSaveFileName(parent, "Save the recipe", proposed, RECIPES)
    if not name:
        return
    path = Path(name).with_suffix(".toml")
    try:
        path.write_text(recipes.dump(bench.draft.recipe), encoding="utf-8")
    except OSError as error:
        show_error(parent, f"{path} cannot be written ({error.strerror}).", "Choose another folder.")
        return
    bench.settings.setValue(FOLDER, str(path.parent))


def open_table(parent: QWidget, bench: Workbench) -> None:
    """Ask for a file of texts and show it on the Data page."""
    name, _ = QFileDialog.getOpenFileName(parent, "Choose a file of texts", _folder(bench), TABLES)
    if name:
        take_table(bench, Path(name))


def take_table(bench: Workbench, path: Path) -> None:
    """Read another file or folder of texts, and show it."""
    bench.settings.setValue(FOLDER, str(path.parent))
    recipe = bench.draft.recipe
    changes = {"data": with_source(recipe.data, str(path)), "name": _run_name(path)}
    bench.draft.replace(recipe.model_copy(update=changes))
    bench.show_page("data")


def take_dropped(parent: QWidget, bench: Workbench, path: Path) -> None:
    """A dropped recipe is opened; anything else is a table."""
    if path.suffix == ".toml":
        load_recipe(parent, bench, path)
    else:
        take_table(bench, path)


def save_copy(parent: QWidget, bench: Workbench, source: Path, target: Path) -> None:
    """Copy a file that the program has written to where the user wants it."""
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        show_error(parent, f"{target} cannot be written ({error.strerror}).", "Choose another folder.")
        return
    bench.settings.setValue(FOLDER, str(target.parent))


def _run_name(path: Path) -> str:
    """Runs are called after their file, as far as a folder's name allows."""
    kept = "".join(c if c.isalnum() or c in "-_ " else "-" for c in path.stem).strip(" -_")
    return kept or "run"


def _folder(bench: Workbench) -> str:
    return str(bench.settings.value(FOLDER, str(Path.home()), type=str))
