"""What the Model page says of a model: its facts as rows, and what a download means."""

from __future__ import annotations

from tlgui.core.facts import CostFacts, DataFacts, ModelEntry, ModelFacts
from tlgui.core.plan import duration, millions, size
from tlgui.core.recipe import NEW

LARGE_BYTES = 100_000_000
"""Downloads above this are asked about first."""
KEPT = "The files stay in the common Hugging Face cache."
Rows = tuple[tuple[str, str], ...]


def facts(model: ModelFacts) -> Rows:
    """A model that is here, as title and value."""
    source = {"starter": "No, it is built in"}.get(model.source, "No, it is on this computer")
    if model.source.startswith(NEW):
        source = "No, it is made here"
    return (
        ("Layers", f"{model.layers}, each {model.width} wide"),
        ("Parameters", millions(model.parameters)),
        ("Size", size(model.size_bytes)),
        ("Reads up to", f"{model.max_tokens:,} tokens"),
        ("Tokens", f"{model.tokens}, {model.vocabulary:,}"),
        ("Language", model.languages),
        ("Licence", model.licence),
        ("Needs network", source),
    )


def entry_facts(entry: ModelEntry) -> Rows:
    """A model of the list that has not been looked into."""
    needs = "No, it is on this computer" if entry.here else "Yes, once, for the download"
    return (
        ("Parameters", parameters(entry)),
        ("Size", entry_size(entry)),
        ("Language", entry.languages),
        ("Licence", entry.licence),
        ("Needs network", needs),
    )


def parameters(entry: ModelEntry) -> str:
    return millions(entry.parameters) if entry.parameters else "not stated"


def entry_size(entry: ModelEntry) -> str:
    return size(entry.size_bytes) if entry.size_bytes else "not stated"


def cost(found: CostFacts) -> Rows:
    """What was timed on this machine with this recipe's data."""
    per_thousand = found.seconds_per_step * 1000 / found.rows_per_step
    everything = found.seconds_everything * 1000 / found.rows_per_step
    return (
        ("Train on 1,000 rows", duration(per_thousand)),
        ("When every layer learns", duration(everything)),
        ("Memory at its highest", size(found.memory_bytes)),
    )


def needs_question(entry_bytes: int) -> bool:
    """Whether a download is asked about first: it is large, or nobody knows how large."""
    return entry_bytes == 0 or entry_bytes > LARGE_BYTES


def download_question(name: str, entry_bytes: int) -> tuple[str, str]:
    """Title and text of the question before a download."""
    if entry_bytes:
        return f"Download {name}?", f"{size(entry_bytes)} come over the network. {KEPT}"
    text = "Its size is shown once the download has begun, and you can cancel at any time."
    return f"Download {name}?", f"{text} {KEPT}"


def list_words(entries: tuple[ModelEntry, ...]) -> str:
    """How many models are ready: "4 ready, 3 need a download"; those from nothing are no models yet."""
    here = sum(entry.here and not entry.from_nothing for entry in entries)
    away = sum(not entry.here for entry in entries)
    return f"{here} ready" + (f", {away} {'needs' if away == 1 else 'need'} a download" if away else "")


OFFLINE = "Downloads are switched off: the environment sets HF_HUB_OFFLINE."


def download_words(entry: ModelEntry) -> str:
    """For the button: "Download BERT base, 440 MB…"."""
    said = f", {size(entry.size_bytes)}" if entry.size_bytes else ""
    return f"Download {entry.name}{said}…" if needs_question(entry.size_bytes) else f"Download {entry.name}{said}"


def cost_sentence(found: CostFacts | None, data: DataFacts | None, measuring: bool) -> str:
    """Where the figures come from, or why there are none yet."""
    if found is not None:
        return "Measured here, with your data and layers"
    if measuring:
        return "Measuring on this computer"
    return "Measured once there is data" if data is None else "Not measured yet"
