"""A `.py` file becomes cells: by percent marks, else by questions in comments and strings, else it is one cell."""

from __future__ import annotations

import io
import re
import tokenize
from itertools import pairwise
from pathlib import Path

from grader.errors import SubmissionError
from grader.ingest.reading import MEGABYTE, read_text
from grader.ingest.tags import TAG, head_tag
from grader.records import Cell, CellKind, Note

MAX_BYTES = 2 * MEGABYTE
# The percent format of Spyder, VS Code and Jupytext: https://jupytext.readthedocs.io/en/latest/formats-scripts.html.
# `# In[3]:` is what nbconvert writes between cells.
PERCENT = re.compile(r"#\s?%%(?:\s+(?P<title>.*))?|#\s*In\s?\[[\d ]*\]:?\s*")
KIND = re.compile(r"\[(markdown|md|raw)\]")
QUESTION = re.compile(
    r"#+\s*(?:question|ques?|q|exercise|task|problem)\b\s*[.:#-]*\s*(?:no\.?\s*)?[.:#-]*\s*\d+.*", re.IGNORECASE
)
NUMBERED = re.compile(r"#+\s*\(?(?P<number>\d{1,2})\s?[.)]\s?(?P<text>\S.*)")
MIN_ASKING_WORDS = 6
GLUED_QUESTION = re.compile(r"#+\s*q(?:ue(?:s(?:tion)?)?)?\.?\s?\d{1,2}\b.*", re.IGNORECASE)
# What may stand before the text of a string: quotes, letters such as `r`, line ends.
OPENS_STRING = "rRuUbBfF\"' \n\t#*=-"
MAX_QUESTION = 500
BETWEEN_STATEMENTS = frozenset({tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT})
CONTINUES = re.compile(r"[ \t]|\)|\]|\}|(?:else|elif|except|finally)\b")


def read_script(file: Path, origin: str) -> tuple[tuple[Cell, ...], tuple[Note, ...]]:
    """The cells of a script (indices from 0) and what had to be repaired; no cells if the file is blank.

    Raises:
        SubmissionError: Too large, binary or unreadable.
    """
    if file.suffix.lower() != ".py":
        raise SubmissionError(f"{file.name} is not a Python script", "Hand in a .py file.")
    text, notes = read_text(file, MAX_BYTES)
    lines = text.split("\n")
    parts = _percent_parts(lines) or _question_parts(lines)
    cells = [(kind, source.strip("\n")) for kind, source in parts]
    filled = [(kind, source) for kind, source in cells if source.strip()]
    return tuple(Cell(i, k, s, question=head_tag(s), origin=origin) for i, (k, s) in enumerate(filled)), notes


def _percent_parts(lines: list[str]) -> list[tuple[CellKind, str]]:
    marks = [(number, match) for number, line in enumerate(lines) if (match := PERCENT.fullmatch(line.rstrip()))]
    if not marks:
        return []
    ends = [number for number, _ in marks[1:]] + [len(lines)]
    parts = [("code", "\n".join(lines[: marks[0][0]]))]
    for (start, match), end in zip(marks, ends, strict=True):
        parts.append(_percent_cell(match["title"] or "", lines[start + 1 : end]))
    return [(_kind(kind), source) for kind, source in parts]


def _kind(name: str) -> CellKind:
    return "markdown" if name in ("markdown", "md") else "raw" if name == "raw" else "code"


def _percent_cell(title: str, body: list[str]) -> tuple[str, str]:
    kind = KIND.search(title)
    if kind:
        return kind[1], _uncommented(body)
    # The title of a code cell says what it is for: keep it as a comment, where it can be read as a heading.
    comment = [f"# {title.strip()}"] if title.strip() else []
    return "code", "\n".join(comment + body)


def _uncommented(body: list[str]) -> str:
    text = "\n".join(body).strip()
    if quoted := re.fullmatch(r"[rRfF]?(\"\"\"|''')(.*)\1", text, re.DOTALL):
        return quoted[2].strip("\n")
    return "\n".join(re.sub(r"^#\s?", "", line) for line in body)


def _question_parts(lines: list[str]) -> list[tuple[CellKind, str]]:
    inside = _before_continuations(lines)
    said = {n: text.rstrip() for n, text in _said(lines).items() if n not in inside}
    starts = [n for n, text in said.items() if _is_question(text)]
    starts = starts or _numbered(said)
    starts = [_banner_start(lines, n) for n in starts]
    bounds = sorted({0, *starts, len(lines)})
    return [("code", "\n".join(lines[a:b])) for a, b in pairwise(bounds)]


def _numbered(said: dict[int, str]) -> list[int]:
    """Comments such as `# 6) Using Keras, build and train …`, by line: for scripts that call no question a question.

    What goes on counting from a short one (`# 1. Load the data`, `# 2. Train the net for ten epochs on it`) is a step.
    """
    starts: list[int] = []
    step = None
    for line, comment in said.items():
        if not (match := NUMBERED.fullmatch(comment)):
            continue
        number, text = int(match["number"]), match["text"]
        asks = text.endswith("?") or (len(text.split()) >= MIN_ASKING_WORDS and number - 1 != step)
        if not asks:
            step = number
        else:
            starts.append(line)
            step = None
    return starts


def _is_question(line: str) -> bool:
    return any(pattern.fullmatch(line) for pattern in (TAG, QUESTION, GLUED_QUESTION))


def _before_continuations(lines: list[str]) -> set[int]:
    """Comments after which a statement goes on, so that a cut before them would break it."""
    inside: set[int] = set()
    goes_on = False
    for number in range(len(lines) - 1, -1, -1):
        if lines[number].startswith("#"):
            inside |= {number} if goes_on else set()
        elif lines[number].strip():
            goes_on = bool(CONTINUES.match(lines[number]))
    return inside


def _banner_start(lines: list[str], number: int) -> int:
    """A rule of dashes or equals signs above the question's comment belongs to it."""
    above = lines[number - 1] if number else ""
    return number - 1 if re.fullmatch(r"#\s*[-=*#_~]{3,}\s*", above) else number


def _said(lines: list[str]) -> dict[int, str]:
    """Comments, and the first words of strings that stand alone, by the number of their line from 0.

    Only those in the first column and not inside a string or bracket. Tokens tell, not a parser: hostile nesting can
    crash the interpreter's own parser. Where the script stops being Python (a damaged file), every line that begins
    with `#` counts.
    """
    found: dict[int, str] = {}
    depth, last, fresh = 0, 0, True
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline):
            last = token.end[0]
            if token.type == tokenize.OP:
                depth += (token.string in "([{") - (token.string in ")]}")
            elif token.start[1] == 0 and depth == 0:
                if token.type == tokenize.COMMENT:
                    found[token.start[0] - 1] = token.string
                elif token.type == tokenize.STRING and fresh:
                    found[token.start[0] - 1] = f"# {token.string.lstrip(OPENS_STRING)[:MAX_QUESTION]}".split("\n")[0]
            fresh = token.type in BETWEEN_STATEMENTS
    except (tokenize.TokenError, SyntaxError, ValueError):
        found |= {n: lines[n] for n in range(last, len(lines)) if lines[n].startswith("#")}
    return found
