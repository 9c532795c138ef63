"""One hand-in before it is read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from grader.ingest.archive import Space
from grader.records import Note


@dataclass(frozen=True, slots=True)
class HandIn:
    """What one student handed in, before it is read.

    Attributes:
        id: Unique among the hand-ins found together, and safe as a file name.
        student: Name to show, as the learning platform, the folder, or the file without its extension has it.
        path: The file, or the folder whose other files are attachments.
        files: Files to read, in order.
        student_id: The platform's number for the student.
        attempt: Number of the attempt.
        late: Marked as late.
        handed_in: When, as the platform wrote it down (ISO 8601, UTC).
        notes: What the names tell and a person should know: earlier attempts that are not read.
        staged: Files of this student among those of others: the student's own name for each, and where it lies.
        left_out: Names in the folder that are no part of it.
        space: What keeps the unpacked files of a class alive.
        opened: Folders that reading it made: they are removed with `close`.
    """

    id: str
    student: str
    path: Path
    files: tuple[Path, ...]
    student_id: str = ""
    attempt: int | None = None
    late: bool = False
    handed_in: str = ""
    notes: tuple[Note, ...] = ()
    staged: tuple[tuple[str, Path], ...] = ()
    left_out: tuple[str, ...] = ()
    space: Space | None = field(default=None, repr=False, compare=False)
    opened: list[Space] = field(default_factory=list, repr=False, compare=False)

    def close(self) -> None:
        """Remove what reading it unpacked. Attachments of an archive are gone then."""
        while self.opened:
            self.opened.pop().close()
