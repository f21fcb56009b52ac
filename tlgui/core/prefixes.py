"""How a goal that writes is told what is asked for: a prefix in front of the input, and what was wanted behind it."""

from __future__ import annotations

ARROW = "=>"
"""Between the input and the output of a kept sentence."""


def prefixed(prefix: str, text: str) -> str:
    """An input with a prefix in front; a prefix that ends in no sign of its own gets a colon."""
    prefix, text = prefix.strip(), text.strip()
    if not prefix:
        return text
    return f"{prefix} {text}" if not prefix[-1].isalnum() else f"{prefix}: {text}"


def kept(asked: str, wanted: str) -> str:
    """Input and output as one sentence to keep."""
    return f"{asked} {ARROW} {wanted}"


def parts(text: str) -> tuple[str, str]:
    """Input and output of a kept sentence; both empty if it has not both."""
    asked, _, wanted = (part.strip() for part in text.rpartition(ARROW))
    return (asked, wanted) if asked and wanted else ("", "")
