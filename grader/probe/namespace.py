"""What a question left in the student's namespace: numbers and arrays, functions, and what these functions give.

Functions are called with inputs that the grader chose. The answers to compare with are not here: they never enter the
sandbox.
"""

from __future__ import annotations

import contextlib
import inspect
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from grader.probe.arrays import class_name, is_exactly, kind, shape_and_dtype, to_array
from grader.probe.callables import students_callables
from grader.probe.recorder import Recorder

VALUES = 200  # per question
FUNCTIONS = 200  # per question
KEPT = 256  # elements of a value
RESULT_KEPT = 4096  # elements of a call's result
CALL_SECONDS = 10.0  # per call

Json = dict[str, Any]
Form = Callable[[Json], Any]


class TooLateError(BaseException):
    """A call took too long. No `Exception`: the student's own `except Exception` must not swallow it."""


def install(recorder: Recorder) -> None:
    """Nothing to hook: the namespace is read when the question is over."""


def begin(recorder: Recorder) -> None:
    """The recorder itself remembers what stood before the question."""


def observe(recorder: Recorder, plan: Json) -> dict[str, list[Json]]:
    """Values, functions and calls of the question, as the fields of `grader.records.Observation`."""
    names = [name for name in recorder.new_names() if name.isidentifier()]
    new = {name: recorder.namespace[name] for name in names}
    values = [value for name, item in new.items() if (value := _value(name, item))]
    if len(values) > VALUES:
        recorder.note("truncated", f"{len(values)} numbers and arrays were defined; the first {VALUES} are kept")
    callables = students_callables(new)
    own = {name: Signature.of(item) for name, item in callables.items()}
    functions = [{"name": n[:100], "parameters": list(s.names), "required": s.required} for n, s in own.items()]
    calls = [call for request in plan["calls"] for call in _call_all(request, callables, recorder.namespace)]
    return {"values": values[:VALUES], "functions": functions[:FUNCTIONS], "calls": calls}


# --- values ---------------------------------------------------------------------------------------------------------


def _value(name: str, item: object, kept: int = KEPT) -> Json | None:
    """A `grader.records.Value`, or None for what is neither a number nor an array."""
    found = kind(item)
    if not found:
        return None
    try:
        if found in {"list", "tuple"}:
            array = to_array(item)
            if array is None:
                return None
            shape, dtype = array.shape, array.dtype.name
        else:
            shape, dtype = shape_and_dtype(item)
            array = to_array(item) if np.prod(shape, dtype=float) <= kept else None
        values = _finite(array) if array is not None and array.size <= kept else []
    except (Exception, SystemExit):
        return None
    return {"name": name[:100], "type": found, "dtype": dtype, "shape": list(shape), "values": values}


def _finite(array: Any) -> list[float]:
    """The flat values; none at all if one is not finite, because values must not move to another place."""
    flat = [float(value) for value in array.ravel()]
    return flat if np.isfinite(flat).all() else []


# --- functions ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Signature:
    """How a function can be called.

    Attributes:
        names: Names of its parameters.
        required: Positional parameters without a default.
        most: Positional arguments that it takes at most.
    """

    names: tuple[str, ...] = ()
    required: int = 0
    most: float = 0

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Signature:
        """The signature of a function; an empty one if it hides it."""
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except Exception:
            return cls()
        positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
        endless = any(p.kind is p.VAR_POSITIONAL for p in parameters)
        return cls(
            tuple(str(p.name)[:100] for p in parameters[:50]),
            sum(p.default is p.empty for p in positional),
            float("inf") if endless else len(positional),
        )

    def fits(self, arguments: int) -> bool:
        """Whether a call with so many positional arguments is possible."""
        return self.required <= arguments <= self.most


def _plain(name: str) -> str:
    """A name without the object before the dot, as students spell it in many ways."""
    return name.rpartition(".")[2].replace("_", "").lower()


def _find(request: Json, new: dict[str, Any], namespace: dict[str, Any]) -> tuple[str, Any, str]:
    """The function that is meant and its name, else why there is none.

    By name, first among what this question defined and then anywhere in the hand-in; else the only function of this
    question that takes so many arguments.
    """
    everywhere = students_callables({name: item for name, item in list(namespace.items()) if is_exactly(name, str)})
    for wanted in request["names"]:
        for place in (new, everywhere):
            for name in place:
                if _plain(name) == _plain(wanted):
                    return name, place[name], ""
    arguments = len(request["cases"][0]) if request["cases"] else 0
    fitting = [name for name, item in new.items() if Signature.of(item).fits(arguments)]
    if len(fitting) == 1:
        return fitting[0], new[fitting[0]], ""
    wanted = ", ".join(request["names"])
    if fitting:
        several = f"several functions take {arguments} arguments ({', '.join(fitting)[:300]})"
        return "", None, f"{several}; none is called {wanted}"
    return "", None, f"no function is called {wanted}, and none takes {arguments} arguments"


