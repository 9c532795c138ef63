"""Error messages of a kernel as records: the student's own line, and which errors are only echoes of an earlier one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from grader.records import Cell, CellRun, ErrorTrace, Note

ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# IPython names frames of cells so: 'Cell In[3], line 5'.
FRAME = re.compile(r"Cell In\s*\[(\d+)\],\s*line (\d+)")
UNDEFINED = re.compile(r"name '(\w+)' is not defined")
OFFLINE = {"URLError", "HTTPError", "ConnectionError", "MaxRetryError", "gaierror"}
NOT_FOUND = {
    "FileNotFoundError",
    "NotADirectoryError",
    "NotFoundError",
    *OFFLINE,
}
ADDRESS = re.compile(r"((?:https?|ftp)://[^\s'\"<>]*[^\s'\"<>:,.)])")
QUOTED = re.compile(r"['\"]([^'\"\n]{1,300})['\"]")
CHECKPOINT = re.compile(r"(?:^|[^/\\:])[^/\\:]*\.(?:h5|keras|pth?|ckpt|weights|onnx|tflite|pkl|joblib)$", re.IGNORECASE)
BINDING = re.compile(
    r"^[ \t]*(?:def|class)\s+(\w+)|^[ \t]*(\w+)\s*(?::[^=\n]+)?=(?!=)|\bas\s+(\w+)|\bimport\s+(\w+)", re.MULTILINE
)


def plain(text: str, most: int = 2000) -> str:
    """Text without terminal colours and control characters, capped."""
    return CONTROL.sub("", ANSI.sub("", text))[:most]


def error_trace(output: Mapping[str, Any], cell: Cell, execution_count: int) -> ErrorTrace:
    """A kernel's error message as a record.

    Args:
        output: `ename`, `evalue` and `traceback` as the Jupyter protocol has them.
        cell: The cell that failed.
        execution_count: Its number in this run: frames of the cell carry it.
    """
    frames = FRAME.findall(plain("\n".join(map(str, output.get("traceback", ()))), most=200_000))
    lines = [int(line) for count, line in frames if int(count) == execution_count]
    line = lines[-1] if lines else None
    source = cell.source.split("\n")
    text = source[line - 1].strip() if line and line <= len(source) else ""
    return ErrorTrace(
        type=plain(str(output.get("ename", "")), 100),
        message=plain(str(output.get("evalue", ""))),
        cell=cell.index,
        line=line,
        source=text[:300],
    )


def missing_files(question: str | None, runs: Iterable[CellRun], report: object = None) -> Iterator[Note]:
    """Notes on files and addresses that a question asked for and that the grading environment does not have.

    A model that is loaded under a name under which nothing saved it is a mistake of the student's, and gets none.

    Args:
        question: Id of the question.
        runs: Its cells as they ran.
        report: The probe's message about it, as it came: what is noted there already is not said again.
    """
    known = noted_as_missing(report)
    for run in runs:
        if run.error is None or not (run.error.type in NOT_FOUND or ADDRESS.search(run.error.message)):
            continue
        if run.error.type in OFFLINE and any("://" in subject for subject in known):
            continue
        named = ADDRESS.search(run.error.message) or QUOTED.search(run.error.message)
        subject = named.group(1) if named else ""
        if not CHECKPOINT.search(subject) and subject not in known:
            what = subject or "something that your code asked for"
            yield Note("missing", f"{what} is not there when your code is graded", subject, question, run.cell)


def noted_as_missing(report: object) -> set[str]:
    """What the probe noted as missing. Its message is not validated yet: what has another shape holds nothing."""
    try:
        notes = report["observation"]["notes"]  # type: ignore[index]
        return {str(note["subject"]) for note in notes if note["kind"] == "missing"} - {""}
    except (KeyError, TypeError):
        return set()


def mark_echoes(runs: Sequence[CellRun], cells: Mapping[int, Cell]) -> tuple[CellRun, ...]:
    """Say of each NameError whether the name was to be defined in an earlier cell that did not get through.

    Args:
        runs: Runs in the order in which they ran.
        cells: The cells by index.
    """
    roots: dict[int, int] = {}
    marked: list[CellRun] = []
    for run in runs:
        root = root_of(run, roots, cells)
        if root is not None and run.error is not None:
            marked.append(replace(run, error=replace(run.error, echo_of=root)))
            roots[run.cell] = root
        else:
            marked.append(run)
            if run.status != "ok":
                roots[run.cell] = run.cell
    return tuple(marked)


def root_of(run: CellRun, roots: Mapping[int, int], cells: Mapping[int, Cell]) -> int | None:
    """Index of the failed cell that should have defined what this one lacks, or None."""
    undefined = UNDEFINED.search(run.error.message) if run.error and run.error.type == "NameError" else None
    if undefined is None:
        return None
    name = undefined.group(1)
    return next((roots[index] for index in reversed(roots) if name in bound_names(cells[index].source)), None)


def bound_names(source: str) -> set[str]:
    """Names that a piece of code would define; read by pattern where it is no Python."""
    try:
        return set(names_in(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError):
        return {name for groups in BINDING.findall(source) for name in groups if name}


def names_in(tree: ast.AST) -> Iterator[str]:
    """Every name that is assigned, imported or defined anywhere in a tree."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.alias):
            yield (node.asname or node.name).split(".")[0]
