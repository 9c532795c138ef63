r"""Undoes what conversion did to code: curly quotes, ligatures, `x_{train}`, `−`, line wraps, lost indentation.

Only code that does not parse is touched (three repairs are for code that parses and cannot have been meant), each
repair is one that leaves no choice, and each is named.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from itertools import pairwise
from keyword import iskeyword

from grader.ingest.code import is_code, parses

INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), "") | dict.fromkeys(
    map(ord, "\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"), " "
)
LIGATURES = dict(zip(map(ord, "ﬀﬁﬂﬃﬄﬅﬆ"), ("ff", "fi", "fl", "ffi", "ffl", "st", "st"), strict=True))
QUOTES = dict.fromkeys(map(ord, "‘’‚‛′´"), "'") | dict.fromkeys(map(ord, "“”„‟″"), '"')
SIGNS = dict.fromkeys(map(ord, "−–—‐‑"), "-") | {ord("…"): "...", ord("，"): ",", ord("："): ":"}

STRING_OR_COMMENT = re.compile(r"\"[^\"\n]*\"|'[^'\n]*'|#[^\n]*")
SUBSCRIPT = re.compile(r"(?<=\w)_\{([\w.]{1,80})\}")
OPEN_SUBSCRIPT = re.compile(r"(?<=\w)_\{(?=\w)")
UPRIGHT = re.compile(r"\\(?:text|mathrm|mathit|texttt|textit|operatorname)\{([^{}\n]{0,200})\}")
ESCAPED = re.compile(r"\\([_%#&$])")
PAIR = re.compile(r"\b([^\W\d]\w*) (?=([^\W\d]\w*)\b)")
DTYPE = re.compile(r"(\bastype\(|\bdtype\s*=\s*)((?:float|u?int)(?:8|16|32|64))\b(?=\s*[,)])")
MAIN = re.compile(r"^if name == (['\"])main\1:", re.MULTILINE)
TITLE = re.compile(r"[A-Z][A-Za-z]*(?:[ ,&/-]+[A-Za-z]+){0,8}[.:]?|(?:[A-Za-z]+[ ,]+){2,8}[A-Za-z]+[.:]?")
FENCE = re.compile(r"^[ \t]*`{2,}[ \t]*\w*[ \t]*$\n?", re.MULTILINE)
OPERATOR_END = re.compile(r"(?:[-+*/%=,.&|<>]|\b(?:and|or|not|in|is))\s*$")
OPERATOR_START = re.compile(r"\s*(?:[-+*/%=.&|<>)\]}]|(?:and|or|in|is|for|if)\b)")
ENDS_BODY = re.compile(r"(?:return|raise|break|continue|pass)\b")
METHOD = re.compile(r"def \w+\((?:self|cls)\b|@\w")
CLAUSE = re.compile(r"(?:else|elif|except|finally)\b")
MAX_SOURCE = 100_000
MAX_LINES = 2_000
MAX_TRIES = 60

Names = frozenset[str]
Step = tuple[str, Callable[[str, Names], str]]


def mended(source: str, names: Names = frozenset()) -> tuple[str, tuple[str, ...]]:
    """Code as it was before conversion, as far as that is certain, and what was repaired.

    Args:
        source: The text of one block of code.
        names: All names in the code of the document: `batch idx` is `batch_idx` where there is such a name.
    """
    if len(source) > MAX_SOURCE or source.count("\n") > MAX_LINES:
        return source, ()
    repairs: list[str] = []
    for what, step in STEPS:
        if parses(source):
            break
        new = step(source, names)
        if new != source:
            repairs.append(what)
            source = new
    for what, step in ALWAYS:
        new = step(source, names)
        if new != source:
            repairs.append(what)
            source = new
    return source, tuple(repairs)


def _outside(source: str, change: Callable[[str], str]) -> str:
    """Changes what lies neither in a string of one line nor in a comment."""
    kept = STRING_OR_COMMENT.findall(source)
    parts = [change(part) for part in STRING_OR_COMMENT.split(source)]
    return "".join(a + b for a, b in zip(parts, [*kept, ""], strict=True))


def _translated(table: dict[int, str]) -> Callable[[str, Names], str]:
    return lambda source, _: source.translate(table)


def _signs(source: str, _: Names) -> str:
    return _outside(source, lambda part: part.translate(SIGNS))


def _latex(source: str, _: Names) -> str:
    def plain(part: str) -> str:
        part = OPEN_SUBSCRIPT.sub("_", SUBSCRIPT.sub(r"_\1", part))
        return ESCAPED.sub(r"\1", UPRIGHT.sub(r"\1", part))

    single = re.sub(r"(?<=\S)  +(?=\S)", " ", source) if UPRIGHT.search(source) else source
    return re.sub(r"(?<=\w)  (?=\w)", " ", _outside(single, plain))


def _fence_lines(source: str, _: Names) -> str:
    return FENCE.sub("", source)


def _dedented(source: str, _: Names) -> str:
    return textwrap.dedent(source)


def _underscores(source: str, names: Names) -> str:
    """`batch idx` → `batch_idx`: two names side by side are never Python."""

    def glued(match: re.Match[str]) -> str:
        first, second = match[1], match[2]
        known = f"{first}_{second}" in names and not iskeyword(first) and not iskeyword(second)
        return f"{first}_" if known else match[0]

    return _outside(source, lambda part: PAIR.sub(glued, part))


def _broken_strings(source: str, _: Names) -> str:
    """A string that a line wrap cut in two: its first line has an open quote, and one of the next two closes it."""
    lines = source.split("\n")
    for number in range(len(lines) - 1):
        quote = _open_quote(lines[number])
        for after in range(number + 1, min(number + 3, len(lines))):
            whole = " ".join([lines[number].rstrip(), *(line.strip() for line in lines[number + 1 : after + 1])])
            if quote and not _open_quote(whole):
                lines[number : after + 1] = [whole] + [""] * (after - number)
                break
    return "\n".join(lines)


def _open_quote(line: str) -> str:
    """The quote that a line leaves open; triple quotes may."""
    if '"""' in line or "'''" in line:
        return ""
    rest = STRING_OR_COMMENT.sub("", line.replace("\\'", "").replace('\\"', ""))
    return next((c for c in rest if c in "'\""), "")


