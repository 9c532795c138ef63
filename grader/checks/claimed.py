"""The check `claimed`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import Field

from grader.checks import code
from grader.checks.absence import absent
from grader.checks.matrices import Matrix, matrices_in
from grader.checks.registry import Parameters, check
from grader.checks.results import computed, equal, matrices
from grader.records import Cell, Evidence, Place, Verdict

_SAYING = frozenset((
    "expected", "expect", "output", "outputs", "result", "results", "answer", "gives", "should", "convolved", "pooled",
))  # fmt: skip


class ClaimedParameters(Parameters):
    """Which results are compared."""

    shape: tuple[int, ...] | None = Field(None, description="Shape of the result; by default any matrix.")


# What is named so is no result, in `Expected output for [[1, -2]]: [[1, 0]]`.
_GIVEN = frozenset(("for", "of", "from", "with", "input", "inputs", "matrix", "image", "kernel", "filter", "given"))


@dataclass(frozen=True)
class Claim:
    """A result that is written down: in a text, a comment, a printed text, or a variable that is typed in."""

    values: Any
    where: str
    place: Place | None = None


@check("claimed")
def claimed(evidence: Evidence, parameters: ClaimedParameters, reference: Evidence | None) -> Verdict:  # noqa: ARG001
    """Does your code give the result that you say it gives?

    A result that you write down, in your text, in a comment, in a text that is printed or in a variable, is compared
    with what your code computes when it is run here. Each number must be the same. Without a computed result to compare
    with, typed-in ones earn nothing. Results saved in your file are compared in the same way, unless your code draws
    random numbers.
    """
    given = {name: m for name, m in computed(evidence).items() if _fits(m, parameters)}
    if not given:
        shape = f" of {'×'.join(map(str, parameters.shape))} numbers" if parameters.shape else ""
        return absent(evidence, f"No computed result{shape} was found.", "Compute a result, and show it.")
    claims = [claim for claim in _claims(evidence) if _fits(claim.values, parameters)]
    false = next((claim for claim in claims if not _is_true(claim, given)), None) or _stale(evidence, parameters, given)
    if false is None:
        written = f"{len(claims)} written down agree" if claims else "none is written down that would differ"
        return Verdict(1.0, f"Your code gives {', '.join(given)}; {written}.")
    text = _difference(false, given)
    if _draws(evidence):
        return Verdict(None, f"{text} Your code draws random numbers. A person will look.", place=false.place)
    return Verdict(0.0, text, "Run your code anew, and write down what it gives.", place=false.place)


def _is_true(claim: Claim, given: Mapping[str, Any]) -> bool:
    return any(equal(claim.values, computed) for computed in given.values())


def _fits(values: Any, parameters: ClaimedParameters) -> bool:
    return parameters.shape is None or values.shape == parameters.shape


def _claims(evidence: Evidence) -> Iterator[Claim]:
    yield from (Claim(m.values, "your text") for m in _said(evidence.question.answer.text))
    for place, text in code.strings(evidence):
        yield from (Claim(m.values, str(place), place) for m in _said(text))
    for cell, text in code.comments(evidence):
        places = ((m, Place(_number(cell), m.line + cell.line)) for m in _said(text))
        yield from (Claim(m.values, str(place), place) for m, place in places)
    for name, values in matrices(evidence).items():
        if set(name.casefold().split("_")) & _SAYING and code.typed_in(evidence, name):
            yield Claim(values, f"the variable {name}", code.defined(evidence, name))


def _said(text: str) -> Iterator[Matrix]:
    """The matrices of a text that it calls a result: the last such word before one counts."""
    before: tuple[str, ...] = ()
    for found in matrices_in(text):
        words = found.words or before
        marks = [word for word in words if word in _SAYING | _GIVEN]
        if marks and marks[-1] in _SAYING:
            yield found
        before = tuple(word for word in words if word not in _GIVEN)


def _number(cell: Cell) -> int:
    return cell.index if cell.parent is None else cell.parent


def _stale(evidence: Evidence, parameters: ClaimedParameters, known: Mapping[str, Any]) -> Claim | None:
    """What is not true in the output saved in the file; None if nothing is, or if it may differ from run to run."""
    if _draws(evidence):
        return None
    known = {**matrices(evidence), **known}
    own = {run.cell for run in evidence.question.runs}
    saved = [
        Claim(m.values, f"the saved output of cell {_number(cell)}", Place(_number(cell)))
        for cell in evidence.cells
        if cell.index in own
        for m in matrices_in(cell.saved_text)
        if _fits(m.values, parameters)
    ]
    return next((claim for claim in saved if not _is_true(claim, known)), None)


def _draws(evidence: Evidence) -> bool:
    return any(part in name.split(".") for name, _ in code.uses(evidence) for part in ("random", "rand", "randn"))


def _difference(claim: Claim, given: Mapping[str, Any]) -> str:
    """`Claimed 1, measured 3 in row 2, column 1`: the first difference to the computed matrix that is nearest."""
    alike = {name: m for name, m in given.items() if m.shape == claim.values.shape}
    if not alike:
        sizes = ("×".join(map(str, m.shape)) for m in (claim.values, next(iter(given.values()))))
        return "In {}: claimed {} numbers, measured {}.".format(claim.where, *sizes)
    name, nearest = min(alike.items(), key=lambda pair: int(np.sum(~np.isclose(pair[1], claim.values, 1e-3, 6e-3))))
    row, column = np.argwhere(~np.isclose(nearest, claim.values, 1e-3, 6e-3))[0]
    numbers = f"claimed {claim.values[row, column]:g}, measured {nearest[row, column]:g}"
    return f"In {claim.where}: {numbers} in row {row + 1}, column {column + 1} ({name})."
