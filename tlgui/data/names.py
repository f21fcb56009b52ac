"""Names that people give to columns of texts and of labels."""

from __future__ import annotations

import re

TEXT_NAMES = (
    "text", "sentence", "review", "comment", "content", "message", "body", "passage", "document", "tweet", "abstract",
    "title", "description", "premise", "hypothesis", "question", "query", "answer", "context", "sentence1", "sentence2",
    "question1", "question2", "text1", "text2", "string", "1 string", "2 string", "utterance", "reviewtext", "phrase",
)  # fmt: skip
LABEL_NAMES = (
    "label", "labels", "class", "category", "target", "sentiment", "polarity", "gold label", "gold", "quality", "stars",
    "rating", "topic", "intent", "emotion", "is duplicate", "score", "stance", "tag", "y",
)  # fmt: skip
PAIRS = (
    ("sentence1", "sentence2"),
    ("premise", "hypothesis"),
    ("question1", "question2"),
    ("text1", "text2"),
    ("1 string", "2 string"),
    ("question", "sentence"),
    ("question", "passage"),
    ("question", "context"),
)
"""Two columns that are read together."""


def plain(name: str) -> str:
    """A name in lower case, with single spaces for everything but letters and digits: "#1 String" -> "1 string"."""
    return re.sub(r"[^\w]+|_+", " ", name.lower()).strip()


def is_number(cell: str) -> bool:
    """Whether a cell holds a number, as Python writes them."""
    try:
        float(cell)
    except ValueError:
        return False
    return True
