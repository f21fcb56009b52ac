"""Files of a Hugging Face Hub repository: from the common cache, downloaded into it only if they are not there."""

from __future__ import annotations

import errno
import glob
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml  # type: ignore[import-untyped]
from huggingface_hub import (
    HfApi,
    constants,
    errors,
    get_cached_repo_tree,
    metadata_load,
    snapshot_download,
    try_to_load_from_cache,
)
from huggingface_hub.utils import logging as hub_logging
from tqdm.std import tqdm

from tlgui.core.control import Control
from tlgui.core.errors import TlguiError
from tlgui.core.events import Emit, Progress
from tlgui.core.paths import nearest_existing
from tlgui.core.plan import size

Kind = Literal["model", "dataset"]
Choose = Callable[[Sequence[str]], Sequence[str]]
"""Picks the files that are wanted from the names of all; raises TlguiError if they will not do."""

SCHEME = "hub:"
PARALLEL_FILES = 4
ANSWER_SECONDS = 10

# A stop is raised between two chunks. The chunked Xet protocol reports progress from a foreign thread, where a stop
# would be swallowed, so files come by plain HTTP, a megabyte at a time.
constants.HF_HUB_DISABLE_XET = True
constants.DOWNLOAD_CHUNK_SIZE = 1 << 20


class NotOnHubError(TlguiError):
    """The Hub knows no such repository, or shows it to nobody but its owner."""


@dataclass(frozen=True)
class Fetched:
    """Some files of one repository, as they lie in the cache."""

    folder: Path
    """Of the repository; files keep their paths below it."""
    files: tuple[str, ...]
    """Paths below the folder, with `/`."""

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(self.folder / name for name in self.files)


def cached(kind: Kind, name: str, choose: Choose) -> Fetched | None:
    """The wanted files if all of them are in the common cache; None if not. Never asks the network."""
    with _sentences(kind, name):
        try:
            names = sorted(file.path for file in get_cached_repo_tree(name, repo_type=kind))
        except errors.CachedRepoTreeNotFoundError:
            return _cached_without_list(kind, name, choose)
        files = tuple(choose(names))
        try:
            return Fetched(_snapshot(kind, name, files, local_files_only=True), files)
        except errors.LocalEntryNotFoundError:
            return None


def fetch(kind: Kind, name: str, choose: Choose, emit: Emit, control: Control) -> Fetched:
    """The wanted files of the newest version, downloaded as far as they are not in the cache.

    A stop loses the file that is on its way; those that are complete stay in the cache.

    Raises:
        TlguiError: not found, not let in, no network, no space; or what `choose` raises.
        StopRequested: from `control`.
    """
    if here := cached(kind, name, choose):
        return here
    control.check()
    emit(Progress(f"Asking the Hub for {name}", 0, 0))
    with _sentences(kind, name):
        info = HfApi().repo_info(name, repo_type=kind, files_metadata=True, timeout=ANSWER_SECONDS)
        sizes = {file.rfilename: file.size or 0 for file in info.siblings or ()}
        files = tuple(choose(sorted(sizes)))
        missing = [f for f in files if not try_to_load_from_cache(name, f, repo_type=kind, revision=info.sha)]
        total = sum(sizes[file] for file in missing)
        _require_space(name, total)
        bar = _bar(f"Downloading {name}", total, emit, control)
        return Fetched(_snapshot(kind, name, files, tqdm_class=bar), files)


def front_matter(card: Path) -> dict[str, Any]:
    """What a repository's README states for programs; nothing if there is none or it is not valid."""
    try:
        return metadata_load(card) or {}
    except (OSError, ValueError, yaml.YAMLError):
        return {}


def _snapshot(kind: Kind, name: str, files: Sequence[str], **how: Any) -> Path:
    patterns = [glob.escape(file) for file in files]
    return Path(snapshot_download(name, repo_type=kind, allow_patterns=patterns, max_workers=PARALLEL_FILES, **how))


