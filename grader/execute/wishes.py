"""From the uses that code makes of paths to wishes: what should stand where, that the hand-in does not bring itself."""

from __future__ import annotations

import posixpath
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from grader.execute.asked import WORK, resolved
from grader.execute.folders import part_of
from grader.execute.folding import UNKNOWN
from grader.execute.uses import Use

Kind = Literal["picture", "folder", "table", "archive", "file", "empty"]

PICTURES = (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".tif", ".tiff", ".webp", ".jfif", ".ppm")
TABLES = (".csv", ".tsv")
ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.bz2", ".tar.xz", ".7z", ".rar")
OPEN_END = re.compile(r"[\0*?\[\]{}<>|]")
NAMES = re.compile(r"[\w./\\:()-]+")
CONTROL = re.compile(r"[\x01-\x1f\x7f]")
# Where notebooks of Colab, Kaggle and Windows keep their files, and what stands in templates.
FOREIGN = re.compile(
    r"/content/|/kaggle/input/|(?:\.\./)+input/|[A-Za-z]:[\\/]|path[/_]to|/path/|your[_/-]|~/|/home/|/Users/|/mnt/|/gdrive/"
)
BARE = frozenset(
    {"/", WORK, "/kaggle", "/kaggle/input", "/kaggle/working", "/tmp", "/home", "/mnt", "/data", "/input"}  # noqa: S108
    | {f"{WORK}/drive", f"{WORK}/drive/MyDrive", f"{WORK}/drive/My Drive", f"{WORK}/gdrive", f"{WORK}/gdrive/MyDrive"}
)
MOST_MEMBERS = 20_000
MOST_DEPTH = 20
LONGEST = 300


@dataclass
class Wish:
    """Something that should stand at a place.

    Attributes:
        target: Absolute path, as the sandbox has it.
        path: The path as the student wrote it.
        kind: What should stand there; `empty` is a folder that only has to be there.
        below: Of a folder, how many names its pictures are away: 1 pictures, 2 class folders, 3 parts; None if unknown.
        cells: Indices of the cells that ask for it.
        sure: Code reads it; otherwise it only looks like a path.
    """

    target: str
    path: str
    kind: Kind
    below: int | None = None
    cells: list[int] = field(default_factory=list)
    sure: bool = True


@dataclass
class Ledger:
    """Goes through the uses in order and keeps what is there and what is wished for.

    Attributes:
        here: Whether something stands at a place before the run.
        archive: The file or folder that will answer for an archive at a place; None if nothing will.
        address: The file that is served for an address; None if none is.
        wishes: What is wished for, by place.
        made: Files and folders that the hand-in makes.
        trees: Folders that the hand-in fills itself.
        fetched: What stands in downloaded files.
        written: Where the hand-in writes, and the use that says so.
        uploads: Cells that ask a person for files.
    """

    here: Callable[[str], bool]
    archive: Callable[[str], Path | None]
    address: Callable[[str], Path | None]
    wishes: dict[str, Wish] = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    trees: set[str] = field(default_factory=set)
    fetched: dict[str, Path] = field(default_factory=dict)
    written: dict[str, Use] = field(default_factory=dict)
    uploads: list[int] = field(default_factory=list)

    def take(self, uses: Iterable[Use]) -> None:
        """Note all uses. Those that only look like paths come last: by then it is known what is written."""
        ordered = sorted(uses, key=lambda use: use.how == "loose")
        for use in ordered:
            target = resolved(use.path, use.folder)
            if not CONTROL.search(target) and target.count("/") <= MOST_DEPTH and len(target) <= LONGEST:
                self._take(use, target)

    def _take(self, use: Use, target: str) -> None:
        if use.how == "write":
            self._write(use, target)
        elif use.how in {"make", "make-new"}:
            self._make(use, target)
        elif use.how == "fetch":
            self._fetch(use, target)
        elif use.how == "extract":
            self._extract(use, target)
        elif use.how == "upload":
            self.uploads.append(use.cell)
        elif use.how == "enter":
            self._wish(use, target, "empty")
        elif use.how != "loose" or self._may_be_path(use):
            self._read(use, target)

    def _write(self, use: Use, target: str) -> None:
        prefix, unknown = cut(target)
        if not unknown:
            self.made.add(target)
            self.written.setdefault(target, use)
        elif prefix not in BARE:
            self.trees.add(prefix)
            self.written.setdefault(f"{prefix}/", use)

    def _make(self, use: Use, target: str) -> None:
        prefix, unknown = cut(target)
        if self._is_there(prefix) or prefix in self.wishes:
            return
        if use.how == "make-new" and not unknown:
            self.trees.add(prefix)
        self.made.update(_with_parents(prefix))

    def _fetch(self, use: Use, target: str) -> None:
        source = self.address(use.into)
        if source is not None and UNKNOWN not in target:
            self.made.add(target)
            self.fetched[target] = source

    def _extract(self, use: Use, target: str) -> None:
        if not cut(target)[1]:
            if not self._is_there(target):
                self._wish(use, target, "archive")
            source = self.fetched.get(target) or self.archive(target)
            if source is not None and use.into and UNKNOWN not in use.into:
                into = resolved(use.into, use.folder)
                self.made.update(f"{into}/{name}" for name in members(source))
                self.made.update(_with_parents(into))

    def _read(self, use: Use, target: str) -> None:
        prefix, unknown = cut(target)
        if use.how == "loose" and unknown:
            return
        kind, below = kind_of(use, target, unknown)
        if kind is not None and (prefix not in BARE) and not self._is_there(prefix):
            self._wish(use, prefix, kind, below)

    def _wish(self, use: Use, target: str, kind: Kind, below: int | None = None) -> None:
        if kind == "empty" and (self._is_there(target) or target == WORK or set("*?[") & set(target)):
            return
        sure = use.how != "loose"
        wish = self.wishes.get(target)
        if wish is None:
            self.wishes[target] = Wish(target, as_written(use.path), kind, below, [use.cell], sure)
            return
        if wish.kind == "empty":
            wish.kind = kind
        wish.sure = wish.sure or sure
        wish.below = max((value for value in (wish.below, below) if value), default=None)
        wish.cells += [use.cell] if use.cell not in wish.cells else []

    def sure_or_alone(self) -> list[Wish]:
        """All wishes but those for folders that only look like paths, where something below them is really read."""
        return [wish for wish in self.wishes.values() if wish.sure or wish.kind != "folder" or not self._used(wish)]

    def _used(self, wish: Wish) -> bool:
        return any(other.target.startswith(f"{wish.target}/") for other in self.wishes.values() if other.sure)

    def _is_there(self, target: str) -> bool:
        return target in self.made or self.here(target) or any(part in self.trees for part in _with_parents(target))

    def _may_be_path(self, use: Use) -> bool:
        """Whether a text looks like a path, and not like a piece of one that is used elsewhere."""
        ends = f"/{use.path.strip('/')}"
        return looks_like_path(use.path) and not any(w.target.endswith(ends) for w in self.wishes.values() if w.sure)


