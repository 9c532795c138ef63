"""Numbers and arrays of the student's as NumPy arrays."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from grader.records import Value


def shaped(value: Value) -> Any:
    """The array of a value: float64, of its own shape; flat where the reported shape does not fit the numbers."""
    flat = np.asarray(value.values, dtype=float)
    return flat.reshape(value.shape) if prod(value.shape) == flat.size else flat
