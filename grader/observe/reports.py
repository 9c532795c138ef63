"""The probe's messages, read with suspicion: student code can forge any of them.

What does not fit the records is not an error of the grader: the report is dropped and a note says so. Blobs are
`.npy` arrays of numbers (read without pickle) and PNG pictures, named by their SHA-256; anything else is dropped.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import io
from collections.abc import Mapping

import numpy as np
from pydantic import TypeAdapter, ValidationError

from grader.records import Note, Observation

PNG = b"\x89PNG\r\n\x1a\n"
MOST_BLOBS = 100
MOST_BLOB_BYTES = 16 * 2**20
MOST_ARRAY_ELEMENTS = 4_000_000
READER = TypeAdapter(Observation)


def read_report(question: str, message: object) -> tuple[Observation | None, dict[str, bytes], Note | None]:
    """Validate a report.

    Args:
        question: The question that was asked about.
        message: What came, of any type.

    Returns:
        The observation or None, the blobs by name, and a note on what was wrong with it or None.
    """
    if not isinstance(message, dict) or not isinstance(message.get("blobs"), dict):
        return None, {}, unfit(question, "it is not of the expected form")
    try:
        observation = READER.validate_python(message.get("observation"), strict=False)
    except (ValidationError, RecursionError) as error:
        reason = error.errors()[0]["msg"] if isinstance(error, ValidationError) else "it is nested too deep"
        return None, {}, unfit(question, reason)
    if observation.question != question:
        return None, {}, unfit(question, "it is about another question")
    return observation, read_blobs(message["blobs"]), None


def unfit(question: str, reason: str) -> Note:
    """A note on a report that does not fit."""
    message = (
        f"the report on {question} could not be read ({reason}): the code of the hand-in may have changed the probe"
    )
    return Note("probe", message[:500], question=question)


def read_blobs(encoded: Mapping[object, object]) -> dict[str, bytes]:
    """The blobs of a report that are what they say they are."""
    blobs = {}
    for name, text in list(encoded.items())[:MOST_BLOBS]:
        if not isinstance(name, str) or not isinstance(text, str) or len(text) > MOST_BLOB_BYTES * 4 // 3:
            continue
        try:
            content = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            continue
        digest, _, suffix = name.partition(".")
        if hashlib.sha256(content).hexdigest() == digest and fits(content, suffix):
            blobs[name] = content
    return blobs


def fits(content: bytes, suffix: str) -> bool:
    """Whether bytes are a PNG picture or a plain array of numbers."""
    if suffix == "png":
        return content.startswith(PNG)
    return suffix == "npy" and is_plain_array(content)


def is_plain_array(content: bytes) -> bool:
    """Whether bytes are a `.npy` file (format 1.0) of numbers whose header agrees with its size."""
    stream = io.BytesIO(content)
    try:
        if np.lib.format.read_magic(stream) != (1, 0):
            return False
        shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    except (ValueError, OSError):
        return False
    size = int(np.prod(shape, dtype=object))
    return (
        dtype.kind in "fiub" and size <= MOST_ARRAY_ELEMENTS and len(content) - stream.tell() == size * dtype.itemsize
    )
