r"""Which texts an expression can stand for, read from its syntax tree: nothing is run.

    os.path.join(base, "train", name)   with base = "data"   ->  ("data/train/\0",)

A part that only the run knows is `UNKNOWN`. An expression that stands for no text gives nothing.
"""

from __future__ import annotations

import ast
import itertools
import posixpath
import re
from collections.abc import Callable, Iterable, Mapping, Sequence

UNKNOWN = "\0"
MOST_TEXTS = 12
MOST_LENGTH = 1000
PLACEHOLDER = re.compile(r"\{[^{}]*\}|%[-\d.]*[sdrif]")

Texts = tuple[str, ...]
Names = Mapping[str, Texts]

# Calls that give back (elements of) what they are given, as far as paths go.
PATHS = frozenset({"Path", "PosixPath", "PurePath"})
TRANSPARENT = frozenset(
    {
        "TarFile",
        "ZipFile",
        "abspath",
        "absolute",
        "as_posix",
        "choice",
        "constant",
        "convert_to_tensor",
        "copy",
        "enumerate",
        "expanduser",
    }
    | {
        "expandvars",
        "fspath",
        "glob",
        "iglob",
        "iter",
        "list_files",
        "list",
        "next",
        "normpath",
        "realpath",
        "resolve",
        "sample",
        "sorted",
        "str",
    }
    | {"tqdm", "tuple"}
)


def fold(node: ast.AST, names: Names) -> Texts:
    """The texts that an expression can stand for.

    Args:
        node: An expression.
        names: What names and attributes (`self.root`) stand for at this place.
    """
    rule = RULES.get(type(node))
    texts = rule(node, names) if rule else ()
    return tuple(text for text in dict.fromkeys(texts) if len(text) <= MOST_LENGTH)[:MOST_TEXTS]


def dotted(node: ast.AST) -> str:
    """`os.path.join` of the expression that a call calls; unknown parts are left out."""
    if isinstance(node, ast.Attribute):
        before = dotted(node.value)
        return f"{before}.{node.attr}" if before else node.attr
    return node.id if isinstance(node, ast.Name) else ""


def receiver(call: ast.Call) -> ast.AST | None:
    """What a method is called on."""
    return call.func.value if isinstance(call.func, ast.Attribute) else None


def bound(target: ast.AST, texts: Texts) -> dict[str, Texts]:
    """The names that an assignment target binds. Of a tuple, each takes all texts: it is not known which."""
    if isinstance(target, ast.Tuple | ast.List):
        return {name: value for item in target.elts for name, value in bound(item, texts).items()}
    if isinstance(target, ast.Starred):
        return bound(target.value, texts)
    name = key_of(target)
    return {name: texts} if name else {}


def key_of(node: ast.AST) -> str:
    """Under which key `Names` holds a name, an attribute or a constant subscript."""
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        before = key_of(node.value)
        return f"{before}[{node.slice.value!r}]" if before else ""
    return dotted(node)


def joined(parts: Iterable[Texts], by: Callable[[Sequence[str]], str]) -> Texts:
    """Every combination of the parts, put together."""
    combinations = itertools.product(*(part or (UNKNOWN,) for part in parts))
    return tuple(by(combination) for combination in itertools.islice(combinations, MOST_TEXTS))


def _join_paths(parts: Sequence[str]) -> str:
    return posixpath.join(*parts) if parts else ""


def _constant(node: ast.Constant, _: Names) -> Texts:
    return (node.value,) if isinstance(node.value, str) else ()


def _name(node: ast.Name, names: Names) -> Texts:
    return names.get(node.id, ())


def _attribute(node: ast.Attribute, names: Names) -> Texts:
    if node.attr == "parent":
        return tuple(posixpath.dirname(text) for text in fold(node.value, names))
    return names.get(dotted(node), ())


def _subscript(node: ast.Subscript, names: Names) -> Texts:
    return names.get(key_of(node)) or fold(node.value, names)


def _f_string(node: ast.JoinedStr, names: Names) -> Texts:
    return joined([_f_part(part, names) for part in node.values], "".join)


def _f_part(part: ast.AST, names: Names) -> Texts:
    if isinstance(part, ast.FormattedValue):
        part = part.value
    return (str(part.value),) if isinstance(part, ast.Constant) else fold(part, names)


def _operation(node: ast.BinOp, names: Names) -> Texts:
    left, right = fold(node.left, names), fold(node.right, names)
    if isinstance(node.op, ast.Mod):
        values = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        return _filled(left, values, names)
    if not left and not right:
        return ()
    if isinstance(node.op, ast.Add):
        both = isinstance(node.left, ast.List) or isinstance(node.right, ast.List)
        return (*left, *right) if both else joined([left, right], "".join)
    return joined([left, right], _join_paths) if isinstance(node.op, ast.Div) else ()


def _filled(templates: Texts, values: Sequence[ast.AST], names: Names) -> Texts:
    """Templates of `%` and `format` with their values in order."""
    texts = [_f_part(value, names)[:1] or (UNKNOWN,) for value in values]

    def fill(template: str) -> str:
        rest = iter(texts)
        return PLACEHOLDER.sub(lambda _: next(rest, (UNKNOWN,))[0], template)

    return tuple(map(fill, templates))


def _several(node: ast.List | ast.Tuple | ast.Set, names: Names) -> Texts:
    return tuple(text for item in node.elts for text in fold(item, names))


def _either(node: ast.IfExp, names: Names) -> Texts:
    return (*fold(node.body, names), *fold(node.orelse, names))


def _inner(node: ast.NamedExpr | ast.Starred, names: Names) -> Texts:
    return fold(node.value, names)


def _comprehension(node: ast.ListComp | ast.GeneratorExp | ast.SetComp, names: Names) -> Texts:
    inside = dict(names)
    for generator in node.generators:
        inside.update(bound(generator.target, fold(generator.iter, inside)))
    return fold(node.elt, inside)


def _call(node: ast.Call, names: Names) -> Texts:
    full = dotted(node.func)
    name = full.rpartition(".")[2]
    given = [fold(argument, names) for argument in node.args]
    before = fold(node.func.value, names) if isinstance(node.func, ast.Attribute) else ()
    if before and name in OF_PATHS:
        return OF_PATHS[name](before, given)
    if name == "format" and before:
        return _filled(before, node.args, names)
    if name in {"join", *PATHS}:
        return joined(given, _join_paths) if any(given) and not before else ()
    if name == "dirname":
        return tuple(posixpath.dirname(text) for text in (given or [()])[0])
    if name in {"getcwd", "cwd"}:
        return (".",)
    first = (given or [()])[0]
    return first or before if name in TRANSPARENT or full == "tarfile.open" else ()


OF_PATHS: Mapping[str, Callable[[Texts, list[Texts]], Texts]] = {
    "glob": lambda path, given: joined([path, *given], _join_paths),
    "iterdir": lambda path, _: joined([path, ()], _join_paths),
    "joinpath": lambda path, given: joined([path, *given], _join_paths),
    "rglob": lambda path, given: joined([path, ("**",), *given], _join_paths),
}
RULES: Mapping[type, Callable[..., Texts]] = {
    ast.Constant: _constant,
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.JoinedStr: _f_string,
    ast.BinOp: _operation,
    ast.List: _several,
    ast.Tuple: _several,
    ast.Set: _several,
    ast.IfExp: _either,
    ast.NamedExpr: _inner,
    ast.Starred: _inner,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.SetComp: _comprehension,
    ast.Call: _call,
}
