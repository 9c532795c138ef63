"""The output folder: which file holds what, written whole or not at all."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.errors import OperatorError
from grader.records import Grade, Trace
from grader.report.classpage import class_page
from grader.report.grades_json import grades_json
from grader.report.html import submission_page
from grader.report.naming import page_name
from grader.report.tables import grades_csv


def write_submission(grade: Grade, trace: Trace | None, blobs: Mapping[str, bytes], folder: Path) -> Path:
    """Write the student's page, `<folder>/<submission>.html`.

    Args:
        grade: What the submission earned.
        trace: What was seen of it; None when it could not be run. Gives the student's lines around an error.
        blobs: Pictures by name.
        folder: Folder for pages, `PAGES` beside the class page; is made if it is not there.

    Raises:
        OperatorError: The folder cannot be written.
    """
    return write_text(folder / page_name(grade.submission), submission_page(grade, trace, blobs))


def write_class(grades: Sequence[Grade], folder: Path) -> tuple[Path, ...]:
    """Write the class page `index.html`, which links to the students' pages in `PAGES`, `grades.csv` and `grades.json`.

    Raises:
        OperatorError: The folder cannot be written.
    """
    contents = {
        "index.html": class_page(grades),
        "grades.csv": grades_csv(grades),
        "grades.json": grades_json(grades),
    }
    return tuple(write_text(folder / name, content) for name, content in contents.items())


def write_text(path: Path, text: str) -> Path:
    """Write a file so that at every moment either the old or the new one lies there, never a part of it.

    Raises:
        OperatorError: Disk full, folder read-only, no rights.
    """
    part = path.parent / f".{secrets.token_hex(8)}.part"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with part.open("x", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        raise _operator_error(path, error) from error
    return path


def _operator_error(path: Path, error: OSError) -> OperatorError:
    reason = error.strerror or type(error).__name__
    message = f"Cannot write {path}: {reason}"
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return OperatorError(message, f"Free some space on the disk of {path.parent}, then run the same command again")
    return OperatorError(message, "Give a folder that you may write to with --out, then run the same command again")
