"""Weights files: whether they are whole and hold nothing but weights, and the shapes in them, without loading them."""

from __future__ import annotations

import json
import pickle
import warnings
import zipfile
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open

from tlgui.core.errors import TlguiError
from tlgui.models.folder import WEIGHTS, weight_names

GET_AGAIN = "Get the file again, or pick another model."
Shapes = dict[str, tuple[int, ...]]


def weight_files(folder: Path) -> list[Path]:
    """The files that hold the weights; none if there are none.

    Raises:
        TlguiError: the index of several files is damaged, or names a file that is not there.
    """
    names = weight_names([path.name for path in folder.iterdir()])
    if len(names) <= 1 and not any(name.endswith(".index.json") for name in names):
        return [folder / name for name in names]
    index = folder / names[0]
    try:
        listed = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise TlguiError(f"{index} cannot be read.", GET_AGAIN) from error
    allowed = next(shard for _, name, shard in WEIGHTS if name == index.name)
    for name in listed:
        if not allowed.fullmatch(str(name)):
            raise TlguiError(f"{index} names “{name}”, which is not a weights file beside it.", GET_AGAIN)
        if not (folder / name).is_file():
            raise TlguiError(f"The weights file {folder / name} is missing.", GET_AGAIN)
    return [folder / name for name in listed]


def shapes(folder: Path) -> Shapes:
    """Name and shape of every tensor; reads headers only, and runs nothing that a file brings with it.

    Raises:
        TlguiError: a file is damaged, cut short, or holds more than weights; it is named.
    """
    found: Shapes = {}
    for path in weight_files(folder):
        found |= _safetensors_shapes(path) if path.suffix == ".safetensors" else _pickle_shapes(path)
    return found


def _safetensors_shapes(path: Path) -> Shapes:
    try:
        with safe_open(path, framework="pt") as file:
            return {name: tuple(file.get_slice(name).get_shape()) for name in file.keys()}  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError, ValueError) as error:
        raise TlguiError(f"The weights file {path} is damaged or cut short ({error}).", GET_AGAIN) from error


def _pickle_shapes(path: Path) -> Shapes:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch warns of unusual files before it refuses them
            values = torch.load(path, map_location="meta", weights_only=True)
    except pickle.UnpicklingError as error:
        raise TlguiError(
            f"The weights file {path} holds more than weights and could run code, so it was not opened.",
            "Pick a model with a .safetensors file.",
        ) from error
    except (OSError, RuntimeError, EOFError, ValueError, LookupError, zipfile.BadZipFile) as error:
        raise TlguiError(f"The weights file {path} is damaged or cut short.", GET_AGAIN) from error
    if not (isinstance(values, dict) and all(isinstance(value, torch.Tensor) for value in values.values())):
        raise TlguiError(f"The weights file {path} holds something else than a table of weights.", GET_AGAIN)
    return {name: tuple(value.shape) for name, value in values.items()}
