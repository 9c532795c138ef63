"""What an export gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grader.records import Grade


@dataclass(frozen=True, slots=True)
class Exported:
    """Files, and what a person must know about them.

    Attributes:
        files: Text by path, relative to the folder of the export.
        left_out: Who is in none of them, and why.
        remarks: What else was done, or found.
    """

    files: Mapping[str, str]
    left_out: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def finished(grades: Sequence[Grade], unfinished: bool) -> tuple[list[Grade], dict[str, str]]:
    """The grades that may go into a gradebook, and who is left out and why.

    Args:
        grades: All of them.
        unfinished: Whether points so far may stand for those of whom something waits for a person.
    """
    left_out = {grade.submission: reason for grade in grades if (reason := _reason(grade, unfinished))}
    return [grade for grade in grades if grade.submission not in left_out], left_out


def lines(*left_out: Mapping[str, str]) -> tuple[str, ...]:
    """One line per hand-in that is left out, with the first reason."""
    first: dict[str, str] = {}
    for reasons in left_out:
        first = {**reasons, **first}
    return tuple(f"{name}: {first[name]}" for name in sorted(first))


def _reason(grade: Grade, unfinished: bool) -> str:
    if grade.problem:
        return "could not be graded"
    if grade.needs_review and not unfinished:
        waits = f"{grade.unscored_points:g} points wait" if grade.unscored_points else "something waits"
        return f"{waits} for a person (see 'grader review list'; --unfinished takes the points so far)"
    return ""
