"""From what came out of the sandbox to a `Trace`: validated, capped, and nothing else believed.

reports.py    the probe's messages -> records and blobs
numbers.py    printed text -> numbers with the words before them
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from grader.observe.numbers import numbers_in
from grader.observe.reports import read_report
from grader.records import (
    TRACE_SCHEMA,
    Answer,
    CellRun,
    ErrorTrace,
    Execution,
    Note,
    Number,
    Observation,
    Profile,
    QuestionTrace,
    Segmentation,
    Submission,
    Trace,
)

__all__ = ["observe", "read_report", "renewed"]


def observe(
    execution: Execution,
    submission: Submission,
    segmentation: Segmentation,
    *,
    assignment: str,
    plan_hash: str,
    profile: Profile,
    key: str = "",
) -> tuple[Trace, Mapping[str, bytes]]:
    """The trace of a run, and the arrays and pictures that it names.

    Args:
        execution: What running the hand-in gave.
        submission: The hand-in.
        segmentation: Which cells answer which question.
        assignment: Name of the assignment.
        plan_hash: Hash of what the rubric had run.
        profile: `quick` or `full`.
        key: Of the run.
    """
    blobs: dict[str, bytes] = {}
    notes = [*submission.notes, *execution.notes, *shared_notes(execution)]
    questions = []
    for answer in segmentation.answers:
        observation: Observation | None = None
        if answer.question in execution.reports:
            observation, found, problem = read_report(answer.question, execution.reports[answer.question])
            notes += [problem] if problem else []
            blobs.update(found)
        runs = execution.runs.get(answer.question, ())
        questions.append(question_trace(answer, runs, observation, submission))
    trace = Trace(
        schema=TRACE_SCHEMA,
        assignment=assignment,
        plan_hash=plan_hash,
        profile=profile,
        submission=submission,
        questions=tuple(questions),
        environment=execution.environment,
        shared=execution.shared,
        notes=tuple(notes),
        seconds=execution.seconds,
        key=key,
    )
    return trace, blobs


def renewed(trace: Trace, submission: Submission, segmentation: Segmentation) -> Trace:
    """The trace of an earlier run of the same cells, under the hand-in as it is now: its name, its notes, its texts.

    Args:
        trace: Of the earlier run; its key is that of the hand-in.
        submission: The hand-in, read again.
        segmentation: Its answers, found again: the same cells for each question.
    """
    notes = (*submission.notes, *trace.notes[len(trace.submission.notes) :])
    questions = tuple(replace(seen, answer=segmentation.answer(seen.question)) for seen in trace.questions)
    return replace(trace, submission=submission, questions=questions, notes=notes)


def shared_notes(execution: Execution) -> list[Note]:
    """What the probe noted while the cells ran that belong to no question."""
    if "" not in execution.reports:
        return []
    observation, _, problem = read_report("", execution.reports[""])
    notes = observation.notes if observation else ()
    return [replace(note, question=None) for note in notes] + ([replace(problem, question=None)] if problem else [])


def question_trace(
    answer: Answer, runs: tuple[CellRun, ...], observation: Observation | None, submission: Submission
) -> QuestionTrace:
    """Everything seen of one question."""
    claimed = [number for index in answer.cells for number in claims(submission, index)]
    return QuestionTrace(
        question=answer.question,
        answer=answer,
        runs=runs,
        error=root_error(runs),
        observation=observation,
        numbers=tuple(number for run in runs for number in numbers_in(run.text, run.cell)),
        claimed=tuple(claimed),
    )


def claims(submission: Submission, index: int) -> tuple[Number, ...]:
    """Numbers in the output that was saved with a cell."""
    cell = next((cell for cell in submission.cells if cell.index == index), None)
    return numbers_in(cell.saved_text, index) if cell else ()


def root_error(runs: tuple[CellRun, ...]) -> ErrorTrace | None:
    """The first error that is no echo of another, else the first one."""
    errors = [run.error for run in runs if run.error]
    return next((error for error in errors if error.echo_of is None), errors[0] if errors else None)
