"""One use that a hand-in's code makes of a path: what `asked` and `commands` find, and `layout` answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

How = Literal[
    "picture",  # read as a picture
    "classes",  # read as a folder of class folders
    "listing",  # its names are read
    "pattern",  # names that fit a pattern are read
    "table",  # read as a csv
    "file",  # read as something else
    "extract",  # an archive, unpacked into `into`
    "fetch",  # written by a download of the address `into`
    "write",  # written
    "make",  # made as a folder, which may be there already
    "make-new",  # made as a folder, which must not be there
    "upload",  # asked of a person; the path is empty
    "enter",  # made the current folder
    "loose",  # a text that looks like a path, used in an unknown way
]


@dataclass(frozen=True, slots=True)
class Use:
    r"""One use of a path.

    Attributes:
        how: In which way.
        path: The path as the student wrote it; parts that only the run knows are `\0`.
        folder: The current folder at that place (absolute, as the sandbox has it).
        cell: Index of the cell.
        into: Of `extract`, the folder; of `fetch`, the address.
    """

    how: How
    path: str
    folder: str
    cell: int
    into: str = ""
