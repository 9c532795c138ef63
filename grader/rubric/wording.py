"""Pydantic's errors in the words of a rubric: which key, of which question, and what was probably meant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from grader.checks import CHECKS
from grader.rubric.models import Rubric, nearest
from grader.rubric.source import KeyPath, Problem, Source


def described(error: ValidationError, source: Source) -> Iterator[Problem]:
    """One problem per key that is wrong, unknown or missing; a key that is only misspelt is not missing too."""
    errors = [(_place(e, source), e) for e in error.errors(include_url=False)]
    misspelt = [(path, _unknown_key(path, source.value)) for (path, _), e in errors if e["type"] == "extra_forbidden"]
    for (path, apart), group in groupby(errors, key=lambda pair: pair[0]):
        found = [e for _, e in group]
        meant = any(other[:-1] == path and f"mean '{apart}'" in text for other, text in misspelt)
        if not (meant and found[0]["type"] == "missing"):
            yield Problem(path, _message(path, found, source.value))


def _place(error: ErrorDetails, source: Source) -> tuple[KeyPath, str | int]:
    """The key as it stands in the file, and what keeps errors at the same key apart.

    A union (`int | "epochs"`) reports one error per member, with the member's name at the end of the path: these names
    are dropped, so that the errors of all members come together.
    """
    location = error["loc"]
    end = next(end for end in range(len(location), -1, -1) if location[:end] in source.lines)
    apart = error["type"] == "missing" or location[-1:] == ("[key]",)
    return location[:end], location[-1] if apart else ""


def _message(path: KeyPath, errors: list[ErrorDetails], value: object) -> str:
    first = errors[0]
    match first["type"]:
        case "missing":
            return _missing(path, first["loc"], value)
        case "extra_forbidden":
            return _unknown_key(path, value)
        case "unknown_name":
            context = first["ctx"]
            return f"unknown {context['kind']} '{context['name']}' in {_where(path[:-1], value)}{context['nearest']}"
    return f"{_subject(path, value)}: {_expected(errors)}{_given(first['input'])}"


def _missing(path: KeyPath, location: KeyPath, value: object) -> str:
    *_, around, key = ("", *location)
    if around in {"with", "parameters"}:
        return f"{_where(path, value)} lacks the parameter '{key}'"
    under = f" under '{around}'" if "with" in location else ""
    return f"{_where(path, value)} lacks the key '{key}'{under}"


def _unknown_key(path: KeyPath, value: object) -> str:
    *around, key = path
    near = nearest(str(key), _keys(tuple(around), value))
    if around and around[-1] == "with":
        check = _at(tuple(around[:-1]), value)["check"]
        return f"unknown parameter '{key}' of check '{check}' in {_where(path, value)}{near}"
    return f"unknown key '{key}' in {_where(tuple(around), value)}{near}"


def _subject(path: KeyPath, value: object) -> str:
    """The key of a wrong value: `'points' in question q6`, `item 2 of 'data' in the rubric`."""
    match path:
        case ():
            return "the rubric"
        case (*around, str(key), int(index)):
            return f"item {index + 1} of '{key}' in {_where(tuple(around), value)}"
        case (*around, key):
            return f"'{key}' in {_where(tuple(around), value)}"
    raise AssertionError(path)


def _expected(errors: list[ErrorDetails]) -> str:
    texts = [re.sub(r"^(Input|Value error,) | or instance of \w+", "", error["msg"]) for error in errors]
    plain = [text.replace("valid tuple", "list").replace("valid dictionary", "mapping of keys") for text in texts]
    return " or ".join(dict.fromkeys(plain))


def _given(value: object) -> str:
    return f", not {value!r}" if isinstance(value, str | int | float | None) and len(str(value)) < 60 else ""


def _where(path: KeyPath, value: object) -> str:
    match path:
        case ("questions", int(), "criteria", int(), *_):
            return f"criterion {_name(path[:4], value)} of {_where(path[:2], value)}"
        case ("questions", int(), *_):
            return f"question {_name(path[:2], value)}"
        case ("profiles", str(profile), *_):
            return f"profile {profile}"
    return "the rubric"


def _name(path: KeyPath, value: object) -> str:
    record = _at(path, value)
    identity = record.get("id") if isinstance(record, Mapping) else None
    return identity if isinstance(identity, str) else f"number {int(path[-1]) + 1}"


def _at(path: KeyPath, value: Any) -> Any:
    for step in path:
        value = value[step]
    return value


def _keys(path: KeyPath, value: object) -> list[str]:
    """The keys that are known at a place of the file."""
    model: type[BaseModel] | None = Rubric
    for depth, step in enumerate(path):
        if step == "with":
            model = CHECKS[_at(path[:depth], value)["check"]].parameters
        elif model and step in (fields := _fields(model)):
            model = _model_in(fields[step].annotation)
    return list(_fields(model)) if model else []


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in model.model_fields.items()}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model in an annotation such as `tuple[Question, ...]` or `Mapping[Profile, Limits]`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for part in get_args(annotation) if (model := _model_in(part))), None)
