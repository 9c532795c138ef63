"""One hand-in becomes a `Submission`."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from grader.errors import SubmissionError
from grader.ingest.find import HandIn, files_below
from grader.ingest.notebook import read_notebook
from grader.ingest.reading import MEGABYTE
from grader.ingest.script import read_script
from grader.ingest.tags import file_tag
from grader.records import Cell, Note, Submission

MAX_CELLS = 5_000
MAX_ATTACHMENTS = 5_000
MAX_ATTACHED_BYTES = 1_000 * MEGABYTE
Reader = Callable[[Path, str], tuple[tuple[Cell, ...], tuple[Note, ...]]]
READERS: Mapping[str, Reader] = {".ipynb": read_notebook, ".py": read_script}


def ingest(hand_in: HandIn) -> Submission:
    """Reads a hand-in: its files in order become one run of cells, its other files attachments.

    Raises:
        SubmissionError: It cannot be read; the message says which file, why, and what to do.
    """
    cells: list[Cell] = []
    notes: list[Note] = []
    for file in hand_in.files:
        new_cells, new_notes = _read(file, hand_in)
        cells += [replace(cell, index=len(cells) + cell.index) for cell in new_cells]
        notes += new_notes
    if not cells:
        raise SubmissionError(f"{_shown(hand_in)} is empty", "Check that you saved your work, and hand in again.")
    if len(cells) > MAX_CELLS:
        raise SubmissionError(
            f"{_shown(hand_in)} has {len(cells)} cells; at most {MAX_CELLS} can be graded", "Hand in less at once."
        )
    attachments, more_notes = _attachments(hand_in)
    folder = hand_in.path.resolve()
    return Submission(
        id=hand_in.id,
        student=hand_in.student,
        file=_shown(hand_in),
        cells=tuple(cells),
        digest=_digest(cells, folder, attachments),
        folder=str(folder) if attachments else "",
        attachments=attachments,
        notes=(*notes, *more_notes),
    )


def _shown(hand_in: HandIn) -> str:
    return hand_in.files[0].name if len(hand_in.files) == 1 else hand_in.path.resolve().name


def _read(file: Path, hand_in: HandIn) -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    reader = READERS.get(file.suffix.lower())
    if reader is None:
        kind = file.suffix.lower() or "files without an extension"
        raise SubmissionError(
            f"{file.name}: {kind} cannot be read yet", "Hand in the notebook (.ipynb) or script (.py) itself."
        )
    cells, notes = reader(file, file.name)
    if not cells and len(hand_in.files) > 1:
        return (), (*notes, Note("repair", f"{file.name} is empty and was left out.", file.name))
    return _tagged_by_name(cells, file, hand_in), notes


def _tagged_by_name(cells: tuple[Cell, ...], file: Path, hand_in: HandIn) -> tuple[Cell, ...]:
    """`q6.py` beside `q8.py` answers q6. A file alone is not believed: `a1.ipynb` is rather the first assignment."""
    tag = file_tag(file) if len(hand_in.files) > 1 else None
    if tag is None or any(cell.question for cell in cells):
        return cells
    return tuple(replace(cell, question=tag) for cell in cells)


def _attachments(hand_in: HandIn) -> tuple[tuple[str, ...], tuple[Note, ...]]:
    """Paths relative to the folder of the hand-in, as many as the bounds allow, and what was left out."""
    if not hand_in.path.is_dir():
        return (), ()
    notes = [Note("repair", f"{link} is a symbolic link and was left out.", link) for link in _links(hand_in.path)]
    taken: list[str] = []
    room = MAX_ATTACHED_BYTES
    for file in files_below(hand_in.path):
        name, size = file.relative_to(hand_in.path).as_posix(), file.stat().st_size
        if file in hand_in.files:
            continue
        if not os.access(file, os.R_OK):
            notes.append(Note("truncated", f"{name} cannot be read and was left out.", name))
            continue
        if size > room or len(taken) == MAX_ATTACHMENTS:
            notes.append(Note("truncated", f"{name} ({size / MEGABYTE:.0f} MB) was too much and was left out.", name))
            continue
        room -= size
        taken.append(name)
    return tuple(taken), tuple(notes[:100])


def _links(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if path.is_symlink())


def _digest(cells: list[Cell], folder: Path, attachments: tuple[str, ...]) -> str:
    """SHA-256 over what can change a grade; not over names and places of the hand-in itself."""
    content = [[c.kind, c.source, c.execution_count, c.saved_text, c.question, c.origin] for c in cells]
    digest = hashlib.sha256(json.dumps(content).encode())
    for name in attachments:
        with (folder / name).open("rb") as stream:
            digest.update(json.dumps(name).encode() + hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
