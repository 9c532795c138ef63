"""Single files and image folders that rubrics lay into the student's work folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader.data.sets import needs, stratified
from grader.data.store import ensure
from grader.errors import OperatorError


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file or folder that can be served.

    Attributes:
        build: Makes it in a folder, under the name `path`, the same each time.
        path: Name of the file or folder that `build` makes.
        stand_in: What it stands in for; empty if it is what was asked for.
        version: Goes up when `build` makes something else.
    """

    build: Callable[[Path], None]
    path: str
    stand_in: str = ""
    version: int = 1


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file or folder of the store that lies in the student's work folder under the name `target`."""

    target: str
    source: Path
    stand_in: str


def prepare_files(mapping: Mapping[str, str], store: Path | None = None) -> tuple[ServedFile, ...]:
    """Files of a rubric, ready to be laid into the work folder; made on first use.

    Args:
        mapping: Name in the work folder -> entry of `FILES`.
        store: Folder of the data store; `$GRADER_DATA` or the user's cache folder by default.

    Raises:
        OperatorError: An entry is unknown, the `data` extra is not installed, or the store cannot be written.
    """
    return tuple(_served(target, name, store) for target, name in mapping.items())


def _served(target: str, name: str, store: Path | None) -> ServedFile:
    if name not in FILES:
        raise OperatorError(f"there is no file '{name}' to serve", f"There are: {', '.join(sorted(FILES))}")
    entry = FILES[name]
    folder = ensure(f"{name}-{entry.version}", entry.build, store)
    return ServedFile(target, folder / entry.path, entry.stand_in)


def _picture(folder: Path) -> None:
    photograph = needs("skimage.data").chelsea()
    needs("PIL.Image").fromarray(photograph).save(folder / "picture.jpg", quality=92)


def _faces(folder: Path) -> None:
    # The first half of the 200 patches are faces. https://scikit-image.org/docs/stable/api/skimage.data.html
    patches = np.rint(needs("skimage.data").lfw_subset() * 255).astype(np.uint8)
    kinds = np.repeat(["face", "nonface"], len(patches) // 2)
    parts = stratified(kinds, (140, 30, 30), seed=25)
    for part, items in zip(("train", "val", "test"), parts, strict=True):
        for number, item in enumerate(items):
            _save_patch(patches[item], folder / "faces" / part / kinds[item] / f"{number:03}.png")


def _save_patch(patch: np.ndarray, path: Path) -> None:
    image = needs("PIL.Image")
    path.parent.mkdir(parents=True, exist_ok=True)
    image.fromarray(patch).resize((64, 64), image.Resampling.BICUBIC).convert("RGB").save(path)


FILES: Mapping[str, FileEntry] = {
    "picture": FileEntry(_picture, "picture.jpg"),
    "faces": FileEntry(
        _faces,
        "faces",
        stand_in="200 small patches with and without a face (scikit-image) stand in for a custom image folder",
    ),
}
