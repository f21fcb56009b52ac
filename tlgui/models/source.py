"""Where a recipe's model comes from, and whether it is safe to open: checked before anything of it is loaded."""

from __future__ import annotations

from pathlib import Path

from tlgui import hub as core_hub
from tlgui.core import paths
from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.models import hub
from tlgui.models.folder import CONFIG, PICK, read_config, require_parts
from tlgui.models.weights import shapes

STARTER = "starter"


def resolve(source: str, emit: Emit, control: Control) -> Path:
    """The checked folder of `starter`, of a folder or run folder, or of `hub:NAME`.

    Raises:
        TlguiError: there is no model, it is damaged, of an unknown family, or would run code; the file is named.
        StopRequested: from `control`, while downloading.
    """
    if source == STARTER:
        folder = paths.resources() / STARTER
    elif source.startswith(core_hub.SCHEME):
        folder = hub.download(source.removeprefix(core_hub.SCHEME), emit, control)
    else:
        folder = _model_folder(Path(source).expanduser())
    check(folder)
    return folder


def check(folder: Path) -> None:
    """Raise TlguiError unless the folder holds a whole model of a known family and nothing that runs."""
    try:
        names = [path.name for path in folder.iterdir()]
    except OSError as error:
        raise TlguiError(f"The folder {folder} cannot be read ({error.strerror}).", PICK) from error
    require_parts(names, str(folder))
    read_config(folder)
    shapes(folder)


def _model_folder(path: Path) -> Path:
    if not path.exists():
        raise TlguiError(f"There is no folder {path}.", "Check the path, or write hub:NAME for a model on the Hub.")
    if not path.is_dir():
        raise TlguiError(f"{path} is a file, not a model folder.", f"Pick the folder that holds its {CONFIG}.")
    if not (path / "recipe.toml").exists():
        return path
    if not (path / "model" / CONFIG).exists():
        raise TlguiError(f"The run {path.name} has no model yet.", "Let it train to its first validation.")
    return path / "model"
