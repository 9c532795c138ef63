"""The pipeline over many hand-ins: several at once, each finished one on disk, no one's fault another's loss."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from grader.errors import GraderError, SubmissionError
from grader.execute import Workplace
from grader.gradebook import Gradebook, OpenRun, open_gradebook
from grader.ingest import HandIn, find
from grader.pipeline import AnswerKey, Settings, answer_key, judge, prepare_workplace, run, run_reference
from grader.records import Grade, Profile
from grader.report import write_class, write_submission
from grader.rubric import Rubric
from grader.runfolder import held, input_seed
from grader.storage import Kept, keep, save_problem, trace_hash

REFERENCE = "the reference solution"


class View(Protocol):
    """Shows how a batch goes."""

    def began(self, total: int) -> None:
        """So many hand-ins are to be graded."""

    def step(self, name: str, what: str) -> None:
        """A hand-in is at some step."""

    def done(self, name: str, grade: Grade | None, *, kept: bool = False) -> None:
        """A hand-in is done (None: the reference is); `kept`: it was run by an earlier batch and had not changed."""


class Silent:
    """A view for those who only want the result."""

    def began(self, total: int) -> None:
        """Say nothing."""

    def step(self, name: str, what: str) -> None:
        """Say nothing."""

    def done(self, name: str, grade: Grade | None, *, kept: bool = False) -> None:
        """Say nothing."""


@dataclass
class Batch:
    """One call of `grade_all`: what is shared, and the grades so far."""

    rubric: Rubric
    place: Workplace
    key: AnswerKey
    out: Path
    entries: OpenRun
    view: View
    slots: asyncio.Semaphore
    settings: Settings
    grades: dict[str, Grade] = field(default_factory=dict)

    async def grade(self, hand_in: HandIn) -> None:
        """Grade one hand-in and put everything of it on disk before it counts as done.

        Raises:
            OperatorError: The results cannot be written.
        """
        kept = Kept(self.out / "traces" / hand_in.id, self.settings.fresh)
        async with self.slots:
            try:
                trace, blobs = await run(
                    hand_in,
                    self.rubric,
                    self.place,
                    lambda what: self.view.step(hand_in.id, what),
                    self.settings.overrides,
                    kept,
                )
                grade = judge(trace, blobs, self.rubric, self.key)
            except SubmissionError as error:
                grade = await self._problem(hand_in, str(error), "student")
            except Exception as error:  # noqa: BLE001  one hand-in's trouble must not end the batch
                what = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
                grade = await self._problem(hand_in, f"the grader failed on this hand-in: {what}", "operator")
            else:
                keep(trace, blobs, kept)
                grade = await self._record(grade)
                write_submission(grade, trace, blobs, self.out / "feedback")
        self.grades[hand_in.id] = grade
        self.view.done(hand_in.id, grade, kept=kept.found is not None and not grade.problem)

    async def _record(self, grade: Grade) -> Grade:
        """Into the gradebook, which gives back what counts: people may have decided about this hand-in before."""
        return await asyncio.to_thread(self.entries.record, grade, trace_hash(self.out / "traces" / grade.submission))

    async def _problem(self, hand_in: HandIn, problem: str, fault: str) -> Grade:
        grade = not_graded(hand_in.id, hand_in.student, hand_in.path.name, self.rubric, self.place.profile)
        grade = replace(grade, problem=problem[:1000], fault="student" if fault == "student" else "operator")
        grade = replace(grade, student_id=hand_in.student_id, late=hand_in.late, handed_in=hand_in.handed_in)
        save_problem(grade, self.out / "traces" / hand_in.id)
        grade = await self._record(grade)
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
    db: str | None = None,
) -> tuple[Grade, ...]:
    """Grade all hand-ins found under some paths and write feedback, class page and grades.

    Args:
        paths: Files, folders, or folders of student folders.
        rubric: The rubric.
        out: Folder for everything that is written.
        settings: How to run.
        jobs: Hand-ins at once; by default one per core.
        view: Shows how it goes.
        db: URL of the gradebook; None for SQLite in `out`.

    Returns:
        The grades in the order in which the hand-ins were found.

    Raises:
        OperatorError: A path, the machine or the disk; finished hand-ins stay on disk.
        RubricError: The reference is wrong.
    """
    hand_ins = found(paths, out)
    with held(out):
        book = open_gradebook(out, db)
        return await grade_found(hand_ins, rubric, out, settings, jobs, view, book)


async def grade_found(
    hand_ins: Sequence[HandIn],
    rubric: Rubric,
    out: Path,
    settings: Settings,
    jobs: int | None,
    view: View,
    book: Gradebook,
) -> tuple[Grade, ...]:
    """Grade hand-ins into an output folder that is held: the reference, then all others."""
    cores = os.cpu_count() or 1
    jobs = min(jobs or cores, len(hand_ins), 64)
    seed = input_seed(out, fresh=settings.fresh)
    place = prepare_workplace(rubric, replace(settings, threads=max(1, cores // jobs)), seed)
    view.began(len(hand_ins))
    kept = Kept(out / "reference", settings.fresh)
    reference = await run_reference(rubric, place, lambda what: view.step(REFERENCE, what), kept)
    if reference:
        keep(*reference, kept)
    view.done(REFERENCE, None, kept=kept.found is not None)
    key = answer_key(rubric, reference, settings.profile)
    batch = Batch(rubric, place, key, out, book.begin("grade", rubric), view, asyncio.Semaphore(jobs), settings)
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
