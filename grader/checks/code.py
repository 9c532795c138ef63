"""The code of an answer as syntax trees: which names it uses, and in which cell and line."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache

from grader.records import Cell, Evidence, Number, Place

_MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)
Nodes = Iterator[tuple[Cell, ast.AST]]


def nodes(evidence: Evidence) -> Nodes:
    """All nodes of the code of an answer, cell by cell. Cells that are no Python are left out."""
    own = set(evidence.question.answer.cells) | {run.cell for run in evidence.question.runs}
    for cell in evidence.cells:
        if cell.index in own and cell.kind == "code":
            yield from ((cell, node) for node in walked(cell.source))


@lru_cache(maxsize=128)
def walked(source: str) -> tuple[ast.AST, ...]:
    """The nodes of a cell's syntax tree; magics (`%time`, `!pip`) are no part of it. None if it is no Python.

    Kept, because many criteria look at the same cell, and walking a tree takes longer than reading the code.
    """
    try:
        return tuple(ast.walk(ast.parse(_MAGIC.sub(r"\1pass", source))))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()


def place(evidence: Evidence, fits: Callable[[ast.AST], bool]) -> Place | None:
    """Of the first node that fits; None if none does."""
    return next((place_of(cell, node) for cell, node in nodes(evidence) if fits(node)), None)


def place_of(cell: Cell, node: ast.AST) -> Place:
    """Where a node stands; for code in a fence the place in the cell that holds it."""
    line = getattr(node, "lineno", 1)
    index = cell.index if cell.parent is None else cell.parent
    return Place(index, line + cell.line, "".join(cell.source.split("\n")[line - 1 : line]))


def defined(evidence: Evidence, *names: str) -> Place | None:
    """Where the first of these names is defined or assigned."""
    found = (place(evidence, lambda node, name=name: _defines(node, name)) for name in names)  # type: ignore[misc]
    return next(filter(None, found), None)


def called(evidence: Evidence, *names: str) -> Place | None:
    """Where the last part of a called name is one of these."""
    return place(evidence, lambda node: isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in names)


def trained(evidence: Evidence) -> Place | None:
    """Where the code makes its first training step."""
    return called(evidence, "fit", "step", "train_on_batch", "apply_gradients", "train_step")


def says(evidence: Evidence, texts: Sequence[str], within: int | None = None) -> Place | None:
    """The longest piece of text in the code, of three letters or more, that is a part of one of these.

    Args:
        evidence: Of the question.
        texts: What was shown: titles, printed words. The pieces of an f-string are looked for one by one.
        within: Index of the only cell to look in.
    """
    shown = [text.casefold() for text in texts]
    found: dict[str, Place] = {}
    for cell, node in nodes(evidence):
        if within in (None, cell.index) and isinstance(node, ast.Constant) and isinstance(node.value, str):
            piece = node.value.strip(" :=.,\n").casefold()
            if len(piece) > 2 and any(piece in text for text in shown):
                found.setdefault(piece, place_of(cell, node))
    return found[max(found, key=len)] if found else None


def printed(evidence: Evidence, number: Number) -> Place | None:
    """Where a printed number comes from: the line with its words, else the cell that printed it."""
    if number.cell is None:
        return says(evidence, (number.label,))
    return says(evidence, (number.label,), number.cell) or Place(number.cell)


def _defines(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return node.name == name
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id == name


def dotted(node: ast.AST) -> str:
    """`torch.nn.Linear` for what is written so; empty for the parts that are no names, as in `f().g`: `.g`."""
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else ""


def aliases(cells: Sequence[Cell]) -> Mapping[str, str]:
    """What imported names stand for: `F` -> `torch.nn.functional`, `Conv2D` -> `tensorflow.keras.layers.Conv2D`."""
    found: dict[str, str] = {}
    for cell in cells:
        for node in walked(cell.source) if cell.kind == "code" else ():
            if isinstance(node, ast.Import):
                found |= {
                    a.asname or a.name.split(".")[0]: a.name if a.asname else a.name.split(".")[0] for a in node.names
                }
            elif isinstance(node, ast.ImportFrom):
                found |= {a.asname or a.name: f"{node.module or ''}.{a.name}" for a in node.names}
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Attribute):
                target = node.targets[0]
                if isinstance(target, ast.Name):  # layers = tf.keras.layers
                    found[target.id] = resolved(dotted(node.value), found)
    return found


def resolved(name: str, known: Mapping[str, str]) -> str:
    """A dotted name with its first part replaced by what that stands for."""
    first, _, rest = name.partition(".")
    whole = known.get(first, first)
    return f"{whole}.{rest}" if rest else whole


def uses(evidence: Evidence) -> Iterator[tuple[str, Place]]:
    """Every dotted name that the answer's code uses, with its imports resolved, and its place."""
    known = aliases(evidence.cells)
    for cell, node in nodes(evidence):
        if isinstance(node, ast.Attribute) or (isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)):
            yield resolved(dotted(node), known), place_of(cell, node)
        elif isinstance(node, ast.ImportFrom):
            yield from ((f"{node.module or ''}.{alias.name}", place_of(cell, node)) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, place_of(cell, node)) for alias in node.names)


