"""Results of small array operations, worked out anew from the arrays that a student chose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from grader.checks import code
from grader.checks.absence import observed
from grader.checks.matrices import matrices_in
from grader.checks.numbers import shaped
from grader.records import Evidence, Verdict

Operation = Literal["convolution", "max_pool", "relu"]
_WINDOW = 2  # height, width and stride of the pooling that is asked for everywhere
_MOST = 40  # arrays of an answer that are tried as inputs
_SAID = {"convolution": "the convolution", "max_pool": "the max pooling", "relu": "the ReLU"}


@dataclass(frozen=True)
class Result:
    """What an operation gives for a student's own arrays.

    Attributes:
        inputs: Names of the arrays.
        values: The right result.
    """

    inputs: tuple[str, ...]
    values: Any


def by_own_arrays(evidence: Evidence, operation: Operation) -> Verdict | None:
    """Judge an answer without a function by its result; None if it has no arrays that the operation fits.

    The right result is worked out anew from each array of the answer; a result that is typed in does not count.
    """
    own, given = matrices(evidence), computed(evidence)
    wanted = [r for r in _results(operation, own) if np.any(r.values)]
    if not wanted:
        return None
    for name, values in given.items():
        fit = next((r for r in wanted if name not in r.inputs and equal(values, r.values)), None)
        if fit:
            text = f"{name} is {_SAID[operation]} of {' and '.join(fit.inputs)}, worked out anew from these."
            return Verdict(1.0, f"There is no function to call. {text}")
    return Verdict(0.0, _wrong(given, wanted, operation), "Work out one place by hand.", instructor=_told(wanted))


def matrices(evidence: Evidence) -> dict[str, Any]:
    """The matrices that the answer's code left in variables, by name; axes of length 1 are left out."""
    arrays = {v.name: np.squeeze(shaped(v)) for v in observed(evidence).values if v.values}
    return {name: array for name, array in list(arrays.items()) if array.ndim == 2}


def computed(evidence: Evidence) -> dict[str, Any]:
    """The matrices that the code computed: in variables that are not typed in, and printed ones.

    What is printed as it stands in the code, or in a variable that is typed in, is not computed.
    """
    own = matrices(evidence)
    found = {name: array for name, array in own.items() if not code.typed_in(evidence, name)}
    typed = [array for name, array in own.items() if name not in found]
    written = [m.values for _, text in code.strings(evidence, printed=True) for m in matrices_in(text)]
    for values in (m.values for run in evidence.question.runs for m in matrices_in(run.text)):
        here = next((i for i, other in enumerate(written) if equal(values, other)), None)
        if here is not None:
            written.pop(here)
        elif not any(equal(values, other) for other in (*found.values(), *typed)):
            found[f"printed matrix {len(found) + 1}"] = values
    return found


def equal(one: Any, other: Any) -> bool:
    """Whether two matrices have the same shape and the same numbers, as far as they are printed."""
    return one.shape == other.shape and bool(np.allclose(one, other, rtol=1e-3, atol=6e-3))


def _results(operation: Operation, own: Mapping[str, Any]) -> Iterator[Result]:
    arrays = dict(list(own.items())[:_MOST])
    for name, array in arrays.items():
        if operation == "convolution":
            fitting = ((other, kernel) for other, kernel in arrays.items() if _is_kernel(kernel, array))
            yield from (Result((name, other), cross_correlation(array, kernel)) for other, kernel in fitting)
        elif operation == "max_pool" and min(array.shape) >= _WINDOW:
            yield Result((name,), max_pool(array))
        elif operation == "relu" and array.min() < 0:
            yield Result((name,), np.maximum(array, 0))


def _is_kernel(kernel: Any, matrix: Any) -> bool:
    smaller = all(a <= b for a, b in zip(kernel.shape, matrix.shape, strict=True)) and kernel.size < matrix.size
    return smaller and kernel.size > 1


def cross_correlation(matrix: Any, kernel: Any) -> Any:
    """(H, W) and (h, w) to (H - h + 1, W - w + 1): Goodfellow, Bengio, Courville (2016), equation 9.6."""
    return np.einsum("ijmn,mn->ij", sliding_window_view(matrix, kernel.shape), kernel)


def max_pool(matrix: Any) -> Any:
    """(H, W) to (H // 2, W // 2)."""
    rows, columns = (length // _WINDOW for length in matrix.shape)
    return matrix[: rows * 2, : columns * 2].reshape(rows, 2, columns, 2).max(axis=(1, 3))


def _wrong(given: Mapping[str, Any], wanted: list[Result], operation: Operation) -> str:
    inputs = " and ".join(wanted[0].inputs)
    shape = "×".join(map(str, wanted[0].values.shape))
    shown = ", ".join(f"{name} ({'×'.join(map(str, values.shape))})" for name, values in given.items())
    text = f"There is no function to call, and no computed result is {_SAID[operation]} of {inputs}, which has {shape}"
    return f"{text} numbers. Computed were: {shown or 'none'}."


def _told(wanted: list[Result]) -> str:
    return f"Expected {wanted[0].values.tolist()} from {' and '.join(wanted[0].inputs)}."
