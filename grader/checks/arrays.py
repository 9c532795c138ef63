"""Arrays that come out of the sandbox: `.npy` without pickle, and nothing is allocated on a header's word.

Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

from __future__ import annotations

from io import BytesIO
from math import prod

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray


def read_floats(content: bytes) -> NDArray[np.float32]:
    """A float32 array of any shape from the bytes of an `.npy` file.

    Raises:
        ValueError: It is no such file, or its size is not what its header says.
    """
    stream = BytesIO(content)
    version = npy.read_magic(stream)
    read_header = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = read_header(stream)
    if dtype != np.dtype(np.float32):
        raise ValueError(f"the array holds {dtype}, not float32")
    offset = stream.tell()
    if prod(shape) * dtype.itemsize != len(content) - offset:
        raise ValueError(f"the array should have the shape {shape} but holds {len(content) - offset:,} bytes")
    flat = np.frombuffer(content, dtype, offset=offset)
    return flat.reshape(shape, order="F" if fortran else "C")
