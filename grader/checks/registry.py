"""The registry of checks. A check is one function; its docstring is what a student reads about it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict

from grader.errors import RubricError
from grader.records import AppRequest, CallRequest, Evidence, PredictRequest, Verdict


class Parameters(BaseModel):
    """What a rubric may write under `with:` of a criterion. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


Request = PredictRequest | CallRequest | AppRequest
P = TypeVar("P", bound=Parameters)
CheckFunction = Callable[[Evidence, P, Evidence | None], Verdict]


@dataclass(frozen=True, slots=True)
class Check:
    """A way of judging.

    Attributes:
        name: As rubrics write it.
        function: `(evidence, parameters, reference evidence or None) -> Verdict`; pure.
        parameters: The class of its parameters.
        requests: `(parameters, seed) -> requests`: what the probe must be asked for.
        origin: File in which it was written.
    """

    name: str
    function: CheckFunction[Any]
    parameters: type[Parameters]
    requests: Callable[[Any, int], tuple[Request, ...]]
    origin: str = ""

    @property
    def description(self) -> str:
        """What a student reads about this check."""
        return inspect.getdoc(self.function) or ""


CHECKS: dict[str, Check] = {}


def _nothing(_parameters: Parameters, _seed: int) -> tuple[Request, ...]:
    return ()


def check(
    name: str, requests: Callable[[P, int], tuple[Request, ...]] = _nothing
) -> Callable[[CheckFunction[P]], CheckFunction[P]]:
    """Register a function as the check `name`. The class of its parameters is read from its annotations.

    Raises:
        RubricError: The name is taken.
    """

    def register(function: CheckFunction[P]) -> CheckFunction[P]:
        if name in CHECKS:
            raise RubricError(f"the check '{name}' is registered twice", "Give one of the two another name")
        origin = function.__code__.co_filename
        CHECKS[name] = Check(name, function, get_type_hints(function)["parameters"], requests, origin)
        return function

    return register