def cut(target: str) -> tuple[str, int]:
    """A path up to its first unknown part, and how many parts follow from there."""
    parts = target.split("/")
    first = next((i for i, part in enumerate(parts) if OPEN_END.search(part)), len(parts))
    return "/".join(parts[:first]) or "/", len(parts) - first


def as_written(path: str) -> str:
    """The student's text up to its first unknown part."""
    return path if not OPEN_END.search(path) else cut(path)[0]


def kind_of(use: Use, target: str, unknown: int) -> tuple[Kind | None, int | None]:
    """What a use expects to find, and how far from it the pictures are."""
    by_name = kind_by_name(target)
    if use.how in {"listing", "classes", "pattern"} and (unknown or use.how != "pattern"):
        return _folder_kind(use, target, unknown)
    if unknown:
        return ("folder", unknown) if use.how == "picture" or by_name == "picture" else (None, None)
    if use.how in {"picture", "table"}:
        return ("picture" if use.how == "picture" else "table"), None
    if use.how == "loose" and by_name == "file":
        return ("folder" if "." not in target.rpartition("/")[2] else None), None
    return by_name, None


def _folder_kind(use: Use, target: str, unknown: int) -> tuple[Kind | None, int | None]:
    if use.how == "pattern":
        by_name = kind_by_name(target)
        known = (by_name == "picture" or unknown > 1) and "**" not in target
        return (None if by_name == "table" else "folder"), unknown if known else None
    own = 2 if use.how == "classes" else None
    return "folder", unknown + (own or 1) if unknown else own


def kind_by_name(target: str) -> Kind:
    """What the ending of a name says."""
    name = target.lower()
    endings: tuple[tuple[Kind, tuple[str, ...]], ...] = (
        ("picture", PICTURES),
        ("table", TABLES),
        ("archive", ARCHIVES),
    )
    return next((kind for kind, suffixes in endings if name.endswith(suffixes)), "file")


def looks_like_path(text: str) -> bool:
    """Whether a text in an unknown place is a path that is read: by its start, its ending or its parts."""
    if FOREIGN.match(text):
        return "\n" not in text
    if not NAMES.fullmatch(text):
        return False
    parts = [part for part in re.split(r"[\\/]", text) if part]
    if kind_by_name(text) in {"picture", "table"}:
        return "." in parts[-1].strip(".")  # more than an ending
    return len(parts) > 1 and any(map(part_of, parts[-2:]))


def members(archive: Path) -> frozenset[str]:
    """Files and folders in an archive, or in a folder that will be packed."""
    if archive.is_dir():
        return frozenset(path.relative_to(archive).as_posix() for path in archive.rglob("*"))
    names = [posixpath.normpath(name) for name in _names_in(archive)]
    return frozenset(part for name in names for part in _prefixes(name))


def _names_in(archive: Path) -> list[str]:
    """Names in an archive that may be damaged."""
    try:
        if zipfile.is_zipfile(archive):
            with zipfile.ZipFile(archive) as file:
                return file.namelist()[:MOST_MEMBERS]
        if tarfile.is_tarfile(archive):
            with tarfile.open(archive) as file_:
                return [member.name for _, member in zip(range(MOST_MEMBERS), file_, strict=False)]
    except (OSError, ValueError, zipfile.BadZipFile, tarfile.TarError, EOFError):
        pass
    return []


def _prefixes(name: str) -> Iterator[str]:
    parts = name.split("/")
    for length in range(1, len(parts) + 1):
        yield "/".join(parts[:length])


def _with_parents(target: str) -> set[str]:
    """A path and the folders above it, without those that are always there."""
    return {f"/{path}" for path in _prefixes(target.strip("/"))} - BARE
