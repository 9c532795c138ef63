"""Runs a hand-in: the cells of one question, then the probe's report on it, then the next question."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from grader.errors import OperatorError
from grader.execute.clock import Clocks
from grader.execute.failures import error_trace, mark_echoes, missing_files
from grader.execute.gpus import Meter, metered
from grader.execute.kernel import Kernel
from grader.execute.key import environment_of
from grader.execute.layout import Layout, lay_out
from grader.execute.messages import Outcome
from grader.execute.quiet import until_quiet
from grader.execute.sandbox import Workplace
from grader.execute.warm import TemplateDiedError
from grader.records import (
    Cell,
    CellRun,
    Environment,
    Execution,
    LimitHit,
    Note,
    QuestionPlan,
    Segmentation,
    Submission,
)

# torch and torchvision first: TensorFlow before torchvision crashes the process.
FRAMEWORKS = ("torch", "torchvision", "tensorflow", "keras", "matplotlib.pyplot")
IMPORT = re.compile(r"^\s*(?:from[ \t]+(\w+)|import[ \t]+([^#;\n]+))", re.MULTILINE)
STREAMLIT = re.compile(r"^[ \t]*(?:from|import)[ \t]+streamlit\b", re.MULTILINE)
REPORT_SECONDS = 400.0  # longer than all that the probe may take for its parts
APP_STOPS = 5.0  # in which an app that was told to stop must do so
ATTEMPTS = 3
SHARED = ""  # the "question" of the cells that belong to none
PROBE = "__import__('grader.probe.report', fromlist=['report'])"

Progress = Callable[[str], None]


async def execute(
    submission: Submission,
    segmentation: Segmentation,
    plans: Mapping[str, QuestionPlan],
    place: Workplace,
    progress: Progress = lambda _: None,
) -> Execution:
    """Run a hand-in's code. If the template of its kernel dies, that is no fault of its: it is run again.

    Args:
        submission: The hand-in.
        segmentation: Which cells answer which question.
        plans: What to observe of each question.
        place: Where and within which bounds.
        progress: Is told what runs.

    Raises:
        OperatorError: No kernel comes up on this machine, or none stays up.
    """
    for _ in range(ATTEMPTS):
        with suppress(TemplateDiedError):
            return await attempt(submission, segmentation, plans, place, progress)
        progress("starting again: the warm process that its kernel came from is gone")
    raise OperatorError(
        "the warm process behind the kernels died again and again", "Look for a lack of memory, then grade it again"
    )


async def attempt(
    submission: Submission,
    segmentation: Segmentation,
    plans: Mapping[str, QuestionPlan],
    place: Workplace,
    progress: Progress,
) -> Execution:
    """Run a hand-in's code once.

    Raises:
        OperatorError: No kernel comes up on this machine.
        TemplateDiedError: The kernel went down with its template.
    """
    started = time.monotonic()
    answers = in_document_order(segmentation, submission)
    layout = lay_out(in_order(submission, segmentation, answers), submission, place.stock, place.files)
    runner = Runner(submission, place, progress, Clocks(place.limits, started), layout)
    runner.notes += layout.notes(
        {cell: question for question, cells in answers for cell in cells}, sandboxed=place.isolation == "bwrap"
    )
    gpu = place.device.gpu
    async with metered(place.gpus, gpu.index if gpu else None) as meter, runner.kernels:
        await runner.shared(segmentation.shared)
        for question, cells in answers:
            await runner.question(with_apps(plans[question], submission, segmentation), cells)
    runs = mark_echoes(runner.runs, runner.cells)
    by_cell = {run.cell: run for run in runs}
    by_question = {question: tuple(by_cell[cell] for cell in cells) for question, cells in runner.questions.items()}
    shared = tuple(by_cell[cell] for cell in segmentation.shared if cell in by_cell)
    missing = [
        note
        for question, own in by_question.items()
        for note in missing_files(question, own, runner.reports.get(question))
    ]
    missing += missing_files(None, shared, runner.reports.get(SHARED))
    return Execution(
        runs=by_question,
        shared=shared,
        reports=runner.reports,
        environment=measured(environment_of(place), meter),
        notes=(*runner.notes, *missing),
        seconds=time.monotonic() - started,
    )


def measured(environment: Environment, meter: Meter) -> Environment:
    """The environment with what the GPU did, if anybody could look."""
    if not meter.looks:
        return environment
    peak = round(meter.peak / 2**30, 2)
    return replace(environment, gpu_memory_gb=peak, gpu_utilisation=round(meter.utilisation, 1))


def in_document_order(segmentation: Segmentation, submission: Submission) -> list[tuple[str, list[int]]]:
    """Questions with their code cells, in the order in which the student wrote them; each cell belongs to one."""
    code = {cell.index: cell for cell in submission.cells if does_something(cell)}
    taken = set(segmentation.shared)
    ordered = []
    for answer in sorted(segmentation.answers, key=lambda answer: answer.cells[:1] or (10**9,)):
        cells = [index for index in answer.cells if index in code and index not in taken]
        own = [index for index in cells if code[index].parent is None]
        cells = own or cells  # code in the text of an answer is an illustration where there is other code
        taken.update(cells)
        if cells:
            ordered.append((answer.question, cells))
    return ordered


def with_apps(plan: QuestionPlan, submission: Submission, segmentation: Segmentation) -> QuestionPlan:
    """The plan with the apps that stand in the answer itself: in a cell, or in a fence of its text."""
    if plan.app is None:
        return plan
    own = segmentation.answer(plan.question).cells
    cells = (cell for cell in submission.cells if cell.index in own or cell.parent in own)
    sources = tuple((f"cell-{cell.index}.py", app) for cell in cells if (app := app_of(cell)))
    return replace(plan, app=replace(plan.app, sources=sources))


def app_of(cell: Cell) -> str:
    """The code of a Streamlit app in a cell; empty if it is none, or is written to a file, where the probe finds it."""
    app = cell.kind == "code" and not cell.writes and STREAMLIT.search(cell.source)
    return cell.source if app else ""


def in_order(
    submission: Submission, segmentation: Segmentation, answers: Iterable[tuple[str, list[int]]]
) -> list[Cell]:
    """All cells that run, in the order in which they do."""
    cells = {cell.index: cell for cell in submission.cells}
    shared = [cells[index] for index in segmentation.shared if does_something(cells[index])]
    return shared + [cells[index] for _, indices in answers for index in indices]


def does_something(cell: Cell) -> bool:
    """Whether a cell holds code, and not only blank lines and comments."""
    lines = (line.strip() for line in cell.source.split("\n"))
    return cell.kind == "code" and any(line and not line.startswith("#") for line in lines)


def frameworks_of(cells: Iterable[Cell]) -> tuple[str, ...]:
    """Frameworks that the code imports, in a safe order of import."""
    statements = [match for cell in cells if cell.kind == "code" for match in IMPORT.findall(cell.source)]
    modules = [module for package, several in statements for module in (package or several).split(",")]
    imported = {re.split(r"[.\s]", module.strip(), maxsplit=1)[0] for module in modules}
    return tuple(module for module in FRAMEWORKS if module.split(".")[0] in imported)


@dataclass
class Runner:
    """The state of one run: the kernel that is alive, and what came of the cells so far."""

    submission: Submission
    place: Workplace
    progress: Progress
    clocks: Clocks
    layout: Layout = field(default_factory=Layout)
    kernels: AsyncExitStack = field(default_factory=AsyncExitStack)
    kernel: Kernel | None = None
    executed: int = 0
    runs: list[CellRun] = field(default_factory=list)
    questions: dict[str, list[int]] = field(default_factory=dict)
    reports: dict[str, object] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)
    shared_cells: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        self.cells = {cell.index: cell for cell in self.submission.cells}

    async def shared(self, indices: tuple[int, ...]) -> None:
        """Run the cells that belong to no question. A kernel that is started anew runs those again that went well."""
        for index in (index for index in indices if does_something(self.cells[index])):
            alive = await self._ensure_kernel("the cells before the first question")
            if alive and not self.executed:
                await self._tell("begin", SHARED)
            run = await self._run(index)
            self.runs.append(run)
            if run.limit is None:
                self.shared_cells += (index,)
        if self.runs:
            await self._settle()
            await self._observe(QuestionPlan(SHARED))

    async def question(self, plan: QuestionPlan, indices: list[int]) -> None:
        """Run the cells of a question and let the probe report on it. A bound that is hit ends it."""
        self.questions[plan.question] = indices
        self.clocks.question = 0.0
        if not await self._ensure_kernel(plan.question):
            hit = self.clocks.hit("submission", 0.0)
            self.runs += [CellRun(index, "skipped", limit=hit) for index in indices]
            return
        await self._tell("begin", plan.question)
        ended: LimitHit | None = None
        for index in indices:
            self.progress(f"{plan.question}: cell {index}")
            run = CellRun(index, "skipped", limit=ended) if ended else await self._run(index)
            self.runs.append(run)
            ended = run.limit
        restless = await self._settle()
        await self._observe(plan)
        restless = restless or await self._app_at_work(plan)
        if restless and self.kernel is not None:
            self.kernel.limit = restless  # the next question gets another kernel

    async def _settle(self) -> LimitHit | None:
        """Wait for what the last cell left at work in the background: its time is the cell's.

        Returns:
            The bound that it hit, if it never rested.
        """
        last = self.runs[-1]
        if self.kernel is None or last.status not in {"ok", "error"} or not await self.kernel.alive():
            return None
        left, scope = min(self.clocks.left(), (self.place.limits.cell_seconds - last.seconds, "cell"))
        waited = await until_quiet(self.kernel.pid, left)
        if not waited:
            return None
        last = replace(last, seconds=last.seconds + waited)
        spent = last.seconds if scope == "cell" else waited
        hit = replace(self.clocks.hit(scope, spent), cell=last.cell) if waited >= left else None
        self.runs[-1] = replace(last, status="stopped", limit=hit) if hit else last
        self.clocks.question += waited
        return hit

    async def _app_at_work(self, plan: QuestionPlan) -> LimitHit | None:
        """The bound that an app hit which works on after it was told to stop."""
        if plan.app is None or self.kernel is None or not await self.kernel.alive():
            return None
        waited = await until_quiet(self.kernel.pid, APP_STOPS)
        return LimitHit("time", plan.app.seconds + waited, plan.app.seconds, "s") if waited >= APP_STOPS else None

    async def _observe(self, plan: QuestionPlan) -> None:
        if self.kernel is None or not await self.kernel.alive():
            return
        self.progress(f"{plan.question}: looking at the result")
        outcome = await self._tell("observe", json.dumps(asdict(plan)))
        if outcome.report is not None:
            self.reports[plan.question] = outcome.report
            return
        error = outcome.error or {}
        reason = error.get("evalue") or error.get("ename") or describe(outcome.limit) or "no report came"
        message = f"what {plan.question} built could not be looked at: {str(reason)[:300]}"
        self.notes.append(Note("probe", message, question=plan.question))

    async def _ensure_kernel(self, purpose: str) -> bool:
        """A kernel that is alive, a fresh one if need be; False when the submission's time is used up.

        Each cell runs once, so that no cell ends more than one kernel.
        """
        if self.clocks.submission_left() <= 0:
            return False
        if self.kernel is not None and await self.kernel.alive():
            return True
        self.progress(f"starting a kernel for {purpose}")
        again = self.kernel is not None
        await self.kernels.aclose()
        self.kernel = await self.kernels.enter_async_context(
            Kernel(self.place, self.submission, frameworks_of(self.submission.cells), self.layout)
        )
        self.executed = 0
        if again:
            await self._tell("begin", SHARED)
            for index in self.shared_cells:
                await self._run(index)
        return True

    async def _tell(self, function: str, argument: str) -> Outcome:
        """Call a function of the probe. It is a cell of its own, and counts as one."""
        if self.kernel is None:
            raise RuntimeError("no kernel was started")
        self.executed += 1
        return await self.kernel.run(f"{PROBE}.{function}({argument!r})", REPORT_SECONDS, report=True)

    async def _run(self, index: int) -> CellRun:
        """Run one cell of the student's."""
        seconds, scope = self.clocks.left()
        if seconds <= 0:
            return CellRun(index, "skipped", limit=self.clocks.hit(scope, 0.0))
        if self.kernel is None or not await self.kernel.alive():
            return CellRun(index, "skipped")
        self.executed += 1
        outcome = await self.kernel.run(self.cells[index].source, seconds)
        if outcome.limit and outcome.limit.kind == "time":
            outcome = replace(outcome, limit=self.clocks.hit(scope, outcome.seconds))
        self.clocks.question += outcome.seconds
        if outcome.dropped:
            more, kept = outcome.dropped / 2**20, self.place.limits.output_mb
            message = f"cell {index} printed {more:.0f} MB more than the {kept:g} MB that are kept"
            self.notes.append(Note("truncated", message, cell=index))
        return self._cell_run(index, outcome)

    def _cell_run(self, index: int, outcome: Outcome) -> CellRun:
        error = error_trace(outcome.error, self.cells[index], self.executed) if outcome.error else None
        limit = replace(outcome.limit, cell=index) if outcome.limit else None
        status: Literal["ok", "error", "stopped"] = "stopped" if limit else "error" if error else "ok"
        return CellRun(index, status, outcome.seconds, outcome.text, error, limit)


def describe(limit: LimitHit | None) -> str:
    """A bound in words: `time: 241.0 s of 240 s`."""
    if limit is None or limit.kind == "kernel":
        return "the Python process ended" if limit else ""
    return f"{limit.kind}: {limit.measured:g} {limit.unit} of {limit.limit:g} {limit.unit}"