def literal_rows(evidence: Evidence) -> Iterator[tuple[tuple[float, ...], Place]]:
    """Every list or tuple of at least two plain numbers that stands in the answer's code, with its place."""
    for cell, node in nodes(evidence):
        if isinstance(node, ast.List | ast.Tuple) and len(node.elts) > 1:
            values = [number(item) for item in node.elts]
            if None not in values:
                yield tuple(value for value in values if value is not None), place_of(cell, node)


def number(node: ast.AST) -> float | None:
    """The value of a number that is written out, with its sign; None for anything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = number(node.operand)
        return None if inner is None else -inner if isinstance(node.op, ast.USub) else inner
    plain = isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool)
    return float(node.value) if plain else None  # type: ignore[attr-defined]


def typed_in(evidence: Evidence, name: str) -> bool:
    """Whether every assignment to the name is a number, a list of numbers, or a call that only wraps one."""
    values = [
        node.value
        for _, node in nodes(evidence)
        if isinstance(node, ast.Assign) and any(dotted(target) == name for target in node.targets)
    ]
    return bool(values) and all(map(_written_out, values))


def _written_out(node: ast.AST) -> bool:
    if isinstance(node, ast.List | ast.Tuple):
        return all(map(_written_out, node.elts))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.left, ast.List):
        return _written_out(node.left)  # [[1, 0, -1]] * 3
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in {"array", "tensor", "constant"}:
        return bool(node.args) and _written_out(node.args[0])
    return number(node) is not None


def strings(evidence: Evidence, *, printed: bool = False) -> Iterator[tuple[Place, str]]:
    """The texts that stand in the code, docstrings among them; or only those that are given to `print`."""
    for cell, node in nodes(evidence):
        prints = isinstance(node, ast.Call) and dotted(node.func) == "print"
        for part in ast.walk(node) if printed and prints else () if printed else (node,):
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                yield place_of(cell, part), part.value


def comments(evidence: Evidence) -> Iterator[tuple[Cell, str]]:
    """The comments of each cell as one text, a line each; a line of code between two is an empty one."""
    own = set(evidence.question.answer.cells) | {run.cell for run in evidence.question.runs}
    for cell in evidence.cells:
        if cell.index in own and cell.kind == "code" and "#" in cell.source and walked(cell.source):
            yield cell, "\n".join(_comment_lines(_MAGIC.sub(r"\1pass", cell.source)))


def _comment_lines(source: str) -> list[str]:
    lines = [""] * (source.count("\n") + 2)
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            lines[token.start[0]] = token.string.lstrip("#")
    return lines


def types_in(node: ast.AST, word: str) -> bool:
    """`accuracy = 0.98`, `print("accuracy:", 98.6)`, `print("accuracy: 98.6")`. A 0 or 1 is where counting begins."""
    if isinstance(node, ast.Assign):
        named = any(word in dotted(target).casefold() for target in node.targets)
        return named and number(node.value) not in (None, 0.0, 1.0)
    if not (isinstance(node, ast.Call) and dotted(node.func) == "print"):
        return False
    texts = [a.value.casefold() for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    beside = any(number(argument) is not None for argument in node.args)
    computed = any(not isinstance(argument, ast.Constant) for argument in node.args)
    said = [text.partition(word)[2] for text in texts if word in text]
    return not computed and bool(said) and (beside or any(any(map(str.isdigit, text)) for text in said))
