from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import numpy as np
import pytest

from grader.checks.arrays import read_floats


def test_an_array_comes_back(npy: Callable[[Any], bytes]) -> None:
    array = np.arange(6, dtype=np.float32).reshape(2, 3)
    assert np.array_equal(read_floats(npy(array)), array)
    assert np.array_equal(read_floats(npy(np.asfortranarray(array))), array)


@pytest.mark.parametrize("content", [b"", b"not an array", b"\x93NUMPY\x01\x00\x76\x00{}"])
def test_garbage_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        read_floats(content)


def test_an_object_array_is_refused_without_unpickling() -> None:
    stream = BytesIO()
    np.lib.format.write_array(stream, np.array([{}], object), allow_pickle=True)
    with pytest.raises(ValueError, match="object"):
        read_floats(stream.getvalue())


def test_a_header_that_promises_terabytes_is_refused(npy: Callable[[Any], bytes]) -> None:
    forged = npy(np.zeros((10, 10))).replace(b"(10, 10)", b"(9" + b"9" * 5 + b",)")
    with pytest.raises(ValueError, match="should have the shape"):
        read_floats(forged)
