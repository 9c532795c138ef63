"""What a file of a reference defines, without its run."""

import ast
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).parents[2] / "reference"


def definitions(assignment: str, name: str) -> SimpleNamespace:
    """The imports, constants, classes and functions of a reference file."""
    tree = ast.parse((ROOT / assignment / name).read_text())
    tree.body = [node for node in tree.body if is_definition(node)]
    namespace: dict[str, object] = {"__name__": name}
    exec(compile(tree, name, "exec"), namespace)
    return SimpleNamespace(**namespace)


def docstring(assignment: str, name: str) -> str:
    """The text at the head of a reference file, with the table of its layers."""
    return ast.get_docstring(ast.parse((ROOT / assignment / name).read_text())) or ""


def parameters(module) -> int:
    """Number of parameters of a PyTorch module."""
    return sum(parameter.numel() for parameter in module.parameters())


def is_definition(node: ast.stmt) -> bool:
    if isinstance(node, ast.Assign):
        return all(isinstance(target, ast.Name) and target.id.isupper() for target in node.targets)
    return isinstance(node, ast.Import | ast.ImportFrom | ast.ClassDef | ast.FunctionDef)
