"""Which paths a hand-in's code asks for, read from its syntax tree before it runs. Nothing is run.

The code is followed in the order in which it runs, so that a name stands for what it holds at that place: through
branches, loops, and calls of the student's own functions and classes. What only the run knows stays unknown.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from IPython.core.inputtransformer2 import TransformerManager

from grader.execute.calls import Call, found_in
from grader.execute.commands import uses_in
from grader.execute.folding import UNKNOWN, Texts, bound, dotted, fold, key_of
from grader.execute.uses import How, Use
from grader.records import Cell

# Colab's folder: hand-ins that name it by its absolute path then run as they are.
WORK = "/content"
MOST_USES = 2000
MOST_BODIES = 300  # bodies of functions that are followed per hand-in
MOST_STEPS = 500_000
DEPTH = 3
BROKEN_LINES = 10
# What is said to a person or drawn into a figure is no path.
SAYING = frozenset(
    {"print", "display", "title", "set_title", "suptitle", "xlabel", "ylabel", "set_xlabel", "set_ylabel", "text"}
    | {"legend", "Markdown", "HTML", "warn", "info", "debug", "error", "add_scalar", "input", "startswith", "endswith"}
)
OUTPUT = re.compile(
    r"save|out(?:put)?s?\b|out_|result|\blogs?\b|log_|_logs?\b|checkpoint|ckpt|model|export|\bruns\b|weight|pred|submission"
    r"|\btb\b|tensorboard|cache",
    re.IGNORECASE,
)
LINES = frozenset({"system", "getoutput", "popen", "run_line_magic", "run_cell_magic"})
LOOKS = ("exists", "isdir", "is_dir")
FOLDED = (ast.Constant, ast.JoinedStr, ast.BinOp, ast.Call)
VARIABLE = re.compile(r"\{([\w.\[\]'\"]+)\}|\$(\w+)")


def uses(cells: Iterable[Cell]) -> tuple[Use, ...]:
    """Every use of a path in the code of cells, in the order in which they run.

    Args:
        cells: Code cells in the order in which they will run.
    """
    reader = Reader()
    for cell in cells:
        reader.cell, reader.silent, reader.depth = cell.index, 0, 0
        try:
            reader.read(cell.source)
        except RecursionError:
            continue
    return tuple(dict.fromkeys(reader.found))[:MOST_USES]


def parsed(source: str) -> ast.Module:
    """The tree of a cell with IPython's magics; lines that are no Python are left out, as far as that helps."""
    try:
        transformed = TransformerManager().transform_cell(source)  # type: ignore[no-untyped-call]
        lines = str(transformed).split("\n")
    except (SyntaxError, ValueError, RecursionError):
        return ast.Module([], [])
    for _ in range(BROKEN_LINES):
        try:
            return ast.parse("\n".join(lines))
        except SyntaxError as error:
            if error.lineno is None or not 0 < error.lineno <= len(lines) or lines[error.lineno - 1] == "pass":
                break
            lines[error.lineno - 1] = "pass"
        except (ValueError, RecursionError, MemoryError):
            break
    return ast.Module([], [])