def _wrapped_comments(source: str, _: Names) -> str:
    """The second line of a comment that was wrapped."""
    lines = source.split("\n")
    for number, (above, line) in enumerate(pairwise(lines), start=1):
        long_comment = "#" in above and len(above) > 40
        if long_comment and line.strip() and not line.lstrip().startswith("#") and not is_code(line):
            lines[number] = line if parses(line.strip()) else f"# {line.strip()}"
    return "\n".join(lines)


def _titles(source: str, _: Names) -> str:
    """Words alone on a line that cannot be code: comments that lost their `#`."""
    return "\n".join(f"# {line.strip()}" if _is_title(line, source) else line for line in source.split("\n"))


def _is_title(line: str, source: str) -> bool:
    text = line.strip()
    if not TITLE.fullmatch(text) or is_code(text):
        return False
    if not parses(text):
        return True
    first = text.split()[0]  # `Load and preprocess` parses, but nothing defines `Load`
    return first[0].isupper() and not iskeyword(first) and len(re.findall(rf"\b{first}\b", source)) == 1


def _wrapped_statements(source: str, _: Names) -> str:
    """A statement that a line wrap cut at an operator."""
    lines = source.split("\n")
    for number in range(len(lines) - 2, -1, -1):
        first, second = lines[number], lines[number + 1]
        cut = OPERATOR_END.search(first) or OPERATOR_START.match(second)
        whole = f"{first.rstrip()} {second.strip()}"
        if cut and first.strip() and second.strip() and not parses(first.strip()) and parses(whole.strip()):
            lines[number : number + 2] = [whole, ""]
    return "\n".join(lines)


