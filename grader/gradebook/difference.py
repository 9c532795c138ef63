"""Who moved between two scorings, and by which criterion. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from grader.records import Change, Difference, Grade, Move, Points

_NOISE = 0.005


def difference(before: Sequence[Grade], after: Sequence[Grade]) -> Difference:
    """Compare the grades that counted with those that count now.

    Args:
        before: Of the last run; a hand-in that is not there had no grade.
        after: Of this run.
    """
    old = {grade.submission: grade for grade in before}
    pairs = [(old[grade.submission], grade) for grade in after if grade.submission in old]
    moves = [_move(*pair) for pair in pairs]
    return Difference(len(pairs), tuple(move for move in moves if move), tuple(_clashes(after)))


def _move(before: Grade, after: Grade) -> Move | None:
    old, new = _points(before), _points(after)
    changes = tuple(
        Change(*place, old.get(place), new.get(place))
        for place in dict.fromkeys([*new, *old])
        if _differ(old.get(place), new.get(place))
    )
    if not changes and bool(before.problem) == bool(after.problem):
        return None
    return Move(after.submission, after.student, _total(before), _total(after), changes)


def _points(grade: Grade) -> dict[tuple[str, str], Points]:
    points: dict[tuple[str, str], Points] = {
        (q.id, c.id): None if c.verdict.share is None else c.points for q in grade.questions for c in q.criteria
    }
    if grade.override:
        points["all", ""] = grade.override.points
    if grade.lateness:
        points["late", ""] = -grade.lateness.penalty
    return points


def _total(grade: Grade) -> Points:
    return None if grade.problem else grade.points


def _differ(before: Points, after: Points) -> bool:
    if before is None or after is None:
        return before is not after
    return abs(before - after) > _NOISE


def _clashes(grades: Sequence[Grade]) -> Iterator[tuple[str, str, str]]:
    for grade in grades:
        for question in grade.questions:
            for criterion in question.criteria:
                if criterion.override and criterion.override.clash:
                    yield grade.student, f"{question.id}/{criterion.id}", criterion.override.clash
