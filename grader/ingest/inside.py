"""Looks into cells: code in prose, prose in code, and cells in other languages.

No cell of a notebook is ever cut in two, so that its place stays its index. Code found in the text of a cell becomes a
derived cell behind all others, which remembers its parent and its line there; the parent keeps the text whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from grader.ingest.code import is_code, language_of, parses, written_file
from grader.ingest.fences import Fence, fences, without_fences
from grader.records import Cell, Note

FENCE_LINE = re.compile(r"^[ \t]*(?:`{2,}|~{3,})[ \t]*\w*[ \t]*$", re.MULTILINE)
DOLLAR = re.compile(r"^\s*\$\s+")
MAX_DERIVED = 1_000


def looked_into(cells: Sequence[Cell]) -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    """The cells, each as what it is, then the derived ones; and notes on all that was changed."""
    notes: list[Note] = []
    known = [_known(cell, notes) if cell.kind == "code" else cell for cell in cells]
    derived = [made for cell in known if cell.kind != "code" for made in _derived(cell, notes)][:MAX_DERIVED]
    return (*known, *(replace(cell, index=len(known) + n) for n, cell in enumerate(derived))), tuple(notes)


def _known(cell: Cell, notes: list[Note]) -> Cell:
    if name := written_file(cell.source):
        return replace(cell, writes=name)
    if cell.damaged:
        return cell
    language = language_of(cell.source)
    if language == "shell":
        return _as_shell(cell, notes)
    if language == "python 2":
        notes.append(_note(cell, "is Python 2, which Python 3 cannot run; it was left as it is"))
    found = fences(cell.source) if language in ("prose", "python") and not parses(cell.source) else ()
    if found:
        return _with_fences(cell, found, notes)
    if language == "prose":
        notes.append(_note(cell, "is a code cell, but holds prose; it was read as text"))
        return replace(cell, kind="markdown")
    return cell


def _as_shell(cell: Cell, notes: list[Note]) -> Cell:
    lines = cell.source.split("\n")
    commands = ["!" + DOLLAR.sub("", line).lstrip() if _is_command(line) else line for line in lines]
    notes.append(_note(cell, "holds shell commands without '!'; they were read as commands"))
    return replace(cell, source="\n".join(commands))


def _is_command(line: str) -> bool:
    return bool(line.strip()) and not line.lstrip().startswith(("#", "!", "%"))


def _with_fences(cell: Cell, found: Iterable[Fence], notes: list[Note]) -> Cell:
    """A code cell with fences in it: prose with code, or code whose fence came along when it was copied."""
    if any(is_code(line) for line in without_fences(cell.source).split("\n")):
        bare = FENCE_LINE.sub("", cell.source)
        if not parses(bare):
            return cell
        notes.append(_note(cell, "is code with the marks of a fence, which were taken out"))
        return replace(cell, source=bare)
    outside = without_fences(cell.source).strip()
    only = [fence for fence in found if fence.is_python]
    if not outside and len(only) == 1:
        notes.append(_note(cell, "is code in a fence, which was taken out"))
        return replace(cell, source=only[0].code)
    notes.append(_note(cell, "is a code cell, but holds prose with code in a fence; it was read as text and code"))
    return replace(cell, kind="markdown")


def _derived(cell: Cell, notes: list[Note]) -> Iterable[Cell]:
    for fence in fences(cell.source):
        if not fence.is_python:
            continue
        if fence.problem:
            notes.append(_note(cell, f"holds code in a fence, and {fence.problem}"))
        yield Cell(
            index=-1,
            kind="code",
            source=fence.code,
            question=cell.question,
            origin=cell.origin,
            writes=written_file(fence.code),
            parent=cell.index,
            line=fence.line,
        )


def _note(cell: Cell, what: str) -> Note:
    return Note("repair", f"Cell {cell.index} {what}.", subject=cell.origin, cell=cell.index)
