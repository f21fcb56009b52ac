"""Which processor trains, and with how many threads."""

from __future__ import annotations

import os

import psutil
import torch
from huggingface_hub import constants

from tlgui.core.facts import Machine


def machine() -> Machine:
    """What this computer has at this moment."""
    memory = psutil.virtual_memory()
    return Machine(
        device=device_name(choose_device()),
        cores=os.cpu_count() or 1,
        memory_free_bytes=memory.available,
        memory_total_bytes=memory.total,
        online=not constants.HF_HUB_OFFLINE,
    )


def choose_device() -> torch.device:
    """The accelerator torch sees, if there is one, else the CPU."""
    if torch.accelerator.is_available():
        return torch.accelerator.current_accelerator() or torch.device("cpu")
    return torch.device("cpu")


def device_name(device: torch.device) -> str:
    """The device in words a person knows."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return {"cpu": "CPU", "mps": "Apple GPU"}.get(device.type, device.type)


def threads_for(wanted: int) -> int:
    """The number asked for, or all processor cores but one, which stays free for the window."""
    return wanted or max(1, (os.cpu_count() or 1) - 1)


def use_threads(wanted: int) -> int:
    """Set torch's threads in this process; 0 leaves a core free. Returns the number set."""
    count = threads_for(wanted)
    if torch.get_num_threads() != count:
        torch.set_num_threads(count)
    return count


def resident_bytes() -> int:
    """Memory that this process holds at this moment."""
    return int(psutil.Process().memory_info().rss)


def seed(number: int, device: torch.device) -> None:
    """Seed what a step on this device draws from, its dropout.

    Without an accelerator `torch.manual_seed` notes each time where in the program it was called, which takes
    long beside a step of a lone head.
    """
    if device.type == "cpu":
        torch.default_generator.manual_seed(number)
    else:
        torch.manual_seed(number)
