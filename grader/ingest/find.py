"""Finds hand-ins: who handed in which files."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import OperatorError

NOTEBOOKS = frozenset({".ipynb"})
READABLE = NOTEBOOKS | {".py"}
# Not readable yet. A student who handed in nothing else must still appear, with the reason, and never just vanish.
DOCUMENTS = frozenset({".pdf", ".doc", ".docx", ".odt", ".rtf", ".html", ".rmd", ".zip", ".rar", ".7z"})
IGNORED = frozenset({"expected.yaml", "__pycache__", ".ipynb_checkpoints"})
# `class/section/student/assignment/version` is as deep as real trees go; an endless one must not exhaust the stack.
MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class HandIn:
    """What one student handed in, before it is read.

    Attributes:
        id: Unique among the hand-ins found together, and safe as a file name.
        student: Name to show: the name of the folder, or of the file without its extension.
        path: The file, or the folder whose other files are attachments.
        files: Files to read, in order.
    """

    id: str
    student: str
    path: Path
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    student: str
    path: Path
    files: tuple[Path, ...]


def find(paths: Sequence[Path]) -> tuple[HandIn, ...]:
    """Finds the hand-ins in files, folders, or folders of student folders.

    A file is one hand-in. In a folder each subfolder with notebooks or scripts is one, named by the topmost folder
    that holds nothing else (`submitted/ada/week3/hw.ipynb` is Ada's), and each loose notebook or script is one. A
    folder with exactly one of them, or with one file per question (`q6.py`, `q8.py`), is itself one hand-in, with its
    other files as attachments. Symbolic links below `paths` are not followed: they could lead out of the hand-in.

    Raises:
        OperatorError: A path does not exist, cannot be read, or holds no hand-in.
    """
    found: dict[tuple[Path, ...], _Found] = {}
    for path in paths:
        for one in _found_at(Path(path)):
            found.setdefault(tuple(file.resolve() for file in one.files), one)
    ids = _ids(list(found.values()))
    return tuple(HandIn(i, f.student, f.path, f.files) for i, f in zip(ids, found.values(), strict=True))


def files_below(folder: Path) -> tuple[Path, ...]:
    """All regular files in a folder and its subfolders, in name order, without hidden ones and symbolic links."""
    return tuple(_walk(folder, MAX_DEPTH))


def _walk(folder: Path, depth: int) -> Iterable[Path]:
    yield from _files(folder)
    if depth:
        for sub in _folders(folder):
            yield from _walk(sub, depth - 1)


def _found_at(path: Path) -> list[_Found]:
    if not path.exists():
        raise OperatorError(f"{path} does not exist", "Check the path for a typing error.")
    if path.is_file():
        return [_Found(path.stem, path, (path,))]
    if not path.is_dir():
        raise OperatorError(f"{path} is neither a file nor a folder", "Give files or folders of hand-ins.")
    found = _in_class_folder(path)
    if not found:
        raise OperatorError(
            f"{path} holds no hand-ins", "Give a folder with .ipynb or .py files, or with a folder per student."
        )
    return found


def _in_class_folder(folder: Path) -> list[_Found]:
    below = [one for sub in _folders(folder) for one in _students(sub, MAX_DEPTH)]
    loose = [file for file in _files(folder) if file.suffix.lower() in READABLE | DOCUMENTS]
    readable = [file for file in loose if file.suffix.lower() in READABLE]
    if not below and (len(readable) == 1 or _is_one_per_question(readable)):
        return [_Found(folder.resolve().name, folder, tuple(readable))]
    return [_Found(file.stem, file, (file,)) for file in loose] + below


def _is_one_per_question(files: list[Path]) -> bool:
    """`q6.py` and `q8.py` are not two students."""
    return bool(files) and all(re.fullmatch(r"q\d{1,2}", file.stem.lower()) for file in files)


def _students(folder: Path, depth: int) -> list[_Found]:
    own = _whole(folder, folder.name, READABLE)
    if own is not None:
        return [own]
    below = [_students(sub, depth - 1) for sub in _folders(folder)] if depth else []
    below = [found for found in below if found]
    if len(below) == 1 and len(below[0]) == 1:  # folders that only nest: the topmost one bears the student's name
        return [_Found(folder.name, below[0][0].path, below[0][0].files)]
    if below:
        return [one for found in below for one in found]
    documents = _whole(folder, folder.name, DOCUMENTS)
    return [documents] if documents else []


def _whole(folder: Path, student: str, suffixes: frozenset[str]) -> _Found | None:
    files = [file for file in _files(folder) if file.suffix.lower() in suffixes]
    notebooks = [file for file in files if file.suffix.lower() in NOTEBOOKS]
    return _Found(student, folder, tuple(notebooks or files)) if files else None


def _files(folder: Path) -> list[Path]:
    return _entries(folder, Path.is_file)


def _folders(folder: Path) -> list[Path]:
    return _entries(folder, Path.is_dir)


def _entries(folder: Path, wanted: Callable[[Path], bool]) -> list[Path]:
    try:
        entries = sorted(folder.iterdir(), key=_natural)
        return [e for e in entries if not e.is_symlink() and not _ignored(e.name) and wanted(e)]
    except OSError as error:
        raise OperatorError(f"{folder} cannot be read: {error.strerror}", "Check its permissions.") from error


def _ignored(name: str) -> bool:
    return name.startswith(".") or name in IGNORED


def _natural(path: Path) -> tuple[tuple[int, str], ...]:
    """Sorts `q10` after `q9`."""
    parts = re.findall(r"[0-9]{1,9}|[^0-9]+", path.name.casefold())
    return tuple((int(part), "") if part[0] in "0123456789" else (-1, part) for part in parts)


def _ids(found: list[_Found]) -> list[str]:
    """Readable where possible; a digest is added to what had to be changed, and to all that are alike."""
    plain = [_slug(one.student) for one in found]
    named = [s if s == f.student else f"{s}-{_short(f.student)}" for s, f in zip(plain, found, strict=True)]
    return _told_apart(_told_apart(named, found, 8), found, 32)


def _told_apart(ids: list[str], found: list[_Found], digits: int) -> list[str]:
    # Compared without case: on some file systems `Ada.html` is `ada.html`.
    count = Counter(i.casefold() for i in ids)
    return [
        i if count[i.casefold()] == 1 else f"{i}-{_short(str(one.path.resolve()), digits)}"
        for i, one in zip(ids, found, strict=True)
    ]


def _short(text: str, digits: int = 8) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:digits]


def _slug(name: str) -> str:
    """ASCII letters, digits, `.`, `_` and `-`, at most 60 of them, never hidden and never like an option."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", ascii_name).strip("-._")[:60] or "student"
