"""A run's best weights as folders that others can open: a whole Hugging Face model, or LoRA's adapters alone."""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tlgui.core.errors import TlguiError
from tlgui.core.runs import RunFolder, cannot_write
from tlgui.export.usage import adapter_usage, model_usage
from tlgui.hub import SCHEME
from tlgui.models.adapters import has_adapters, merged, save_alone
from tlgui.models.loading import quiet

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

    from tlgui.core.recipe import Recipe


def save_model(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path) -> None:
    """Write weights, configuration and tokenizer; the folder appears whole or not at all.

    Adapters are merged into the weights that are written; the model itself keeps them apart.

    Raises:
        TlguiError: the disk is full or the folder cannot be written.
    """
    with _whole(folder) as partial:
        merged(model).save_pretrained(partial)
        tokenizer.save_pretrained(partial)


def save_adapter(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, recipe: Recipe, folder: Path) -> None:
    """Write LoRA's adapters, and the head that learned with them, as peft does; nothing for a model without adapters.

    Nor for one with random weights: nobody else has what its adapters were learned for.

    Raises:
        TlguiError: the disk is full or the folder cannot be written.
    """
    if not has_adapters(model) or recipe.model.weights == "scratch":
        return
    source = recipe.model.source
    base = source.removeprefix(SCHEME) if source.startswith(SCHEME) else model.config.name_or_path
    with _whole(folder) as partial:
        save_alone(model, partial, base)
        model.config.save_pretrained(partial)
        tokenizer.save_pretrained(partial)
        (partial / "README.md").write_text(adapter_usage(model, recipe.task, base), encoding="utf-8")


def export_folder(run: Path, folder: Path, kind: str = "hf") -> Path:
    """Copy a run's model, with its card and how to open it, into a new or empty folder; returns it.

    Args:
        kind: One of `FORMATS`.
    Raises:
        TlguiError: the run has nothing of that kind, the folder holds something, or it cannot be written.
    """
    source = RunFolder(run)
    made, usage = FORMATS[kind](source)
    try:
        if folder.exists() and any(folder.iterdir()):
            raise TlguiError(f"{folder} is not empty.", "Choose a new folder.")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _whole(folder) as partial:
            shutil.copytree(made, partial, dirs_exist_ok=True)
            card = source.card.read_text(encoding="utf-8") if source.card.exists() else f"# {source.name}\n"
            (partial / "README.md").write_text(f"{card}\n{usage}", encoding="utf-8")
    except OSError as error:
        raise cannot_write(folder, error) from error
    return folder


def _hf(run: RunFolder) -> tuple[Path, str]:
    if not (run.model / "config.json").exists():
        raise TlguiError(f"The run {run.name} has no model yet.", "Train it first.")
    return run.model, model_usage(run.model)


def _adapter(run: RunFolder) -> tuple[Path, str]:
    usage = run.adapter / "README.md"
    if not usage.exists():
        raise TlguiError(
            f"The run {run.name} has no adapters.",
            "Only runs with LoRA on pretrained weights have. Export the whole model with the format hf.",
        )
    return run.adapter, usage.read_text(encoding="utf-8")


FORMATS: dict[str, Callable[[RunFolder], tuple[Path, str]]] = {"hf": _hf, "adapter": _adapter}
"""By the name of the format: the folder in a run, and how to open it, as Markdown."""


@contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder to write to, which takes the place of `folder` at the end of the block, or vanishes if that fails."""
    partial: Path | None = None
    try:
        partial = Path(tempfile.mkdtemp(prefix=".writing-", dir=folder.parent))
        with quiet(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # hints on generation settings, which encoders do not have
            yield partial
        if folder.exists():
            shutil.rmtree(folder)
        partial.replace(folder)
    except Exception as error:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)
        if isinstance(error, TlguiError):
            raise
        raise cannot_write(folder.parent, error) from error