@dataclass
class Reader(ast.NodeVisitor):
    """Follows code.

    Attributes:
        cell: Index of the cell that is read.
        folder: The current folder.
        names: What names stand for.
        found: The uses so far.
        functions: The student's own functions and classes.
        silent: How many constructs around this place say that a text is no path of unknown use.
        depth: How many bodies of functions are open.
        bodies: How many have been read.
        guarded: The code has looked whether a path is there.
        steps: How many nodes have been visited.
    """

    cell: int = 0
    folder: str = WORK
    names: dict[str, Texts] = field(default_factory=dict)
    found: list[Use] = field(default_factory=list)
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef] = field(default_factory=dict)
    silent: int = 0
    depth: int = 0
    bodies: int = 0
    guarded: bool = False
    steps: int = 0

    def read(self, source: str) -> None:
        """Read a cell."""
        self.visit(parsed(source))

    def use(self, how: How, texts: Iterable[str], into: str = "") -> None:
        """Note a use of each path. Addresses are none."""
        for text in texts:
            if how == "listing" and OUTPUT.search(text):
                continue  # rather the hand-in's own results
            if text.strip(UNKNOWN + "/ ") and "://" not in text and len(self.found) < MOST_USES * 4:
                self.found.append(Use(how, text, self.folder, self.cell, into))

    def visit(self, node: ast.AST) -> None:
        """Look at a node; a text in an unknown place may be a path by its looks."""
        self.steps += 1
        if self.steps > MOST_STEPS:
            return
        if self.silent or not isinstance(node, FOLDED):
            super().visit(node)
            return
        texts = fold(node, self.names)
        if texts:
            self.use("loose", (text for text in texts if not OUTPUT.search(text)))
            with self._silently():
                super().visit(node)
        else:
            super().visit(node)

    @contextmanager
    def _silently(self) -> Iterator[None]:
        self.silent += 1
        try:
            yield
        finally:
            self.silent -= 1

    def visit_Expr(self, node: ast.Expr) -> None:
        """A statement that is only a text is a comment."""
        if not isinstance(node.value, ast.Constant):
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        """`path = "data"`."""
        self._assign(node.targets, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """`path: str = "data"`."""
        if node.value is not None:
            self._assign([node.target], node.value)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        """`path += "/train"`."""
        self._assign([node.target], ast.BinOp(_as_load(node.target), node.op, node.value))

    def _assign(self, targets: Sequence[ast.AST], value: ast.AST) -> None:
        named = any(OUTPUT.search(key_of(target).rpartition(".")[2]) for target in targets)
        if named:
            with self._silently():
                self.visit(value)
        else:
            self.visit(value)
        texts = fold(value, self.names)
        for target in targets:
            self.names.update(bound(target, texts))
            self._bind_items(key_of(target), value)

    def _bind_items(self, name: str, value: ast.AST) -> None:
        if name and isinstance(value, ast.Dict):
            for key, item in zip(value.keys, value.values, strict=True):
                if isinstance(key, ast.Constant):
                    self.names[f"{name}[{key.value!r}]"] = fold(item, self.names)

    def visit_If(self, node: ast.If) -> None:
        """After a branch a name may stand for what either side gave it."""
        self.visit(node.test)
        before, guarded = dict(self.names), self.guarded
        self.guarded = guarded or any(dotted(part).endswith(LOOKS) for part in ast.walk(node.test))
        self._visit_all(node.body)
        after, self.names = self.names, before
        self._visit_all(node.orelse)
        self.guarded = guarded
        for name, texts in after.items():
            self.names[name] = tuple(dict.fromkeys((*texts, *self.names.get(name, ()))))

    def visit_For(self, node: ast.For | ast.AsyncFor) -> None:
        """`for name in names:`."""
        self._iterate(node.target, node.iter)
        self._visit_all((*node.body, *node.orelse))

    def visit_comprehension(self, node: ast.comprehension) -> None:
        """The `for` of a comprehension."""
        self._iterate(node.target, node.iter)
        self._visit_all(node.ifs)

    def _iterate(self, target: ast.AST, values: ast.AST) -> None:
        self.visit(values)
        self.names.update(bound(target, fold(values, self.names)))

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> None:
        """The loop comes first, the element after it."""
        self._visit_all((*node.generators, node.elt))

    def visit_DictComp(self, node: ast.DictComp) -> None:
        """The same with keys."""
        self._visit_all((*node.generators, node.key, node.value))

    visit_SetComp = visit_GeneratorExp = visit_ListComp  # noqa: N815  names of `ast`

    def visit_With(self, node: ast.With | ast.AsyncWith) -> None:
        """`with ZipFile(path) as archive:`."""
        for item in node.items:
            self.visit(item.context_expr)
            if item.optional_vars is not None:
                self.names.update(bound(item.optional_vars, fold(item.context_expr, self.names)))
        self._visit_all(node.body)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """A definition: its body is read with the defaults, and again at each call."""
        self.functions[node.name] = node
        self._body(node, {})

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """A class: its methods are read when it is called, and once now."""
        self.functions[node.name] = node
        for statement in node.body:
            if isinstance(statement, ast.FunctionDef):
                self._body(statement, {})
            else:
                self.visit(statement)

    def _visit_all(self, nodes: Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    def _body(self, node: ast.FunctionDef | ast.AsyncFunctionDef, given: dict[str, Texts]) -> None:
        """Read the body of a function with what its parameters stand for. Names of its own end with it."""
        if self.depth >= DEPTH or self.bodies >= MOST_BODIES:
            return
        self.depth, self.bodies, before = self.depth + 1, self.bodies + 1, dict(self.names)
        parameters = [*node.args.posonlyargs, *node.args.args]
        defaults = dict(zip(reversed(parameters), reversed(node.args.defaults), strict=False))
        defaults |= {p: d for p, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d is not None}
        for parameter in (*parameters, *node.args.kwonlyargs):
            default = fold(defaults[parameter], before) if parameter in defaults else ()
            self.names[parameter.arg] = given.get(parameter.arg, default)
        silent, self.silent = self.silent, 0
        self._visit_all(node.body)
        self.depth, self.silent = self.depth - 1, silent
        self.names = before | {name: texts for name, texts in self.names.items() if name.startswith("self.")}

    def visit_Call(self, node: ast.Call) -> None:
        """A call: of something that reads or writes paths, of the student's own, or of anything else."""
        name = dotted(node.func)
        if name.rpartition(".")[2] in LINES:
            self._line(node)
            return
        call = Call(node, name, self.names)
        own = self.functions.get(name)
        known = [] if own else [*found_in(call)]
        for how, texts, into in known:
            self.use("make" if how == "make-new" and self.guarded else how, texts, into)
            if how == "enter":
                self._enter(texts)
        if known or call.last in SAYING or call.serves_itself:
            with self._silently():
                self.generic_visit(node)
        else:
            self.generic_visit(node)
        for command in call.commands():
            self._shell(command)
        if own:
            self._own(own, call)

    def _own(self, definition: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef, call: Call) -> None:
        """Follow a call into a function or class of the student's."""
        if isinstance(definition, ast.ClassDef):
            parts = [part for part in definition.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
            methods = sorted(parts, key=lambda method: method.name != "__init__")
        else:
            methods = [definition]
        for number, method in enumerate(methods):
            names = [parameter.arg for parameter in (*method.args.posonlyargs, *method.args.args)]
            own = names[1:] if names[:1] == ["self"] else names
            first = dict(zip(own, call.arguments, strict=False)) | call.keywords
            self._body(method, first if number == 0 else {})

    def _enter(self, texts: Texts) -> None:
        if texts and UNKNOWN not in texts[0]:
            self.folder = resolved(texts[0], self.folder)

    def _line(self, node: ast.Call) -> None:
        """A magic, or a shell line, as IPython writes it in Python."""
        texts = [(fold(argument, self.names) or ("",))[0] for argument in node.args]
        name = dotted(node.func).rpartition(".")[2]
        if name == "run_cell_magic" and len(texts) == 3:
            self._cell_magic(*texts)
        elif name == "run_line_magic" and len(texts) == 2:
            line = self._expanded(texts[1]).strip().strip("'\"")
            if texts[0] in {"cd", "chdir"}:
                self.use("enter", [line or "~"])
                self._enter((line or "~",))
            elif texts[0] in {"time", "timeit"}:
                self.read(line)
            else:
                self._shell(f"{texts[0]} {line}")
        elif name in {"system", "getoutput", "popen"} and texts:
            self._shell(self._expanded(texts[0]))

    def _cell_magic(self, name: str, line: str, body: str) -> None:
        if name in {"bash", "sh", "script"}:
            self._shell(body)
        elif name in {"writefile", "file"}:
            self.use("write", line.split()[-1:])
        elif name in {"time", "timeit", "capture", "prun"}:
            self.read(body)

    def _expanded(self, line: str) -> str:
        """A shell line with the values of Python's names in it."""
        return VARIABLE.sub(lambda m: (self.names.get(m[1] or m[2], ()) or (m[0],))[0], line)

    def _shell(self, script: str) -> None:
        before = self.folder
        for how, path, into in uses_in(script):
            self.use(how, [path], into)
            if how == "enter":
                self._enter((path,))
        self.folder = before  # each shell line has a shell of its own


def _as_load(target: ast.AST) -> ast.expr:
    """An assignment target as an expression."""
    return ast.parse(ast.unparse(target), mode="eval").body


def resolved(path: str, folder: str) -> str:
    """The absolute path of one that is written from a folder, as the sandbox has it: `~` is the work folder."""
    path = re.sub(r"^(?:file:/+)?~(?=/|$)", WORK, path)
    parts: list[str] = []
    for part in (path if path.startswith("/") else f"{folder}/{path}").split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in {"", "."}:
            parts.append(part)
    return "/" + "/".join(parts)
