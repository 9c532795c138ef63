"""Runs the cases of a rubric, several at once in warm kernels, and says of each what came of it."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from grader.batch import machine, most_at_once
from grader.errors import GraderError
from grader.execute import Leases, Workplace, shared_out, sweep, warmed
from grader.ingest import HandIn
from grader.pipeline import SEED, AnswerKey, Settings, answer_key, judge, prepare_workplace, run
from grader.records import Evidence, Grade, Trace
from grader.rubric import Rubric
from grader.score import reference_evidence
from grader.verify.cases import Case, Cases, judged_by_machine
from grader.verify.kept import KeptTraces
from grader.verify.outcome import Outcome, Verified, outcome_of
from grader.verify.seeds import Spread, needs_seeds, spreads
from grader.verify.trivial import Known, trivial_cases

INPUT_SEED = 20_261_125  # the same inputs of function calls each time, so that a trace can be kept


class View(Protocol):
    """Shows how it goes."""

    def began(self, rubric: str, total: int, at_once: int) -> None:
        """So many cases are to be run, and so many of them at once."""

    def more(self, count: int) -> None:
        """So many more cases came about."""

    def step(self, name: str, what: str) -> None:
        """A case is at some step."""

    def done(self, case: Case, outcomes: Sequence[Outcome], *, kept: bool) -> None:
        """A case is done; `kept`: it was run at an earlier time."""


@dataclass
class Verification:
    """One call of `verify`: what its cases share."""

    rubric: Rubric
    place: Workplace
    leases: Leases
    traces: KeptTraces
    view: View
    key: AnswerKey
    seen: dict[str, Evidence] = field(default_factory=dict)
    kept: int = 0

    async def all(self, cases: Sequence[Case]) -> list[Outcome]:
        """The outcomes of cases, in their order."""
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self.outcomes(case)) for case in cases]
        return [outcome for task in tasks for outcome in task.result()]

    async def outcomes(self, case: Case) -> tuple[Outcome, ...]:
        """What came of a case, question by question."""
        try:
            trace, blobs, kept = await self.run(case)
        except Exception as error:  # noqa: BLE001  one case's trouble must not end the others
            why = str(error) if isinstance(error, GraderError) else f"{type(error).__name__}: {error}"
            found = tuple(Outcome(case, question, "not graded", reasons=(why,)) for question in case.questions)
            self.view.done(case, found, kept=False)
            return found
        if case.kind == "reference":
            self.shown(case, trace, blobs)
        found = self.judged(case, trace, blobs)
        self.kept += kept
        self.view.done(case, found, kept=kept)
        return found

    async def run(self, case: Case) -> tuple[Trace, Mapping[str, bytes], bool]:
        """The trace of a case, and whether it was run at an earlier time."""
        async with self.leases.lease() as lease:
            with tempfile.TemporaryDirectory(prefix="grader-verify-") as folder:
                file = Path(folder) / case.file
                file.write_bytes(case.content)
                earlier = _Remembering(self.traces)
                hand_in = HandIn("case", case.title, file, (file,))
                told = partial(self.view.step, case.title)
                trace, blobs = await run(hand_in, self.rubric, lease.of(self.place), told, earlier=earlier)
        if not earlier.found and not _cut_by_a_clock(trace):
            self.traces.keep(trace, blobs)
        return trace, blobs, earlier.found

    def judged(self, case: Case, trace: Trace, blobs: Mapping[str, bytes]) -> tuple[Outcome, ...]:
        """Its grade, and what that says of the case."""
        found = {question.id: question for question in self.graded(trace, blobs).questions}
        return tuple(
            outcome_of(case, found[question], _judged_in(self.rubric, question)) for question in case.questions
        )

    def graded(self, trace: Trace, blobs: Mapping[str, bytes]) -> Grade:
        """Compared with the reference, as every hand-in is."""
        return judge(trace, blobs, self.rubric, replace(self.key, reference=self.seen))

    def shown(self, case: Case, trace: Trace, blobs: Mapping[str, bytes]) -> None:
        """Keep what a part of the reference shows."""
        evidence = reference_evidence(trace, blobs, self.rubric)
        self.seen |= {question: evidence[question] for question in case.questions}


@dataclass
class _Remembering:
    """Finds earlier traces, and remembers whether it did."""

    traces: KeptTraces
    found: bool = False

    def __call__(self, key: str) -> tuple[Trace, Mapping[str, bytes]] | None:
        known = self.traces.earlier(key)
        self.found = known is not None
        return known


def _judged_in(rubric: Rubric, question: str) -> tuple[str, ...]:
    return tuple(criterion.id for criterion in rubric.question(question).criteria if judged_by_machine(criterion))


def _cut_by_a_clock(trace: Trace) -> bool:
    """Whether a busy machine may be the reason for what it shows: that is no trace to keep."""
    runs = (*trace.shared, *(run for question in trace.questions for run in question.runs))
    return any(run.status == "stopped" for run in runs)


async def verify(
    rubric: Rubric,
    cases: Cases,
    settings: Settings,
    traces: KeptTraces,
    view: View,
    jobs: int | None = None,
) -> Verified:
    """Run all cases and judge them.

    Args:
        rubric: The rubric.
        cases: Its cases, all or some.
        settings: How to run.
        traces: Of earlier times.
        view: Shows how it goes.
        jobs: Cases at once; by default one per core.

    Raises:
        OperatorError: The machine cannot run them.
        RubricError: The rubric is wrong.
    """
    start = time.monotonic()
    total = len(cases.references) + len(cases.others)
    async with _begun(rubric, settings, traces, view, most_at_once(jobs, max(total, 2))) as one:
        view.began(rubric.title, total, len(one.leases.all))
        outcomes = await one.all(cases.references)
        known = Known(rubric, one.seen, one.key.labels)
        trivial = await asyncio.to_thread(trivial_cases, known, cases.names)
        view.more(len(trivial))
        outcomes += await one.all([*cases.others, *trivial])
    traces.clear_old()
    seconds = time.monotonic() - start
    return Verified(rubric, settings.profile, tuple(outcomes), cases.left_out, one.kept, seconds)


async def with_seeds(
    rubric: Rubric, cases: Cases, settings: Settings, traces: KeptTraces, view: View, seeds: int
) -> tuple[Spread, ...]:
    """Train the reference with several seeds, one run at a time so that times can be compared.

    Args:
        rubric: The rubric.
        cases: Its cases; of them the references whose questions have thresholds are run.
        settings: How to run.
        traces: Of earlier times.
        view: Shows how it goes.
        seeds: How many; the first is the one that everything else is run with.

    Raises:
        GraderError: A run failed.
    """
    measured = [case for case in cases.references if needs_seeds(rubric, case.questions)]
    grades: dict[str, list[Grade]] = {question: [] for case in measured for question in case.questions}
    async with _begun(rubric, settings, traces, view, 1) as one:
        view.began(rubric.title, seeds * len(measured), 1)
        place = one.place
        for number in range(seeds):
            one.place = replace(place, seed=SEED + number)
            for case in measured:
                trace, blobs, kept = await one.run(case)
                if not number:
                    one.shown(case, trace, blobs)
                grade = one.graded(trace, blobs)
                for question in case.questions:
                    grades[question].append(grade)
                view.done(case, one.judged(case, trace, blobs), kept=kept)
    return tuple(spreads(rubric, grades, one.key.labels))


@asynccontextmanager
async def _begun(
    rubric: Rubric, settings: Settings, traces: KeptTraces, view: View, at_once: int
) -> AsyncIterator[Verification]:
    sweep()
    place = replace(prepare_workplace(rubric, settings), input_seed=INPUT_SEED)
    leases = Leases(shared_out(machine(place, settings), place.limits, at_once))
    async with warmed(place) as warm:
        yield Verification(rubric, warm, leases, traces, view, answer_key(rubric, None, settings.profile))
