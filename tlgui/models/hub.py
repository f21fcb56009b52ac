"""Models by their name on the Hugging Face Hub."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from tlgui import hub
from tlgui.core.control import Control
from tlgui.core.events import Emit
from tlgui.models.folder import CONFIG, read_config, wanted


def download(name: str, emit: Emit, control: Control) -> Path:
    """The folder of a model in the common cache; what is complete there is used without a try at the network.

    Raises:
        TlguiError: not found, not let in, no network, no space, or not a model that this program adapts.
        StopRequested: from `control`.
    """
    choose = partial(wanted, where=name)
    if here := hub.cached("model", name, choose):
        return here.folder
    # its family is looked at before its weights are waited for
    read_config(hub.fetch("model", name, lambda names: choose(names) and [CONFIG], emit, control).folder)
    return hub.fetch("model", name, choose, emit, control).folder
