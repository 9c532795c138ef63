from __future__ import annotations

import base64
import hashlib
import io

import numpy as np
import pytest

from grader.observe.reports import is_plain_array, read_report


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=(1, 0))
    return stream.getvalue()


def named(content: bytes, suffix: str) -> dict[str, str]:
    return {hashlib.sha256(content).hexdigest() + suffix: base64.b64encode(content).decode()}


def report(**observation):
    return {"observation": {"question": "q1", **observation}, "blobs": {}}


def test_a_report_becomes_a_record():
    observation, blobs, problem = read_report(
        "q1", report(models=[{"name": "net", "class_name": "Net", "framework": "torch"}])
    )
    assert problem is None
    assert blobs == {}
    assert observation.models[0].class_name == "Net"


@pytest.mark.parametrize(
    "message",
    [
        None,
        "text",
        [],
        {"observation": {}},
        {"observation": None, "blobs": {}},
        report(surprise=1),
        report(models="many"),
        report(models=[{"name": "net", "class_name": "Net", "framework": "jax"}]),
        {"observation": {"question": "q2"}, "blobs": {}},
    ],
)
def test_a_report_that_does_not_fit_is_dropped_and_noted(message):
    observation, blobs, problem = read_report("q1", message)
    assert observation is None
    assert blobs == {}
    assert problem.kind == "probe"
    assert problem.question == "q1"


def test_only_plain_arrays_and_pictures_under_their_own_hash_are_kept():
    good = npy(np.zeros((2, 3), np.float32))
    picture = b"\x89PNG\r\n\x1a\n" + b"rest"
    blobs = {
        **named(good, ".npy"),
        **named(picture, ".png"),
        **named(b"<html>", ".png"),
        **named(good, ".pkl"),
        "0" * 64 + ".npy": base64.b64encode(good).decode(),
        "x": 3,
    }
    _, kept, _ = read_report("q1", {"observation": {"question": "q1"}, "blobs": blobs})
    assert sorted(kept.values()) == sorted([good, picture])


def test_arrays_of_objects_and_lying_headers_are_refused():
    stream = io.BytesIO()
    header = {"descr": "|O", "fortran_order": False, "shape": (1,)}
    np.lib.format.write_array_header_1_0(stream, header)
    assert not is_plain_array(stream.getvalue() + b"\x80\x04N.")
    assert is_plain_array(npy(np.arange(4)))
    assert not is_plain_array(npy(np.arange(4))[:-1])
    assert not is_plain_array(b"\x93NUMPY\x01\x00garbage")
    assert not is_plain_array(npy(np.array(["text"])))
