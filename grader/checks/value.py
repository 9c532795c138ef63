"""The check `value`."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import Field, model_validator

from grader.checks import code
from grader.checks.absence import absent, observed
from grader.checks.numbers import shaped
from grader.checks.registry import Parameters, check
from grader.records import Evidence, Measurement, Number, Place, Verdict

_SHOWN = 6
_PRINTED = "The number printed as"
Numbers = float | tuple[float, ...] | tuple[tuple[float, ...], ...]


class ValueParameters(Parameters):
    """Which number or array, and what it must be."""

    names: tuple[str, ...] = Field((), description="Usual names of the variable, the best first.")
    words: tuple[str, ...] = Field((), description="Words beside the printed number, where no such variable is found.")
    expected: Numbers | None = Field(None, description="The right number or array; else the reference's own value.")
    compute: str | None = Field(
        None, description="Formula over the student's own variables instead, such as `maximum(x, 0)`."
    )
    tolerance: float = Field(1e-6, ge=0, description="Largest relative and absolute difference that is equal.")
    unit: str = Field("", description="Unit of the number, to show.")

    @model_validator(mode="after")
    def _somewhere(self) -> ValueParameters:
        if not (self.names or self.words):
            raise ValueError("one of 'names' and 'words' is needed")
        if self.expected is not None and self.compute is not None:
            raise ValueError("only one of 'expected' and 'compute' can be given")
        if self.compute is not None:
            _formula(self.compute)
        return self


@check("value")
def value(evidence: Evidence, parameters: ValueParameters, reference: Evidence | None) -> Verdict:
    """Is your result right?

    The variable that holds your result is looked at after your code ran; without one, the number that your code prints
    beside the asked word. It is right or wrong: there is no share between. Where the question lets you choose the
    inputs, the right result is worked out anew from your own inputs. A result that is typed in instead of computed gets
    nothing, and a number that only your saved output shows is a claim and not a result.
    """
    found = _found(evidence, parameters)
    if found is None:
        claim = _claimed(evidence, parameters)
        what = f"No result named {' or '.join(parameters.names or parameters.words)} was found."
        said = "" if claim is None else f" Your file claims {claim:g}{_unit(parameters)}, but this run did not give it."
        return absent(evidence, what + said, "Give your result the asked name, or print it with its word.")
    expected = _expected(evidence, parameters, reference)
    seen = f"{found.name} is {_text(found.array)}{_unit(parameters)}"
    if isinstance(expected, KeyError):
        what = f"{seen}, but there is no {expected.args[0]} to work it out from."
        return absent(evidence, what, f"Give your input the name {expected.args[0]}.")
    if isinstance(expected, str):
        return Verdict(None, f"{seen}; {expected}. A person will look.", place=found.place)
    return _compared(evidence, parameters, found, expected)


def _compared(evidence: Evidence, parameters: ValueParameters, found: Found, expected: Any) -> Verdict:
    name, given = found.name, found.array
    right = given.shape == expected.shape and np.allclose(given, expected, parameters.tolerance, parameters.tolerance)
    text = f"{name} is {_text(given)}{_unit(parameters)}: {'right' if right else 'not the expected result'}."
    if given.shape != expected.shape:
        text = f"{name} has the shape {given.shape}, expected {expected.shape}."
    if code.typed_in(evidence, name) or _typed_beside(evidence, name, parameters.words):
        right, text = False, f"{text} It is typed in, where a computed result was expected."
    text = " ".join(filter(None, [text, _claim_sentence(evidence, parameters, given)]))
    told = f"Expected {_text(expected)}{_unit(parameters)} within {parameters.tolerance:g}."
    hint = "" if right else "Work it out by hand for a small input, step by step, and compare."
    shown = _shown(name, given, parameters)
    return Verdict(float(right), text, hint, shown, instructor=told, place=found.place)


@dataclass(frozen=True, slots=True)
class Found:
    """The student's result: the variable's name or what was printed, the array, and where it comes from."""

    name: str
    array: Any
    place: Place | None


def _found(evidence: Evidence, parameters: ValueParameters) -> Found | None:
    values = {_plain(v.name): v for v in observed(evidence).values if v.values}
    for name in parameters.names:
        if (found := values.get(_plain(name))) is not None:
            return Found(found.name, shaped(found), code.defined(evidence, found.name))
    printed = _number(evidence.question.numbers, parameters.words)
    if printed is None:
        return None
    return Found(f"{_PRINTED} “{printed.label}”", np.asarray(printed.value), code.printed(evidence, printed))


def _number(numbers: Sequence[Number], words: tuple[str, ...]) -> Number | None:
    fits = [n for n in numbers if any(re.search(rf"\b{re.escape(w.casefold())}\b", n.label.casefold()) for w in words)]
    return fits[-1] if fits else None


def _claimed(evidence: Evidence, parameters: ValueParameters) -> float | None:
    found = _number(evidence.question.claimed, parameters.words or parameters.names)
    return None if found is None else found.value


def _claim_sentence(evidence: Evidence, parameters: ValueParameters, given: Any) -> str:
    claim = _claimed(evidence, parameters)
    if claim is None or given.size != 1 or np.isclose(claim, given.item(), parameters.tolerance, parameters.tolerance):
        return ""
    unit = _unit(parameters)
    return f"Your file claims {claim:g}{unit}, measured {given.item():g}{unit}: the saved output is stale or not true."


def _expected(evidence: Evidence, parameters: ValueParameters, reference: Evidence | None) -> Any:
    """The right array, or why there is none: a text, or the name that the student's variables lack."""
    if parameters.expected is not None:
        return np.asarray(parameters.expected, dtype=float)
    if parameters.compute is not None:
        own = {v.name: shaped(v) for v in observed(evidence).values if v.values}
        try:
            return np.asarray(_evaluate(_formula(parameters.compute), own), dtype=float)
        except KeyError as missing:
            return missing
        except (ValueError, TypeError, ArithmeticError) as error:
            return f"it could not be worked out from your inputs ({error})"
    found = _found(reference, parameters) if reference else None
    return found.array if found else "the reference gave no such result to compare with"


