"""Reads a document in a process of its own, bounded in time and memory (see `document.py`)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from grader.errors import OperatorError, SubmissionError
from grader.records import Cell, Note

SECONDS = 300.0
SOURCE = "Hand in the notebook (.ipynb) or the script (.py) itself"


def read_apart(file: Path, origin: str) -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    """The cells of a `.pdf`, `.docx` or `.html` file.

    Raises:
        SubmissionError: It cannot be read, or not within the bounds.
        OperatorError: The reader itself failed.
    """
    # `-P`: modules of ours, never those that lie in the folder in which someone grades.
    command = [sys.executable, "-P", "-m", "grader.ingest.document", str(file.absolute()), origin]
    root = str(Path(__file__).parents[2])
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=SECONDS, check=False, env=os.environ | {"PYTHONPATH": root}
        )
    except subprocess.TimeoutExpired as error:
        raise SubmissionError(f"{file.name} took more than {SECONDS:.0f} s to read", SOURCE) from error
    if done.returncode < 0:
        raise SubmissionError(f"{file.name} took too much time or memory to read", SOURCE)
    if done.returncode:
        last = (done.stderr.decode("utf-8", "replace").strip().splitlines() or ["no message"])[-1]
        raise OperatorError(f"the reader of {file.suffix.lower()} failed: {last[:300]}", "Reinstall the grader")
    return _told(done.stdout)


def _told(output: bytes) -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    found = json.loads(output)
    if "error" in found:
        raise SubmissionError(*found["error"])
    return tuple(Cell(**cell) for cell in found["cells"]), tuple(Note(**note) for note in found["notes"])
