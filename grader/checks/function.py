"""The check `function`."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import numpy as np
from pydantic import Field, model_validator

from grader.checks import code
from grader.checks.absence import absent, observed
from grader.checks.registry import Parameters, check
from grader.checks.results import Operation, by_own_arrays
from grader.records import Argument, Call, CallRequest, Evidence, Value, Verdict

_SHOWN = 6  # numbers of a result in a rationale
# What rounding leaves of a result that was computed with this dtype; whole numbers must be equal.
_TOLERANCES = {"float16": 1e-2, "bfloat16": 2e-2, "float32": 1e-5, "float64": 1e-6}


class Input(Parameters):
    """One argument: drawn anew for each run and case, or a fixed value."""

    shape: tuple[int, ...] | None = Field(None, description="Shape of the array; [] for a single number.")
    dtype: str = Field("float64", pattern=r"^(float|int|uint)\d+$", description="NumPy dtype of the array.")
    low: float = Field(-1.0, description="Least value.")
    high: float = Field(1.0, description="Greatest value.")
    value: bool | int | float | str | None = Field(None, description="A fixed value instead of a drawn array.")

    @model_validator(mode="after")
    def _one_of_both(self) -> Input:
        if (self.shape is None) == (self.value is None):
            raise ValueError("an input needs either 'shape' or 'value'")
        if self.low > self.high:
            raise ValueError("'low' must not be above 'high'")
        return self


class FunctionParameters(Parameters):
    """Which function, and what it is called with."""

    names: tuple[str, ...] = Field(min_length=1, description="Usual names of the function, the best first.")
    inputs: tuple[Input, ...] = Field((), description="Its positional arguments.")
    cases: int = Field(5, ge=1, le=100, description="How many times it is called.")
    tolerance: float | None = Field(
        None,
        ge=0,
        description="Largest relative and absolute difference that is equal; by default as the dtype allows.",
    )
    operation: Operation | None = Field(
        None, description="Where no function can be called: the operation that the student's own arrays are judged by."
    )


def request_id(parameters: FunctionParameters) -> str:
    """The id that the calls of these parameters carry in a trace."""
    asked = parameters.model_dump_json(include={"names", "inputs", "cases"})
    return f"{parameters.names[0]}-{hashlib.sha256(asked.encode()).hexdigest()[:12]}"


def _requests(parameters: FunctionParameters, seed: int) -> tuple[CallRequest, ...]:
    random = np.random.default_rng(seed)
    cases = tuple(tuple(_argument(i, random) for i in parameters.inputs) for _ in range(parameters.cases))
    return (CallRequest(request_id(parameters), parameters.names, cases),)


def _argument(asked: Input, random: np.random.Generator) -> Argument:
    if asked.shape is None:
        return Argument(asked.value)
    if asked.dtype.startswith("float"):
        drawn = random.uniform(asked.low, asked.high, asked.shape).astype(asked.dtype)
    else:
        drawn = random.integers(int(asked.low), int(asked.high), asked.shape, endpoint=True).astype(asked.dtype)
    return Argument(tuple(float(x) for x in np.ravel(drawn)), asked.shape, asked.dtype)


@check("function", requests=_requests)
def function(evidence: Evidence, parameters: FunctionParameters, reference: Evidence | None) -> Verdict:
    """Does your function give what it should?

    Your function is found by its name (upper and lower case and underscores do not matter) and called with inputs that
    are drawn for this run. You get the share of the calls whose result has the right shape and values. A function that
    gives the same numbers or zeros whatever it is given gets nothing. A call that changes its input counts as wrong.
    How near is near enough follows from the number type that you compute with. Where the question allows an answer
    without a function, and there is none, your result is compared with the one worked out anew from your own arrays.
    """
    wanted = _calls(reference if reference and reference.seed == evidence.seed else None, parameters)
    calls = _calls(evidence, parameters)
    name = next((call.function for call in calls.values() if call.function), "")
    if not name or _needs_more(calls):
        result = by_own_arrays(evidence, parameters.operation) if parameters.operation else None
        names = ", ".join(parameters.names)
        what = f"No function was found that could be called (usual names: {names})."
        if result or not name:
            return result or absent(evidence, what, _reason(calls))
    if undefined := _undefined(evidence, calls):
        return absent(evidence, f"{name} could not be called: {undefined}.", "Mend the cell that failed first.")
    expected = {case: call.value for case, call in wanted.items() if call.value and call.value.values}
    if len(expected) < parameters.cases:
        return Verdict(None, f"The reference gave no result for {name} to compare with. A person will look.")
    where = code.defined(evidence, name)
    if _is_constant(calls) and not _is_constant(wanted):
        text = f"{name} gave the same constant for all {len(expected)} different inputs."
        return Verdict(0.0, text, "Compute the result from the arguments.", place=where)
    wrong = {case: problem for case in expected if (problem := _problem(calls.get(case), expected[case], parameters))}
    right = len(expected) - len(wrong)
    text = f"{name} is right for {right} of {len(expected)} inputs drawn for this run."
    if not wrong:
        return Verdict(1.0, text, place=where)
    case, problem = next(iter(wrong.items()))
    hint = "Work through one small input by hand and compare it with your function, step by step."
    told = f"Input {case + 1}: expected {_numbers(expected[case])}."
    return Verdict(right / len(expected), f"{text} Input {case + 1}: {problem}.", hint, instructor=told, place=where)


def _calls(evidence: Evidence | None, parameters: FunctionParameters) -> Mapping[int, Call]:
    if evidence is None:
        return {}
    wanted = request_id(parameters)
    return {call.case: call for call in observed(evidence).calls if call.request == wanted}


def _reason(calls: Mapping[int, Call]) -> str:
    return next((f"Nothing was called: {call.error}." for call in calls.values() if call.error), "Define the function.")


def _needs_more(calls: Mapping[int, Call]) -> bool:
    """Whether the function has arguments that the question does not name, as a stride without a default."""
    return all(call.value is None and "required positional argument" in call.error for call in calls.values())


def _undefined(evidence: Evidence, calls: Mapping[int, Call]) -> str:
    """The error of all calls, if they lack a name, as happens where a cell failed that would have bound it."""
    errors = sorted(call.error for call in calls.values())
    unbound = all(error.startswith("NameError") for error in errors)
    return errors[0] if evidence.question.error is not None and unbound else ""


def _is_constant(calls: Mapping[int, Call]) -> bool:
    """Whether all results are the same, or hold one number only. A single call shows nothing but the latter."""
    results = [call.value.values for call in calls.values() if call.value and call.value.values]
    return len({number for result in results for number in result}) == 1 or (len(results) > 1 == len(set(results)))


def _problem(call: Call | None, expected: Value | None, parameters: FunctionParameters) -> str:
    """Why a call is wrong; empty if it is right."""
    if call is None or expected is None:
        return "it was not called"
    if call.error or call.value is None:
        return f"it failed with {call.error}" if call.error else "it gave no number and no array"
    if call.value.shape != expected.shape:
        return f"it gave the shape {call.value.shape}, expected {expected.shape}"
    if call.input_changed:
        return "it changed its input array"
    given, right = np.asarray(call.value.values), np.asarray(expected.values)
    asked = parameters.tolerance
    near = max(_tolerance(call.value.dtype), _tolerance(expected.dtype)) if asked is None else asked
    if given.shape == right.shape and np.allclose(given, right, rtol=near, atol=near):
        return ""
    return f"it gave {_numbers(call.value)}, which is not the expected result within {near:g}"


def _tolerance(dtype: str) -> float:
    return 0.0 if dtype.startswith(("int", "uint", "bool")) else _TOLERANCES.get(dtype, 1e-5)


def _numbers(value: Value) -> str:
    more = ", …" if len(value.values) > _SHOWN else ""
    return f"[{', '.join(f'{number:.4g}' for number in value.values[:_SHOWN])}{more}]"
