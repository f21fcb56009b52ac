"""Text files of unknown encoding: what they are, where they are damaged, and how to read them in blocks."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from tlgui.core.errors import TlguiError
from tlgui.data.watch import Watch

BLOCK = 1 << 20
MAX_LINE = 4 << 20
"""Characters; a longer line, and so a longer cell, is refused before it fills the memory. No novel is as long."""

# First bytes of files that people take for tables, what they are, and what to do.
SIGNATURES = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive", "Save the sheet as CSV, or unpack the archive."),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "Save it as CSV or as plain text."),
    (b"\x1f\x8b", "a gzip archive", "Unpack it first."),
    (b"%PDF", "a PDF file", "Copy its text into a plain text file."),
    (b"\x89PNG", "a picture", "Choose a file of texts."),
    (b"\xff\xd8\xff", "a picture", "Choose a file of texts."),
    (b"\x7fELF", "a program", "Choose a file of texts."),
    (b"MZ\x90", "a program", "Choose a file of texts."),
)
MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it starts with
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
TITLES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 with byte-order mark",
    "utf-16": "UTF-16",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252",
    "latin-1": "Latin-1",
}


@dataclass(frozen=True)
class TextFile:
    """A file that was read to its end once: every byte is text in this encoding, and no line is too long."""

    path: Path
    encoding: str
    size: int
    """Bytes."""

    @property
    def title(self) -> str:
        """The encoding's name for people."""
        return TITLES.get(self.encoding, self.encoding)

    def open(self) -> TextIO:
        """The text with its own line ends."""
        return self.path.open(encoding=self.encoding, newline="")

    def sample(self, characters: int = BLOCK) -> str:
        """The first lines, whole ones unless the first is longer than that."""
        with self.open() as file:
            text = file.read(characters)
            cut = max(text.rfind("\n"), text.rfind("\r")) + 1 if file.read(1) else 0
        return text[:cut] if cut else text


class LongLineError(TlguiError):
    """A line that is longer than MAX_LINE; `line` counts from 1."""

    def __init__(self, path: Path, encoding: str, line: int) -> None:
        self.path, self.encoding, self.line = path, encoding, line
        super().__init__(
            f"{path.name}, line {line:,} is longer than {MAX_LINE // 10**6} million characters.",
            "Cut the text into passages, or remove the line.",
        )


class _Undecodable(Exception):  # noqa: N818 - it only says that another encoding should be tried
    def __init__(self, line: int, character: int) -> None:
        super().__init__()
        self.line, self.character = line, character


def examine(path: Path, encoding: str, watch: Watch, *, long_lines: bool = False) -> TextFile:
    """Find a file's encoding and read it once to its end.

    Args:
        encoding: The user's word; empty = found out: a byte-order mark, else UTF-8, else Windows-1252 or Latin-1.
        long_lines: Whether a line may have any length, as in a format that does not read by lines.
    Raises:
        TlguiError: it cannot be read, is empty or binary, is damaged, or has a line that is too long.
    """
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(1 << 16)
    except OSError as error:
        raise cannot_read(path, error) from error
    if not head:
        raise TlguiError(f"{path.name} is empty.", "Choose a file with texts.")
    _refuse_binary(path, head)
    candidates = _candidates(path, head, encoding)
    try:
        for candidate in candidates:
            try:
                _scan(path, candidate, size, watch, long_lines)
            except _Undecodable as damage:
                if candidate == candidates[-1] or (candidate == "utf-8" and _mostly_utf8(path)):
                    raise _not_text(path, candidate, damage) from None
            else:
                return TextFile(path, candidate, size)
    except OSError as error:
        raise cannot_read(path, error) from error
    raise AssertionError("unreachable: the last candidate returns or raises")


def cannot_read(path: Path, error: OSError) -> TlguiError:
    """The sentence for a file that is not there, not allowed, or on a disk that fails."""
    reason = error.strerror or type(error).__name__
    return TlguiError(f"{path} cannot be read ({reason}).", "Check the name and its permissions.")


