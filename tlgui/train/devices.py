"""Which processor trains, with how many threads, and in which arithmetic."""

from __future__ import annotations

import os
import threading
from contextlib import AbstractContextManager, nullcontext

import psutil
import torch
from huggingface_hub import constants

from tlgui.core import launch
from tlgui.core.facts import Machine
from tlgui.core.recipe import Precision

# Linux then gives the large tensors of a step, such as the gradient of the word embeddings, in pages of 2 MiB instead
# of 4 KiB. Each step asks for them anew, which took a tenth of it. Torch reads this at its first tensor.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")


def machine() -> Machine:
    """What this computer has at this moment; the memory is that of the device that trains."""
    device, memory = choose_device(), psutil.virtual_memory()
    free, total = memory.available, memory.total
    if device.type in _OWN_MEMORY:
        free, total = torch.accelerator.get_memory_info(device)
    return Machine(
        device=device_name(device),
        cores=os.cpu_count() or 1,
        memory_free_bytes=free,
        memory_total_bytes=total,
        online=not constants.HF_HUB_OFFLINE,
    )


def choose_device() -> torch.device:
    """The accelerator torch sees, if there is one, else the CPU; of several processes, each has its own."""
    if launch.count() > 1:
        from accelerate import PartialState

        device: torch.device = PartialState().device
        return device
    if torch.accelerator.is_available():
        return torch.accelerator.current_accelerator() or torch.device("cpu")
    return torch.device("cpu")


def device_name(device: torch.device) -> str:
    """The device in words a person knows."""
    if device.type in _OWN_MEMORY:
        return str(torch.get_device_module(device).get_device_name(device))
    return {"cpu": "CPU", "mps": "Apple GPU"}.get(device.type, device.type)


_OWN_MEMORY = ("cuda", "xpu")
"""Accelerators with memory and a name of their own; the others share the computer's."""


def most_threads() -> int:
    """Threads that are worth a try: one a core.

    The cores are shared by processes that train together; and a run that is not on the main thread, where the window
    is, leaves it one.
    """
    has_window = threading.current_thread() is not threading.main_thread()
    return max(1, (os.cpu_count() or 1) // launch.count_here() - has_window)


def threads_for(wanted: int) -> int:
    """The number asked for; where none was and none is measured, all cores but one, or a process's share of them."""
    return wanted or max(1, (os.cpu_count() or 1) // launch.count_here() - (launch.count_here() == 1))


def use_threads(wanted: int) -> int:
    """Set torch's threads in this process; 0 leaves a core free. Returns the number set."""
    count = threads_for(wanted)
    if torch.get_num_threads() != count:
        torch.set_num_threads(count)
    return count


def arithmetic(device: torch.device, precision: Precision) -> AbstractContextManager[object]:
    """What a forward pass runs in; `auto`, as long as nothing was measured, is float32.

    In bfloat16 the matrix products are, and what torch knows to bear it; weights, their gradients and the loss stay
    float32, and it needs no scaling of the loss, as its range is that of float32 (Kalamkar et al., A Study of BFLOAT16
    for Deep Learning Training, 2019).
    """
    return torch.autocast(device.type, dtype=torch.bfloat16) if precision == "bfloat16" else nullcontext()


def has_bfloat16(device: torch.device) -> bool:
    """Whether the device can compute in bfloat16 at all; a CPU always can, if slowly."""
    match device.type:
        case "cuda":
            return torch.cuda.is_bf16_supported(including_emulation=False)
        case "mps":
            return torch.backends.mps.is_macos_or_newer(14, 0)
        case kind:
            return kind in ("cpu", "xpu")


def synchronize(device: torch.device) -> None:
    """Wait until the device has done all it was given; a CPU has."""
    if device.type != "cpu":
        torch.accelerator.synchronize(device)


def resident_bytes() -> int:
    """Memory that this process holds at this moment, on an accelerator too."""
    held = int(psutil.Process().memory_info().rss)
    device = choose_device()
    return held + torch.accelerator.memory_allocated(device) if device.type in _OWN_MEMORY else held


def seed(number: int, device: torch.device) -> None:
    """Seed what a step on this device draws from, its dropout.

    Without an accelerator `torch.manual_seed` notes each time where in the program it was called, which takes
    long beside a step of a lone head.
    """
    if device.type == "cpu":
        torch.default_generator.manual_seed(number)
    else:
        torch.manual_seed(number)
