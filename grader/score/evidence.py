"""From the trace of a whole run to the evidence of one question."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import replace

from grader.records import CellRun, Evidence, LimitHit, Note, QuestionTrace, Trace

# Calls that only bring a value into print.
_SHOWING = frozenset(("print", "display", "format", "round", "str", "int", "float", "join"))


def evidence_of(
    trace: Trace,
    question: str,
    blobs: Mapping[str, bytes],
    labels: Mapping[str, tuple[int, ...]],
    stand_ins: Mapping[str, str],
) -> Evidence:
    """What the checks of a question may look at."""
    seen = trace.question(question)
    seen = replace(seen, runs=_explained(trace, _working(trace, seen)))
    return Evidence(seen, blobs, trace.profile, notes_of(trace, seen), labels, stand_ins)


def notes_of(trace: Trace, seen: QuestionTrace) -> tuple[Note, ...]:
    """Notes of the whole run and of the question; and of the question whose failure is the root of its error."""
    root = seen.error.echo_of if seen.error else None
    questions = {None, seen.question, *(q.question for q in trace.questions if root in _cells(q))}
    observed = seen.observation.notes if seen.observation else ()
    return tuple(dict.fromkeys([*(note for note in trace.notes if note.question in questions), *observed]))


def _cells(seen: QuestionTrace) -> set[int]:
    return {run.cell for run in seen.runs}


def _working(trace: Trace, seen: QuestionTrace) -> tuple[CellRun, ...]:
    """The runs of the question; none if all its code only prints or sets constants, which is no answer."""
    sources = {cell.index: cell.source for cell in trace.submission.cells}
    works = any(run.cell not in sources or does_something(sources[run.cell]) for run in seen.runs)
    return seen.runs if works else ()


def does_something(source: str) -> bool:
    """Whether code does more than printing and setting constants: imports, definitions, loops, calls."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return bool(source.strip())  # magics and broken code: the run says more than the parser
    work = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.BinOp)
    return any(isinstance(node, work) or _is_work(node) for node in nodes)


def _is_work(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
    return name not in _SHOWING


def _explained(trace: Trace, runs: tuple[CellRun, ...]) -> tuple[CellRun, ...]:
    """Skipped cells carry the limit that had ended the run, so that a verdict can name it."""
    return tuple(
        replace(run, limit=_limit_before(trace, run.cell)) if run.status == "skipped" and run.limit is None else run
        for run in runs
    )


def _limit_before(trace: Trace, cell: int) -> LimitHit | None:
    earlier = [*trace.shared, *(run for question in trace.questions for run in question.runs)]
    stopped = [run for run in earlier if run.limit and run.status == "stopped" and run.cell != cell]
    last = max(stopped, key=lambda run: run.cell, default=None)
    return replace(last.limit, cell=last.cell) if last and last.limit else None
