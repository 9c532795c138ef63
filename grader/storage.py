"""Traces on disk: versioned JSON plus blobs, written whole or not at all, and found again by the key of their run.

OUT/traces/<submission>/trace.json
OUT/traces/<submission>/blobs/<sha256>.npy|.png
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Mapping
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
    """Put a folder with these files in the place of another: whole, and on the disk when this returns.

    A grader that is killed meanwhile leaves the old folder, the new one or none, and never a part of one.

    Raises:
        OperatorError: The disk is full or not writable.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        fresh.chmod(0o755)
        for name, content in files.items():
            (fresh / name).parent.mkdir(exist_ok=True)
            write_synced(fresh / name, content)
        sync_folders({(fresh / name).parent for name in files})
        if folder.exists():
            old = fresh.with_name(fresh.name + "-old")
            folder.rename(old)
            fresh.rename(folder)
            shutil.rmtree(old)
        else:
            fresh.rename(folder)
        sync_folders([folder.parent])
    except OSError as error:
        raise unwritable(folder, error) from error


def write_durably(path: Path, content: bytes) -> None:
    """Write a file in the place of another: at every moment, and after a loss of power, one of both is there.

    Raises:
        OperatorError: The disk is full or not writable.
    """
    part = path.with_name(f".{path.name}.part")
    try:
        write_synced(part, content)
        part.replace(path)
        sync_folders([path.parent])
    except OSError as error:
        raise unwritable(path, error) from error


def write_synced(path: Path, content: bytes) -> None:
    """Write a file, and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def sync_folders(folders: Iterable[Path]) -> None:
    """Wait until the disk has the names of the files in some folders."""
    for folder in folders:
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def unwritable(place: Path, error: OSError) -> OperatorError:
    """The error for a place to which nothing can be written."""
    return OperatorError(
        f"results cannot be written to {place}: {error.strerror or error}", "Free space or choose another --out"
    )


@dataclass
class Kept:
    """The trace that an earlier batch left in a folder, for whoever would run the same again.

    Attributes:
        folder: Of this trace alone.
        fresh: Whether to run again all the same.
        found: The trace, once it was asked for and fitted.
    """

    folder: Path
    fresh: bool = False
    found: Trace | None = None

    def __call__(self, key: str) -> tuple[Trace, Mapping[str, bytes]] | None:
        """Trace and blobs if they are whole and of a run with this key; what is damaged is as good as not there."""
        try:
            trace, blobs = load_trace(self.folder)
        except OperatorError:
            return None
        if self.fresh or trace.key != key or not whole(trace, blobs):
            return None
        self.found = trace
        return trace, blobs


def keep(trace: Trace, blobs: Mapping[str, bytes], kept: Kept) -> None:
    """Write a trace, unless it lies there just so.

    Raises:
        OperatorError: The disk is full or not writable.
    """
    if trace != kept.found:
        save_trace(trace, blobs, kept.folder)


def whole(trace: Trace, blobs: Mapping[str, bytes]) -> bool:
    """Whether all blobs that a trace names are there, and hold what their names say: they are named by their hash."""
    seen = [question.observation for question in trace.questions if question.observation]
    named = {figure.png for one in seen for figure in one.figures}
    named |= {prediction.outputs for one in seen for prediction in one.predictions}
    sound = {name for name, content in blobs.items() if name.startswith(hashlib.sha256(content).hexdigest())}
    return named - {""} <= sound


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
