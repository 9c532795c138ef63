"""Scores stored traces again, on all cores, and says who moved. Runs no student code.

All or nothing: every trace is scored and every page written aside; then the grades go into the gradebook in one
transaction; then the pages take their places.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import secrets
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from grader.batch import not_graded
from grader.errors import OperatorError
from grader.gradebook import NOTHING, Decisions, Entry, Gradebook, difference, effective, entry, open_gradebook
from grader.pipeline import AnswerKey, answer_key, judge
from grader.records import Difference, Grade, Profile, Trace
from grader.report import PAGES, difference_csv, write_class, write_submission, write_text
from grader.rubric import LatePolicy, Rubric, plan_hash
from grader.runfolder import held, in_turn
from grader.storage import load_problem, load_trace, trace_hash, trace_head

PER_PROCESS = 20  # traces: fewer are scored sooner than a process starts
DIFFERENCES = "differences.csv"
NO_BLOBS: Mapping[str, bytes] = {}
Told = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Rescored:
    """What a new scoring gave.

    Attributes:
        grades: Those that count, in the order of the submissions' names.
        difference: To what counted before; every line of it is in `differences.csv`.
    """

    grades: tuple[Grade, ...]
    difference: Difference


@dataclass(frozen=True, slots=True)
class Scorer:
    """All that it takes to score one stored trace and write its page.

    Attributes:
        rubric: The rubric.
        keys: What is not in the traces, by profile.
        before: Grades of the last run by submission: a trace that cannot be read any more still has a student's name.
        decisions: What people decided, by submission.
        policy: What being late costs.
        pages: Where new pages go.
    """

    rubric: Rubric
    keys: Mapping[Profile, AnswerKey]
    before: Mapping[str, Grade]
    decisions: Mapping[str, Decisions]
    policy: LatePolicy | None
    pages: Path

    def score(self, folder: Path) -> tuple[Grade, Entry]:
        """The grade of a trace that counts, and the entry of what the checks gave.

        What cannot be read keeps no other from its grade.

        Raises:
            OperatorError: The page cannot be written.
        """
        stored = self._stored(folder)
        if isinstance(stored, Grade):
            grade, trace, blobs = stored, None, NO_BLOBS
        else:
            trace, blobs = stored
            grade = judge(trace, blobs, self.rubric, self.keys[trace.profile])
        counts = effective(grade, self.decisions.get(grade.submission, NOTHING), self.policy)
        pictures = self.keys[trace.profile].pictures if trace else NO_BLOBS
        write_submission(counts, trace, {**blobs, **pictures}, self.pages)
        return counts, entry(grade, trace_hash(folder))

    def _stored(self, folder: Path) -> Grade | tuple[Trace, Mapping[str, bytes]]:
        """The trace, or the grade that says why there is none."""
        try:
            return load_problem(folder) or load_trace(folder)
        except OperatorError as error:
            return self._unreadable(folder.name, str(error))

    def _unreadable(self, name: str, problem: str) -> Grade:
        old = self.before.get(name)
        grade = not_graded(name, old.student if old else name, old.file if old else "", self.rubric, "quick")
        return replace(grade, problem=problem, student_id=old.student_id if old else "")


def rescore(
    run_folder: Path, rubric: Rubric, db: str | None = None, jobs: int | None = None, told: Told = lambda *_: None
) -> Rescored:
    """Score stored traces again; pages, class page, tables and gradebook follow.

    Args:
        run_folder: The `--out` folder of an earlier `grade`.
        rubric: The rubric, changed or not.
        db: URL of the gradebook; None for SQLite in the folder.
        jobs: Processes at once; by default one per core.
        told: Is told how many of how many are scored.

    Raises:
        OperatorError: There are no traces, or they do not hold what the rubric asks for; or the gradebook or the folder
            cannot be written. Then everything is as it was before.
    """
    folders = trace_folders(run_folder)
    keys = answer_keys(run_folder, folders, rubric)
    book = open_gradebook(run_folder, db)
    before = book.grades()
    with held(run_folder), _aside(run_folder) as pages:
        old = {grade.submission: grade for grade in before}
        scorer = Scorer(rubric, keys, old, book.decisions(), book.policy_of(rubric), pages)
        scored = list(_all_scored(scorer, folders, jobs or os.cpu_count() or 1, told))
        run = book.begin("rescore", rubric)
        book.add(run.id, [entered for _, entered in scored])
        _into_place(pages, run_folder / PAGES)
    counts = tuple(grade for grade, _ in scored)
    moved = difference(before, counts)
    write_class(counts, run_folder)
    write_text(run_folder / DIFFERENCES, difference_csv(moved))
    return Rescored(counts, moved)


def refresh(run_folder: Path, book: Gradebook, submission: str) -> Grade:
    """Write the page of one hand-in, the class page and the tables anew after a person decided something.

    Raises:
        OperatorError: They cannot be written.
    """
    with in_turn(run_folder):
        grades = book.grades()
        grade = next(grade for grade in grades if grade.submission == submission)
        trace, blobs = _seen(run_folder / "traces" / submission)
        _, pictures = _seen(run_folder / "reference")
        write_submission(grade, trace, {**blobs, **pictures}, run_folder / PAGES)
        write_class(grades, run_folder)
    return grade


def _seen(folder: Path) -> tuple[Trace | None, Mapping[str, bytes]]:
    """The trace, if there is one that can be read."""
    try:
        return (None, NO_BLOBS) if load_problem(folder) else load_trace(folder)
    except OperatorError:
        return None, NO_BLOBS


def trace_folders(run_folder: Path) -> tuple[Path, ...]:
    """The folders of the stored traces, in the order of their names.

    Raises:
        OperatorError: There is none.
    """
    folders = sorted(path for path in (run_folder / "traces").glob("[!.]*") if path.is_dir())
    if not folders:
        raise OperatorError(f"{run_folder} holds no traces", "Give the --out folder of an earlier 'grader grade'")
    return tuple(folders)


def answer_keys(run_folder: Path, folders: Sequence[Path], rubric: Rubric) -> Mapping[Profile, AnswerKey]:
    """What scoring needs besides the traces, for each profile that they were run with.

    Raises:
        OperatorError: A trace was run for another rubric. Nothing has been written then.
    """
    heads = {folder: head for folder in folders if (head := trace_head(folder))}
    plan = plan_hash(rubric)
    other = next((folder for folder, head in heads.items() if head.plan_hash != plan), None)
    if other:
        raise OperatorError(
            f"{other} was run for another rubric: questions, data or requests differ from {rubric.path.name}",
            "Thresholds, points and texts can be changed for a rescore; for more, run 'grader grade' again",
        )
    reference = load_trace(run_folder / "reference") if (run_folder / "reference").is_dir() else None
    return {profile: answer_key(rubric, reference, profile) for profile in {head.profile for head in heads.values()}}


# --- several processes ------------------------------------------------------------------------------------------------

_of_this_process: list[Scorer] = []  # one, in a process of the pool: what all its tasks share


def _all_scored(scorer: Scorer, folders: Sequence[Path], cores: int, told: Told) -> Iterator[tuple[Grade, Entry]]:
    # Checks that lie beside a rubric are only known to processes that are forked from this one.
    processes = min(cores, len(folders) // PER_PROCESS) if sys.platform == "linux" else 1
    if processes < 2:
        for number, folder in enumerate(folders, 1):
            yield scorer.score(folder)
            told(number, len(folders))
        return
    context = multiprocessing.get_context("fork")
    pool = ProcessPoolExecutor(processes, context, initializer=_start, initargs=(scorer,))
    try:
        for number, scored in enumerate(pool.map(_score, folders, chunksize=8), 1):
            yield scored
            told(number, len(folders))
    except BrokenProcessPool as error:
        raise OperatorError(
            "a process that scores was killed", "There may be too little memory: try --jobs 1"
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _start(scorer: Scorer) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to hear
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # What the parent made stays, and scoring makes hardly a cycle: looking for those took a seventh of the time.
    gc.freeze()
    gc.set_threshold(50_000)
    _of_this_process.append(scorer)


def _score(folder: Path) -> tuple[Grade, Entry]:
    return _of_this_process[0].score(folder)


# --- pages ------------------------------------------------------------------------------------------------------------


@contextmanager
def _aside(run_folder: Path) -> Iterator[Path]:
    """A folder beside the pages for those that are not valid yet."""
    folder = run_folder / f".{PAGES}-{secrets.token_hex(4)}"
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _into_place(pages: Path, folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
        for page in pages.iterdir():
            page.replace(folder / page.name)
    except OSError as error:
        raise OperatorError(
            f"pages cannot be put into {folder}: {error.strerror}", "Run the same command again"
        ) from error
