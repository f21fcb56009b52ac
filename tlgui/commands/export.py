"""`tlgui export`: a run's model leaves as a folder."""

from __future__ import annotations

import argparse
from pathlib import Path

from tlgui.commands.base import Answer
from tlgui.core.control import Control
from tlgui.core.events import Emit

FORMATS = {"hf": "the whole model, updates of LoRA merged", "adapter": "LoRA's adapters alone, as peft has them"}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run", type=Path, help="a run folder")
    parser.add_argument("--to", type=Path, required=True, metavar="DIR", help="a new or empty folder")
    parser.add_argument(
        "--format",
        choices=list(FORMATS),
        default="hf",
        help="; ".join(f"{key}: {what}" for key, what in FORMATS.items()),
    )


def export(args: argparse.Namespace, emit: Emit, control: Control) -> Answer:
    from tlgui.core.errors import TlguiError
    from tlgui.export.folder import export_folder

    if not (args.run / "recipe.toml").exists():
        raise TlguiError(
            f"{args.run} is no run folder: it has no recipe.toml.", "Name a folder that `tlgui runs` lists."
        )
    folder = export_folder(args.run, args.to.resolve(), args.format)
    files = sorted(path.name for path in folder.iterdir())
    return Answer({"folder": folder, "format": args.format, "files": files}, [f"Folder: {folder}", *files])
