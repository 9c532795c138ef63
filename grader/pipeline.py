"""The whole way of one hand-in, as a list of steps. Read this first.

    file ─ ingest ─> Submission ─ segment ─> Segmentation ─ execute ─> Execution ─ observe ─> Trace ─ score ─> Grade

The stages never import each other: they share `grader.records` and nothing else.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.data import prepare, prepare_files, private_files
from grader.errors import OperatorError, RubricError
from grader.execute import Workplace, choose_device, execute, find_bwrap
from grader.execute.run import Progress
from grader.execute.sandbox import Isolation
from grader.ingest import HandIn, find, ingest
from grader.observe import observe
from grader.records import Grade, Profile, Trace
from grader.rubric import Rubric, load_rubric, plan, plan_hash
from grader.score import score
from grader.segment import segment

SEED = 20_261_122


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run: what the command line's options say.

    Attributes:
        profile: `quick` bounds training; `full` runs to the end.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        isolation: `bwrap`, or `none` on one's own machine with hand-ins that one trusts.
        threads: CPU threads per run.
    """

    profile: Profile = "quick"
    device: str = "auto"
    isolation: Isolation = "bwrap"
    threads: int = 1


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """What scoring needs and no sandbox ever sees.

    Attributes:
        labels: Held-out labels by data set.
        stand_ins: What stands in for what, by name of data set or file.
        reference: The reference's own trace and blobs.
    """

    labels: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    reference: tuple[Trace, Mapping[str, bytes]] | None = None


def prepare_workplace(rubric: Rubric, settings: Settings) -> Workplace:
    """Check the machine and lay out the data. Whatever is missing is said before anything runs.

    Raises:
        OperatorError: No sandbox, no such device, no data.
    """
    if settings.isolation == "bwrap":
        find_bwrap()
    return Workplace(
        limits=rubric.profiles[settings.profile],
        profile=settings.profile,
        isolation=settings.isolation,
        device=choose_device(settings.device),
        data=prepare(rubric.data),
        files=prepare_files(rubric.files),
        private=private_files(),
        threads=settings.threads,
        seed=SEED,
    )


def answer_key(rubric: Rubric, reference: tuple[Trace, Mapping[str, bytes]] | None) -> AnswerKey:
    """The answers to a rubric's questions."""
    data = prepare(rubric.data)
    stand_ins = {served.name: served.stand_in for served in data}
    stand_ins |= {served.target: served.stand_in for served in prepare_files(rubric.files)}
    labels = {served.name: served.labels for served in data}
    return AnswerKey(labels, {name: words for name, words in stand_ins.items() if words}, reference)


async def run(
    hand_in: HandIn, rubric: Rubric, place: Workplace, progress: Progress = lambda _: None
) -> tuple[Trace, Mapping[str, bytes]]:
    """Read a hand-in, find the answers, run them and look at what they built.

    Raises:
        SubmissionError: The file cannot be read.
        OperatorError: The machine cannot run it.
    """
    submission = ingest(hand_in)
    segmentation = segment(submission, rubric)
    plans = {question.question: question for question in plan(rubric, SEED)}
    execution = await execute(submission, segmentation, plans, place, progress)
    return observe(
        execution,
        submission,
        segmentation,
        assignment=rubric.assignment,
        plan_hash=plan_hash(rubric),
        profile=place.profile,
    )


def judge(trace: Trace, blobs: Mapping[str, bytes], rubric: Rubric, key: AnswerKey) -> Grade:
    """Score a trace. Runs nothing: the same trace, rubric and key always give the same grade."""
    return score(trace, blobs, rubric, key.reference, key.labels, key.stand_ins)


async def run_reference(
    rubric: Rubric, place: Workplace, progress: Progress = lambda _: None
) -> tuple[Trace, Mapping[str, bytes]] | None:
    """Run the reference as what it is: a hand-in. It is the measure for layers, functions and times.

    Raises:
        RubricError: There is no such folder, or it cannot be read.
    """
    folder = rubric.reference_folder
    if folder is None:
        return None
    if not folder.is_dir():
        raise RubricError(f"the reference folder {folder} is not there", "Correct 'reference:' in the rubric")
    files = tuple(sorted(path for path in folder.iterdir() if path.suffix in {".py", ".ipynb"}))
    if not files:
        raise RubricError(f"the reference folder {folder} holds no solution", "Put one file per question into it")
    return await run(HandIn("reference", "reference", folder, files), rubric, place, progress)


def grade(
    path: str | Path,
    rubric: str | Path,
    *,
    profile: Profile = "quick",
    device: str = "auto",
    isolation: Isolation = "bwrap",
) -> Grade:
    """Grade one hand-in.

    Args:
        path: A notebook, a script, or a student's folder.
        rubric: The rubric's YAML file.
        profile: `quick` bounds training; `full` runs to the end.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        isolation: `bwrap`, or `none` on one's own machine with a hand-in that one trusts.

    Raises:
        SubmissionError: The hand-in cannot be read.
        RubricError: The rubric or its reference is wrong.
        OperatorError: The machine cannot run it, or `path` holds several hand-ins.
    """
    hand_ins = find([Path(path)])
    if len(hand_ins) != 1:
        raise OperatorError(f"{path} holds {len(hand_ins)} hand-ins", "Give one file, or use grader.batch.grade_all")
    return asyncio.run(
        grade_one(hand_ins[0], load_rubric(Path(rubric)), Settings(profile, device, isolation, os.cpu_count() or 1))
    )


async def grade_one(hand_in: HandIn, rubric: Rubric, settings: Settings) -> Grade:
    """The reference first, then one hand-in, on the same machine."""
    place = prepare_workplace(rubric, settings)
    key = answer_key(rubric, await run_reference(rubric, place))
    trace, blobs = await run(hand_in, rubric, place)
    return judge(trace, blobs, rubric, key)