def _cached_without_list(kind: Kind, name: str, choose: Choose) -> Fetched | None:
    """What another program left in the cache, which may be any part of the repository."""
    try:
        folder = Path(snapshot_download(name, repo_type=kind, local_files_only=True))
        names = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
        return Fetched(folder, tuple(choose(names)))
    except (errors.LocalEntryNotFoundError, TlguiError):
        return None


def _bar(what: str, total: int, emit: Emit, control: Control) -> type[tqdm]:
    """A silent progress bar for the Hub library: passes bytes on as events and lets a stop through."""
    counting = threading.Lock()
    furthest = 0

    class Bar(tqdm):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **{**kwargs, "disable": True})
            self.counts_bytes = kwargs.get("unit") == "B"

        def update(self, n: float | None = 1) -> None:  # called from the library's download threads
            nonlocal furthest
            control.check()
            with counting:
                self.n += n or 0
                # two bars count the same bytes, received and written; a third counts files
                if self.counts_bytes and self.n > furthest:
                    furthest = int(self.n)
                    emit(Progress(what, min(furthest, total), total))

    return Bar


def _require_space(name: str, needed: int) -> None:
    cache = Path(constants.HF_HUB_CACHE)
    there = nearest_existing(cache) or cache
    if (free := shutil.disk_usage(there).free) < needed:
        raise _no_space(name, f"{size(needed)} are needed and {size(free)} are free")


def _no_space(name: str, why: str) -> TlguiError:
    return TlguiError(f"{name} does not fit on the disk ({why}).", f"Free some space for {constants.HF_HUB_CACHE}.")


_SENTENCES: tuple[tuple[tuple[type[Exception], ...], str, str], ...] = (
    # The first row that fits is said; {name} is the repository.
    ((errors.HFValidationError,), "“{name}” is not a name on the Hugging Face Hub.", "Write it as OWNER/NAME."),
    (
        (errors.GatedRepoError,),
        "The owner of {name} lets in only people who asked.",
        "Ask on its page on the Hub, then log in with “hf auth login”.",
    ),
    (
        (errors.OfflineModeIsEnabled,),
        "{name} is not on this computer, and HF_HUB_OFFLINE keeps the network switched off.",
        "Unset HF_HUB_OFFLINE to get it, or pick what is here.",
    ),
    (
        (errors.HfHubHTTPError,),
        "The Hub answers with an error for {name} ({error}).",
        "Try again later, or pick what is here.",
    ),
    (
        (errors.HTTPError, errors.LocalEntryNotFoundError),
        "{name} is not on this computer, and the Hub cannot be reached.",
        "Check the network, or pick what is here.",
    ),
    (
        (OSError,),
        "{name} cannot be written to the cache ({error}).",
        "Check the folder, or set HF_HOME to another one.",
    ),
)


@contextmanager
def _sentences(kind: Kind, name: str) -> Iterator[None]:
    """Turn what the Hub library raises into sentences, and keep it from writing to stderr itself."""
    level = hub_logging.get_verbosity()
    hub_logging.set_verbosity_error()
    try:
        yield
    except (errors.HFValidationError, errors.HTTPError, OSError) as error:
        raise _as_sentence(kind, name, error) from error
    finally:
        hub_logging.set_verbosity(level)


def _as_sentence(kind: Kind, name: str, error: Exception) -> TlguiError:
    if isinstance(error, errors.RepositoryNotFoundError) and not isinstance(error, errors.GatedRepoError):
        what = "model" if kind == "model" else "data set"
        return NotOnHubError(
            f"The Hub has no {what} “{name}”, or it is private.",
            "Check the name; for a private one, log in with “hf auth login”.",
        )
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _no_space(name, error.strerror or "no space left")
    title, hint = next((title, hint) for types, title, hint in _SENTENCES if isinstance(error, types))
    return TlguiError(title.format(name=name, error=str(error).split("\n")[0].rstrip(".")), hint)
