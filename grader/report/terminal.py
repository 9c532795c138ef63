"""Grades -> the table at the end of a run, readable on a screen and in a log."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.records import Grade
from grader.report import wording
from grader.report.clean import cut, one_line
from grader.report.mistake import lost

NOT_GRADED = {
    "student": "not graded, hand in again",
    "operator": "not graded, not the student's fault",
    "": "not graded",
}


def grade_table(grades: Sequence[Grade]) -> Table:
    """One row per submission: points, points that wait for a person, and where points were lost."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title_justify="left", header_style="bold")
    table.add_column("Student", overflow="fold", max_width=26)
    table.add_column("Points", justify="right", no_wrap=True)
    table.add_column("Waits", justify="right", no_wrap=True)
    table.add_column("Points lost in", overflow="fold")
    for grade in grades:
        table.add_row(*_row(grade))
    return table


def print_summary(console: Console, grades: Sequence[Grade], folder: Path) -> None:
    """Print the table, what waits for a person, what could not be graded, and where the feedback lies."""
    console.print(grade_table(grades))
    for sentence in _sentences(grades):
        console.print(Text(sentence))
    console.print(Text(f"Feedback:     {folder / 'index.html'}"), soft_wrap=True)
    console.print(Text(f"Gradebook:    {folder / 'grades.csv'}, {folder / 'grades.json'}"), soft_wrap=True)


def _row(grade: Grade) -> tuple[Text, Text, Text, Text]:
    # `Text` and not a string: rich reads strings as markup, and students choose these.
    student = Text(one_line(grade.student, 80))
    if grade.problem:
        problem = cut(f"{NOT_GRADED[grade.fault]}: {one_line(grade.problem, 400)}", 200)
        return student, Text("-"), Text("all"), Text(problem, style="red")
    points = Text(f"{wording.points(grade.points)}/{wording.points(grade.max_points)}")
    waits = Text(wording.points(grade.unscored_points) if grade.unscored_points else "-")
    return student, points, waits, Text(_losses(grade))


def _losses(grade: Grade) -> str:
    losses = [f"{one_line(q.id, 20)} -{wording.points(lost(q))}" for q in grade.questions if lost(q) > 0.005]
    return ", ".join(losses) or "none"


def _sentences(grades: Sequence[Grade]) -> list[str]:
    waiting = [g for g in grades if g.unscored_points > 0 and not g.problem]
    answers = sum(c.verdict.share is None for g in waiting for q in g.questions for c in q.criteria)
    problems = [g for g in grades if g.problem]
    sentences = []
    if answers:
        points = wording.points(sum(g.unscored_points for g in waiting))
        submissions = wording.count(len(waiting), "submission")
        sentences.append(f"For a person: {wording.count(answers, 'answer')} of {submissions} ({points} points)")
    if problems:
        names = ", ".join(one_line(g.student, 40) for g in problems[:5])
        more = f" and {len(problems) - 5} more" if len(problems) > 5 else ""
        sentences.append(f"Not graded:   {names}{more}")
    return sentences
