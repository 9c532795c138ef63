"""The whole way of one hand-in, as a list of steps. Read this first.

    file ─ ingest ─> Submission ─ segment ─> Segmentation ─ execute ─> Execution ─ observe ─> Trace ─ score ─> Grade

The stages never import each other: they share `grader.records` and nothing else.
"""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.data import (
    Kind,
    Substitute,
    default_entry,
    prepare,
    prepare_files,
    prepare_paths,
    prepare_urls,
    prepare_weights,
    private_files,
)
from grader.errors import OperatorError, RubricError
from grader.execute import Nvml, Workplace, choose_devices, execute, find_bwrap, run_key, warmed
from grader.execute.layout import Stock
from grader.execute.run import Progress
from grader.execute.sandbox import Isolation
from grader.ingest import HandIn, find, ingest
from grader.observe import observe, renewed
from grader.records import Evidence, Grade, Note, Profile, Segmentation, Submission, Trace
from grader.report import QuestionMap, question_map
from grader.rubric import Rubric, beside, load_rubric, plan, plan_hash
from grader.score import reference_evidence, score
from grader.segment import Overrides, overrides_beside, remarks, segment

SEED = 20_261_122
# Beside a reference, for `grader verify`: no part of the reference itself.
ALTERNATIVES = "alternatives"
MUTANTS = "mutants.yaml"
FOR_VERIFY = (ALTERNATIVES, MUTANTS)

# Finds the trace of an earlier run by its key.
Earlier = Callable[[str], tuple[Trace, Mapping[str, bytes]] | None]


def none_earlier(_key: str) -> None:
    """There was no earlier run."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How to run: what the command line's options say.

    Attributes:
        profile: `quick` bounds training; `full` runs to the end.
        device: `auto`, `cpu`, `cuda` or `cuda:N`.
        isolation: `bwrap`, or `none` on one's own machine with hand-ins that one trusts.
        threads: CPU threads per run.
        overrides: Cells of questions as a person gave them; None reads the `segments.yaml` beside each hand-in.
        limits: Bounds in place of the rubric's, by name.
        fresh: Run again what an earlier batch has run already.
    """

    profile: Profile = "quick"
    device: str = "auto"
    isolation: Isolation = "bwrap"
    threads: int = 1
    overrides: Overrides | None = None
    limits: Mapping[str, float | None] = field(default_factory=dict)
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """What scoring needs and no sandbox ever sees.

    Attributes:
        labels: Held-out labels by data set.
        stand_ins: What stands in for what, by name of data set or file.
        digests: SHA-256 of each data set with its labels.
        reference: What the reference shows of each question.
    """

    labels: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    stand_ins: Mapping[str, str] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    reference: Mapping[str, Evidence] = field(default_factory=dict)

    @property
    def pictures(self) -> Mapping[str, bytes]:
        """Pictures of the reference by name, for criteria that show them."""
        return next((evidence.blobs for evidence in self.reference.values()), {})


def prepare_workplace(rubric: Rubric, settings: Settings) -> Workplace:
    """Check the machine and lay out the data. Whatever is missing is said before anything runs.

    Raises:
        OperatorError: No sandbox, no such device, no data.
    """
    if settings.isolation == "bwrap":
        find_bwrap()
    gpus = Nvml()
    return Workplace(
        limits=rubric.profiles[settings.profile].model_copy(update=dict(settings.limits)),
        profile=settings.profile,
        isolation=settings.isolation,
        device=choose_devices(settings.device, gpus)[0],
        gpus=gpus,
        data=prepare(rubric.data, profile=settings.profile),
        files=prepare_files(rubric.files),
        private=private_files(),
        stock=stock_of(rubric),
        weights=prepare_weights(rubric.weights),
        bridges_off=tuple(name for name, on in rubric.bridges.items() if not on),
        threads=settings.threads,
        seed=SEED,
        input_seed=secrets.randbelow(2**31),
    )


def stock_of(rubric: Rubric) -> Stock:
    """What answers for the paths and addresses in student code.

    Paths of which the rubric says nothing are answered by kind, where the assignment is about data at all.
    """
    kinds: tuple[Kind, ...] = ("picture", "folder", "table") if rubric.data or rubric.files else ()
    by_kind: dict[str, Substitute] = {kind: prepare_paths({kind: default_entry(kind)})[0] for kind in kinds}
    return Stock(prepare_paths(rubric.paths), prepare_urls(rubric.urls), by_kind, tuple(rubric.data))


def answer_key(
    rubric: Rubric, reference: tuple[Trace, Mapping[str, bytes]] | None, profile: Profile = "quick"
) -> AnswerKey:
    """The answers to a rubric's questions. `quick` asks for fewer held-out pictures of a large data set than `full`."""
    data = prepare(rubric.data, profile=profile)
    stand_ins = {served.name: served.stand_in for served in data}
    stand_ins |= {served.target: served.stand_in for served in prepare_files(rubric.files)}
    labels = {served.name: served.labels for served in data}
    measure = reference_evidence(*reference, rubric) if reference else {}
    digests = {served.name: served.digest for served in data}
    return AnswerKey(labels, {name: words for name, words in stand_ins.items() if words}, digests, measure)


