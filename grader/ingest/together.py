"""Files of a whole class in one folder, as platforms export them: which belong together, and which attempt counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.ingest.names import Named, classroom_names, file_named, number, visible, without_number
from grader.records import Note


@dataclass(frozen=True, slots=True)
class Work:
    """What one student handed in as loose files.

    Attributes:
        named: Who, and which attempt.
        files: Last attempt of each file.
        staged: With several files: the student's own name for each.
        notes: On the attempts that do not count.
        seen: All files, those of earlier attempts too.
    """

    named: Named
    files: tuple[Path, ...]
    staged: tuple[tuple[str, Path], ...]
    notes: tuple[Note, ...]
    seen: tuple[Path, ...]


def works(files: Sequence[Path]) -> list[Work]:
    """The students' works among loose files; files whose names tell nothing are left to the caller."""
    names: Mapping[str, Named] = classroom_names(file.name for file in files)
    named = {file: names.get(file.name) or file_named(file.name) for file in files}
    students: dict[tuple[str, str], list[tuple[Path, Named]]] = {}
    for file, one in named.items():
        if one is not None:
            who = ("id", one.student_id) if one.student_id else ("name", one.student)
            students.setdefault(who, []).append((file, one))
    return [_work(mine) for mine in students.values()]


def _work(mine: Sequence[tuple[Path, Named]]) -> Work:
    attempts: dict[str, list[tuple[Path, Named]]] = {}
    for file, named in mine:
        attempts.setdefault(without_number(named.original).casefold(), []).append((file, named))
    last = [max(tries, key=_age) for tries in attempts.values()]
    kept = {file for file, _ in last}
    earlier = [visible(file.name) for tries in attempts.values() for file, _ in tries if file not in kept]
    newest = max((named for _, named in last), key=lambda named: named.attempt or 0)
    said = f"Of several attempts the last was read; not read: {', '.join(earlier)}."
    staged = tuple((without_number(named.original), file) for file, named in last)
    return Work(
        newest,
        tuple(file for file, _ in last),
        staged,
        (Note("repair", said),) if earlier else (),
        tuple(file for file, _ in mine),
    )


def _age(attempt: tuple[Path, Named]) -> tuple[int, int]:
    named = attempt[1]
    return named.attempt or 0, number(named.original)