# --- calls ----------------------------------------------------------------------------------------------------------


def _call_all(request: Json, new: dict[str, Any], namespace: dict[str, Any]) -> list[Json]:
    """A `grader.records.Call` for each case of a request."""
    name, function, problem = _find(request, new, namespace)
    calls = [_no_call(request, case, name, problem) for case in range(len(request["cases"]))]
    if problem:
        return calls
    forms = _forms()
    for case, arguments in enumerate(request["cases"]):
        calls[case], forms = _call(calls[case], function, arguments, forms)
        if calls[case]["error"].startswith(TooLateError.__name__):
            late = f"not called: case {case} took over {CALL_SECONDS:g} s"
            calls[case]["error"] = f"TimeoutError: the call took over {CALL_SECONDS:g} s"
            return calls[: case + 1] + [call | {"error": late} for call in calls[case + 1 :]]
    return calls


def _no_call(request: Json, case: int, function: str, error: str) -> Json:
    record = {"request": request["id"], "case": case, "function": function[:100]}
    return record | {"value": None, "input_changed": False, "error": error}


def _call(record: Json, function: Any, arguments: Sequence[Json], forms: list[Form]) -> tuple[Json, list[Form]]:
    """Call with the first form of arguments that the function takes; that form then stands first for the next case."""
    errors: list[str] = []
    for form in forms:
        given = [form(argument) for argument in arguments]
        try:
            with _quiet(), _limited(CALL_SECONDS):
                result = function(*given)
            changed = any(map(_differs, given, map(form, arguments)))
            first = [form, *(other for other in forms if other is not form)]
            return record | _result(result) | {"input_changed": changed}, first
        except (TypeError, AttributeError, ValueError) as error:
            errors.append(_error_text(error))
        except BaseException as error:
            return record | {"error": _error_text(error)}, forms
    return record | {"error": errors[0]}, forms


def _result(result: object) -> Json:
    value = _value("", result, RESULT_KEPT)
    if value is None:
        what = "nothing" if result is None else f"a {class_name(result)}"
        return {"error": f"returned {what}, not a number or an array"}
    size = int(np.prod(value["shape"], dtype=float))
    if size and not value["values"]:
        large = f"returned {size} numbers; at most {RESULT_KEPT} are compared"
        return {"value": value, "error": large if size > RESULT_KEPT else "returned numbers that are not finite"}
    return {"value": value}


def _differs(given: object, fresh: object) -> bool:
    """Whether a call changed its argument."""
    one, other = to_array(given), to_array(fresh)
    if one is None or other is None:
        return other is not None
    return one.shape != other.shape or not np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


def _error_text(error: BaseException) -> str:
    try:
        return f"{class_name(error)}: {error}"[:500].encode("utf-8", "replace").decode("utf-8")
    except (Exception, SystemExit):
        return class_name(error)


def _forms() -> list[Form]:
    """The ways to hand over an array, the plainest first; tensors only where the framework was imported.

    Tensors are float32 where the array is float64, as the student's own tensors are.
    """
    forms: list[Form] = [_array]
    if "torch" in sys.modules:
        forms.append(lambda argument: _tensor(sys.modules["torch"].tensor, argument))
    if "tensorflow" in sys.modules:
        forms.append(lambda argument: _tensor(sys.modules["tensorflow"].constant, argument))
    return [*forms, _lists]


def _array(argument: Json) -> Any:
    """A new array, or the number or text itself."""
    if argument["shape"] is None:
        return argument["values"]
    return np.array(argument["values"], dtype=argument["dtype"]).reshape(argument["shape"])


def _tensor(make: Callable[[Any], Any], argument: Json) -> Any:
    array = _array(argument)
    if not is_exactly(array, np.ndarray):
        return array
    return make(array.astype(np.float32) if array.dtype == np.float64 else array)


def _lists(argument: Json) -> Any:
    array = _array(argument)
    return array.tolist() if is_exactly(array, np.ndarray) else array


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """What the student's function prints here belongs to no cell."""
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield


@contextlib.contextmanager
def _limited(seconds: float) -> Iterator[None]:
    """Raise `TooLateError` inside the block after some seconds, and every second from then on.

    Signals reach the main thread only; elsewhere the limits around the kernel are what is left.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "SIGALRM"):  # Windows
        yield
        return

    def late(_number: int, _frame: FrameType | None) -> None:
        raise TooLateError

    before = signal.signal(signal.SIGALRM, late)
    left, interval = signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        signal.setitimer(signal.ITIMER_REAL, left, interval)
