"""Traces on disk: versioned JSON plus blobs, written whole or not at all.

OUT/traces/<submission>/trace.json
OUT/traces/<submission>/blobs/<sha256>.npy|.png
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic_core import from_json

from grader.errors import OperatorError
from grader.records import TRACE_SCHEMA, Grade, Profile, Trace

TRACES = TypeAdapter(Trace)
GRADES = TypeAdapter(Grade)
HEAD_BYTES = 1_000  # schema, assignment, plan and profile come first


def save_trace(trace: Trace, blobs: Mapping[str, bytes], folder: Path) -> None:
    """Write a trace in place of the one that was there.

    Args:
        trace: The trace.
        blobs: Its arrays and pictures by name.
        folder: Folder of this trace alone.

    Raises:
        OperatorError: The disk is full or not writable.
    """
    files = {f"blobs/{name}": content for name, content in blobs.items()}
    replace_folder(folder, {**files, "trace.json": TRACES.dump_json(trace, indent=1)})


def replace_folder(folder: Path, files: Mapping[str, bytes]) -> None:
    """Put a folder with these files in the place of another, so that at no time there is half of one.

    Raises:
        OperatorError: The disk is full or not writable.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        fresh.chmod(0o755)
        for name, content in files.items():
            (fresh / name).parent.mkdir(exist_ok=True)
            (fresh / name).write_bytes(content)
        if folder.exists():
            old = fresh.with_name(fresh.name + "-old")
            folder.rename(old)
            fresh.rename(folder)
            shutil.rmtree(old)
        else:
            fresh.rename(folder)
    except OSError as error:
        raise OperatorError(
            f"results cannot be written to {folder}: {error.strerror or error}", "Free space or choose another --out"
        ) from error


def load_trace(folder: Path) -> tuple[Trace, Mapping[str, bytes]]:
    """Read a trace back.

    Raises:
        OperatorError: There is none, it is damaged, or another version of the grader wrote it.
    """
    try:
        trace = TRACES.validate_json((folder / "trace.json").read_bytes())
        blobs = {path.name: path.read_bytes() for path in sorted(folder.glob("blobs/*"))}
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


@dataclass(frozen=True, slots=True)
class Head:
    """How a stored trace begins: enough to know whether a rubric can score it."""

    plan_hash: str
    profile: Profile


def trace_head(folder: Path) -> Head | None:
    """The beginning of a stored trace; None where there is none or it is damaged. Reads a thousand bytes, not all."""
    try:
        with (folder / "trace.json").open("rb") as file:
            begin = from_json(file.read(HEAD_BYTES), allow_partial=True)
        return Head(begin["plan_hash"], begin["profile"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def trace_hash(folder: Path) -> str | None:
    """SHA-256 of a stored trace, by which the gradebook knows it; None where there is none."""
    try:
        with (folder / "trace.json").open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def save_problem(grade: Grade, folder: Path) -> None:
    """Keep, in place of a trace, that a hand-in could not be graded.

    Raises:
        OperatorError: The disk is full or not writable.
    """
    replace_folder(folder, {"problem.json": GRADES.dump_json(grade, indent=1)})


def load_problem(folder: Path) -> Grade | None:
    """What kept a hand-in from being graded, or None if there is a trace.

    Raises:
        OperatorError: It is damaged.
    """
    path = folder / "problem.json"
    try:
        return GRADES.validate_json(path.read_bytes()) if path.is_file() else None
    except ValidationError as error:
        raise OperatorError(f"{path} is damaged: {error.errors()[0]['msg']}", "Grade the hand-in again") from error
