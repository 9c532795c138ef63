"""Lays out, before the student's code runs, what its paths lead to: the grader says what goes where."""

from __future__ import annotations

import contextlib
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path


def lay(how: str, source: Path, target: Path) -> None:
    """Put one thing in its place. What stands there already stays; what does not fit on the disk is left out.

    Args:
        how: `copy`; `link` for what is too large to copy; `pack` for a zip of a folder; `make` for an empty folder.
        source: File or folder.
        target: Where it is to stand.
    """
    with contextlib.suppress(OSError):
        if how == "make":
            target.mkdir(parents=True, exist_ok=True)
        elif how == "pack":
            pack(source, target)
        else:
            mirror(source, target, _link if how == "link" else _copy)


def mirror(source: Path, target: Path, put: Callable[[Path, Path], object]) -> None:
    """The folders as the student's own, which may be written to, and each file by `put`."""
    if source.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        for child in source.iterdir():
            mirror(child, target / child.name, put)
    elif not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        put(source, target)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


def _link(source: Path, target: Path) -> None:
    target.symlink_to(source)


def pack(source: Path, target: Path) -> None:
    """A zip of what lies in a folder."""
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w") as file:
        for path in sorted(source.rglob("*")):
            if path.is_file():
                file.write(path, path.relative_to(source))
