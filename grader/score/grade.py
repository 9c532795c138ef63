"""Trace + rubric + reference -> grade: one question, one criterion at a time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from rapidfuzz import fuzz

from grader.checks import CHECKS
from grader.records import CriterionGrade, Evidence, Grade, QuestionGrade, QuestionTrace, Trace, Verdict
from grader.rubric import Criterion, Question, Rubric
from grader.score.evidence import evidence_of, notes_of

_EMPTY: Mapping[str, tuple[int, ...]] = MappingProxyType({})
_BUILDS_NOTHING = frozenset(("runs", "written"))
_SAME = 80  # percent of likeness from which two hints say the same
_NO_STAND_INS: Mapping[str, str] = MappingProxyType({})
_NO_REFERENCE: Mapping[str, Evidence] = MappingProxyType({})


def reference_evidence(trace: Trace, blobs: Mapping[str, bytes], rubric: Rubric) -> Mapping[str, Evidence]:
    """What the reference shows of each question; the measure for all hand-ins of a batch."""
    return {question.id: evidence_of(trace, question.id, blobs, {}, {}) for question in rubric.questions}


def score(
    trace: Trace,
    blobs: Mapping[str, bytes],
    rubric: Rubric,
    reference: Mapping[str, Evidence] = _NO_REFERENCE,
    labels: Mapping[str, tuple[int, ...]] = _EMPTY,
    stand_ins: Mapping[str, str] = _NO_STAND_INS,
) -> Grade:
    """Grade what was observed. Pure: the same input gives the same grade, and nothing is run or read.

    Args:
        trace: What was observed of the submission.
        blobs: Its arrays and pictures by name.
        rubric: Of the assignment.
        reference: What the reference implementation, run in the same way, shows of each question.
        labels: Labels of the held-out images by data set.
        stand_ins: Data sets and weights that were stand-ins, with what they stand for.
    """
    questions = tuple(
        _question(
            question, trace, evidence_of(trace, question.id, blobs, labels, stand_ins), reference.get(question.id)
        )
        for question in rubric.questions
    )
    return Grade(
        submission=trace.submission.id,
        student=trace.submission.student,
        file=trace.submission.file,
        assignment=rubric.assignment,
        title=rubric.title,
        rubric_hash=rubric.hash,
        profile=trace.profile,
        points=round(sum(question.points for question in questions), 2),
        max_points=sum(question.points for question in rubric.questions),
        questions=questions,
        notes=(*trace.submission.notes, *(note for note in trace.notes if note.question is None)),
        student_id=trace.submission.student_id,
        digest=trace.submission.digest,
        late=trace.submission.late,
        handed_in=trace.submission.handed_in,
        seconds=trace.seconds,
    )


def _question(question: Question, trace: Trace, evidence: Evidence, reference: Evidence | None) -> QuestionGrade:
    if {criterion.check for criterion in question.criteria} <= _BUILDS_NOTHING:
        # Code that is only asked to run, as one that reads a file and prints, need not leave anything to observe.
        evidence = replace(evidence, question=replace(evidence.question, observation=None))
    seen = trace.question(question.id)
    if _not_found(seen):
        criteria = tuple(_absent(criterion, evidence, unplaced_code(trace)) for criterion in question.criteria)
    else:
        criteria = tuple(_criterion(criterion, evidence, reference) for criterion in question.criteria)
    return QuestionGrade(
        id=question.id,
        title=question.title,
        max_points=question.points,
        points=round(sum(criterion.points for criterion in criteria), 2),
        ran=seen.ran,
        error=seen.error,
        answer=seen.answer,
        criteria=criteria,
        notes=tuple(note for note in notes_of(trace, seen) if note.question == question.id),
        seconds=seen.seconds,
        limits=tuple(run.limit for run in seen.runs if run.limit and run.status == "stopped"),
    )


def unplaced_code(trace: Trace) -> bool:
    """Whether the hand-in has code of which nobody can be sure to which question it belongs."""
    placed = {cell for question in trace.questions if not question.answer.unsure for cell in question.answer.cells}
    placed |= {run.cell for run in trace.shared}
    cells = (cell for cell in trace.submission.cells if cell.kind == "code" and cell.parent is None)
    return any(cell.source.strip() and cell.index not in placed for cell in cells)


def _absent(criterion: Criterion, evidence: Evidence, unplaced: bool) -> CriterionGrade:
    """The grade of a question that was not found: nothing, unless its answer may stand where nobody looked for it."""
    if criterion.check == "written":
        return _criterion(criterion, evidence, None)
    said = "No answer to this question was found"
    if unplaced:
        text = f"{said}, but there is code whose question is not sure. A person will look."
        return _graded(criterion, Verdict(None, text))
    return _graded(criterion, Verdict(0.0, f"{said}.", "Put the question's number above your answer."))


def _criterion(criterion: Criterion, evidence: Evidence, reference: Evidence | None) -> CriterionGrade:
    return _graded(criterion, _verdict(criterion, evidence, reference))


def _graded(criterion: Criterion, verdict: Verdict) -> CriterionGrade:
    verdict = replace(verdict, hint=_hint(criterion, verdict))
    return CriterionGrade(
        id=criterion.id,
        title=criterion.title,
        check=criterion.check,
        max_points=criterion.points,
        points=round((verdict.share or 0.0) * criterion.points, 2),
        public=criterion.public,
        verdict=verdict,
    )


def _hint(criterion: Criterion, verdict: Verdict) -> str:
    """What the check says, then the rubric unless that is nearly the same; nothing where no points were lost."""
    if verdict.status not in ("partial", "failed"):
        return ""
    same = fuzz.token_set_ratio(verdict.hint.casefold(), criterion.hint.casefold()) > _SAME
    return criterion.hint if same else " ".join(filter(None, [verdict.hint, criterion.hint]))


def _verdict(criterion: Criterion, evidence: Evidence, reference: Evidence | None) -> Verdict:
    if criterion.optional and evidence.question.answer.text.strip() and not evidence.question.runs:
        text = "No code was handed in, and none was asked for. A person gives these points with those of your text."
        return Verdict(None, text)
    try:
        verdict = CHECKS[criterion.check].function(evidence, criterion.parameters, reference)
    except Exception as error:  # noqa: BLE001  the one place where a fault of a check must not end a class's grading
        fault = f"{type(error).__name__}: {error}"
        text = f"The check `{criterion.check}` failed: {fault}; this is the grader's fault. A person will look."
        return Verdict(None, text)
    if verdict.share is not None and not math.isfinite(verdict.share):
        # What is not a number can come out of numbers that a hand-in forged; no sum and no file can hold it.
        return replace(
            verdict, share=None, rationale=f"{verdict.rationale} This gives no number of points. A person will look."
        )
    return verdict


def _not_found(seen: QuestionTrace) -> bool:
    return not seen.answer.cells and not seen.runs
