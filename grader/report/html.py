"""Grade -> one page for the student who earned it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.records import Grade, Note, QuestionGrade, Trace
from grader.report.exhibits import bar, excerpt, facts, whole
from grader.report.explain import Explanation, silent_mistakes
from grader.report.mistake import Mistake, before_questions, first_fix, lost, mistake
from grader.report.page import render
from grader.report.pictures import in_place, pictures


@dataclass(frozen=True)
class QuestionView:
    """A question with what the trace knows about it.

    Attributes:
        grade: Its grade.
        mistake: The error that counts, if one did.
        skipped: How many of its cells did not run after a bound ended one.
        silent: Mistakes that raised no error.
    """

    grade: QuestionGrade
    mistake: Mistake | None
    skipped: int
    silent: tuple[Explanation, ...]

    @property
    def waiting(self) -> float:
        """Points that wait for a person."""
        return sum(c.max_points for c in self.grade.criteria if c.verdict.share is None)


def submission_page(grade: Grade, trace: Trace | None, blobs: Mapping[str, bytes]) -> str:
    """The student's page as HTML. Of hidden criteria it tells the name and the result; key points are not on it."""
    drawn = pictures(grade, blobs)
    page = render(
        "submission.html",
        grade=grade,
        questions=[_view(question, grade, trace) for question in grade.questions],
        notes=_notes(grade),
        shared=before_questions(grade, trace),
        fix=first_fix(grade, trace),
        trace=trace,
        pictures=drawn,
        bar=bar,
        facts=facts,
        excerpt=excerpt,
        whole=whole,
        lost=lost,
    )
    return in_place(page, drawn.values())


def _view(question: QuestionGrade, grade: Grade, trace: Trace | None) -> QuestionView:
    seen = trace.question(question.id) if trace else None
    return QuestionView(
        grade=question,
        mistake=mistake(question.error, grade.questions, trace) if question.error else None,
        skipped=sum(run.status == "skipped" for run in seen.runs) if seen else 0,
        silent=tuple(silent_mistakes(seen)) if seen else (),
    )


def _notes(grade: Grade) -> tuple[Note, ...]:
    """The notes of no question, each once."""
    return tuple(dict.fromkeys(grade.notes))
