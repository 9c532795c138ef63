"""Folders of generated files in the data store: each is complete or not there, and checked by hash when used."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import platformdirs

from grader.errors import OperatorError

_MANIFEST = "manifest.json"
_ATTEMPTS = 3


def store_folder() -> Path:
    """`$GRADER_DATA`, or `data` in the user's cache folder."""
    chosen = os.environ.get("GRADER_DATA")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("grader")) / "data"


def ensure(key: str, build: Callable[[Path], None], store: Path | None = None) -> Path:
    """The folder of an entry, built if it is missing or damaged.

    Several processes may ask for the same entry at once: the first one to finish wins, the others use its folder.

    Args:
        key: Name of the folder in the store; it changes when what `build` makes changes.
        build: Fills an empty folder. Must make the same bytes each time.
        store: Folder of the store; `store_folder()` by default.

    Raises:
        OperatorError: The store cannot be written, or its disk is full.
    """
    folder = (store or store_folder()).absolute() / key
    if _intact(folder):
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{key}-") as scratch:
            fresh = Path(scratch) / "fresh"
            fresh.mkdir()
            build(fresh)
            (fresh / _MANIFEST).write_text(json.dumps(_hashes(fresh), indent=1))
            _put(fresh, folder, Path(scratch))
    except OSError as error:
        raise OperatorError(
            f"the data store {folder.parent} cannot be written: {error.strerror or error}",
            "Free space there, or set GRADER_DATA to a folder that you can write to",
        ) from error
    return folder


def _put(fresh: Path, folder: Path, scratch: Path) -> None:
    """Move a finished folder to its place, unless another process put an intact one there meanwhile."""
    for attempt in range(_ATTEMPTS):
        try:
            fresh.rename(folder)
        except OSError:
            if _intact(folder):
                return
            if attempt == _ATTEMPTS - 1:
                raise
            _retire(folder, scratch / f"damaged-{attempt}")
        else:
            return


def _retire(folder: Path, aside: Path) -> None:
    """Move a damaged folder (or a file in its place) out of the way; it goes with the scratch folder."""
    try:
        folder.rename(aside)
    except FileNotFoundError:
        return  # another process was quicker


def _intact(folder: Path) -> bool:
    try:
        manifest = json.loads((folder / _MANIFEST).read_text())
        return bool(manifest == _hashes(folder))
    except (OSError, ValueError):
        return False


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / _MANIFEST)
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
