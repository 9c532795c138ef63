"""`mutants.yaml` beside a reference: named mistakes as small patches, validated once, with the line of each error."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from grader.errors import RubricError
from grader.pipeline import MUTANTS
from grader.rubric import Problem, Rubric, Source, nearest, read_source

BY_A_PERSON = frozenset(("written", "after_hand_in"))


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Replacement(_Model):
    """A piece of text that occurs once in the file, and what stands there instead."""

    old: Annotated[str, Field(min_length=1)]
    new: str


class Mutant(_Model):
    """A named mistake.

    Attributes:
        name: Unique in the file.
        of: The right solution that it spoils, relative to the reference folder.
        question: Where the mistake is.
        mistake: What is wrong, in words.
        replace: What makes the mistake.
        caught_by: Criteria of the question; each must take points.
        at_most: The largest score that the question may get.
    """

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$")]
    of: str
    question: str
    mistake: Annotated[str, Field(min_length=1)]
    replace: Annotated[tuple[Replacement, ...], Field(min_length=1)]
    caught_by: Annotated[tuple[str, ...], Field(min_length=1)]
    at_most: Annotated[float, Field(ge=0, allow_inf_nan=False)]


_MUTANTS = TypeAdapter(tuple[Mutant, ...])


def read_mutants(rubric: Rubric, folder: Path) -> tuple[Mutant, ...]:
    """The mutants of a reference; none where there is no such file.

    Raises:
        RubricError: With one line per mistake: `mutants.yaml:12: mutant 'no-relu': 'old' is not in q6.py`.
    """
    path = folder / MUTANTS
    if not path.is_file():
        return ()
    source = _read(path)
    try:
        mutants = _MUTANTS.validate_python(source.value)
    except ValidationError as error:
        raise _wrong(path, source, [_described(e, source.value) for e in error.errors(include_url=False)]) from error
    problems = [*source.problems, *_inconsistencies(mutants, rubric, folder)]
    if problems:
        raise _wrong(path, source, problems)
    return mutants


def _read(path: Path) -> Source:
    try:
        return read_source(path)
    except RubricError as problem:
        raise RubricError(
            problem.message.replace("the rubric is empty", "it is empty"), "Write a list, or remove it"
        ) from problem


def patched(mutant: Mutant, folder: Path) -> str:
    """The text of a mutant, which `read_mutants` found to be possible."""
    text = (folder / mutant.of).read_text(encoding="utf-8")
    for replacement in mutant.replace:
        text = text.replace(replacement.old, replacement.new)
    return text


def _wrong(path: Path, source: Source, problems: Sequence[Problem]) -> RubricError:
    placed = sorted({(problem.line or source.line(problem.path), problem.message) for problem in problems})
    return RubricError("\n".join(f"{path}:{line}: {message}" for line, message in placed))


# --- pydantic's errors in words ---------------------------------------------------------------------------------------


def _described(error: ErrorDetails, value: Any) -> Problem:
    path, key = error["loc"], str(error["loc"][-1]) if error["loc"] else ""
    if not path:
        return Problem((), "the file must be a list of mutants")
    where = _name(value, path)
    if error["type"] == "missing":
        return Problem(path, f"{where} lacks the key '{key}'")
    if error["type"] == "extra_forbidden":
        known = Replacement.model_fields if "replace" in path else Mutant.model_fields
        return Problem(path, f"unknown key '{key}' in {where}{nearest(key, known)}")
    keys = ".".join(str(step) for step in path[1:])
    return Problem(path, f"{where}: {keys}: {error['msg'].removeprefix('Input ')}")


def _name(value: Any, path: Sequence[int | str]) -> str:
    number = int(path[0])
    record = value[number] if isinstance(value, list) else None
    name = record.get("name") if isinstance(record, Mapping) else None
    return f"mutant '{name}'" if isinstance(name, str) else f"mutant number {number + 1}"


# --- mistakes between mutants, rubric and reference -------------------------------------------------------------------


def _inconsistencies(mutants: Sequence[Mutant], rubric: Rubric, folder: Path) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, mutant in enumerate(mutants):
        problems = [*_misfits(mutant, rubric), *_impossible(mutant, folder)]
        if mutant.name in seen:
            problems.append(Problem(("name",), "a second mutant has this name"))
        seen.add(mutant.name)
        for problem in problems:
            yield Problem((number, *problem.path), f"mutant '{mutant.name}': {problem.message}")


def _misfits(mutant: Mutant, rubric: Rubric) -> Iterator[Problem]:
    """Names that the rubric does not know."""
    question = next((q for q in rubric.questions if q.id == mutant.question), None)
    if question is None:
        known = [q.id for q in rubric.questions]
        yield Problem(("question",), f"unknown question '{mutant.question}'{nearest(mutant.question, known)}")
        return
    criteria = {criterion.id: criterion for criterion in question.criteria}
    for place, name in enumerate(mutant.caught_by):
        if name not in criteria:
            what = f"question {question.id} has no criterion '{name}'{nearest(name, criteria)}"
            yield Problem(("caught_by", place), what)
        elif criteria[name].check in BY_A_PERSON:
            yield Problem(("caught_by", place), f"a person judges '{name}': no machine can catch anything there")


def _impossible(mutant: Mutant, folder: Path) -> Iterator[Problem]:
    """Patches that cannot be made."""
    file = folder / mutant.of
    if not file.resolve().is_relative_to(folder.resolve()) or not file.is_file():
        known = [path.relative_to(folder).as_posix() for path in folder.rglob("*.py")]
        yield Problem(
            ("of",), f"there is no file '{mutant.of}' in {folder}{nearest(mutant.of, known) if known else ''}"
        )
        return
    text = file.read_text(encoding="utf-8")
    for place, replacement in enumerate(mutant.replace):
        times = text.count(replacement.old)
        if times != 1:
            found = "is not" if times == 0 else f"occurs {times} times"
            yield Problem(("replace", place, "old"), f"'old' {found} in {mutant.of}: {_short(replacement.old)}")
        text = text.replace(replacement.old, replacement.new)


def _short(text: str) -> str:
    line = text.strip().splitlines()[0] if text.strip() else repr(text)
    return line if len(line) <= 60 else f"{line[:60]}…"
