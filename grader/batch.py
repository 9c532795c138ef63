"""The pipeline over many hand-ins: several at once, each finished one on disk, no one's fault another's loss."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Protocol

from grader.errors import GraderError, OperatorError, SubmissionError
from grader.execute import Workplace
from grader.ingest import HandIn, find
from grader.pipeline import AnswerKey, Settings, answer_key, judge, prepare_workplace, run, run_reference
from grader.records import Grade, Profile
from grader.report import write_class, write_submission
from grader.rubric import Rubric, plan_hash
from grader.segment import Overrides
from grader.storage import load_problem, load_trace, save_problem, save_trace

REFERENCE = "the reference solution"


class View(Protocol):
    """Shows how a batch goes."""

    def began(self, total: int) -> None:
        """So many hand-ins are to be graded."""

    def step(self, name: str, what: str) -> None:
        """A hand-in is at some step."""

    def done(self, name: str, grade: Grade | None) -> None:
        """A hand-in is done (None: the reference is)."""


class Silent:
    """A view for those who only want the result."""

    def began(self, total: int) -> None:
        """Say nothing."""

    def step(self, name: str, what: str) -> None:
        """Say nothing."""

    def done(self, name: str, grade: Grade | None) -> None:
        """Say nothing."""


@dataclass
class Batch:
    """One call of `grade_all`: what is shared, and the grades so far."""

    rubric: Rubric
    place: Workplace
    key: AnswerKey
    out: Path
    view: View
    slots: asyncio.Semaphore
    overrides: Overrides | None = None
    grades: dict[str, Grade] = field(default_factory=dict)

    async def grade(self, hand_in: HandIn) -> None:
        """Grade one hand-in and put everything of it on disk before it counts as done.

        Raises:
            OperatorError: The results cannot be written.
        """
        async with self.slots:
            try:
                trace, blobs = await run(
                    hand_in,
                    self.rubric,
                    self.place,
                    lambda what: self.view.step(hand_in.id, what),
                    self.overrides,
                )
                grade = judge(trace, blobs, self.rubric, self.key)
            except SubmissionError as error:
                grade = self._problem(hand_in, str(error), "student")
            except Exception as error:  # noqa: BLE001  one hand-in's trouble must not end the batch
                what = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
                grade = self._problem(hand_in, f"the grader failed on this hand-in: {what}", "operator")
            else:
                save_trace(trace, blobs, self.out / "traces" / hand_in.id)
                write_submission(grade, trace, blobs, self.out / "feedback")
        self.grades[hand_in.id] = grade
        self.view.done(hand_in.id, grade)

    def _problem(self, hand_in: HandIn, problem: str, fault: str) -> Grade:
        grade = not_graded(hand_in.id, hand_in.student, hand_in.path.name, self.rubric, self.place.profile)
        grade = replace(grade, problem=problem[:1000], fault="student" if fault == "student" else "operator")
        save_problem(grade, self.out / "traces" / hand_in.id)
        write_submission(grade, None, {}, self.out / "feedback")
        return grade


def not_graded(name: str, student: str, file: str, rubric: Rubric, profile: Profile) -> Grade:
    """The grade of a hand-in that the grader could not look at."""
    return Grade(
        submission=name,
        student=student,
        file=file,
        assignment=rubric.assignment,
        title=rubric.title,
        rubric_hash=rubric.hash,
        profile=profile,
        points=0.0,
        max_points=rubric.total,
        fault="operator",
    )


async def grade_all(
    paths: Sequence[Path],
    rubric: Rubric,
    out: Path,
    settings: Settings = Settings(),  # noqa: B008  frozen
    jobs: int | None = None,
    view: View = Silent(),  # noqa: B008  stateless
) -> tuple[Grade, ...]:
    """Grade all hand-ins found under some paths and write feedback, class page and grades.

    Args:
        paths: Files, folders, or folders of student folders.
        rubric: The rubric.
        out: Folder for everything that is written.
        settings: How to run.
        jobs: Hand-ins at once; by default one per core.
        view: Shows how it goes.

    Returns:
        The grades in the order in which the hand-ins were found.

    Raises:
        OperatorError: A path, the machine or the disk; finished hand-ins stay on disk.
        RubricError: The reference is wrong.
    """
    hand_ins = found(paths, out)
    check_writable(out)
    cores = os.cpu_count() or 1
    jobs = min(jobs or cores, len(hand_ins), 64)
    place = prepare_workplace(rubric, replace(settings, threads=max(1, cores // jobs)))
    view.began(len(hand_ins))
    reference = await run_reference(rubric, place, lambda what: view.step(REFERENCE, what))
    if reference:
        save_trace(*reference, out / "reference")
    view.done(REFERENCE, None)
    batch = Batch(
        rubric,
        place,
        answer_key(rubric, reference, settings.profile),
        out,
        view,
        asyncio.Semaphore(jobs),
        settings.overrides,
    )
    try:
        async with asyncio.TaskGroup() as group:
            for hand_in in hand_ins:
                group.create_task(batch.grade(hand_in))
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None  # all that gets here is the disk, and once is enough
    finally:
        if batch.grades:
            write_class(in_order(batch, hand_ins), out)
    return in_order(batch, hand_ins)


def found(paths: Sequence[Path], out: Path) -> list[HandIn]:
    """The hand-ins under some paths. Results of an earlier run may lie among them: they are none."""
    own = out.resolve()
    return [hand_in for hand_in in find(paths) if not hand_in.path.resolve().is_relative_to(own)]


def in_order(batch: Batch, hand_ins: Sequence[HandIn]) -> tuple[Grade, ...]:
    """The grades so far, in the order of the hand-ins."""
    return tuple(batch.grades[hand_in.id] for hand_in in hand_ins if hand_in.id in batch.grades)


def rescore(run_folder: Path, rubric: Rubric) -> tuple[Grade, ...]:
    """Score stored traces again. Runs no student code.

    Args:
        run_folder: The `--out` folder of an earlier `grade`.
        rubric: The rubric, changed or not.

    Raises:
        OperatorError: There are no traces, or they do not hold what the rubric asks for.
    """
    folders = sorted(path for path in (run_folder / "traces").glob("[!.]*") if path.is_dir())
    if not folders:
        raise OperatorError(f"{run_folder} holds no traces", "Give the --out folder of an earlier 'grader grade'")
    reference = load_trace(run_folder / "reference") if (run_folder / "reference").is_dir() else None
    keys = cache(lambda profile: answer_key(rubric, reference, profile))
    grades = [rescore_one(folder, rubric, keys, run_folder / "feedback") for folder in folders]
    write_class(grades, run_folder)
    return tuple(grades)


def rescore_one(folder: Path, rubric: Rubric, keys: Callable[[Profile], AnswerKey], pages: Path) -> Grade:
    """Score one stored trace again; a folder that cannot be read is the operator's, and keeps no other from its grade.

    Raises:
        OperatorError: The trace does not hold what the rubric asks for.
    """
    try:
        problem = load_problem(folder)
        if problem:
            return problem
        trace, blobs = load_trace(folder)
    except OperatorError as error:
        return replace(not_graded(folder.name, folder.name, "", rubric, "quick"), problem=str(error))
    if trace.plan_hash != plan_hash(rubric):
        raise OperatorError(
            f"{folder} was run for another rubric: questions, data or requests differ from {rubric.path.name}",
            "Thresholds, points and texts can be changed for a rescore; for more, run 'grader grade' again",
        )
    grade = judge(trace, blobs, rubric, keys(trace.profile))
    write_submission(grade, trace, blobs, pages)
    return grade


def check_writable(out: Path) -> None:
    """Find out before anything runs whether results can be written.

    Raises:
        OperatorError: They cannot.
    """
    trial = out / ".writable"
    try:
        out.mkdir(parents=True, exist_ok=True)
        trial.write_bytes(b"")
        trial.unlink()
    except OSError as error:
        raise OperatorError(
            f"nothing can be written to {out}: {error.strerror}", "Choose another folder with --out"
        ) from error
