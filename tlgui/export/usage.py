"""How to open what was exported, in Python, with public packages alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tlgui.models.folder import CONFIG, OURS
from tlgui.models.loading import HEADS

if TYPE_CHECKING:
    from transformers import PreTrainedModel

TITLE = "## Open it in Python"
_TRUST = ", trust_remote_code=True"
_TRUSTED = "The head is in a Python file of this folder; it needs nothing but torch and transformers.\n"


def model_usage(folder: Path) -> str:
    """Lines of Markdown for a whole model in `folder`."""
    config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    ours = config["model_type"] == OURS
    made = config["architectures"][0]
    auto = next(head.__name__ for head in HEADS.values() if made.endswith(head.__name__.removeprefix("AutoModel")))
    return _block(
        _TRUSTED if ours else "",
        f"from transformers import {auto}, AutoTokenizer",
        "",
        'folder = "."  # where these files are',
        f"model = {auto}.from_pretrained(folder{_TRUST if ours else ''})",
        f"tokenizer = AutoTokenizer.from_pretrained(folder{_TRUST if ours else ''})",
    )


def adapter_usage(model: PreTrainedModel, task: str, base: str) -> str:
    """Lines of Markdown for adapters alone.

    Args:
        base: Where the weights are that they were learned for.
    """
    ours, auto = model.config.model_type == OURS, HEADS[task].__name__
    trust = _TRUST if ours else ""
    encoder = f"AutoModel.from_pretrained({base!r})"
    if (Path(base) / CONFIG).exists() and _type_of(Path(base)) == OURS:
        encoder = f"AutoModelForSequenceClassification.from_pretrained({base!r}{_TRUST}).backbone"
    names = sorted({"AutoConfig", "AutoTokenizer", auto, encoder.partition(".")[0]})
    return _block(
        f"These are adapters and a head for the encoder in `{base}`, which is not among them.\n"
        + (_TRUSTED if ours else ""),
        "from peft import PeftModel",
        f"from transformers import {', '.join(names)}",
        "",
        'folder = "."  # where these files are',
        f"config = AutoConfig.from_pretrained(folder{trust})",
        f"base = {auto}.from_config(config{trust})",
        f"base.base_model.load_state_dict({encoder}.state_dict(), strict=False)",
        "model = PeftModel.from_pretrained(base, folder).eval()",
        f"tokenizer = AutoTokenizer.from_pretrained(folder{trust})",
    )


def _type_of(folder: Path) -> str:
    return str(json.loads((folder / CONFIG).read_text(encoding="utf-8")).get("model_type"))


def _block(before: str, *lines: str) -> str:
    return "\n".join([TITLE, "", *([before] if before else []), "```python", *lines, "```", ""])
