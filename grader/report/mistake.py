"""What stopped a student's code, and what to mend first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.records import CellRun, CriterionGrade, ErrorTrace, Grade, QuestionGrade, Trace
from grader.report.explain import Explanation, explain

LINES_BEFORE, LINES_AFTER = 3, 2
LONGEST_LINE = 160


@dataclass(frozen=True)
class CodeLine:
    """A line of the student's code with its number in the cell."""

    number: int
    text: str
    failed: bool


@dataclass(frozen=True)
class Mistake:
    """An error with the student's own lines around it.

    Attributes:
        error: The error.
        lines: The student's lines; none where the text is not known.
        root: Id of the question whose failure is the cause; empty when the cause lies outside of any question.
        explanation: What it means in plain words; None where only the message can say that.
    """

    error: ErrorTrace
    lines: tuple[CodeLine, ...]
    root: str = ""
    explanation: Explanation | None = None

    @property
    def echo(self) -> bool:
        """Whether another cell's failure is the cause."""
        return self.error.echo_of is not None


def mistake(error: ErrorTrace, questions: Iterable[QuestionGrade], trace: Trace | None) -> Mistake:
    """The error as a page shows it."""
    return Mistake(error, _lines(error, trace), question_of(error.echo_of, questions), explain(error))


def before_questions(grade: Grade, trace: Trace | None) -> Mistake | None:
    """The first error of the cells that belong to no question, if one failed."""
    runs: Sequence[CellRun] = trace.shared if trace else ()
    error = next((run.error for run in runs if run.error), None)
    return mistake(error, grade.questions, trace) if error else None


def question_of(cell: int | None, questions: Iterable[QuestionGrade]) -> str:
    """Id of the question that a cell belongs to; empty if it belongs to none."""
    return next((q.id for q in questions if cell is not None and cell in q.answer.cells), "")


def _lines(error: ErrorTrace, trace: Trace | None) -> tuple[CodeLine, ...]:
    if error.line is None:
        return ()
    source = next((c.source for c in trace.submission.cells if c.index == error.cell), "") if trace else ""
    lines = source.split("\n")
    if not 1 <= error.line <= len(lines) or not source:
        return (CodeLine(error.line, error.source[:LONGEST_LINE], failed=True),) if error.source else ()
    first = max(1, error.line - LINES_BEFORE)
    last = min(len(lines), error.line + LINES_AFTER)
    return tuple(CodeLine(n, lines[n - 1][:LONGEST_LINE], n == error.line) for n in range(first, last + 1))


# --- the first thing to fix ------------------------------------------------------------------------------------------

_BEFORE = ""  # stands for the cells before the first question where ids of questions stand


@dataclass(frozen=True)
class FirstFix:
    """The one thing that would win back the most points.

    Attributes:
        question: Where to start; None for the cells before the first question.
        mistake: What stopped the code there; None where it did not stop.
        criterion: The costliest public criterion there; None where only hidden ones lost points.
        lost: Points that this cause cost, those of the questions that fell with it included.
        others: Ids of the questions that failed only because this one did.
    """

    question: QuestionGrade | None
    mistake: Mistake | None
    criterion: CriterionGrade | None
    lost: float
    others: tuple[str, ...]


def lost(question: QuestionGrade) -> float:
    """Points that are judged and not earned."""
    return sum(c.max_points - c.points for c in question.criteria if c.verdict.share is not None)


def first_fix(grade: Grade, trace: Trace | None = None) -> FirstFix | None:
    """The question whose cause cost the most points; the earlier one of two equals; None when nothing is lost."""
    by_cause: dict[str, list[QuestionGrade]] = {}
    for question in grade.questions:
        if lost(question) > 0:
            by_cause.setdefault(_cause(question, grade), []).append(question)
    if not by_cause:
        return None
    cause, fallen = max(by_cause.items(), key=lambda item: sum(map(lost, item[1])))
    start = next((q for q in grade.questions if q.id == cause), None)
    stopped = before_questions(grade, trace)
    if start is not None:
        stopped = mistake(start.error, grade.questions, trace) if start.error else None
    others = tuple(q.id for q in fallen if q is not start)
    return FirstFix(start, stopped, _worst(start), sum(map(lost, fallen)), others)


def _worst(question: QuestionGrade | None) -> CriterionGrade | None:
    criteria = question.criteria if question else ()
    costs = [c for c in criteria if c.public and c.verdict.share is not None and c.points < c.max_points]
    return max(costs, key=lambda c: c.max_points - c.points, default=None)


def _cause(question: QuestionGrade, grade: Grade) -> str:
    """Id of the question in which the root of the failure lies, which is mostly this one."""
    if question.error is None or question.error.echo_of is None:
        return question.id
    return question_of(question.error.echo_of, grade.questions) or _BEFORE
