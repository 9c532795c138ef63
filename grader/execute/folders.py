"""Folders of pictures: parts (train, val, test), class folders, and which of the store's a student's folder names."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

Part = Literal["train", "val", "test"]

WORDS: Mapping[Part, frozenset[str]] = {
    "train": frozenset({"train", "training", "trainset", "traindata", "trainingset"}),
    "val": frozenset({"val", "valid", "validation", "validate", "dev", "valset"}),
    "test": frozenset({"test", "testing", "testset", "testdata", "eval", "evaluation"}),
}
# What serves where a part is not there.
INSTEAD: Mapping[Part, tuple[Part, ...]] = {
    "train": ("train",),
    "val": ("val", "test", "train"),
    "test": ("test", "val", "train"),
}
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".ppm"})


def part_of(name: str) -> Part | None:
    """The part that a folder's name says: `seg_train`, `Testing`, `validation_set`, `train2`."""
    words = {word.rstrip("0123456789") for word in re.split(r"[\W_]+", name.lower())}
    return next((part for part, known in WORDS.items() if words & known), None)


def subfolders(folder: Path) -> list[Path]:
    """The folders in a folder, by name."""
    return sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith("."))


def parts_in(source: Path) -> dict[Part, Path]:
    """The parts that a folder of the store has."""
    found = [(part_of(folder.name), folder) for folder in subfolders(source)]
    return {part: folder for part, folder in found if part is not None}


def part_folder(source: Path, part: Part) -> Path:
    """The folder that holds the class folders of a part: another part's, or the folder itself, where there is none."""
    there = parts_in(source)
    return next((there[other] for other in INSTEAD[part] if other in there), source)


def below(source: Path, names: Sequence[str]) -> Path | None:
    """The file or folder that these names lead to, whatever their case; None if they lead nowhere."""
    for name in names:
        if not source.is_dir():
            return None
        same = {path.name.lower(): path for path in source.iterdir()}
        if name.lower() not in same:
            return None
        source = same[name.lower()]
    return source


def assigned(asked: Sequence[str], classes: Sequence[Path]) -> dict[str, Path]:
    """Which class folder stands for each class that a hand-in names.

    Names that are there stand for themselves; others take what is left, in order, and then again from the start.
    """
    own = {path.name.lower(): path for path in classes}
    found = {name: own[name.lower()] for name in asked if name.lower() in own}
    left = [path for path in classes if path not in found.values()] or list(classes)
    others = [name for name in sorted(asked) if name not in found]
    return found | {name: left[i % len(left)] for i, name in enumerate(others) if left}


def renamed(asked: Sequence[str], folder: Path) -> dict[str, Path]:
    """All class folders of a folder, under the names that a hand-in has for them."""
    classes = subfolders(folder)
    found = assigned(asked, classes)
    return {path.name: path for path in classes if path not in found.values()} | found


def first_picture(folder: Path) -> Path | None:
    """Some picture of a folder, the same each time."""
    pictures = (path for path in sorted(folder.rglob("*")) if path.suffix.lower() in SUFFIXES)
    return next((path for path in pictures if path.is_file()), None)