def _typed_beside(evidence: Evidence, name: str, words: tuple[str, ...]) -> bool:
    if not name.startswith(_PRINTED):
        return False
    return any(code.types_in(node, word.casefold()) for word in words for _, node in code.nodes(evidence))


# --- formulas -------------------------------------------------------------------------------------------------------

_OPERATORS: Mapping[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv, ast.MatMult: operator.matmul, ast.Pow: operator.pow, ast.Mod: operator.mod,
}  # fmt: skip
_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    name: getattr(np, name)
    for name in (
        "maximum",
        "minimum",
        "sum",
        "mean",
        "max",
        "min",
        "exp",
        "log",
        "sqrt",
        "tanh",
        "abs",
        "floor",
        "ceil",
    )
}


def _formula(text: str) -> ast.expr:
    tree = ast.parse(text, mode="eval").body
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and code.dotted(node.func) not in _FUNCTIONS:
            raise ValueError(f"'compute' knows no {ast.unparse(node.func)}; there are: {', '.join(sorted(_FUNCTIONS))}")
    return tree


def _evaluate(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """Arithmetic over arrays; nothing else can be written."""
    if isinstance(node, ast.Name):
        return names[node.id]
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_evaluate(node.left, names), _evaluate(node.right, names))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_evaluate(node.operand, names)
    if isinstance(node, ast.Call):
        return _FUNCTIONS[code.dotted(node.func)](*(_evaluate(argument, names) for argument in node.args))
    plain = code.number(node)
    if plain is None:
        raise TypeError(f"'{ast.unparse(node)}' is no arithmetic")
    return plain


# --- words ----------------------------------------------------------------------------------------------------------


def _plain(name: str) -> str:
    return name.replace("_", "").casefold()


def _text(array: Any) -> str:
    flat = array.ravel()
    if array.ndim == 0:
        return f"{float(array):g}"
    more = ", …" if flat.size > _SHOWN else ""
    return f"[{', '.join(f'{x:.4g}' for x in flat[:_SHOWN])}{more}] of shape {array.shape}"


def _unit(parameters: ValueParameters) -> str:
    return f" {parameters.unit}" if parameters.unit else ""


def _shown(name: str, given: Any, parameters: ValueParameters) -> tuple[Measurement, ...]:
    return (Measurement(name, float(given.item()), unit=parameters.unit),) if given.size == 1 else ()
