"""Grade -> one page for the student who earned it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from grader.records import Grade, LimitHit, Note, QuestionGrade, Trace
from grader.report.exhibits import bar, excerpt, facts, pictures, whole
from grader.report.mistake import Mistake, before_questions, first_fix, lost, mistake
from grader.report.page import render


@dataclass(frozen=True)
class QuestionView:
    """A question with what the trace knows about it.

    Attributes:
        grade: Its grade.
        mistake: The error that counts, if one did.
        limits: Bounds that ended one of its cells.
        skipped: How many of its cells did not run after that.
        seconds: Wall time of its cells; None without a trace.
    """

    grade: QuestionGrade
    mistake: Mistake | None
    limits: tuple[LimitHit, ...]
    skipped: int
    seconds: float | None

    @property
    def waiting(self) -> float:
        """Points that wait for a person."""
        return sum(c.max_points for c in self.grade.criteria if c.verdict.share is None)


def submission_page(grade: Grade, trace: Trace | None, blobs: Mapping[str, bytes]) -> str:
    """The student's page as HTML. Of hidden criteria it tells the name and the result; key points are not on it."""
    return render(
        "submission.html",
        grade=grade,
        questions=[_view(question, grade, trace) for question in grade.questions],
        notes=_notes(grade),
        shared=before_questions(grade, trace),
        fix=first_fix(grade),
        trace=trace,
        pictures=pictures(grade, blobs),
        bar=bar,
        facts=facts,
        excerpt=excerpt,
        whole=whole,
        lost=lost,
    )


def _view(question: QuestionGrade, grade: Grade, trace: Trace | None) -> QuestionView:
    seen = trace.question(question.id) if trace else None
    return QuestionView(
        grade=question,
        mistake=mistake(question.error, grade.questions, trace) if question.error else None,
        limits=tuple(run.limit for run in seen.runs if run.limit and run.status == "stopped") if seen else (),
        skipped=sum(run.status == "skipped" for run in seen.runs) if seen else 0,
        seconds=seen.seconds if seen and seen.runs else None,
    )


def _notes(grade: Grade) -> tuple[Note, ...]:
    """The notes of no question, each once."""
    return tuple(dict.fromkeys(grade.notes))
