"""A self-check on a terminal: per question what is right, what is not yet, and what is graded after hand-in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.records import CriterionGrade, Grade, QuestionGrade
from grader.report import wording
from grader.report.clean import one_line
from grader.report.explain import explain

MARKS = {"passed": ("ok", "green"), "partial": ("partly", "yellow"), "failed": ("not yet", "red")}
LATER = ("later", "dim")


def print_checked(console: Console, grade: Grade, page: Path) -> None:
    """Print the report of a self-check.

    Args:
        console: Where to.
        grade: By a student edition: what it leaves unscored is graded after hand-in.
        page: The page with all details.
    """
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", show_lines=False)
    table.add_column("Question", overflow="fold", max_width=28)
    table.add_column("Points", justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("What was seen, and what to do", overflow="fold")
    for question in grade.questions:
        for row in rows(question):
            table.add_row(*row)
    console.print(table)
    judged = grade.max_points - grade.unscored_points
    points = f"{wording.points(grade.points)} of {wording.points(judged)} points that can be judged before hand-in"
    later = f"; {wording.points(grade.unscored_points)} more are graded after it" if grade.unscored_points else ""
    console.print(Text(f"{points}{later}.", style="bold"))
    console.print(Text(f"All details: {page}"), soft_wrap=True)


def rows(question: QuestionGrade) -> Iterator[tuple[Text, Text, Text, Text]]:
    """The lines of a question: its name once, its error, its criteria; what is graded later in one line."""
    name = Text(one_line(f"{question.id} {question.title}", 80), style="bold")
    # `Text` and not a string: rich reads strings as markup, and students choose some of these.
    if question.error:
        yield name, Text(), Text("error", style="red"), Text(error_words(question))
        name = Text()
    for criterion in question.criteria:
        if criterion.verdict.share is not None:
            yield name, *_judged(criterion)
            name = Text()
    later = [criterion for criterion in question.criteria if criterion.verdict.share is None]
    if later:
        points = wording.points(sum(c.max_points for c in later))
        titles = "; ".join(one_line(c.title, 60) for c in later)
        yield name, Text(points), Text(*LATER), Text(f"after hand-in: {titles}", style=LATER[1])


def error_words(question: QuestionGrade) -> str:
    """The error of a question in one or two sentences, with its place."""
    error = question.error
    if error is None:
        return ""
    where = f"cell {error.cell}" + (f", line {error.line}" if error.line else "")
    meaning = explain(error)
    plain = f" {one_line(f'{meaning.means} {meaning.do}', 400)}" if meaning else ""
    return f"{one_line(f'{error.type}: {error.message}', 200).rstrip('. ')} ({where}).{plain}"


def _judged(criterion: CriterionGrade) -> tuple[Text, Text, Text]:
    word, style = MARKS[criterion.verdict.status]
    points = (
        f"{wording.points(criterion.points)}/{wording.points(criterion.max_points)}" if criterion.max_points else ""
    )
    said = f"{criterion.title}." if criterion.verdict.status == "passed" else told(criterion)
    return Text(points), Text(word, style=style), Text(one_line(said, 500))


def told(criterion: CriterionGrade) -> str:
    """What a check says of a criterion, where, and what to do."""
    verdict = criterion.verdict
    return " ".join(filter(None, [wording.with_place(verdict), verdict.hint]))
