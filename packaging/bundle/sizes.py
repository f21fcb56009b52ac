"""How large the bundle and its archives are, and how large they may be."""

from __future__ import annotations

from pathlib import Path

from set_up import SetUpError

INSTALLED_LIMIT_BYTES = 850_000_000
ARCHIVE_LIMIT_BYTES = 260_000_000
LARGEST = 25


def files(bundle: Path) -> dict[str, int]:
    """Bytes of each file by its path in the bundle; links count nothing."""
    found = (path for path in sorted(bundle.rglob("*")) if path.is_file() and not path.is_symlink())
    return {path.relative_to(bundle).as_posix(): path.stat().st_size for path in found}


def report(bundle: Path) -> str:
    """The whole size and the largest files.

    Raises:
        SetUpError: the bundle is larger than it may be.
    """
    sizes = files(bundle)
    largest = sorted(sizes.items(), key=lambda item: (-item[1], item[0]))[:LARGEST]
    lines = [f"{size / 1e6:8.1f} MB  {path}" for path, size in largest]
    check("The bundle", sum(sizes.values()), INSTALLED_LIMIT_BYTES, "\n".join(lines))
    return "\n".join([*lines, f"{sum(sizes.values()) / 1e6:8.1f} MB  in {len(sizes):,} files"])


def check(what: str, size: int, limit: int, details: str = "") -> None:
    """Hold a size against its limit, both in bytes.

    Raises:
        SetUpError: it is above.
    """
    if size > limit:
        title = f"{what} has {size / 1e6:.1f} MB, and {limit / 1e6:.0f} MB are allowed."
        raise SetUpError(f"{details}\n{title}".strip(), "See what is new among the largest files.")
