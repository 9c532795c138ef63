"""A question's verdict in a notebook."""

from __future__ import annotations

from collections.abc import Sequence

from grader.records import QuestionGrade
from grader.report import wording
from grader.report.clean import one_line
from grader.report.page import fragment


def live_html(question: QuestionGrade | None, elsewhere: Sequence[str], problem: str) -> str:
    """A part of a page, all of it escaped.

    Args:
        question: Judged by what a namespace shows; None where there was a problem.
        elsewhere: Titles of the criteria that cannot be judged in a notebook.
        problem: Why nothing could be judged.
    """
    return fragment("live.html", question=question, elsewhere=elsewhere, problem=problem)


def live_text(question: QuestionGrade | None, elsewhere: Sequence[str], problem: str) -> str:
    """The same as plain text."""
    if question is None:
        return one_line(problem, 1000)
    points = f"{wording.points(question.points)} of {wording.points(question.max_points)}"
    lines = [f"{question.id} {one_line(question.title)}: {points}"]
    for criterion in question.criteria:
        verdict = criterion.verdict
        said = one_line(f"{wording.with_place(verdict)} {verdict.hint}", 600)
        lines.append(f"  {wording.STATUS[verdict.status]}: {one_line(criterion.title)}. {said}")
    if elsewhere:
        lines.append(f"  not here: {'; '.join(map(one_line, elsewhere))}")
    return "\n".join(lines)
