"""Data sets by their name on the Hugging Face Hub: which files make which split."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Any

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit
from tlgui.hub import NotOnHubError, fetch, front_matter

CARD = "README.md"
SUFFIXES = (".parquet", ".csv", ".tsv", ".jsonl", ".json", ".txt")
SPLITS = {"train": "train", "training": "train", "validation": "validation", "valid": "validation", "val": "validation"}
SPLITS |= {"dev": "validation", "test": "test", "testing": "test"}

Files = dict[str, list[str]]
"""Split name -> file names in the repository, in order."""


def open_dataset(name: str, emit: Emit, control: Control) -> dict[str, tuple[Path, ...]]:
    """The files of each split of `OWNER/NAME`, `OWNER/NAME/CONFIG`, `NAME` or `NAME/CONFIG`, in the common cache.

    Splits are called `train`, `validation` and `test` where the repository's names allow it.

    Raises:
        TlguiError: not found, no such configuration, no table or text files, no network.
        StopRequested: from `control`.
    """
    first, *others = _readings(name)
    try:
        return _open(*first, emit, control)
    except NotOnHubError as not_there:
        for other in others:
            with suppress(NotOnHubError):
                return _open(*other, emit, control)
        raise not_there from None


def _readings(name: str) -> list[tuple[str, str]]:
    """What a name may mean, likeliest first: `a/b` is a repository, or the configuration `b` of the repository `a`."""
    parts = name.strip("/").split("/")
    if len(parts) == 1:
        return [(parts[0], "")]
    owned = ("/".join(parts[:2]), "/".join(parts[2:]))
    return [owned] if len(parts) > 2 else [owned, (parts[0], parts[1])]


def _open(repository: str, config: str, emit: Emit, control: Control) -> dict[str, tuple[Path, ...]]:
    card = fetch("dataset", repository, lambda names: [n for n in names if n == CARD], emit, control)
    stated = _stated_configs(card.paths[0]) if card.files else {}
    splits: Files = {}

    def choose(names: Sequence[str]) -> list[str]:
        splits.clear()
        splits.update(choose_files(repository, config, names, stated))
        return sorted({file for files in splits.values() for file in files})

    folder = fetch("dataset", repository, choose, emit, control).folder
    return {split: tuple(folder / file for file in files) for split, files in splits.items()}


def choose_files(repository: str, config: str, names: Sequence[str], stated: Mapping[str, Any]) -> Files:
    """Which of a repository's files make each split of one configuration.

    Args:
        config: Empty for the only one, or the default.
        stated: `data_files` by configuration, as the repository's README states them.
    Raises:
        TlguiError: there is no such configuration, or none was named where there are several.
    """
    tables = [name for name in names if name.endswith(SUFFIXES) and not name.startswith(".")]
    if stated:
        splits = _by_patterns(stated[_pick(repository, config, stated)], tables)
    else:
        folders = {folder: files for folder, files in _by_folder(tables).items() if files}
        splits = _by_name(folders[_pick(repository, config, folders)] if folders else [])
    if not splits:
        raise TlguiError(
            f"The data set {repository} holds no table or text files ({', '.join(SUFFIXES)}).",
            "Download it and save it as one of these.",
        )
    return splits


def _pick(repository: str, config: str, known: Mapping[str, Any]) -> str:
    wanted = config or (next(iter(known)) if len(known) == 1 else "default")
    if wanted in known:
        return wanted
    listed = ", ".join(list(known)[:12]) + (" …" if len(known) > 12 else "")
    if config:
        raise TlguiError(f"The data set {repository} has no configuration “{config}”.", f"It has: {listed}.")
    first = next(iter(known))
    raise TlguiError(
        f"The data set {repository} has several configurations: {listed}.", f"Name one, as in hub:{repository}/{first}."
    )


def _stated_configs(card: Path) -> dict[str, Any]:
    configs = front_matter(card).get("configs") or ()
    return {str(row["config_name"]): row["data_files"] for row in configs if {"config_name", "data_files"} <= set(row)}


def _by_patterns(data_files: Any, names: Sequence[str]) -> Files:
    """Splits as a card states them: one pattern, a list of patterns, or a list of split and path."""
    rows = data_files if isinstance(data_files, list) else [data_files]
    splits: Files = {}
    for row in rows:
        split, patterns = (row["split"], row["path"]) if isinstance(row, dict) else ("train", row)
        for pattern in [patterns] if isinstance(patterns, str) else patterns:
            found = fnmatch.filter(names, pattern.replace("**/", "*"))
            splits.setdefault(_split_name(str(split)), []).extend(sorted(found))
    return {split: files for split, files in splits.items() if files}


def _by_folder(names: Sequence[str]) -> Files:
    """Files by the configuration that their folder names; those at the top or in `data/` are the default one."""
    folders: Files = {}
    for name in names:
        parents = [part for part in PurePosixPath(name).parts[:-1] if part != "data" and part not in SPLITS]
        folders.setdefault(parents[0] if parents else "default", []).append(name)
    return folders


def _by_name(names: Sequence[str]) -> Files:
    """Files by the split that a word of their path names; all are `train` if none does."""
    splits: Files = {}
    for name in sorted(names):
        words = re.split(r"[^a-z]+", PurePosixPath(name).as_posix().lower())
        split = next((SPLITS[word] for word in reversed(words) if word in SPLITS), "")
        if split:
            splits.setdefault(split, []).append(name)
    return splits or ({"train": sorted(names)} if names else {})


def _split_name(name: str) -> str:
    return SPLITS.get(name.lower(), name)
