"""One hand-in becomes a `Submission`."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from grader.errors import SubmissionError
from grader.ingest.apart import read_apart
from grader.ingest.archive import Space, is_archive, suffix_of, unpack
from grader.ingest.find import WRITTEN, files_below, files_to_read
from grader.ingest.handin import HandIn
from grader.ingest.inside import looked_into
from grader.ingest.names import is_visible, visible
from grader.ingest.notebook import read_notebook
from grader.ingest.plain import read_plain
from grader.ingest.reading import MEGABYTE
from grader.ingest.script import read_script
from grader.ingest.tags import file_tag
from grader.records import Cell, Note, Submission

MAX_CELLS = 5_000
MAX_ATTACHMENTS = 5_000
MAX_ATTACHED_BYTES = 1_000 * MEGABYTE
Reader = Callable[[Path, str], tuple[tuple[Cell, ...], tuple[Note, ...]]]
READERS: Mapping[str, Reader] = {
    ".ipynb": read_notebook,
    ".py": read_script,
    ".md": read_plain,
    ".txt": read_plain,
    ".html": read_apart,
    ".htm": read_apart,
    ".docx": read_apart,
    ".pdf": read_apart,
}


def ingest(hand_in: HandIn) -> Submission:
    """Reads a hand-in: its files in order become one run of cells, its other files attachments.

    `submission.cells[i].index == i`. Cells of a file keep their order and number; code that lies in the text of a cell
    comes behind all of them, as cells with a `parent`. What an archive holds lies in a folder of ours until
    `hand_in.close()`.

    Raises:
        SubmissionError: It cannot be read; the message says which file, why, and what to do.
    """
    try:
        return _ingested(_opened(hand_in))
    except SubmissionError as error:  # file names may hold line ends
        raise SubmissionError(visible(error.message), error.remedy) from error


def _opened(hand_in: HandIn) -> HandIn:
    """The hand-in with its files in a folder of their own, if they are packed or lie among those of others."""
    if hand_in.staged:
        return _staged(hand_in)
    if len(hand_in.files) == 1 and is_archive(hand_in.files[0]):
        return _unpacked(hand_in, hand_in.files[0])
    return hand_in


def _staged(hand_in: HandIn) -> HandIn:
    folder = _space(hand_in)
    for name, source in hand_in.staged:
        shutil.copyfile(source, folder / (Path(name).name or "file"))
    # Where nothing of it can be read, the error names the files.
    return replace(hand_in, path=folder, files=files_to_read(folder) or files_below(folder), staged=())


def _unpacked(hand_in: HandIn, archive: Path) -> HandIn:
    folder = _space(hand_in)
    unpack(archive, folder)
    files = files_to_read(folder)
    if not files:
        inner = next((file for file in files_below(folder) if is_archive(file)), None)
        what = f"only another archive ({inner.name})" if inner else "no notebook, script or document"
        raise SubmissionError(f"{archive.name} holds {what}", "Hand in one archive with the notebook itself in it")
    return replace(hand_in, path=_root(folder, files), files=files)


def _root(folder: Path, files: tuple[Path, ...]) -> Path:
    """The folder that the student packed: where the files to read are, so that names of data lead where they led."""
    parents = {file.parent for file in files}
    return parents.pop() if len(parents) == 1 else folder


def _space(hand_in: HandIn) -> Path:
    hand_in.opened.append(Space())
    return hand_in.opened[-1].folder


def _ingested(hand_in: HandIn) -> Submission:
    if not hand_in.files:
        raise SubmissionError(f"{_shown(hand_in)} holds no file", "Hand in the notebook (.ipynb) or the script (.py).")
    cells: list[Cell] = []
    notes: list[Note] = [*hand_in.notes]
    for file in hand_in.files:
        new_cells, new_notes = _read(file, hand_in)
        notes += [note if note.cell is None else replace(note, cell=note.cell + len(cells)) for note in new_notes]
        cells += [replace(cell, index=len(cells) + cell.index) for cell in new_cells]
    if not cells:
        raise SubmissionError(f"{_shown(hand_in)} is empty", "Check that you saved your work, and hand in again.")
    if len(cells) > MAX_CELLS:
        raise SubmissionError(
            f"{_shown(hand_in)} has {len(cells)} cells; at most {MAX_CELLS} can be graded", "Hand in less at once."
        )
    known, found = looked_into(cells)
    attachments, more_notes = _attachments(hand_in)
    folder = hand_in.path.resolve()
    return Submission(
        id=hand_in.id,
        student=hand_in.student,
        file=_shown(hand_in),
        cells=known,
        digest=_digest(known, folder, attachments),
        folder=str(folder) if attachments else "",
        attachments=attachments,
        notes=(*notes, *found, *more_notes),
        student_id=hand_in.student_id,
        attempt=hand_in.attempt,
        late=hand_in.late,
        handed_in=hand_in.handed_in,
    )


def _shown(hand_in: HandIn) -> str:
    return visible(hand_in.files[0].name if len(hand_in.files) == 1 else hand_in.path.resolve().name)


def _read(file: Path, hand_in: HandIn) -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    reader = READERS.get(suffix_of(file))
    if reader is None:
        kind = suffix_of(file) or "files without an extension"
        raise SubmissionError(
            f"{file.name}: {kind} cannot be read", "Hand in the notebook (.ipynb), the script (.py), or a PDF of it."
        )
    cells, notes = reader(file, visible(file.name))
    if not cells and len(hand_in.files) > 1:
        return (), (*notes, Note("repair", f"{visible(file.name)} is empty and was left out.", visible(file.name)))
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
    notes = [Note("repair", f"{link} is a symbolic link and was left out.", link) for link in _links(hand_in)]
    taken: list[str] = []
    room = MAX_ATTACHED_BYTES
    for file in files_below(hand_in.path, hand_in.left_out):
        name, size = file.relative_to(hand_in.path).as_posix(), file.stat().st_size
        if file in hand_in.files:
            continue
        if not is_visible(name):
            notes.append(Note("repair", f"{visible(name)} has a name that cannot be kept, and was left out."))
            continue
        if suffix_of(file) in WRITTEN and file.parent == hand_in.path:
            notes.append(Note("repair", f"{name} lies beside the work and was not read as an answer.", name))
        if not os.access(file, os.R_OK):
            notes.append(Note("truncated", f"{name} cannot be read and was left out.", name))
            continue
        if size > room or len(taken) == MAX_ATTACHMENTS:
            notes.append(Note("truncated", f"{name} ({size / MEGABYTE:.0f} MB) was too much and was left out.", name))
            continue
        room -= size
        taken.append(name)
    return tuple(taken), tuple(notes[:100])


def _links(hand_in: HandIn) -> list[str]:
    links = [path.name for path in hand_in.path.iterdir() if path.is_symlink()]
    return sorted(visible(name) for name in links if name not in hand_in.left_out)


def _digest(cells: tuple[Cell, ...], folder: Path, attachments: tuple[str, ...]) -> str:
    """SHA-256 over what can change a grade; not over names and places of the hand-in itself."""
    content = [[c.kind, c.source, c.execution_count, c.saved_text, c.question, c.origin] for c in cells]
    digest = hashlib.sha256(json.dumps(content).encode())
    for name in attachments:
        with (folder / name).open("rb") as stream:
            digest.update(json.dumps(name).encode() + hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
