"""What people decided: rows of the gradebook -> what counts now, and all that ever was."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grader.gradebook.effective import Decision, Decisions, Place
from grader.gradebook.tables import CommentRow, DelayRow, GradeRow, OverrideRow, Run
from grader.records import Comment, Event


@dataclass(frozen=True, slots=True)
class DecidedRows:
    """All rows about hand-ins that people made, the oldest first."""

    overrides: Sequence[OverrideRow]
    comments: Sequence[CommentRow]
    delays: Sequence[DelayRow]


def decisions_of(rows: DecidedRows) -> Mapping[str, Decisions]:
    """What counts, by submission: the latest row of each place, unless it takes the former ones back."""
    overrides: dict[str, dict[Place, Decision]] = {}
    comments: dict[str, dict[Place, Comment]] = {}
    for override in rows.overrides:
        at = overrides.setdefault(override.submission, {})
        at.pop((override.question, override.criterion), None)
        if override.points is not None:
            at[override.question, override.criterion] = _decision(override, override.points)
    for comment in rows.comments:
        on = comments.setdefault(comment.submission, {})
        on.pop((comment.question, comment.criterion), None)
        if comment.text:
            on[comment.question, comment.criterion] = Comment(comment.text, comment.by, comment.at.isoformat())
    hours = {delay.submission: delay.hours for delay in rows.delays}
    return {
        name: Decisions(overrides.get(name, {}), comments.get(name, {}), hours.get(name))
        for name in {*overrides, *comments, *hours}
    }


def _decision(row: OverrideRow, points: float) -> Decision:
    return Decision(points, row.reason, row.by, row.at.isoformat(), row.automatic, row.max_points, row.digest)


def history_of(graded: Iterable[tuple[GradeRow, Run]], rows: DecidedRows) -> tuple[Event, ...]:
    """All that was ever graded or decided of one hand-in, the oldest first."""
    events = [
        *(Event(row.at.isoformat(), run.by, "", _graded(row, run)) for row, run in graded),
        *(Event(row.at.isoformat(), row.by, _place(row), _set(row)) for row in rows.overrides),
        *(Event(row.at.isoformat(), row.by, _place(row), f"comment: {row.text}" if row.text else "comment taken back")
          for row in rows.comments),
        *(Event(row.at.isoformat(), row.by, "", _late(row)) for row in rows.delays),
    ]  # fmt: skip
    return tuple(sorted(events, key=lambda event: event.at))


def _graded(row: GradeRow, run: Run) -> str:
    if row.problem:
        return f"{run.kind}: not graded"
    waits = f", {row.unscored_points:g} waiting" if row.unscored_points else ""
    return f"{run.kind}: {row.points:g} of {row.max_points:g} by the checks{waits}"


def _set(row: OverrideRow) -> str:
    reason = f": {row.reason}" if row.reason else ""
    gave = "none" if row.automatic is None else f"{row.automatic:g}"
    if row.points is None:
        return f"override taken back{reason}"
    return f"set to {row.points:g} of {row.max_points:g} (check: {gave}){reason}"


def _late(row: DelayRow) -> str:
    reason = f": {row.reason}" if row.reason else ""
    return f"lateness taken back{reason}" if row.hours is None else f"late by {row.hours:g} hours{reason}"


def _place(row: CommentRow | OverrideRow) -> str:
    return "/".join(filter(None, (row.question, row.criterion)))