def lines(file: TextFile, watch: Watch) -> Iterator[list[str]]:
    """The lines in blocks of about a million characters, without their ends (`\\n`, `\\r\\n` or `\\r`, no others)."""
    done = 0
    with file.path.open(encoding=file.encoding, newline=None) as source:
        while block := source.readlines(BLOCK):
            watch.at(f"Reading {file.path.name}", done, file.size)
            done += sum(map(len, block))
            yield [line.removesuffix("\n") for line in block]


def _refuse_binary(path: Path, head: bytes) -> None:
    for start, what, hint in SIGNATURES:
        if head.startswith(start):
            raise TlguiError(f"{path.name} is {what}, not a table of texts.", hint)
    marked = any(head.startswith(mark) for mark, _ in MARKS)
    zeros = head.count(0)
    if marked or zeros <= len(head) // 100:
        return
    if zeros > len(head) // 3 and (not any(head[1::2]) or not any(head[::2])):
        raise TlguiError(
            f"{path.name} looks like UTF-16 without a byte-order mark.",
            f"Set the encoding to {'utf-16-le' if not any(head[1::2]) else 'utf-16-be'}.",
        )
    title = f"{path.name} is not text: {zeros:,} of its first {len(head):,} bytes are zero."
    raise TlguiError(title, "Choose a file of texts.")


def _candidates(path: Path, head: bytes, encoding: str) -> tuple[str, ...]:
    mark = next((name for start, name in MARKS if head.startswith(start)), "")
    if not encoding:
        return (mark,) if mark else ("utf-8", "cp1252", "latin-1")
    try:
        "".encode(encoding)  # also refuses codecs that are no encoding of text, such as base64
        name = codecs.lookup(encoding).name
    except LookupError:
        raise TlguiError(
            f"There is no encoding “{encoding}”, in which {path.name} should be read.",
            "Use utf-8, utf-16, cp1252 or another name that Python knows, or leave it empty.",
        ) from None
    return ("utf-8-sig" if name == "utf-8" and mark == "utf-8-sig" else name,)


def _not_text(path: Path, encoding: str, damage: _Undecodable) -> TlguiError:
    where = f"{path.name}, line {damage.line:,}, character {damage.character:,}"
    return TlguiError(
        f"{where}: this is not {TITLES.get(encoding, encoding)} text.",
        "Save the file as UTF-8, or choose another encoding.",
    )


def _scan(path: Path, encoding: str, size: int, watch: Watch, long_lines: bool) -> None:
    """Decode the whole file in blocks; raises _Undecodable at the first place that is not in this encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    place = (1, 1)
    with path.open("rb") as file:
        ended = False
        while not ended:
            watch.at(f"Reading {path.name}", file.tell(), size)
            block = file.read(BLOCK)
            ended = not block
            try:
                text = decoder.decode(block, final=ended)
            except UnicodeDecodeError as error:
                good = error.object[: error.start].decode(encoding, "ignore")
                raise _Undecodable(*_after(place, good)) from None
            except UnicodeError:  # a mark that this encoding begins with is missing
                raise _Undecodable(*place) from None
            if (zero := text.find("\0")) >= 0:
                line, character = _after(place, text[:zero])
                raise TlguiError(
                    f"{path.name}, line {line:,}, character {character:,}: this is a zero byte, which no text has.",
                    "Remove it, or save the file again as UTF-8.",
                )
            if not ended:
                place = _after(place, text)
            if place[1] > MAX_LINE and not long_lines:
                raise LongLineError(path, encoding, place[0])


def _after(place: tuple[int, int], text: str) -> tuple[int, int]:
    """Line and character behind some text that starts at a place; both count from 1."""
    line, character = place
    breaks = text.count("\n") or text.count("\r")
    if not breaks:
        return line, character + len(text)
    return line + breaks, len(text) - max(text.rfind("\n"), text.rfind("\r"))


def _mostly_utf8(path: Path) -> bool:
    """Whether a file that is not UTF-8 throughout has more right multi-byte characters than wrong bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    right = wrong = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            text = decoder.decode(block)
            damaged = text.count("\ufffd")
            wrong += damaged
            right += len(text) - len(text.encode("ascii", "ignore")) - damaged
    return right > wrong