def _indentation(source: str, _: Names) -> str:
    """Indents a body that lost it, where its end leaves no choice."""
    lines = source.split("\n")
    for _try in range(MAX_TRIES):
        opener = _flat_opener(lines)
        end = _body_end(lines, opener) if opener is not None else None
        if opener is None or end is None:
            return "\n".join(lines)
        lines[opener + 1 : end] = [f"    {line}" if line.strip() else line for line in lines[opener + 1 : end]]
    return "\n".join(lines)


def _flat_opener(lines: list[str]) -> int | None:
    """The last line that opens a body which is not there."""
    filled = [number for number, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")]
    openers = [
        a
        for a, b in pairwise(filled)
        if is_code(lines[a]) and lines[a].rstrip().endswith(":") and _indent(lines[b]) <= _indent(lines[a])
    ]
    return openers[-1] if openers else None


def _body_end(lines: list[str], opener: int) -> int | None:
    """The line after the body where only one line can be it; None where the body could end in several places."""
    level, statement = _indent(lines[opener]), lines[opener].lstrip()
    flat = [n for n in range(opener + 1, len(lines)) if lines[n].strip() and _indent(lines[n]) <= level]
    if statement.startswith("class "):
        other = (n for n in flat if not METHOD.match(lines[n].lstrip()))
        end = next(other, len(lines))
        return end if end > flat[0] else None
    if len(flat) == 1 or _indent(lines[flat[1]]) < level or ENDS_BODY.match(lines[flat[0]].lstrip()):
        return flat[0] + 1
    for number in flat:
        if CLAUSE.match(lines[number].lstrip()):
            return number
        if statement.startswith("def ") and ENDS_BODY.match(lines[number].lstrip()):
            return number + 1
    return None


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _dtypes(source: str, _: Names) -> str:
    """`astype(float32)` without an import of that name lost its quotes."""
    defined = re.compile(r"\bimport\b[^\n]*\b(?:float|u?int)\d|^\s*(?:float|u?int)\d+\s*=", re.MULTILINE)
    return source if defined.search(source) else _outside(source, lambda part: DTYPE.sub(r"\1'\2'", part))


def _dunders(source: str, _: Names) -> str:
    """`__init__` and `__name__`, of which Markdown made bold letters."""
    if re.search(r"\bdef init\(self\b", source) and re.search(r"\bsuper\([^()\n]*\)\.init\(", source):
        source = re.sub(r"(\bdef |\bsuper\([^()\n]*\)\.)init\(", r"\1__init__(", source)
    return MAIN.sub('if __name__ == "__main__":', source)


def _lone_titles(source: str, _: Names) -> str:
    """A capitalised word alone on a line parses, but is a name that nothing defines: a comment that lost its `#`."""
    lines = source.split("\n")
    return "\n".join(f"# {line}" if _is_lone_title(line, lines, source) else line for line in lines)


def _is_lone_title(line: str, lines: list[str], source: str) -> bool:
    return len(lines) > 1 and line == line.strip() and _is_title(line, source)


def _steps() -> Iterator[Step]:
    yield "invisible characters and odd spaces became plain ones", _translated(INVISIBLE)
    yield "ligatures became letters", _translated(LIGATURES)
    yield "curly quotes became straight ones", _translated(QUOTES)
    yield "dashes and minus signs of print became '-'", _signs
    yield "marks of a fence were taken out", _fence_lines
    yield "LaTeX around names was taken out (x_{train} → x_train)", _latex
    yield "common indentation was taken out", _dedented
    yield "strings broken by line wraps were joined", _broken_strings
    yield "names that lost an underscore got it back", _underscores
    yield "wrapped comments were joined to theirs", _wrapped_comments
    yield "words alone on a line became comments", _titles
    yield "statements broken by line wraps were joined", _wrapped_statements
    yield "lost indentation was put back", _indentation


STEPS = tuple(_steps())
ALWAYS: tuple[Step, ...] = (
    ("__init__ and __name__ got their underscores back", _dunders),
    ("a type's name got its quotes back", _dtypes),
    ("words alone on a line became comments", _lone_titles),
)
