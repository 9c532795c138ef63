"""Traces on disk: versioned JSON plus blobs, written whole or not at all.

OUT/traces/<submission>/trace.json
OUT/traces/<submission>/blobs/<sha256>.npy|.png
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from grader.errors import OperatorError
from grader.records import TRACE_SCHEMA, Grade, Trace

TRACES = TypeAdapter(Trace)
GRADES = TypeAdapter(Grade)


def save_trace(trace: Trace, blobs: Mapping[str, bytes], folder: Path) -> None:
    """Write a trace in place of the one that was there.

    Args:
        trace: The trace.
        blobs: Its arrays and pictures by name.
        folder: Folder of this trace alone.

    Raises:
        OperatorError: The disk is full or not writable.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        (fresh / "blobs").mkdir()
        for name, content in blobs.items():
            (fresh / "blobs" / name).write_bytes(content)
        (fresh / "trace.json").write_bytes(TRACES.dump_json(trace, indent=1))
        if folder.exists():
            shutil.rmtree(folder)
        os.replace(fresh, folder)  # noqa: PTH105  Path.replace refuses folders on some systems
    except OSError as error:
        raise OperatorError(
            f"the trace of {trace.submission.id} cannot be written to {folder}: {error.strerror or error}",
            "Free space or choose another --out",
        ) from error


def load_trace(folder: Path) -> tuple[Trace, Mapping[str, bytes]]:
    """Read a trace back.

    Raises:
        OperatorError: There is none, it is damaged, or another version of the grader wrote it.
    """
    try:
        trace = TRACES.validate_json((folder / "trace.json").read_bytes())
        blobs = {path.name: path.read_bytes() for path in sorted((folder / "blobs").iterdir())}
    except OSError as error:
        raise OperatorError(
            f"no trace can be read from {folder}: {error.strerror}", "Grade the hand-in again"
        ) from error
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise OperatorError(f"the trace in {folder} is damaged: {reason}", "Grade the hand-in again") from error
    if trace.schema != TRACE_SCHEMA:
        raise OperatorError(
            f"the trace in {folder} has format {trace.schema}, this grader reads {TRACE_SCHEMA}",
            "Grade the hand-in again",
        )
    return trace, blobs


def save_problem(grade: Grade, folder: Path) -> None:
    """Keep, in place of a trace, that a hand-in could not be graded.

    Raises:
        OperatorError: The disk is full or not writable.
    """
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "problem.json").write_bytes(GRADES.dump_json(grade, indent=1))
    except OSError as error:
        raise OperatorError(
            f"{folder} cannot be written: {error.strerror}", "Free space or choose another --out"
        ) from error


def load_problem(folder: Path) -> Grade | None:
    """What kept a hand-in from being graded, or None if there is a trace."""
    path = folder / "problem.json"
    return GRADES.validate_json(path.read_bytes()) if path.is_file() else None
