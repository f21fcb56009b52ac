"""The best weights as a Hugging Face folder that `transformers` alone can load."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from tlgui.core.errors import TlguiError
from tlgui.core.runs import RunFolder, cannot_write
from tlgui.models.loading import quiet

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


def save_model(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write weights, configuration and tokenizer; the folder appears whole or not at all.

    Raises:
        TlguiError: the disk is full or the folder cannot be written.
    """
    partial: Path | None = None
    try:
        partial = Path(tempfile.mkdtemp(prefix=".model-", dir=folder.parent))
        with quiet(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # hints on generation settings, which encoders do not have
            model.save_pretrained(partial)
            tokenizer.save_pretrained(partial)
        if folder.exists():
            shutil.rmtree(folder)
        partial.replace(folder)
    except Exception as error:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
        raise cannot_write(folder.parent, error) from error


def export_folder(run: Path, folder: Path) -> Path:
    """Copy a run's model, with its card, into a new or empty folder; returns it.

    Raises:
        TlguiError: the run has no model, the folder holds something, or it cannot be written.
    """
    source = RunFolder(run)
    if not (source.model / "config.json").exists():
        raise TlguiError(f"The run {source.name} has no model yet.", "Train it first.")
    partial: Path | None = None
    try:
        if folder.exists() and any(folder.iterdir()):
            raise TlguiError(f"{folder} is not empty.", "Choose a new folder.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=".export-", dir=folder.parent))
        shutil.copytree(source.model, partial, dirs_exist_ok=True)
        if source.card.exists():
            shutil.copy(source.card, partial / "README.md")
        if folder.exists():
            folder.rmdir()
        partial.replace(folder)
    except OSError as error:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
        raise cannot_write(folder, error) from error
    return folder
