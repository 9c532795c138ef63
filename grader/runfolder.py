"""The output folder of a batch as a whole: one grader at a time, one seed, and no halves of a run that was killed.

OUT/run.json     the seed that drew the inputs of function calls: reference and hand-ins are compared on the same ones
OUT/.pages.lock  held for a moment while pages follow a decision of a person
OUT/.lock        held while a grader writes here; the system lets go of it when that one dies
"""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from grader.errors import OperatorError
from grader.storage import unwritable, write_durably

RUN_FILE = "run.json"


@contextmanager
def held(out: Path) -> Iterator[None]:
    """Hold an output folder, made if need be; what an earlier grader was about to write when it died is removed.

    Raises:
        OperatorError: Another grader is writing there, or nothing can be written there.
    """
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / ".lock").open("wb")
    except OSError as error:
        raise unwritable(out, error) from error
    with lock:
        import fcntl  # only where classes are graded: self-check must load on Windows, too

        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise OperatorError(
                f"another grader is writing to {out}", "Wait until it is done, or choose another folder with --out"
            ) from error
        for half in halves(out):
            shutil.rmtree(half) if half.is_dir() else half.unlink()
        yield


@contextmanager
def in_turn(out: Path) -> Iterator[None]:
    """Wait for one's turn to write pages anew: of two reviewers, the later one must read what the earlier one decided.

    Raises:
        OperatorError: Nothing can be written there.
    """
    try:
        lock = (out / ".pages.lock").open("wb")
    except OSError as error:
        raise unwritable(out, error) from error
    with lock:
        import fcntl

        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def halves(out: Path) -> list[Path]:
    """What was being written when a grader was killed."""
    patterns = (".reference-*", ".feedback-*", "traces/.*", ".*.part", "feedback/.*.part")
    return [path for pattern in patterns for path in out.glob(pattern)]


def input_seed(out: Path, *, fresh: bool = False) -> int:
    """The seed of an output folder; drawn when there is none, or anew for a fresh start.

    It is on the disk before anything runs with it: a batch that goes on after it was killed asks for the same calls.

    Raises:
        OperatorError: The disk is full or not writable.
    """
    path = out / RUN_FILE
    known = None if fresh else _read(path)
    if known is not None:
        return known
    drawn = secrets.randbelow(2**31)
    write_durably(path, json.dumps({"input_seed": drawn}).encode())
    return drawn


def _read(path: Path) -> int | None:
    try:
        seed = json.loads(path.read_bytes())["input_seed"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return seed if isinstance(seed, int) else None
