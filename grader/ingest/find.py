"""Finds hand-ins: who handed in which files."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from grader.errors import OperatorError, SubmissionError
from grader.ingest.archive import ARCHIVES, Space, is_archive, suffix_of, unpack
from grader.ingest.handin import HandIn
from grader.ingest.names import Named, attempt_number, file_named, folder_named, stamped, visible
from grader.ingest.parts import is_one_work, named_beside
from grader.ingest.together import Work, works
from grader.records import Note

NOTEBOOKS = frozenset({".ipynb"})
READABLE = NOTEBOOKS | {".py"}
# Of a student's documents the first kind is read: the nearer to the source, the better.
WRITTEN = (".html", ".htm", ".md", ".docx", ".txt", ".pdf")
# A student who handed in nothing else must still appear, with the reason, and never just vanish.
UNREADABLE = frozenset({".doc", ".odt", ".rtf", ".rmd", ".pages", ".pptx", ".rar", ".7z"})
DOCUMENTS = frozenset(WRITTEN) | ARCHIVES | UNREADABLE
IGNORED = frozenset({"expected.yaml", "segments.yaml", "__pycache__", ".ipynb_checkpoints", "__MACOSX"})
# Texts that lie beside hand-ins and are none.
NOT_HAND_INS = re.compile(r"(?:readme|license|requirements|timestamp|index|instructions?)\b.*", re.IGNORECASE)
# Folders that lie beside those of students and are none.
MATERIAL = re.compile(
    r"(?:data(?:set)?s?|images?|img|pictures?|assets|figures?|models?|weights|docs?|rubrics?)\b.*", re.IGNORECASE
)
MOST_UNREADABLE = 20
# Marks of a course folder of nbgrader: of it only `submitted` holds hand-ins.
COURSE = frozenset({"source", "release", "gradebook.db", "nbgrader_config.py", "feedback", "autograded"})
# `class/section/student/assignment/version` is as deep as real trees go; an endless one must not exhaust the stack.
MAX_DEPTH = 8


@dataclass(frozen=True, slots=True)
class _Found:
    named: Named
    path: Path
    files: tuple[Path, ...]
    notes: tuple[Note, ...] = ()
    staged: tuple[tuple[str, Path], ...] = ()
    space: Space | None = None


def find(paths: Sequence[Path]) -> tuple[HandIn, ...]:
    """Finds the hand-ins in files, folders, archives, or folders of student folders.

    A file is one hand-in. In a folder each subfolder with readable files is one, named by the topmost folder that
    holds nothing else (`submitted/ada/week3/hw.ipynb` is Ada's), and each loose file is one. A folder with exactly one
    of them, with one file per question (`q6.py`, `q8.py`), or with a notebook and the modules that it uses, is itself
    one hand-in, with its other files as attachments. Names that a learning platform made tell student, number, attempt
    and lateness; of several attempts the last one counts. Symbolic links below `paths` are not followed: they could
    lead out of the hand-in.

    Raises:
        OperatorError: A path does not exist, cannot be read, or holds no hand-in.
    """
    found: dict[tuple[Path, ...], _Found] = {}
    for path in paths:
        for one in _found_at(Path(path)):
            found.setdefault(tuple(file.resolve() for file in one.files or (one.path,)), one)
    ids = _ids(list(found.values()))
    return tuple(_hand_in(i, one) for i, one in zip(ids, found.values(), strict=True))


def _hand_in(id_: str, one: _Found) -> HandIn:
    named = one.named
    return HandIn(
        id=id_,
        student=named.student,
        path=one.path,
        files=one.files,
        student_id=named.student_id,
        attempt=named.attempt,
        late=named.late,
        handed_in=named.handed_in or stamped(one.files[0].parent if one.files else one.path),
        notes=one.notes,
        staged=one.staged,
        space=one.space,
    )


def files_below(folder: Path, without: Collection[str] = ()) -> tuple[Path, ...]:
    """All regular files in a folder and its subfolders, in name order, without hidden ones and symbolic links.

    Args:
        folder: Where to look.
        without: Names in it that are passed over.
    """
    own = [file for file in _files(folder) if file.name not in without]
    below = (_walk(sub, MAX_DEPTH - 1) for sub in _folders(folder) if sub.name not in without)
    return (*own, *(file for files in below for file in files))


def with_files_beside(hand_in: HandIn) -> HandIn:
    """A single notebook or script with what lies beside it and is named in its code: data, weights, modules.

    For a folder that is one student's alone. What the code does not name is never looked into.
    """
    file = hand_in.path
    if not file.is_file() or suffix_of(file) not in READABLE:
        return hand_in
    named = named_beside(file)
    others = tuple(path.name for path in file.parent.iterdir() if path != file and path.name not in named)
    return replace(hand_in, path=file.parent, left_out=others) if named else hand_in


def files_to_read(folder: Path) -> tuple[Path, ...]:
    """The files of one student's folder that hold the work, wherever they lie in it."""
    for suffixes in (READABLE, frozenset(WRITTEN)):
        found = _students(folder, MAX_DEPTH, suffixes)
        if found:
            return tuple(file for one in found for file in one.files)
    return ()


def _walk(folder: Path, depth: int) -> Iterable[Path]:
    yield from _files(folder)
    if depth:
        for sub in _folders(folder):
            yield from _walk(sub, depth - 1)


def _found_at(path: Path) -> list[_Found]:
    if not path.exists():
        raise OperatorError(f"{path} does not exist", "Check the path for a typing error.")
    if path.is_file():
        return _in_archive(path) if is_archive(path) else [_loose(path)]
    if not path.is_dir():
        raise OperatorError(f"{path} is neither a file nor a folder", "Give files or folders of hand-ins.")
    found = _in_class_folder(path)
    if not found:
        raise OperatorError(
            f"{path} holds no hand-ins",
            "Give a folder with notebooks, scripts or documents, or with a folder per student.",
        )
    return found


def _loose(file: Path) -> _Found:
    named = file_named(file.name) or Named(visible(_stem(file)))
    return _Found(named, file, (file,))


def _stem(file: Path) -> str:
    return file.name[: -len(suffix_of(file))] if suffix_of(file) else file.name


def _in_archive(archive: Path) -> list[_Found]:
    """A platform's download of a whole class, or one student's work: then it is unpacked when its turn comes."""
    whole = [_loose(archive)]
    space = Space()
    try:
        unpack(archive, space.folder)
    except SubmissionError:  # said again, to the right person, when this hand-in is read
        return whole
    found = _in_class_folder(_single_root(space.folder))
    made_by_platform = [one for one in found if one.named.student_id]
    nested = [one for one in found if is_archive(one.path)]
    if not made_by_platform and (len(found) < 2 or nested):
        return whole
    return [replace(one, space=space) for one in found]


def _single_root(folder: Path) -> Path:
    while len(folders := _folders(folder)) == 1 and not _files(folder) and not folder_named(folders[0]).student_id:
        folder = folders[0]
    return folder


def _in_class_folder(folder: Path) -> list[_Found]:
    if (folder / "submitted").is_dir() and any((folder / mark).exists() for mark in COURSE):
        folder = folder / "submitted"
    named = folder_named(folder.resolve())
    below = _below(folder)
    loose = [file for file in _files(folder) if _is_loose_hand_in(file)]
    readable = [file for file in loose if suffix_of(file) in READABLE]
    if not below and (own := _own_files(loose, readable)):
        return [_Found(named, folder, own)]
    grouped = works(loose)
    taken = {file for work in grouped for file in work.seen}
    alone = [_loose(file) for file in loose if file not in taken]
    return [_of_work(work) for work in grouped] + alone + _last_by_id(below)


def _below(folder: Path) -> list[_Found]:
    """What lies in the folders of a class. A student whose folder holds nothing to read must still appear."""
    in_nbgrader = folder.name == "submitted"
    found = {sub: _student(sub, in_nbgrader) for sub in _folders(folder)}
    students = sum(map(bool, found.values())) > 1 and not _files(folder)
    for sub, ones in found.items():
        named = folder_named(sub)
        if not ones and (named.student_id or in_nbgrader or (students and not MATERIAL.fullmatch(sub.name))):
            found[sub] = [_Found(named, sub, files_below(sub)[:MOST_UNREADABLE])]
    return [one for ones in found.values() for one in ones]


def _is_loose_hand_in(file: Path) -> bool:
    """Whether a file among those of a class is someone's work; what a platform named is, even if nobody can read it."""
    if file_named(file.name):
        return True
    suffix = suffix_of(file)
    return suffix in READABLE or (suffix in DOCUMENTS and not NOT_HAND_INS.fullmatch(file.name))


def _own_files(loose: list[Path], readable: list[Path]) -> tuple[Path, ...]:
    """What to read if a folder's files are the work of one student, else nothing."""
    if any(file_named(file.name) for file in loose):
        return ()
    if len(readable) == 1 or is_one_per_question(readable):
        return tuple(readable)
    if is_one_work(readable):
        return tuple(file for file in readable if file.suffix.lower() in NOTEBOOKS)
    return tuple(loose) if len(loose) == 1 and not is_archive(loose[0]) else ()


def is_one_per_question(files: Sequence[Path]) -> bool:
    """`q6.py` and `q8.py` are not two students."""
    return bool(files) and all(re.fullmatch(r"q\d{1,2}", file.stem.lower()) for file in files)


def _of_work(work: Work) -> _Found:
    if len(work.files) == 1:
        return _Found(work.named, work.files[0], work.files, work.notes)
    return _Found(work.named, work.files[0].parent, work.files, work.notes, work.staged)


def _last_by_id(found: list[_Found]) -> list[_Found]:
    """Moodle exports a student's files and online text as two folders: the files count."""
    best: dict[str, _Found] = {}
    others: list[_Found] = []
    for one in found:
        key = one.named.student_id if "_assignsubmission_" in one.path.name else ""
        if key and key in best:
            kept, left = sorted((best[key], one), key=lambda f: "_onlinetext" in f.path.name)
            said = Note("repair", f"{visible(left.path.name)} of the same student was not read.", left.path.name)
            best[key] = replace(kept, notes=(*kept.notes, said))
        elif key:
            best[key] = one
        else:
            others.append(one)
    return [*best.values(), *others]


def _student(folder: Path, in_nbgrader: bool) -> list[_Found]:
    """What lies in a folder of a class: one student's work, or a section with several students."""
    named = folder_named(folder)
    if attempts := _attempts(folder):
        return attempts
    found = _students(folder, MAX_DEPTH, READABLE) or _students(folder, MAX_DEPTH, DOCUMENTS)
    if len(found) == 1 or in_nbgrader or named.student_id:
        whole = [replace(one, named=named) for one in found]
        return _together(folder, whole) if named.student_id else whole
    return found


def _together(folder: Path, found: list[_Found]) -> list[_Found]:
    """Whatever lies below a folder that bears a student's number is that student's one work."""
    if len(found) < 2:
        return found
    return [replace(found[0], path=folder, files=tuple(file for one in found for file in one.files))]


def _attempts(folder: Path) -> list[_Found]:
    """A student's folder with one folder per attempt: the last that holds anything, with a note on the others."""
    folders = _folders(folder)
    numbers = {sub: attempt_number(sub.name) for sub in folders}
    if len(folders) < 2 or _files(folder) or None in numbers.values():
        return []
    for sub in sorted(folders, key=lambda sub: -(numbers[sub] or 0)):
        if found := _students(sub, MAX_DEPTH, READABLE) or _students(sub, MAX_DEPTH, DOCUMENTS):
            rest = ", ".join(visible(other.name) for other in folders if other != sub)
            note = Note("repair", f"{visible(sub.name)} was read as the last attempt; not read: {rest}.", sub.name)
            named = replace(folder_named(folder), attempt=numbers[sub])
            return [replace(one, named=named, notes=(note,)) for one in found[:1]]
    return []


def _students(folder: Path, depth: int, suffixes: frozenset[str]) -> list[_Found]:
    own = _whole(folder, suffixes)
    if own is not None:
        return [own]
    below = [_students(sub, depth - 1, suffixes) for sub in _folders(folder)] if depth else []
    below = [found for found in below if found]
    if len(below) == 1 and len(below[0]) == 1:  # folders that only nest: the topmost one bears the student's name
        return [replace(below[0][0], named=folder_named(folder))]
    return [one for found in below for one in found]


def _whole(folder: Path, suffixes: frozenset[str]) -> _Found | None:
    files = [file for file in _files(folder) if suffix_of(file) in suffixes]
    notebooks = [file for file in files if suffix_of(file) in NOTEBOOKS]
    chosen = tuple(notebooks or _nearest_to_source(files))
    return _Found(folder_named(folder), folder, chosen) if chosen else None


def _nearest_to_source(files: list[Path]) -> list[Path]:
    """Of the documents of one folder: of each name the kind nearest to the source, and no `README` beside others."""
    work = [file for file in files if not NOT_HAND_INS.fullmatch(file.name)] or files
    rank = {suffix: place for place, suffix in enumerate(WRITTEN)}
    best = {_stem(file): file for file in sorted(work, key=lambda f: -rank.get(suffix_of(f), 99))}
    return [file for file in work if best[_stem(file)] == file]


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
    names = [one.named.student for one in found]
    plain = [_slug(name) for name in names]
    named = [slug if slug == name else f"{slug}-{_short(name)}" for slug, name in zip(plain, names, strict=True)]
    return _told_apart(_told_apart(named, found, 8), found, 32)


def _told_apart(ids: list[str], found: list[_Found], digits: int) -> list[str]:
    # Compared without case: on some file systems `Ada.html` is `ada.html`.
    count = Counter(i.casefold() for i in ids)
    return [
        i if count[i.casefold()] == 1 else f"{i}-{_short(_identity(one), digits)}"
        for i, one in zip(ids, found, strict=True)
    ]


def _identity(one: _Found) -> str:
    """What tells two students of one name apart, the same in every run."""
    file = one.files[0] if one.files else one.path
    if one.space is not None:
        return file.relative_to(one.space.folder).as_posix() + one.named.student_id
    return str(file.resolve() if one.staged else one.path.resolve()) + one.named.student_id


def _short(text: str, digits: int = 8) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:digits]


def _slug(name: str) -> str:
    """ASCII letters, digits, `.`, `_` and `-`, at most 60 of them, never hidden and never like an option."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", ascii_name).strip("-._")[:60] or "student"