def read(hand_in: HandIn, rubric: Rubric, overrides: Overrides | None = None) -> tuple[Submission, Segmentation]:
    """Read a hand-in and find the answers. Its notes say what there is to say about it as a whole.

    Raises:
        SubmissionError: The file cannot be read, or the student's `segments.yaml` is wrong.
        RubricError: `overrides` is wrong.
    """
    submission = ingest(hand_in)
    segmentation = segment(submission, rubric, overrides or overrides_beside(hand_in.path))
    said = tuple(Note("remark", remark) for remark in remarks(submission, segmentation, rubric, beside(rubric)))
    return replace(submission, notes=(*submission.notes, *said)), segmentation


async def run(
    hand_in: HandIn,
    rubric: Rubric,
    place: Workplace,
    progress: Progress = lambda _: None,
    overrides: Overrides | None = None,
    earlier: Earlier = none_earlier,
) -> tuple[Trace, Mapping[str, bytes]]:
    """Read a hand-in, find the answers, run them and look at what they built; what was run before is not run again.

    Raises:
        SubmissionError: The file cannot be read.
        OperatorError: The machine cannot run it.
    """
    with closing(hand_in):
        # In a thread: while a long PDF is read, the other hand-ins of a batch go on.
        submission, segmentation = await asyncio.to_thread(read, hand_in, rubric, overrides)
        key = run_key(submission, segmentation, plan_hash(rubric), place)
        if known := earlier(key):
            return renewed(known[0], submission, segmentation), known[1]
        plans = {question.question: question for question in plan(rubric, place.input_seed)}
        execution = await execute(submission, segmentation, plans, place, progress)
    return observe(
        execution,
        submission,
        segmentation,
        assignment=rubric.assignment,
        plan_hash=plan_hash(rubric),
        profile=place.profile,
        key=key,
    )


def judge(trace: Trace, blobs: Mapping[str, bytes], rubric: Rubric, key: AnswerKey) -> Grade:
    """Score a trace. Runs nothing: the same trace, rubric and key always give the same grade."""
    return score(trace, blobs, rubric, key.reference, labels_for(trace, key), key.stand_ins)


def labels_for(trace: Trace, key: AnswerKey) -> Mapping[str, tuple[int, ...]]:
    """The held-out labels of the data sets that the run was asked about: none of one that was replaced since."""
    seen = trace.environment.data
    known = key.digests
    return {name: labels for name, labels in key.labels.items() if seen.get(name, known.get(name)) == known.get(name)}


async def run_reference(
    rubric: Rubric, place: Workplace, progress: Progress = lambda _: None, earlier: Earlier = none_earlier
) -> tuple[Trace, Mapping[str, bytes]] | None:
    """Run the reference as what it is: a hand-in. It is the measure for layers, functions and times.

    Raises:
        RubricError: There is no such folder, or it cannot be read.
    """
    files = solutions(rubric)
    if not files:
        return None
    hand_in = HandIn("reference", "reference", files[0].parent, files, left_out=FOR_VERIFY)
    return await run(hand_in, rubric, place, progress, None, earlier)


def solutions(rubric: Rubric) -> tuple[Path, ...]:
    """The files of the reference; none if the rubric names no reference.

    Raises:
        RubricError: There is no such folder, or no file in it.
    """
    folder = rubric.reference_folder
    if folder is None:
        return ()
    if not folder.is_dir():
        raise RubricError(f"the reference folder {folder} is not there", "Correct 'reference:' in the rubric")
    files = tuple(sorted(path for path in folder.iterdir() if path.suffix in {".py", ".ipynb"}))
    if not files:
        raise RubricError(f"the reference folder {folder} holds no solution", "Put one file per question into it")
    return files


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
    return asyncio.run(
        grade_one(
            _only(Path(path)), load_rubric(Path(rubric)), Settings(profile, device, isolation, os.cpu_count() or 1)
        )
    )


def question_map_of(path: Path, rubric: Rubric, overrides: Overrides | None = None) -> QuestionMap:
    """Which cells of one hand-in are taken as the answer to which question. Runs nothing.

    Raises:
        SubmissionError: The hand-in cannot be read.
        RubricError: `overrides` is wrong.
        OperatorError: `path` holds several hand-ins.
    """
    with closing(_only(path)) as hand_in:
        submission, segmentation = read(hand_in, rubric, overrides)
    titles = [question.title for question in rubric.questions]
    return question_map(submission, segmentation, rubric.title, titles)


def _only(path: Path) -> HandIn:
    hand_ins = find([path])
    if len(hand_ins) != 1:
        raise OperatorError(f"{path} holds {len(hand_ins)} hand-ins", "Give one file or the folder of one student")
    return hand_ins[0]


async def grade_one(hand_in: HandIn, rubric: Rubric, settings: Settings) -> Grade:
    """The reference first, then one hand-in, on the same machine."""
    async with warmed(prepare_workplace(rubric, settings)) as place:
        key = answer_key(rubric, await run_reference(rubric, place), settings.profile)
        trace, blobs = await run(hand_in, rubric, place, overrides=settings.overrides)
    return judge(trace, blobs, rubric, key)
