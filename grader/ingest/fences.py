"""Code in the fences of Markdown, also in those that are closed badly or never."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass

from grader.ingest.code import is_code, is_prose, parses

# Two back-ticks alone on a line are a fence too: many students write them, and nothing else looks so.
OPENS = re.compile(r"[ \t>]*(?P<mark>`{2,}|~{3,})[ \t]*\{?\.?(?P<language>[\w+#.-]*)[^`\n]{0,80}")
CLOSES = re.compile(r"[ \t>]*(?:`{2,}|~{3,})[ \t]*")
ONE_LINE = re.compile(r"[ \t]*```[ \t]*(?:python3?|py)?[ \t]+(?P<code>[^`]+?)[ \t]*```[ \t]*")
PROMPT = re.compile(r"^(?:>>>|\.\.\.) ?", re.MULTILINE)
PYTHON = frozenset({"python", "py", "python3", "py3", "ipython", "ipython3", "pycon", "tensorflow", "keras", "pytorch"})
MAX_LINE = 4_000
MAX_ENDS = 40


@dataclass(frozen=True, slots=True)
class Fence:
    """One fenced part of a text.

    Attributes:
        code: What stands in it, without common indentation.
        language: As written behind the opening mark, in lower case.
        line: Number of its first code line in the text, from 0.
        start: Number of the opening line.
        end: Number of the first line after it.
        problem: What was wrong with the fence; empty for a good one.
    """

    code: str
    language: str
    line: int
    start: int
    end: int
    problem: str = ""

    @property
    def is_python(self) -> bool:
        """Called Python, or called nothing and of its shape."""
        if not self.code.strip():
            return False
        if self.language in PYTHON:
            return True
        lines = [line for line in self.code.split("\n") if line.strip()]
        return not self.language and any(is_code(line) for line in lines) and parses(self.code)


def fences(text: str) -> tuple[Fence, ...]:
    """All fenced parts of a text, in order. Linear in its length."""
    if "``" not in text and "~~~" not in text:
        return ()
    return tuple(_fences(text.split("\n")))


def without_fences(text: str) -> str:
    """The lines of a text that lie outside of its fences."""
    lines = text.split("\n")
    for fence in reversed(fences(text)):
        del lines[fence.start : fence.end]
    return "\n".join(lines)


def _fences(lines: list[str]) -> Iterator[Fence]:
    number = 0
    while number < len(lines):
        fence = _fence_at(lines, number)
        if fence:
            yield fence
        number = fence.end if fence else number + 1


def _fence_at(lines: list[str], start: int) -> Fence | None:
    line = lines[start]
    if len(line) > MAX_LINE:
        return None
    if match := ONE_LINE.fullmatch(line):
        return Fence(match["code"], "python", start, start, start + 1, "the fence lies on one line")
    opened = OPENS.fullmatch(line)
    if not opened:
        return None
    language = opened["language"].lower()
    if language and opened["mark"] == "``" and language not in PYTHON:
        return None
    return _closed(lines, start, language, opened["mark"]) or _never_closed(lines, start, language)


def _closed(lines: list[str], start: int, language: str, mark: str) -> Fence | None:
    body: list[str] = []
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if CLOSES.fullmatch(line):
            good = len(mark) >= 3 and line.strip(" \t>").startswith(mark[:3])
            return _fence(body, language, start, number + 1, "" if good else "the fence was closed badly")
        if OPENS.fullmatch(line[:MAX_LINE]):  # the next fence: this one never closed
            return _fence(body, language, start, number, "the fence was never closed")
        if line.rstrip().endswith("```"):
            body.append(line.rstrip().rstrip("`"))
            return _fence(body, language, start, number + 1, "the fence was closed behind code")
        body.append(line)
    return None


def _never_closed(lines: list[str], start: int, language: str) -> Fence | None:
    """To the end, or to where prose begins again."""
    body = lines[start + 1 :]
    ends = [n for n in range(1, len(body)) if not body[n - 1].strip() and is_prose(body[n].lstrip("#* "))][:MAX_ENDS]
    end = next((n for n in ends if parses("\n".join(body[:n]))), len(body))
    code = "\n".join(body[:end])
    if not code.strip() or not any(is_code(line) for line in body[:end]):
        return None
    return _fence(body[:end], language, start, start + 1 + end, "the fence was never closed")


def _fence(body: list[str], language: str, start: int, end: int, problem: str) -> Fence:
    code = textwrap.dedent("\n".join(body)).strip("\n")
    blank = next((n for n, line in enumerate(body) if line.strip()), 0)
    if code.lstrip().startswith(">>> "):
        code = PROMPT.sub("", code)
    return Fence(code, language, start + 1 + blank, start, end, problem)
