"""From the trace of a whole run to the evidence of one question."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from grader.checks.absence import explaining
from grader.records import CellRun, ErrorTrace, Evidence, LimitHit, Note, QuestionTrace, Trace, Training

# Calls that only bring a value into print.
_SHOWING = frozenset(("print", "display", "format", "round", "str", "int", "float", "join"))
_UNDEFINED = re.compile(r"NameError: name '(\w+)' is not defined")


def evidence_of(
    trace: Trace,
    question: str,
    blobs: Mapping[str, bytes],
    labels: Mapping[str, tuple[int, ...]],
    stand_ins: Mapping[str, str],
) -> Evidence:
    """What the checks of a question may look at."""
    seen = trace.question(question)
    seen = replace(seen, runs=_explained(trace, _working(trace, seen)), error=seen.error or _echo_in_calls(trace, seen))
    own = {*seen.answer.cells, *(run.cell for run in (*trace.shared, *seen.runs))}
    cells = tuple(cell for cell in trace.submission.cells if cell.index in own)
    notes, seed = notes_of(trace, seen), trace.environment.seed
    return Evidence(seen, blobs, trace.profile, notes, labels, stand_ins, seed, cells, _trained_before(trace, seen))


def _trained_before(trace: Trace, seen: QuestionTrace) -> tuple[Training, ...]:
    """The trainings of the questions whose code ran before this one's."""
    place = min((run.cell for run in seen.runs), default=-1)
    before = [q for q in trace.questions if q.observation and q.runs and max(run.cell for run in q.runs) < place]
    before.sort(key=lambda question: question.runs[0].cell)
    return tuple(training for question in before for training in question.observation.trainings)  # type: ignore[union-attr]


# --- notes: what was missing, wherever it was -----------------------------------------------------------------------


def notes_of(trace: Trace, seen: QuestionTrace) -> tuple[Note, ...]:
    """Notes of the question and of the whole run, and those about something missing that explain its error.

    An echo is followed to the cell that failed first, which may be a shared one or lie in another question. What was
    missing there, or before the first question, counts only where it made the error.
    """
    observed = seen.observation.notes if seen.observation else ()
    of_run = [n for n in trace.notes if n.question == seen.question or (not n.question and n.kind != "missing")]
    return tuple(dict.fromkeys([*_notes_of_root(trace, seen), *of_run, *observed]))


def _notes_of_root(trace: Trace, seen: QuestionTrace) -> list[Note]:
    if seen.error is None:
        return []
    if seen.error.echo_of is None:
        shared = [n for n in trace.notes if not n.question and n.kind == "missing"]
        return [n for n in shared if n.subject and n.subject in seen.error.message]
    root = root_of(trace, seen.error)
    if root is None:
        return []
    notes = [n for n in _notes_about(trace, root.cell) if n.question != seen.question]
    missing = [n for n in notes if n.kind == "missing"]
    guilty = root.error is not None and explaining(root.error, missing) is not None
    return [n for n in notes if n.kind != "missing" or guilty]


def root_of(trace: Trace, error: ErrorTrace) -> CellRun | None:
    """The run of the cell whose failure is the root of an echo, wherever that cell is."""
    runs = {run.cell: run for run in _all_runs(trace)}
    cell, passed = error.echo_of, set[int | None]()
    while (run := runs.get(cell) if cell is not None else None) and cell not in passed:
        passed.add(cell)
        if run.error is None or run.error.echo_of is None:
            return run
        cell = run.error.echo_of
    return None


def _notes_about(trace: Trace, cell: int) -> Iterator[Note]:
    """Notes about a cell and, as the probe knows no cells, about its question or the shared cells as a whole."""
    home = next((q for q in trace.questions if any(run.cell == cell for run in q.runs)), None)
    question = home.question if home else None
    notes = [*trace.notes, *(home.observation.notes if home and home.observation else ())]
    for note in notes:
        of_home = (note.question or None) == question and note.cell is None and note.kind == "missing"
        if note.cell == cell or of_home:
            yield note


def _all_runs(trace: Trace) -> list[CellRun]:
    return [*trace.shared, *(run for question in trace.questions for run in question.runs)]


# --- calls that fail for what a failed cell did not bind ------------------------------------------------------------


def _echo_in_calls(trace: Trace, seen: QuestionTrace) -> ErrorTrace | None:
    """The error of calling the question's functions, if they lack a name that a failed cell would have bound.

    A function that uses `np` is defined without an error even where the cell with the import had failed.
    """
    sources = {cell.index: cell.source for cell in trace.submission.cells}
    failed = [run.cell for run in _all_runs(trace) if run.status in ("error", "stopped")]
    for call in seen.observation.calls if seen.observation and seen.runs else ():
        undefined = _UNDEFINED.match(call.error)
        root = next((c for c in failed if undefined and undefined.group(1) in _bound(sources.get(c, ""))), None)
        if root is not None:
            return ErrorTrace("NameError", call.error.removeprefix("NameError: "), seen.runs[-1].cell, echo_of=root)
    return None


def _bound(source: str) -> set[str]:
    """Names that a piece of code imports, assigns or defines; none if it is no Python."""
    tree = _tree(source)
    nodes = list(ast.walk(tree)) if tree else []
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    defined = {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)}
    return stored | defined | {(n.asname or n.name).split(".")[0] for n in nodes if isinstance(n, ast.alias)}


# --- code that does something ---------------------------------------------------------------------------------------


def _working(trace: Trace, seen: QuestionTrace) -> tuple[CellRun, ...]:
    """The runs of the question; none if all its code only imports, prints or sets constants, which is no answer."""
    # An import may run a file that was handed in too.
    if seen.observation and (seen.observation.models or seen.observation.trainings or seen.observation.figures):
        return seen.runs
    sources = {cell.index: cell.source for cell in trace.submission.cells}
    works = any(run.cell not in sources or does_something(sources[run.cell]) for run in seen.runs)
    return seen.runs if works else ()


def does_something(source: str) -> bool:
    """Whether code does more than importing, printing and computing with constants."""
    tree = _tree(source)
    if tree is None:
        return bool(source.strip())  # magics and broken code: the run says more than the parser
    if any(map(_is_work, ast.walk(tree))):
        return True
    nodes = list(ast.walk(tree))
    own = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    return any(_uses_more_than(own, node) for node in nodes)


def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _is_work(node: ast.AST) -> bool:
    """A definition, or a call that does not only show."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return True
    if not isinstance(node, ast.Call):
        return False
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return name not in _SHOWING


def _uses_more_than(own: set[str], node: ast.AST) -> bool:
    """A sum with something that this code did not set itself."""
    parts = ast.walk(node) if isinstance(node, ast.BinOp) else ()
    return any(isinstance(part, ast.Name) and part.id not in own for part in parts)


# --- limits ---------------------------------------------------------------------------------------------------------


def _explained(trace: Trace, runs: tuple[CellRun, ...]) -> tuple[CellRun, ...]:
    """Skipped cells carry the limit that had ended the run, so that a verdict can name it."""
    return tuple(
        replace(run, limit=_limit_before(trace, run.cell)) if run.status == "skipped" and run.limit is None else run
        for run in runs
    )


def _limit_before(trace: Trace, cell: int) -> LimitHit | None:
    stopped = [run for run in _all_runs(trace) if run.limit and run.status == "stopped" and run.cell != cell]
    last = max(stopped, key=lambda run: run.cell, default=None)
    return replace(last.limit, cell=last.cell) if last and last.limit else None
