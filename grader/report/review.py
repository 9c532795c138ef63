"""What waits for a person, one hand-in as a person decides about it, and its history: for a screen."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.records import CriterionGrade, Event, Grade, QuestionGrade, Waiting, WrittenAnswer
from grader.report import wording
from grader.report.clean import clean, one_line

LONGEST_ANSWER = 4_000


def print_waiting(console: Console, items: Sequence[Waiting]) -> None:
    """One row per thing that waits, question by question."""
    if not items:
        console.print("Nothing waits for a person.")
        return
    table = _table("Where", "Hand-in", "Points", "Why it waits")
    for item in items:
        place, who = Text(one_line(item.place, 40)), Text(one_line(item.submission, 40))
        table.add_row(place, who, wording.points(item.points), Text(one_line(item.why, 160)))
    console.print(table)
    people = len({item.submission for item in items})
    console.print(f"{wording.count(len(items), 'thing')} in {wording.count(people, 'hand-in')}.")


def print_reviewed(console: Console, grade: Grade, question: QuestionGrade | None) -> None:
    """The grade that counts, with what the checks gave under it; of one question also the student's answer."""
    console.print(Text(f"{one_line(grade.student, 80)} ({grade.submission}), {one_line(grade.file, 80)}", style="bold"))
    if grade.problem:
        console.print(Text(f"Not graded: {one_line(grade.problem, 800)}"))
        return
    late = f" {grade.lateness.words}" if grade.lateness else ""
    console.print(Text(f"{wording.points(grade.points)} of {wording.points(grade.max_points)} points.{late}"))
    if grade.override:
        console.print(Text(f"Set by {one_line(grade.override.by, 30)}: {one_line(grade.override.reason, 200)}"))
    _comment(console, "Note", grade.comment.text if grade.comment else "")
    shown = [q for q in grade.questions if question is None or q.id == question.id]
    table = _table("Criterion", "Points", "Check", "What was seen")
    for one in shown:
        for criterion in one.criteria:
            table.add_row(*_row(one, criterion))
    console.print(table)
    for one in shown:
        _comment(console, f"Note on {one.id}", one.comment.text if one.comment else "")
    if question is not None:
        _answers(console, shown[0])


def print_history(console: Console, events: Sequence[Event]) -> None:
    """All that was ever graded or decided, the oldest first."""
    table = _table("When (UTC)", "Who", "Where", "What")
    for event in events:
        when = event.at[:16].replace("T", " ")
        table.add_row(when, Text(one_line(event.by, 30)), Text(event.place), Text(one_line(event.what, 200)))
    console.print(table)


def _table(*names: str) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    for name in names:
        table.add_column(name, overflow="fold", justify="right" if name in {"Points", "Check"} else "left")
    return table


def _row(question: QuestionGrade, criterion: CriterionGrade) -> tuple[Text, Text, Text, Text]:
    override = criterion.override
    share = criterion.verdict.share
    counts = "waits" if share is None else wording.points(criterion.points)
    given = (override.automatic if override else criterion.points) if override or share is not None else None
    said = one_line(criterion.verdict.rationale, 200)
    if override:
        reason = f": {one_line(override.reason, 200)}" if override.reason else ""
        clash = f" Clash: {override.clash}." if override.clash else ""
        said = f"set by {one_line(override.by, 30)}{reason}.{clash} The check: {said}"
    note = f" Note: {one_line(criterion.comment.text, 200)}" if criterion.comment else ""
    return (
        Text(f"{question.id}/{criterion.id}"),
        Text(f"{counts} of {wording.points(criterion.max_points)}"),
        Text("-" if given is None else wording.points(given)),
        Text(f"{said}{note}"),
    )


def _comment(console: Console, title: str, text: str) -> None:
    if text:
        console.print(Text(f"{title}: {clean(text, LONGEST_ANSWER)}"))


def _answers(console: Console, question: QuestionGrade) -> None:
    exhibits = [e for c in question.criteria for e in c.verdict.exhibits if isinstance(e, WrittenAnswer)]
    for answer in exhibits[:1]:
        console.print(Text("\nAnswer", style="bold"))
        console.print(Text(clean(answer.text, LONGEST_ANSWER) or "(none)"))
        if answer.key_points:
            console.print(Text("\nKey points", style="bold"))
        for point in answer.key_points:
            console.print(Text(f"- {one_line(point, 400)}"))
