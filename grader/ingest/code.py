"""What the text of a code cell is: Python as IPython takes it, Python 2, shell commands, or prose. Nothing is run."""

from __future__ import annotations

import ast
import re
import threading
import warnings
from typing import Literal

Language = Literal["python", "python 2", "shell", "prose"]

# Above these the parser is not asked: hostile nesting can exhaust its stack, and nobody writes such cells.
MAX_SOURCE = 200_000
MAX_DEPTH = 150
MAX_LINE = 2_000

# Filters of warnings belong to the process, and several hand-ins may be read at once.
_WARNINGS = threading.Lock()

CELL_MAGIC = re.compile(r"\s*%%\w")
WRITEFILE = re.compile(r"\s*%%(?:writefile|file)\s+(?:-a\s+|--append\s+)?(?P<name>[^\n]{1,200}?)\s*(?:\n|$)")
MAGIC = re.compile(r"(?P<value>[\w.\[\]][\w, .\[\]]*=\s*)?(?:!|%(?=\w)|\?{1,2}(?=\w)).*", re.DOTALL)
HELP = re.compile(r"[\w.]+\?{1,2}\s*")
PRINT = re.compile(r"^(?P<indent>[ \t]*)print[ \t]+(?P<what>[^\s(=][^\n]*|\([^\n]*\)[ \t]*[,%][^\n]*)$", re.MULTILINE)
EXCEPT = re.compile(r"^(?P<start>[ \t]*except[ \t]+[\w.() ]+),[ \t]*(?P<name>\w+[ \t]*:)", re.MULTILINE)
SHELL = re.compile(
    r"\s*(?:\$\s+\S.*|(?:sudo\s+)?(?:pip3?|conda|apt|apt-get|wget|curl|git|unzip|mkdir|python3?|streamlit|npm|npx|kaggle"
    r"|cd|ls|rm|cp|mv|tar|chmod|ngrok|docker|uvicorn|jupyter)\s+[\w./~'\"-][^=()]*)"
)
# Three words in a row, and nothing that Python would need between them.
WORDS = re.compile(r"[^\W\d_][\w'’-]*(?:[,;:]?\s+[^\W\d_][\w'’(-]*){2}")
CODE_MARK = re.compile(
    r"^\s*(?:import\s+[\w.,]+(?:\s+as\s+\w+)?|from\s+[\w.]+\s+import\b.*|def\s+\w+\s*\(.*|class\s+\w+.*:|return\b.*|@\w.*|[)\]}]+,?"
    r"|(?:for|while|if|elif|with|except|else|try|finally)\b.*:\s*(?:#.*)?|print\s*\(.*|[!%]\w.*)$"
    r"|^\s*[A-Za-z_][\w.]*(?:\[[^\]]*\])?(?:\s*,\s*[A-Za-z_]\w*)*\s*(?:[-+*/]|//|\*\*)?=(?!=)\s*\S"
    r"|^\s*[A-Za-z_][\w.]*\(.*[),({\[]\s*$|^\s*[\w.]+=\S+[,)]\s*$"
)


def parses(source: str) -> bool:
    """Whether Python, with IPython's magics taken out, can parse it; True for what is too large to try."""
    if len(source) > MAX_SOURCE or _deepest(source) > MAX_DEPTH or CELL_MAGIC.match(source):
        return True
    try:
        with _WARNINGS, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(without_magics(source))
    except (SyntaxError, ValueError):
        return False
    except (MemoryError, RecursionError):
        return True
    return True


def without_magics(source: str) -> str:
    """Python only: lines that are for IPython become `pass`, so that line numbers stay."""
    return "\n".join(_without_magic(line) for line in source.split("\n"))


def language_of(source: str) -> Language:
    """What a code cell is. Only what cannot be Python is called anything else: a mistake leaves it Python."""
    if not source.strip() or parses(source):
        return "python"
    lines = [line for line in source.split("\n") if line.strip() and not line.lstrip().startswith("#")]
    if lines and all(len(line) < MAX_LINE and SHELL.fullmatch(line) for line in lines):
        return "shell"
    if _is_python_2(source):
        return "python 2"
    prosaic = sum(is_prose(line) for line in lines)
    if prosaic and prosaic * 2 >= len(lines) and not any(is_code(line) for line in lines):
        return "prose"
    return "python"


def is_prose(line: str) -> bool:
    """Whether a line reads like a sentence or a heading, and Python cannot parse it."""
    text = line.strip()[:MAX_LINE]
    return bool(WORDS.search(text)) and not is_code(text) and not parses(text)


def is_code(line: str) -> bool:
    """Whether a line has the shape of a Python statement that prose does not have."""
    return len(line) <= MAX_LINE and bool(CODE_MARK.search(line.rstrip()))


def written_file(source: str) -> str:
    """Name of the file that a cell writes with `%%writefile`; empty for other cells."""
    match = WRITEFILE.match(source)
    return match["name"].strip("'\"") if match else ""


def _without_magic(line: str) -> str:
    if len(line) > MAX_LINE:
        return line
    statement = line.lstrip(" \t")
    indent = line[: len(line) - len(statement)]
    if HELP.fullmatch(statement):
        return f"{indent}pass"
    match = MAGIC.fullmatch(statement)
    if not match:
        return line
    return f"{indent}{match['value']}None" if match["value"] else f"{indent}pass"


def _is_python_2(source: str) -> bool:
    newer = PRINT.sub(r"\g<indent>print(0)", source)
    newer = EXCEPT.sub(r"\g<start> as \g<name>", newer)
    return newer != source and parses(newer)


def _deepest(source: str) -> int:
    """How deep brackets, signs and indentation could nest; counts those in strings too, which does no harm."""
    depth = deepest = 0
    for char in source:
        if char in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in ")]}" and depth:
            depth -= 1
    signs = max((len(run) for run in re.findall(r"[-+~!]{20,}|(?:\bnot\s+){20,}", source)), default=0)
    return max(deepest, signs)
