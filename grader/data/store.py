"""Folders in the data store: each is complete or not there, and checked by hash when used."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

import platformdirs

from grader.errors import OperatorError

_MANIFEST = "manifest.json"
_ATTEMPTS = 3
_NAMED = 3  # damaged files that a message names
Signature = tuple[tuple[str, int, int], ...]


def store_folder() -> Path:
    """`$GRADER_DATA`, or `data` in the user's cache folder."""
    chosen = os.environ.get("GRADER_DATA")
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("grader")) / "data"


def ensure(key: str, build: Callable[[Path], None], store: Path | None = None) -> Path:
    """The folder of an entry, built if it is missing or damaged.

    Several processes may ask for the same entry at once: the first one to finish wins, the others use its folder.

    Args:
        key: Path of the folder in the store; it changes when what `build` makes changes.
        build: Fills an empty folder. Must make the same bytes each time.
        store: Folder of the store; `store_folder()` by default.

    Raises:
        OperatorError: The store cannot be written, or its disk is full.
    """
    folder = place(key, store)
    if not damage(folder):
        return folder
    with _built(folder, build) as (fresh, scratch):
        _put(fresh, folder, scratch)
    return folder


def replace(key: str, build: Callable[[Path], None], store: Path | None = None) -> Path:
    """The folder of an entry, built anew in place of what was there before.

    Args:
        key: Path of the folder in the store.
        build: Fills an empty folder.
        store: Folder of the store; `store_folder()` by default.

    Raises:
        OperatorError: The store cannot be written, or its disk is full. What was there before is there still.
    """
    folder = place(key, store)
    with _built(folder, build) as (fresh, scratch):
        _retire(folder, scratch / "before")
        fresh.rename(folder)
    return folder


def place(key: str, store: Path | None = None) -> Path:
    """Where an entry lies, whether it is there or not."""
    return (store or store_folder()).absolute() / key


def digest(folder: Path) -> str:
    """SHA-256 of all files of an entry and their names; empty if it has no manifest."""
    try:
        return hashlib.sha256((folder / _MANIFEST).read_bytes()).hexdigest()
    except OSError:
        return ""


def digest_of(path: Path) -> str:
    """Digest of the entry in which a file or folder lies; empty if it lies in none."""
    return next((found for folder in (path, *path.parents) if (found := digest(folder))), "")


def damage(folder: Path) -> str:
    """What is wrong with the folder of an entry; empty if every file is as it was made."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
        found = _hashes(folder)
    except (OSError, ValueError):
        return "it is not complete"
    if not isinstance(manifest, dict):
        return "its list of files is damaged"
    wrong = {
        "changed": sorted(name for name in manifest.keys() & found.keys() if manifest[name] != found[name]),
        "missing": sorted(manifest.keys() - found.keys()),
        "foreign": sorted(found.keys() - manifest.keys()),
    }
    return "; ".join(f"{what}: {_listed(names)}" for what, names in wrong.items() if names)


def size_of(path: Path) -> int:
    """Bytes of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in ([path] if path.is_file() else path.rglob("*")) if file.is_file())


@contextmanager
def scratch_folder(store: Path, name: str) -> Iterator[Path]:
    """A folder in the store that is gone afterwards; errors of the disk become an error for its operator.

    Raises:
        OperatorError: The store cannot be written, or its disk is full.
    """
    try:
        store.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=store, prefix=f".{name}-") as scratch:
            yield Path(scratch)
    except OSError as error:
        raise unwritable(store, error) from error


def unwritable(store: Path, error: OSError) -> OperatorError:
    """The error for a store that cannot be written."""
    return OperatorError(
        f"the data store {store} cannot be written: {error.strerror or error}",
        "Free space there, or set GRADER_DATA to a folder that you can write to",
    )


@contextmanager
def _built(folder: Path, build: Callable[[Path], None]) -> Iterator[tuple[Path, Path]]:
    with scratch_folder(folder.parent, folder.name) as scratch:
        fresh = scratch / "fresh"
        fresh.mkdir()
        build(fresh)
        (fresh / _MANIFEST).write_text(json.dumps(_hashes(fresh), indent=1), encoding="utf-8")
        yield fresh, scratch


def _put(fresh: Path, folder: Path, scratch: Path) -> None:
    """Move a finished folder to its place, unless another process put an intact one there meanwhile."""
    for attempt in range(_ATTEMPTS):
        try:
            fresh.rename(folder)
        except OSError:
            if not damage(folder):
                return
            if attempt == _ATTEMPTS - 1:
                raise
            _retire(folder, scratch / f"damaged-{attempt}")
        else:
            return


def _retire(folder: Path, aside: Path) -> None:
    """Move a folder (or a file in its place) out of the way; it goes with the scratch folder."""
    try:
        folder.rename(aside)
    except FileNotFoundError:
        return  # another process was quicker


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def _hashes(folder: Path) -> dict[str, str]:
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / _MANIFEST)
    stats = ((path, path.stat()) for path in files)
    signature = tuple((path.relative_to(folder).as_posix(), stat.st_size, stat.st_mtime_ns) for path, stat in stats)
    return dict(_hashed(folder, signature))


@lru_cache(maxsize=64)
def _hashed(folder: Path, signature: Signature) -> tuple[tuple[str, str], ...]:
    """Hashes of files. A process asks several times for the same ones, and weights are half a gigabyte each."""
    return tuple((name, file_hash(folder / name)) for name, _, _ in signature)


def file_hash(path: Path, kind: str = "sha256") -> str:
    """Hash of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()
