"""The readers of documents, run in a process of their own: `python -m grader.ingest.document FILE ORIGIN`.

PDF, Word and HTML files can make their parsers use any amount of time and memory; a process can be stopped. It prints
one JSON object: `{"cells": [...], "notes": [...]}`, or `{"error": [message, remedy]}` for the student.
"""

from __future__ import annotations

import json
import logging
import sys
import warnings
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from grader.errors import SubmissionError
from grader.records import Cell, Note

CPU_SECONDS = 150
MEMORY_BYTES = 3_000_000_000

Reader = Callable[[Path, str], tuple[tuple[Cell, ...], tuple[Note, ...]]]


def reader_of(suffix: str) -> Reader:
    """The reader of a format. Only the libraries of this one are loaded."""
    if suffix == ".pdf":
        from grader.ingest.pdf import read_pdf

        return read_pdf
    if suffix == ".docx":
        from grader.ingest.word import read_word

        return read_word
    from grader.ingest.webpage import read_webpage

    return read_webpage


def main(path: str, origin: str) -> None:
    """Reads a file and prints what is in it."""
    limit_resources()
    logging.disable(logging.CRITICAL)  # pdfminer logs every oddity of a file
    warnings.simplefilter("ignore")
    file = Path(path)
    try:
        cells, notes = reader_of(file.suffix.lower())(file, origin)
        found: dict[str, object] = {"cells": [asdict(cell) for cell in cells], "notes": [asdict(n) for n in notes]}
    except SubmissionError as error:
        found = {"error": [error.message, error.remedy]}
    except (MemoryError, RecursionError):
        found = {"error": [f"{file.name} is too large or too deep to be read", "Hand in the notebook (.ipynb) itself"]}
    sys.stdout.write(json.dumps(found))


def limit_resources() -> None:
    """Bounds for memory and processor time, where the system has such."""
    if sys.platform == "win32":
        return
    import resource

    for what, limit in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, CPU_SECONDS)):
        hard = resource.getrlimit(what)[1]
        bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(what, (bound, hard))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
