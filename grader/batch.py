"""The pipeline over many hand-ins: several at once, each finished one on disk, no one's fault another's loss."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

import psutil

from grader.errors import GraderError, SubmissionError
from grader.execute import (
    Lease,
    Leases,
    Machine,
    Workplace,
    choose_devices,
    out_of_gpu_memory,
    shared_out,
    sweep,
    warmed,
)
from grader.gradebook import OpenRun, open_gradebook
from grader.ingest import HandIn, find
from grader.ingest.names import visible
from grader.pipeline import AnswerKey, Settings, answer_key, judge, prepare_workplace, run, run_reference
from grader.records import Grade, Note, Profile, Trace
from grader.report import write_class, write_submission
from grader.rubric import Rubric
from grader.runfolder import held, input_seed
from grader.storage import Kept, keep, save_problem, trace_hash

REFERENCE = "the reference solution"


class View(Protocol):
    """Shows how a batch goes."""

    def began(self, total: int, at_once: int) -> None:
        """So many hand-ins are to be graded, and so many of them run at once."""

    def step(self, name: str, what: str) -> None:
        """A hand-in is at some step."""

    def done(self, name: str, grade: Grade | None, *, kept: bool = False) -> None:
        """A hand-in is done (None: the reference is); `kept`: it was run by an earlier batch and had not changed."""


class Silent:
    """A view for those who only want the result."""

    def began(self, total: int, at_once: int) -> None:
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
    leases: Leases
    settings: Settings
    grades: dict[str, Grade] = field(default_factory=dict)

    async def all(self, hand_ins: Sequence[HandIn]) -> tuple[Grade, ...]:
        """Grade hand-ins, as many at once as there are leases; the class page is written whatever happens."""
        try:
            async with asyncio.TaskGroup() as group:
                for hand_in in hand_ins:
                    group.create_task(self.grade(hand_in))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from None  # all that gets here is the disk, and once is enough
        finally:
            if self.grades:
                write_class(self._in_order(hand_ins), self.out)
        return self._in_order(hand_ins)

    def _in_order(self, hand_ins: Sequence[HandIn]) -> tuple[Grade, ...]:
        """The grades so far, in the order of the hand-ins."""
        return tuple(self.grades[hand_in.id] for hand_in in hand_ins if hand_in.id in self.grades)

    async def grade(self, hand_in: HandIn) -> None:
        """Grade one hand-in and put everything of it on disk before it counts as done.

        Raises:
            OperatorError: The results cannot be written.
        """
        kept = Kept(self.out / "traces" / hand_in.id, self.settings.fresh)
        try:
            trace, blobs = await self._run(hand_in, kept)
            grade = judge(trace, blobs, self.rubric, self.key)
        except SubmissionError as error:
            grade = await self._problem(hand_in, str(error), "student")
        except Exception as error:  # noqa: BLE001  one hand-in's trouble must not end the batch
            what = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
            grade = await self._problem(hand_in, f"the grader failed on this hand-in: {what}", "operator")
        else:
            keep(trace, blobs, kept)
            grade = await self._record(grade)
            write_submission(grade, trace, {**blobs, **self.key.pictures}, self.out / "feedback")
        self.grades[hand_in.id] = grade
        self.view.done(hand_in.id, grade, kept=kept.found is not None and not grade.problem)

    async def _run(self, hand_in: HandIn, kept: Kept) -> tuple[Trace, Mapping[str, bytes]]:
        """Run with a lease. What ran out of memory on a shared GPU is run once more, alone, before that counts."""
        async with self.leases.lease() as lease:
            trace, blobs = await self._run_with(lease, hand_in, kept)
        runs = (*trace.shared, *(run for question in trace.questions for run in question.runs))
        if lease.device.gpu is None or kept.found or not out_of_gpu_memory(runs):
            return trace, blobs
        async with self.leases.alone(lease.device) as whole:
            trace, blobs = await self._run_with(whole, hand_in, kept)
        said = Note("remark", f"ran out of memory on a share of {lease.device.name}, so it was run again, alone on it")
        return replace(trace, notes=(*trace.notes, said)), blobs

    async def _run_with(self, lease: Lease, hand_in: HandIn, kept: Kept) -> tuple[Trace, Mapping[str, bytes]]:
        place = lease.of(self.place)
        told = partial(self.view.step, hand_in.id)
        return await run(hand_in, self.rubric, place, told, self.settings.overrides, kept)

    async def _record(self, grade: Grade) -> Grade:
        """Into the gradebook, which gives back what counts: people may have decided about this hand-in before."""
        return await asyncio.to_thread(self.entries.record, grade, trace_hash(self.out / "traces" / grade.submission))

    async def _problem(self, hand_in: HandIn, problem: str, fault: str) -> Grade:
        file = visible(hand_in.path.name)  # what no file can hold must not keep the reason from being kept
        grade = not_graded(hand_in.id, hand_in.student, file, self.rubric, self.place.profile)
        grade = replace(grade, problem=visible(problem[:1000]), fault="student" if fault == "student" else "operator")
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
    sweep()
    place = prepare_workplace(rubric, settings)
    leases = Leases(shared_out(machine(place, settings), place.limits, most_at_once(jobs, len(hand_ins))))
    with held(out):
        book = open_gradebook(out, db)
        place = replace(place, input_seed=input_seed(out, fresh=settings.fresh))
        view.began(len(hand_ins), len(leases.all))
        kept = Kept(out / "reference", settings.fresh)
        async with warmed(place) as warm:
            async with leases.lease() as lease:
                reference = await run_reference(rubric, lease.of(warm), partial(view.step, REFERENCE), kept)
            if reference:
                keep(*reference, kept)
            view.done(REFERENCE, None, kept=kept.found is not None)
            key = answer_key(rubric, reference, settings.profile)
            batch = Batch(rubric, warm, key, out, book.begin("grade", rubric), view, leases, settings)
            return await batch.all(hand_ins)


def most_at_once(jobs: int | None, hand_ins: int) -> int:
    """How many runs are wanted at once: one per core unless somebody said otherwise."""
    return min(jobs or len(os.sched_getaffinity(0)), hand_ins, 64)


def machine(place: Workplace, settings: Settings) -> Machine:
    """What there is to lease here and now."""
    cores = tuple(sorted(os.sched_getaffinity(0)))
    return Machine(cores, psutil.virtual_memory().available, choose_devices(settings.device, place.gpus))


def found(paths: Sequence[Path], out: Path) -> list[HandIn]:
    """The hand-ins under some paths. Results of an earlier run may lie among them: they are none."""
    own = out.resolve()
    return [hand_in for hand_in in find(paths) if not hand_in.path.resolve().is_relative_to(own)]
