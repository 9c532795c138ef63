"""Bytes of a hand-in become text, within bounds."""

from __future__ import annotations

from pathlib import Path

from grader.errors import SubmissionError
from grader.records import Note

MEGABYTE = 1_000_000
# First bytes of files that are often renamed by mistake. Source: the file formats' own specifications.
MAGIC = {
    b"%PDF": "a PDF",
    b"PK\x03\x04": "a ZIP archive or Office document",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x1f\x8b": "a gzip archive",
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"\x89HDF": "an HDF5 file",
    b"\xd0\xcf\x11\xe0": "an old Office document",
}
EXPECTED = {".ipynb": "a notebook", ".py": "a Python script", ".html": "a page", ".htm": "a page"}


def read_text(file: Path, limit: int) -> tuple[str, tuple[Note, ...]]:
    """The text of a file with Unix line ends, and notes on how it had to be decoded.

    Args:
        file: To read.
        limit: Size in bytes above which it is refused unread.

    Raises:
        SubmissionError: The file is too large, binary or cannot be read.
    """
    content = _content(file, limit)
    for magic, what in MAGIC.items():
        if content.startswith(magic):
            raise SubmissionError(f"{file.name} is {what}, not {_expected(file)}", "Hand in the original file.")
    text, encoding = _decoded(content)
    if "\0" in text:
        raise SubmissionError(f"{file.name} is a binary file, not {_expected(file)}", "Hand in the original file.")
    notes = () if encoding == "utf-8" else (_note(file, f"was read as {encoding}, since it is not UTF-8"),)
    return text.replace("\r\n", "\n").replace("\r", "\n"), notes


def _content(file: Path, limit: int) -> bytes:
    try:
        with file.open("rb") as stream:
            content = stream.read(limit + 1)
            size = file.stat().st_size
    except OSError as error:
        raise SubmissionError(f"{file.name} cannot be read: {error.strerror}", "Hand it in again.") from error
    if len(content) > limit:
        raise SubmissionError(
            f"{file.name} has {size / MEGABYTE:.0f} MB; at most {limit / MEGABYTE:.0f} MB can be read",
            "Clear the outputs and embedded pictures, save, and hand in again.",
        )
    return content


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):  # what PowerShell's `>` writes
        return content.decode("utf-16", "replace"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "Latin-1"


def _expected(file: Path) -> str:
    return EXPECTED.get(file.suffix.lower(), "a text file")


def _note(file: Path, message: str) -> Note:
    return Note("repair", f"{file.name} {message}.", subject=file.name)
