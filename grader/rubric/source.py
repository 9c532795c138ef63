"""YAML text -> plain values, and the line of each key. Uses PyYAML's node tree, which keeps the marks of the text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from grader.errors import RubricError

KeyPath = tuple[str | int, ...]
MOST_ENTRIES = 100_000


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a rubric and the key or item where it is."""

    path: KeyPath
    message: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A YAML document.

    Attributes:
        value: The document as dicts, lists and scalars.
        lines: Line, from 1, of each key and list item.
        problems: Keys given twice (YAML would silently keep the last).
    """

    value: object
    lines: Mapping[KeyPath, int]
    problems: tuple[Problem, ...]

    def line(self, path: KeyPath) -> int:
        """The line of a key, or of the nearest key around it."""
        return next((self.lines[path[:end]] for end in range(len(path), -1, -1) if path[:end] in self.lines), 1)


def read_source(path: Path) -> Source:
    """Read a YAML file.

    Raises:
        RubricError: It is missing, unreadable, not UTF-8, empty, or not YAML.
    """
    text = _text(path)
    try:
        source = _parsed(text)
    except yaml.MarkedYAMLError as error:
        raise RubricError(_syntax(path, error)) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise RubricError(f"{path}:{line}: a character that YAML does not allow: #x{error.character:02x}") from error
    except (ValueError, RecursionError) as error:
        reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise RubricError(f"{path}: cannot be read as YAML: {reason}") from error
    if source.value is None:
        raise RubricError(f"{path}:1: the rubric is empty", "Start from one in rubrics/")
    return source


def _parsed(text: str) -> Source:
    loader = yaml.SafeLoader(text)
    node = loader.get_single_node()
    if node is None:
        return Source(None, {}, ())
    return _source(loader.construct_document(node), _entries(node, (), ()))


def _source(value: object, entries: Iterable[tuple[KeyPath, int]]) -> Source:
    lines: dict[KeyPath, int] = {(): 1}
    problems = []
    for path, line in entries:
        if len(lines) > MOST_ENTRIES:  # some anchors, used again and again, stand for any number of them
            raise ValueError(f"it holds more than {MOST_ENTRIES:,} entries")
        if path in lines:
            problems.append(Problem(path, f"the key '{path[-1]}' is given twice, first in line {lines[path]}", line))
        else:
            lines[path] = line
    return Source(value, lines, tuple(problems))


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise RubricError(f"{path}: no such rubric file", "Check the path after --rubric") from error
    except OSError as error:
        raise RubricError(f"{path}: cannot be read: {error.strerror}") from error
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise RubricError(f"{path}:{line}: the text is not UTF-8", "Save the file as UTF-8") from error


def _syntax(path: Path, error: yaml.MarkedYAMLError) -> str:
    mark = error.problem_mark or error.context_mark
    what = ", ".join(part for part in (error.context, error.problem) if part)
    return f"{path}:{mark.line + 1 if mark else 1}: not valid YAML: {what}"


def _entries(node: yaml.Node, path: KeyPath, around: tuple[yaml.Node, ...]) -> Iterator[tuple[KeyPath, int]]:
    if node in around:
        raise ValueError(f"the anchor in line {node.start_mark.line + 1} contains itself")
    for key, line, child in _children(node):
        yield (*path, key), line
        yield from _entries(child, (*path, key), (*around, node))


def _children(node: yaml.Node) -> Iterator[tuple[str | int, int, yaml.Node]]:
    if isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            yield str(key.value), key.start_mark.line + 1, child
    elif isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            yield index, child.start_mark.line + 1, child
