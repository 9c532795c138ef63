"""Whose row is whose hand-in: by the platform's number first, then by name, and never by a guess."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.records import Grade


@dataclass(frozen=True, slots=True)
class Person:
    """Who a row of a sheet is about.

    Attributes:
        row: Its place among the rows.
        name: As the sheet shows it.
        ids: Numbers and login names.
    """

    row: int
    name: str
    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """Rows and hand-ins that belong together, and those of both sides that are left.

    Attributes:
        grades: Grade by row.
        without_row: Hand-ins of nobody in the sheet, by submission, with the reason.
        without_hand_in: People in the sheet of whom there is no hand-in.
    """

    grades: Mapping[int, Grade]
    without_row: Mapping[str, str]
    without_hand_in: tuple[Person, ...]


def match(grades: Sequence[Grade], people: Sequence[Person]) -> Matched:
    """Find the row of each hand-in."""
    found: dict[int, Grade] = {}
    open_grades = list(grades)
    reasons: dict[str, str] = {}
    for keys_of_grade, keys_of_person in ((_numbers, _ids), (_logins, _ids), (_names, _own_names)):
        open_people = [person for person in people if person.row not in found]
        index = _index(open_people, keys_of_person)
        claimed: dict[int, list[Grade]] = {}
        for grade in open_grades:
            rows = {row for key in keys_of_grade(grade) for row in index.get(key, ())}
            if len(rows) == 1:
                claimed.setdefault(rows.pop(), []).append(grade)
            elif rows:
                reasons[grade.submission] = f"{len(rows)} rows of the sheet may be this student"
        for row, claims in claimed.items():
            if len(claims) == 1:
                found[row] = claims[0]
            else:
                others = ", ".join(grade.submission for grade in claims)
                reasons |= {grade.submission: f"several hand-ins may be of one student: {others}" for grade in claims}
        open_grades = [grade for grade in open_grades if grade not in found.values()]
    left = {grade.submission: reasons.get(grade.submission, "nobody in the sheet") for grade in open_grades}
    return Matched(found, left, tuple(person for person in people if person.row not in found))


def _index(people: Iterable[Person], keys: Callable[[Person], set[str]]) -> dict[str, list[int]]:
    index: dict[str, list[int]] = {}
    for person in people:
        for key in keys(person):
            index.setdefault(key, []).append(person.row)
    return index


def _numbers(grade: Grade) -> set[str]:
    return {grade.student_id.casefold()} - {""}


def _logins(grade: Grade) -> set[str]:
    return {grade.submission.casefold(), grade.student.casefold()}


def _ids(person: Person) -> set[str]:
    return {part.casefold() for id_ in person.ids for part in (id_, id_.partition("@")[0])} - {""}


def _names(grade: Grade) -> set[str]:
    return name_keys(grade.student)


def _own_names(person: Person) -> set[str]:
    return name_keys(person.name)


def name_keys(name: str) -> set[str]:
    """What a name is known by: its words in any order, and `lastfirst` as Canvas writes it into file names."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    last, comma, first = plain.partition(",")
    words = ["".join(filter(str.isalnum, word)) for word in plain.replace(",", " ").replace("-", " ").split()]
    words = [word for word in words if word]
    glued = "".join(filter(str.isalnum, last + first)) if comma else "".join([*words[-1:], *words[:-1]])
    return {" ".join(sorted(words)), glued, "".join(words)} - {""}
